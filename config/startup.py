"""What production refuses to start with."""

from collections.abc import Mapping
from urllib.parse import urlsplit

SECRET_LENGTH = 50
UNCHANGED = ("only-for", "change-me", "changeme", "django-insecure", "example")
FALSE = ("", "0", "false", "no", "off")
MAIL_SCHEMES = ("smtp", "smtp+tls", "smtp+ssl", "smtps")


def refusals(environ: Mapping[str, str]) -> list[str]:
    """One sentence for each thing in the environment that production must not start with; none when all is well."""
    hosts = [host.strip() for host in environ.get("ALLOWED_HOSTS", "").split(",") if host.strip()]
    secret = environ.get("SECRET_KEY", "")
    site = urlsplit(environ.get("SITE_URL", ""))
    checks = (
        (
            environ.get("DEBUG", "").lower() not in FALSE,
            "DEBUG is on: it shows records to anybody who meets an error. Remove it from the environment.",
        ),
        (
            len(secret) < SECRET_LENGTH or any(mark in secret.lower() for mark in UNCHANGED),
            f"SECRET_KEY is missing, a default or too short: give it at least {SECRET_LENGTH} random characters.",
        ),
        (
            not hosts or "*" in hosts,
            "ALLOWED_HOSTS is missing or allows everything: name the host people use, such as audits.council.example.",
        ),
        (
            urlsplit(environ.get("DATABASE_URL", "")).scheme not in ("postgres", "postgresql"),
            "DATABASE_URL is missing or not PostgreSQL: SQLite is for a first look only.",
        ),
        (
            urlsplit(environ.get("REDIS_URL", "")).scheme not in ("redis", "rediss"),
            "REDIS_URL is missing or not a Redis: without it nobody wakes the worker.",
        ),
        (
            urlsplit(environ.get("EMAIL_URL", "")).scheme not in MAIL_SCHEMES,
            "EMAIL_URL is missing or not a mail server: write it like smtp+tls://user:password@mail.council.example:587.",
        ),
        (
            site.scheme != "https" or not site.hostname or site.path not in ("", "/"),
            "SITE_URL is missing or not https: write the address people use, such as https://audits.council.example.",
        ),
    )
    return [sentence for refused, sentence in checks if refused]
