"""The suite: SQLite unless DATABASE_URL names a PostgreSQL, every query pattern watched by zeal."""

import os

from config.settings.base import *  # noqa: F403 - the settings idiom
from config.settings.base import INSTALLED_APPS, MIDDLEWARE, VAR_DIR, database

DEBUG = False
SECRET_KEY = "only-for-the-tests-and-never-for-real-records-0123456789"  # noqa: S105
ALLOWED_HOSTS = ["testserver", "127.0.0.1", "localhost"]
INSTALLED_APPS = [*INSTALLED_APPS, "zeal"]
MIDDLEWARE = ["zeal.middleware.zeal_middleware", *MIDDLEWARE]
ZEAL_RAISE = True
ZEAL_ALLOWLIST = [
    {"model": "sessions.Session"},  # Django reads a session once more to end it
]
DATABASES = {"default": database(os.environ.get("DATABASE_URL") or f"sqlite:///{VAR_DIR / 'unused.sqlite3'}")}
DATABASES["default"].setdefault("OPTIONS", {}).pop("pool", None)  # a pool outlives the test database
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # speed; production's is argon2
REDIS_URL = ""  # the few tests that need a broker start their own
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_AUTOREFRESH = True
DEMONSTRATION_ALLOWED = True
