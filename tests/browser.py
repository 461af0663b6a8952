"""A real browser for the journeys: Debian's Chromium, and what every page must keep."""

import os
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from playwright.sync_api import Page

from accounts.models import User

CHROMIUM_ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WIDE = {"width": 1280, "height": 900}
NARROW = {"width": 320, "height": 640}


@pytest.fixture(scope="session", autouse=True)
def _database_beside_a_browser() -> Iterator[None]:
    """Playwright keeps an event loop in this thread, in which Django would refuse every query."""
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    yield
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    return browser_type_launch_args | {"executable_path": shutil.which("chromium"), "args": CHROMIUM_ARGS}


@pytest.fixture(scope="session")
def base_url(live_server: Any) -> str:
    """So that journeys say page.goto("/audits/")."""
    url: str = live_server.url
    return url


@pytest.fixture
def page(page: Page) -> Iterator[Page]:
    """A page whose test fails when a script, the content policy or a missing file complained."""
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on(
        "console",
        lambda message: (
            problems.append(message.text)
            if message.type == "error" and not message.text.startswith("Failed to load resource")
            else None
        ),
    )
    page.on(
        "response",
        lambda response: (
            problems.append(f"{response.status} {response.url}")
            if response.status >= 400 and f"/{settings.STATIC_URL.strip('/')}/" in response.url
            else None
        ),
    )
    page.set_viewport_size(WIDE)
    yield page
    assert problems == []


@pytest.fixture
def sign_in_as(page: Page, base_url: str) -> Callable[[User], None]:
    """Signs a person in without the sign-in page, for journeys that are about something else."""

    def sign_in(user: User) -> None:
        client = Client()
        client.force_login(user)
        value = client.cookies[settings.SESSION_COOKIE_NAME].value
        page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": value, "url": base_url}])

    return sign_in


def assert_accessible(page: Page) -> None:
    """Asserts what every page keeps at 1280 and at 320 pixels: no axe finding, one h1, no sideways scroll."""
    for size in (NARROW, WIDE):
        page.set_viewport_size(size)
        found = [
            f"{size['width']} pixels, {violation['id']}: {node['html']}"
            for violation in Axe().run(page).response["violations"]
            for node in violation["nodes"]
        ]
        assert found == []
        assert page.locator("h1").count() == 1
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]


def assert_summary_links_focus(page: Page) -> None:
    """Asserts that each link of the error summary puts the focus on a control that can be seen."""
    for link in page.locator(".govuk-error-summary a").all():
        target = (link.get_attribute("href") or "").removeprefix("#")
        link.click()
        assert page.evaluate("document.activeElement.id") == target
        assert page.locator(f"[id='{target}']").is_visible()
