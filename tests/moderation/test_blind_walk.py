"""Every address of the service, walked by a blind moderator: none tells the auditor or a grade (R8)."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.enums import Role
from accounts.models import Team, User
from audits.models import Audit
from audits.services.concerns import Telephoned, raise_concern
from audits.services.urgent import tell_managers_of_inadequate
from core.errors import RuleViolation
from moderation.models import Panel, Reading
from moderation.services.reminders import send_panel_reminders
from moderation.services.tablings import recheck_readings
from notifications.emails import render
from notifications.models import Message
from tests.conftest import ClientFor
from tests.factories.accounts import MembershipFactory, TeamFactory, person
from tests.factories.moderation import moderator, recorded, released_panel, seat_of
from tests.moderation.canaries import CANARIES, IN_THE_GRADING, NAME, canary_audit
from tests.test_access import EXPECTED, World, made_world

pytestmark = pytest.mark.django_db

SINGS = (*CANARIES, *IN_THE_GRADING, "app-grade--")
OF_THE_AUDIT = ("audit", "urgent_audit", "final", "tabled", "discussed")
OF_THE_PANEL = ("panel", "draft_panel", "meeting", "closed_panel")
LEAVES = ("account_logout",)
"""Not posted to: the walk would go on without its walker."""


@pytest.fixture
def chair(db: None) -> User:
    return person("Carla Chair", Role.PSW)


@pytest.fixture
def audit(chair: User) -> Audit:
    """A canary that cannot wait, and whoever answers for the child has been told so."""
    made = canary_audit()
    tell_managers_of_inadequate(made, at=timezone.now())
    return made


def panel_for(audit: Audit, chair: User, *people: User) -> Panel:
    return released_panel(audit, chair=chair, moderators=people, blind=True)


@pytest.fixture
def mona(audit: Audit) -> User:
    return moderator("Mona Moorhen", "Safeguarding")


@pytest.fixture
def felix(audit: Audit) -> User:
    """The auditor's manager, so that he reads nothing of theirs."""
    made = moderator("Felix Fairfax", "Permanence")
    User.objects.filter(name=NAME).update(line_manager=made)
    return made


def walk_of(audit: Audit, panel: Panel, seat: int) -> World:
    """The world of the access tests, in which every address that can names this audit and its panel."""
    world = made_world()
    world.named.update(dict.fromkeys(OF_THE_AUDIT, audit.allocation.reference))
    world.named.update(dict.fromkeys(OF_THE_PANEL, panel.reference))
    concern = raise_concern(
        audit.allocation.audited_child.reference,
        risk="Fieldfarey is alone with him tonight.",
        telephoned=Telephoned(reached_nobody=True),
        by=audit.allocation.auditor,
        key=uuid.uuid4(),
        audit=audit,
    )
    auditor = audit.allocation.auditor.pk
    world.named.update(
        seat=seat,
        outcome=1,
        concern=concern.pk,
        person=auditor,
        published=audit.allocation.round.reference,
        child=audit.allocation.child_id,
        team=audit.team_id,
    )
    return world


def heard(client: Client, world: World) -> set[tuple[str, str]]:
    """By address which canaries it sings, whatever it answers, its headers and file name with it."""
    sung = set()
    for method in ("get", "post"):
        for name in EXPECTED:
            if name in LEAVES:
                continue
            answer = getattr(client, method)(world.url(name))
            body = b"".join(answer.streaming_content) if answer.streaming else answer.content
            said = f"{body.decode(errors='replace')} {answer.headers}".lower()
            sung |= {(name, canary) for canary in SINGS if canary in said}
    return sung


def test_no_address_sings_to_a_blind_moderator_and_the_audit_does_after_the_reading(
    audit: Audit, chair: User, mona: User, felix: User, client_for: ClientFor
) -> None:
    panel = panel_for(audit, chair, mona, felix)
    reading = Reading.objects.select_related("moderator", "tabling__panel").get()
    assert reading.moderator == mona
    world, client = walk_of(audit, panel, seat_of(panel, mona).pk), client_for(mona)
    assert client.get(world.url("moderation:reading")).status_code == 200
    assert heard(client, world) == set()
    recorded(reading)
    after = {canary for name, canary in heard(client, world) if name == "audits:audit_detail"}
    assert {"canaria", "quillfeather", "bullfinchy", "goldcresty", "fieldfarey"} <= after


def manage(who: User, team: Team) -> None:
    MembershipFactory(user=who, role=Role.TEAM_MANAGER, team=team)


