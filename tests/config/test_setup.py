"""The page Set up lists what the person may open, and everything that it lists opens."""

import re

import pytest
from django.urls import reverse

from accounts.enums import Role
from config.setup import GROUPS
from tests.conftest import ClientFor
from tests.factories.accounts import person

pytestmark = pytest.mark.django_db

PAGES = [page for _, pages in GROUPS for page in pages]


@pytest.mark.parametrize("role", [Role.QA_LEAD, Role.PSW, Role.SYSTEM_ADMINISTRATOR, Role.BUSINESS_SUPPORT])
def test_it_lists_what_this_person_may_open_and_nothing_else(role: Role, client_for: ClientFor) -> None:
    client = client_for(person("Sam Setter", role))
    shown = client.get(reverse("setup")).text
    listed = re.findall(r'app-worklist__link" href="([^"]+)"', shown)
    assert listed == [page.url for page in PAGES if role in page.roles]
    assert [page.url for page in PAGES if client.get(page.url).status_code == 200] == listed


def test_it_is_not_there_for_those_who_set_up_nothing(auditor_client: object, client_for: ClientFor) -> None:
    client = client_for(person("Ann Auditor", Role.AUDITOR))
    assert client.get(reverse("setup")).status_code == 404
    assert "Set up" not in client.get(reverse("my_work")).text
