"""How a server finds the application."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.production")

application = get_wsgi_application()

# What start-up made stays for good. Walked with every full collection, it would hold up a page for a tenth of a second.
gc.collect()
gc.freeze()
