"""The real thing. It refuses to start when something dangerous is missing; docs/operations.md says how to set it."""

import os

from django.core.exceptions import ImproperlyConfigured

from config.logs import LOGGING as LOGGING
from config.settings.base import *  # noqa: F403 - the settings idiom
from config.settings.base import env
from config.startup import refusals

if sentences := refusals(os.environ):
    raise ImproperlyConfigured("\n".join(sentences))

DEBUG = False
SECRET_KEY = env.str("SECRET_KEY")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS")

# The proxy in front ends TLS and must set this header itself, whatever the browser sent.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_SSL_REDIRECT = True
SECURE_REDIRECT_EXEMPT = [r"^health/"]
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
# Preloading is decided for the council's whole domain, not by one service under it.
SILENCED_SYSTEM_CHECKS = ["security.W021"]

# "__Host-" ties a cookie to this host, to https and to the whole site.
SESSION_COOKIE_NAME = "__Host-session"
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_NAME = "__Host-csrf"
CSRF_COOKIE_SECURE = True

STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
