"""What production refuses to start with, and how it is set when it starts."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from django.conf import LazySettings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.test import Client

from config.startup import refusals
from tests.notifications.conftest import NewMessage

EXAMPLE = {
    "SECRET_KEY": "x7Kq2mVb9TzR4wYp6NcJ8hLd3FgS5aQe1UuWiOtXyZrCvBnM0k",
    "ALLOWED_HOSTS": "audits.council.example",
    "DATABASE_URL": "postgres://audits:password@database:5432/audits",
    "REDIS_URL": "redis://broker:6379/0",
    "EMAIL_URL": "smtp+tls://audits:password@mail.council.example:587",
    "SITE_URL": "https://audits.council.example",
    "COUNCIL_NAME": "Borsetshire Council",
}


class TestRefusals:
    def test_the_example_is_fine(self) -> None:
        assert refusals(EXAMPLE) == []

    @pytest.mark.parametrize(
        ("name", "value", "begins"),
        [
            ("DEBUG", "1", "DEBUG is on"),
            ("DEBUG", "True", "DEBUG is on"),
            ("SECRET_KEY", "", "SECRET_KEY is missing"),
            ("SECRET_KEY", EXAMPLE["SECRET_KEY"][:49], "SECRET_KEY is missing"),
            (
                "SECRET_KEY",
                "only-for-a-first-look-on-this-machine-and-never-for-real-records",
                "SECRET_KEY is missing",
            ),
            ("SECRET_KEY", "django-insecure-x7Kq2mVb9TzR4wYp6NcJ8hLd3FgS5aQe1Uu", "SECRET_KEY is missing"),
            ("ALLOWED_HOSTS", "", "ALLOWED_HOSTS is missing"),
            ("ALLOWED_HOSTS", " , ", "ALLOWED_HOSTS is missing"),
            ("ALLOWED_HOSTS", "audits.council.example,*", "ALLOWED_HOSTS is missing"),
            ("DATABASE_URL", "", "DATABASE_URL is missing"),
            ("DATABASE_URL", "sqlite:////data/audits.sqlite3", "DATABASE_URL is missing"),
            ("REDIS_URL", "", "REDIS_URL is missing"),
            ("REDIS_URL", "memory://", "REDIS_URL is missing"),
            ("EMAIL_URL", "", "EMAIL_URL is missing"),
            ("EMAIL_URL", "consolemail://", "EMAIL_URL is missing"),
            ("SITE_URL", "", "SITE_URL is missing"),
            ("SITE_URL", "http://audits.council.example", "SITE_URL is missing"),
            ("SITE_URL", "https://", "SITE_URL is missing"),
            ("SITE_URL", "https://council.example/audits", "SITE_URL is missing"),
        ],
    )
    def test_each_danger_gets_one_sentence(self, name: str, value: str, begins: str) -> None:
        (sentence,) = refusals(EXAMPLE | {name: value})
        assert sentence.startswith(begins)
        assert sentence.endswith(".")

    @pytest.mark.parametrize("off", ["", "0", "false", "False", "no", "off"])
    def test_debug_that_is_off_is_fine(self, off: str) -> None:
        assert refusals(EXAMPLE | {"DEBUG": off}) == []

    def test_an_empty_environment_hears_everything_at_once(self) -> None:
        assert [sentence.split()[0] for sentence in refusals({})] == [
            "SECRET_KEY",
            "ALLOWED_HOSTS",
            "DATABASE_URL",
            "REDIS_URL",
            "EMAIL_URL",
            "SITE_URL",
        ]


@pytest.fixture
def fresh_import(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Lets a test import the production settings anew, and leaves none behind."""
    for name in (*EXAMPLE, "DEBUG"):
        monkeypatch.delenv(name, raising=False)
    sys.modules.pop("config.settings.production", None)
    yield
    sys.modules.pop("config.settings.production", None)


@pytest.fixture
def production(fresh_import: None, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The settings of production, on the example environment."""
    for name, value in EXAMPLE.items():
        monkeypatch.setenv(name, value)
    return importlib.import_module("config.settings.production")


def test_it_does_not_start_with_a_danger(fresh_import: None, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (EXAMPLE | {"SECRET_KEY": "short", "REDIS_URL": ""}).items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ImproperlyConfigured) as refused:
        importlib.import_module("config.settings.production")
    assert str(refused.value).splitlines() == refusals(EXAMPLE | {"SECRET_KEY": "short", "REDIS_URL": ""})


def test_cookies_belong_to_this_host_alone(production: ModuleType) -> None:
    """A "__Host-" cookie must be secure, for the whole site and without a domain (RFC 6265bis)."""
    for name in ("SESSION_COOKIE", "CSRF_COOKIE"):
        assert getattr(production, f"{name}_NAME").startswith("__Host-")
        assert getattr(production, f"{name}_SECURE") is True
        assert getattr(production, f"{name}_HTTPONLY") is True
        assert not hasattr(production, f"{name}_DOMAIN")
        assert not hasattr(production, f"{name}_PATH")


@pytest.mark.django_db
def test_no_other_cookie_is_set(qa_client: Client, new_message: NewMessage, settings: LazySettings) -> None:
    """Not even by a message that the next page shows."""
    response = qa_client.post(f"/setup/messages/{new_message(status='dead').pk}/set-aside/")
    assert response.status_code == 302
    assert set(response.cookies) <= {settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME}


def test_plain_http_is_sent_to_https_but_for_health(
    production: ModuleType, client: Client, settings: LazySettings
) -> None:
    for name in dir(production):
        if name.startswith("SECURE_"):
            setattr(settings, name, getattr(production, name))
    redirect = client.get("/sign-in/")
    assert (redirect.status_code, redirect.headers["Location"]) == (301, "https://testserver/sign-in/")
    assert client.get("/health/live").status_code == 200
    secure = client.get("/health/live", HTTP_X_FORWARDED_PROTO="https")
    assert secure.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"


def test_djangos_own_deployment_check_finds_nothing() -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=Path(__file__).resolve().parents[2],
        env={**os.environ, **EXAMPLE, "DJANGO_SETTINGS_MODULE": "config.settings.production"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_every_static_file_finds_what_it_refers_to(
    production: ModuleType, settings: LazySettings, tmp_path: Path
) -> None:
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = production.STORAGES
    call_command("collectstatic", interactive=False, verbosity=0)
    assert (tmp_path / "staticfiles.json").exists()
