"""Before one's own reading is recorded nothing betrays the auditor or a grade; after it everything is there (R8)."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from accounts.enums import Role
from accounts.models import User
from audits.models import Audit
from audits.work import work_of
from moderation.blind import HIDDEN, SECTIONS, mask
from moderation.enums import ReadingStatus, SeatStatus
from moderation.models import ModerationSettings, Panel, PanelMember, Reading
from moderation.services.panels import close_panel
from moderation.services.seats import remove_member
from moderation.services.tablings import recheck_readings
from notifications.emails import render
from notifications.models import Message
from tests.conftest import ClientFor
from tests.factories.accounts import MembershipFactory
from tests.factories.moderation import (
    convened_panel,
    in_meeting,
    reading_content,
    recorded,
    released_panel,
    seat_of,
)
from tests.moderation.canaries import CANARIES, GRADES, NAME, canary_audit

pytestmark = pytest.mark.django_db


@pytest.fixture
def audit(db: None) -> Audit:
    return canary_audit()


@pytest.fixture
def panel(audit: Audit, priya: User, mona: User, felix: User) -> Panel:
    """Felix manages the auditor, so the audit is Mona's to read."""
    User.objects.filter(name=NAME).update(line_manager=felix)
    return released_panel(audit, chair=priya, moderators=[mona, felix], blind=True)


@pytest.fixture
def reading(panel: Panel) -> Reading:
    return Reading.objects.select_related("moderator", "tabling__panel").get(tabling__panel=panel)


def doors(audit: Audit, panel: Panel) -> dict[str, str]:
    """Every address by which somebody could come to the audit or the panel."""
    reference = audit.allocation.reference
    found = {
        "my_work": reverse("my_work"),
        "audits": reverse("audits:audit_list"),
        "panels": reverse("moderation:panel_list"),
        "outcomes": reverse("moderation:outcome_list"),
        "help": reverse("help:index"),
    }
    found |= {
        name: reverse(f"moderation:{name}", args=(panel.reference,))
        for name in (
            "panel_detail",
            "panel_table",
            "panel_readings",
            "meeting",
            "panel_outcomes",
            "invitation",
        )
    }
    found |= {
        name: reverse(f"moderation:{name}", args=(panel.reference, reference))
        for name in ("reading", "meeting_audit")
    }
    found |= {
        name: reverse(f"audits:{name}", args=(reference,))
        for name in ("audit_detail", "audit_history", "audit_print", "audit_pdf", "audit_check")
    }
    return found


def walked(client: Client, audit: Audit, panel: Panel) -> dict[str, str]:
    """By door what it says, headers and file name too; nothing for one that is closed."""
    said = {}
    for name, address in doors(audit, panel).items():
        answer = client.get(address)
        if answer.status_code == 200:
            body = b"".join(answer.streaming_content) if answer.streaming else answer.content
            said[name] = f"{body.decode(errors='replace')} {answer.headers}".lower()
    return said


def test_no_canary_sings_before_the_reading_and_all_do_after(
    audit: Audit, panel: Panel, reading: Reading, mona: User, client_for: ClientFor
) -> None:
    client = client_for(mona)
    before = walked(client, audit, panel)
    assert {"reading", "panel_detail", "panel_table", "my_work"} <= set(before)
    assert {"audit_detail", "audit_history", "audit_print", "audit_pdf"} & set(before) == set()
    assert {(door, canary) for door, text in before.items() for canary in CANARIES if canary in text} == set()
    assert [door for door, text in before.items() if "app-grade--" in text] == []
    page = before["reading"]
    assert "checked" not in page.split("<form", 1)[1]
    assert (
        page.count("outstanding") == page.count("inadequate") == 2 * 6
    )  # a value and a label for each section
    recorded(reading)
    after = walked(client, audit, panel)
    assert "audit_detail" in after
    assert {canary for canary in CANARIES if canary in after["audit_detail"]} == set(CANARIES) - {
        "zebrafinch"
    }
    assert "app-grade--inadequate" in after["reading"]


def test_no_mail_to_a_moderator_sings(audit: Audit, panel: Panel, reading: Reading) -> None:
    for message in Message.objects.all():
        mail = render(message).message().as_string().lower()
        assert [canary for canary in (*CANARIES, *GRADES) if canary in mail] == []


def test_my_work_names_the_audit_alone(audit: Audit, panel: Panel, reading: Reading, mona: User) -> None:
    items = [item for item in work_of(mona, timezone.localdate()) if "Read" in item.title]
    assert [(item.title, item.what) for item in items] == [
        (f"Read {audit.allocation.reference}", f"For the moderation panel of {panel.meets_on:%-d %B %Y}")
    ]