TOLD = {
    "manages the auditor's team": lambda who, audit: manage(who, TeamFactory(name="Zebrafinch")),
    "manages the child's service": lambda who, audit: MembershipFactory(
        user=who, role=Role.SERVICE_MANAGER, service=audit.team.service
    ),
    "leads everything": lambda who, audit: MembershipFactory(user=who, role=Role.SENIOR_LEADER),
    "runs the programme": lambda who, audit: MembershipFactory(user=who, role=Role.BUSINESS_SUPPORT),
    "keeps the log": lambda who, audit: MembershipFactory(user=who, role=Role.INFORMATION_GOVERNANCE),
    "keeps the mail": lambda who, audit: MembershipFactory(user=who, role=Role.SYSTEM_ADMINISTRATOR),
}
"""Who is told the auditor or the grade by another page, which stays open to them."""


@pytest.mark.parametrize("kind", TOLD)
def test_whoever_another_page_tells_reads_another_audit(
    kind: str, audit: Audit, chair: User, mona: User, felix: User
) -> None:
    TOLD[kind](mona, audit)
    panel_for(audit, chair, User.objects.get(pk=mona.pk), felix)
    assert Reading.objects.count() == 0


def test_the_twin_were_it_theirs_to_read_the_walk_would_hear_it(
    audit: Audit, chair: User, mona: User, felix: User, client_for: ClientFor
) -> None:
    panel = panel_for(audit, chair, mona, felix)
    MembershipFactory(user=mona, role=Role.SERVICE_MANAGER, service=audit.team.service)
    world = walk_of(audit, panel, seat_of(panel, mona).pk)
    told = {name for name, _ in heard(client_for(mona), world)}
    assert {"concerns:concern_detail", "audits:audit_urgent", "audits:worker_reply"} <= told
    assert {
        "audits:audit_detail",
        "audits:audit_print",
        "audits:audit_history",
        "audits:audit_pdf",
    } & told == set()


LATER = {
    **TOLD,
    "hears of a child at risk": lambda who, audit: raise_concern(
        audit.allocation.audited_child.reference,
        risk="Alone with him tonight.",
        telephoned=Telephoned(reached_nobody=True),
        by=audit.allocation.auditor,
        key=uuid.uuid4(),
        audit=audit,
    ),
}
"""What may happen to a reader once the papers are out; a concern tells the manager of the child's team."""


@pytest.mark.parametrize("kind", LATER)
def test_whoever_is_told_once_the_papers_are_out_reads_it_no_longer(
    kind: str, audit: Audit, chair: User, mona: User, felix: User, client_for: ClientFor
) -> None:
    """Their page closes at the next request, the service refuses, and within the hour somebody else has it."""
    rosa = moderator("Rosa Redstart", "Fostering")
    panel = panel_for(audit, chair, mona, felix, rosa)
    reading = Reading.objects.select_related("moderator", "tabling__panel").get()
    reader, other = reading.moderator, rosa if reading.moderator == mona else mona
    address = reverse("moderation:reading", args=(panel.reference, audit.allocation.reference))
    client = client_for(reader)
    assert client.get(address).status_code == 200
    if kind == "hears of a child at risk":
        manage(reader, audit.team)
    LATER[kind](reader, audit)
    closed = client.get(address, follow=True)
    assert "so your reading would not be blind" in closed.text
    assert "Your grade" not in closed.text
    with pytest.raises(RuleViolation, match="would not be blind"):
        recorded(Reading.objects.select_related("moderator", "tabling__panel").get(pk=reading.pk))
    recheck_readings(at=timezone.now())
    recheck_readings(at=timezone.now())
    assert list(Reading.objects.standing().values_list("moderator", flat=True)) == [other.pk]


def test_the_twin_nobody_was_told_and_the_reading_stays(
    audit: Audit, chair: User, mona: User, felix: User
) -> None:
    panel_for(audit, chair, mona, felix)
    before = list(Reading.objects.values_list("pk", "moderator", "status"))
    recheck_readings(at=timezone.now())
    assert list(Reading.objects.values_list("pk", "moderator", "status")) == before
    assert recorded(Reading.objects.select_related("moderator", "tabling__panel").get()).recorded_at


def test_no_mail_to_a_member_sings_whatever_happens(
    audit: Audit, chair: User, mona: User, felix: User
) -> None:
    """Papers, reminders, and a concern about the child: subject, words, headers and what is attached."""
    panel = panel_for(audit, chair, mona, felix)
    walk_of(audit, panel, seat_of(panel, mona).pk)
    send_panel_reminders(at=timezone.now() + timedelta(days=12))
    to_readers = Message.objects.filter(recipient__in=(mona, felix))
    mails = [render(message).message().as_string().lower() for message in to_readers]
    assert {"moderation.papers_out", "moderation.readings_due"} <= set(
        to_readers.values_list("kind", flat=True)
    )
    assert [(canary, mail) for mail in mails for canary in SINGS if canary in mail] == []
