"""Who signs in, in every test of a page: named people, one for each role."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.enums import JobRole, Role
from accounts.models import User
from audits.models import ProgrammeSettings
from tests.factories.accounts import TeamFactory, auditor, person, service_manager, team_manager

ClientFor = Callable[[User], Client]
AssertQueries = Callable[[int], AbstractContextManager[None]]

NOT_COUNTED = ("SAVEPOINT", "RELEASE SAVEPOINT", "BEGIN", "COMMIT")


@pytest.fixture
def client_for() -> ClientFor:
    """A signed-in browser for a person."""

    def signed_in(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return signed_in


@pytest.fixture
def asha(db: None) -> User:
    """Asha, an auditor of the North team who knows every pathway."""
    return auditor("Asha Auditor", team=TeamFactory(name="North"))


@pytest.fixture
def meera(db: None) -> User:
    """Meera, who manages the North team."""
    return team_manager("Meera Manager", TeamFactory(name="North"))


@pytest.fixture
def sanjay(db: None) -> User:
    """Sanjay, the manager of the service the North team belongs to."""
    return service_manager("Sanjay Service", TeamFactory(name="North").service)


@pytest.fixture
def quentin(db: None) -> User:
    """Quentin, the QA lead."""
    return person("Quentin Lead", Role.QA_LEAD, job_role=JobRole.QA_LEAD)


@pytest.fixture
def priya(db: None) -> User:
    """Priya, the Principal Social Worker."""
    return person("Priya Principal", Role.PSW, job_role=JobRole.PRINCIPAL_SOCIAL_WORKER)


@pytest.fixture
def bella(db: None) -> User:
    """Bella, of business support."""
    return person("Bella Support", Role.BUSINESS_SUPPORT, job_role=JobRole.BUSINESS_SUPPORT)


@pytest.fixture
def sid(db: None) -> User:
    """Sid, the system administrator."""
    return person("Sid Systems", Role.SYSTEM_ADMINISTRATOR, job_role=JobRole.OTHER)


@pytest.fixture
def stella(db: None) -> User:
    """Stella, a stranger: she may sign in and holds no role."""
    return person("Stella Stranger", job_role=JobRole.SOCIAL_WORKER)


@pytest.fixture
def auditor_client(asha: User, client_for: ClientFor) -> Client:
    return client_for(asha)


@pytest.fixture
def manager_client(meera: User, client_for: ClientFor) -> Client:
    return client_for(meera)


@pytest.fixture
def qa_client(quentin: User, client_for: ClientFor) -> Client:
    return client_for(quentin)


@pytest.fixture
def psw_client(priya: User, client_for: ClientFor) -> Client:
    return client_for(priya)


@pytest.fixture
def support_client(bella: User, client_for: ClientFor) -> Client:
    return client_for(bella)


@pytest.fixture
def stranger_client(stella: User, client_for: ClientFor) -> Client:
    return client_for(stella)


@pytest.fixture
def time_machine_at() -> Iterator[None]:
    """It is Wednesday 25 November 2026, ten in the morning in London."""
    with time_machine.travel(datetime(2026, 11, 25, 10, tzinfo=UTC)):
        yield


@pytest.fixture
def only_cjas(monkeypatch: pytest.MonkeyPatch) -> None:
    """A council that gives the remaining auditors nothing, for tests that count what is drawn."""
    monkeypatch.setattr(ProgrammeSettings._meta.get_field("draws_mix"), "default", False)


@pytest.fixture
def assert_queries() -> AssertQueries:
    """Asserts the literal number of queries of a page: what reads and writes its session and user is left out."""

    @contextmanager
    def counted(expected: int) -> Iterator[None]:
        with CaptureQueriesContext(connection) as captured:
            yield
        queries = [
            query["sql"]
            for query in captured.captured_queries
            if not query["sql"].startswith(NOT_COUNTED)
            and "django_session" not in query["sql"]
            and not re.search(r'FROM "accounts_user" WHERE "accounts_user"."id" = \d+ LIMIT 21', query["sql"])
        ]
        assert len(queries) == expected, "\n".join([f"{len(queries)} queries:", *queries])

    return counted


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Journeys and what needs services run last: they empty the database, the shipped audit tools with it."""
    items.sort(key=lambda item: any(item.get_closest_marker(name) for name in ("browser", "services")))