def test_the_twin_a_panel_that_is_not_blind_shows_the_grades(
    audit: Audit, priya: User, mona: User, felix: User, client_for: ClientFor
) -> None:
    User.objects.filter(name=NAME).update(line_manager=felix)
    panel = released_panel(audit, chair=priya, moderators=[mona, felix])
    said = walked(client_for(mona), audit, panel)
    assert "app-grade--inadequate" in said["reading"]
    assert "audit_detail" in said
    assert "quillfeather" in said["audit_detail"]


def test_a_role_that_reads_everything_is_closed_out_too(
    audit: Audit, panel: Panel, reading: Reading, mona: User
) -> None:
    MembershipFactory(user=mona, role=Role.QA_LEAD)
    now = User.objects.get(pk=mona.pk)
    assert Audit.objects.visible_to(now).filter(pk=audit.pk).count() == 0
    recheck_readings(at=timezone.now())  # the ledger tells her the auditor, so the reading is no longer hers
    assert sees(mona, audit)


def sees(user: User, audit: Audit) -> bool:
    return Audit.objects.visible_to(User.objects.get(pk=user.pk)).filter(pk=audit.pk).exists()


def test_who_reads_a_tabled_audit_and_how_long(
    audit: Audit, priya: User, mona: User, felix: User, rosa: User, stella: User
) -> None:
    User.objects.filter(name=NAME).update(line_manager=felix)
    ModerationSettings.objects.create(pk=1, access_days_after_close=28)
    panel = released_panel(audit, chair=priya, moderators=[mona, felix, rosa])
    assert [sees(who, audit) for who in (mona, rosa, felix, stella)] == [True, True, False, False]
    remove_member(seat_of(panel, rosa), reason="On leave.", by=priya)
    assert not sees(rosa, audit)
    in_meeting(panel, by=priya)
    closed = close_panel(panel, by=priya)
    assert sees(mona, audit)
    assert closed.closed_at is not None
    assert closed.readable_until is not None
    assert (closed.readable_until - closed.closed_at).days == 28
    Panel.objects.filter(pk=panel.pk).update(readable_until=timezone.now())
    assert not sees(mona, audit)


def test_before_release_nobody_reads(audit: Audit, priya: User, mona: User, felix: User) -> None:
    convened_panel(audit, chair=priya, moderators=[mona, felix])
    assert not sees(mona, audit)


def test_somebody_taken_off_is_out_at_the_next_request(
    audit: Audit, panel: Panel, reading: Reading, priya: User, mona: User, client_for: ClientFor
) -> None:
    """The twin is the last line: her seat alone had closed it."""
    client = client_for(mona)
    address = doors(audit, panel)["reading"]
    assert client.get(address).status_code == 200
    remove_member(seat_of(panel, mona), reason="On leave.", by=priya)
    assert {door for door in walked(client, audit, panel) if door.startswith(("panel_", "reading"))} == set()
    PanelMember.objects.filter(panel=panel, person=mona).update(status=SeatStatus.ACCEPTED)
    Reading.objects.filter(pk=reading.pk).update(status=ReadingStatus.TO_DO)
    assert client.get(address).status_code == 200


def test_blind_is_until_the_reading_even_once_the_panel_met(
    audit: Audit, panel: Panel, reading: Reading, priya: User, mona: User
) -> None:
    in_meeting(panel, by=priya)
    assert not sees(mona, audit)
    assert reading_content(reading.tabling)


@given(st.text(max_size=60), st.text(max_size=60))
def test_masking_leaves_no_name_and_no_word_of_the_scale(before: str, after: str) -> None:
    masked = mask(f"{before} Canaria Quillfeather, outstanding {after}", ["Canaria Quillfeather"])
    assert "Canaria" not in masked.replace(before, "").replace(after, "")
    assert HIDDEN in masked


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Good work", "[hidden] work"),
        ("a good day", "a good day"),
        ("Requires  improvement", "[hidden]"),
        ("RIGHT", "RIGHT"),
        ("RI.", "[hidden]."),
        ("Canaria's note", "[hidden]'s note"),
        ("canary", "canary"),
    ],
)
def test_what_is_masked(text: str, expected: str) -> None:
    assert mask(text, ["Canaria Quillfeather"]) == expected


def test_the_pages_that_tell_are_not_among_those_shown() -> None:
    assert {"overall", "process"} & set(SECTIONS) == set()
