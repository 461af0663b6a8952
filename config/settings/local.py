"""A first look on one machine: SQLite, no broker, mail into a folder. Never for real records."""

from config.settings.base import *  # noqa: F403 - the settings idiom
from config.settings.base import EMAIL_URL, env

DEBUG = env.bool("DEBUG", default=True)
SECRET_KEY = env.str("SECRET_KEY", default="only-for-a-first-look-on-this-machine-and-never-for-real-records")
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]"]
if not EMAIL_URL:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"  # shown at /dev/mail/
DEMONSTRATION_ALLOWED = True
