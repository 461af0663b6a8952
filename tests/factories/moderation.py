"""Panels at each status, made by the product's own services."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta

from django.utils import timezone

from accounts.models import User
from audits.enums import GRADED_SECTIONS
from audits.models import Audit
from moderation.enums import FormQuality, Reason, SeatPart
from moderation.models import Decision, Outcome, Panel, PanelMember, Reading, Tabling
from moderation.services.decisions import Line, decide_audit
from moderation.services.panels import close_panel, convene_panel, release_panel, start_meeting
from moderation.services.readings import GradeGiven, ReadingContent, auditor_grades, record_reading
from moderation.services.seats import add_member, answer_invitation
from moderation.services.tablings import table_audits
from tests.factories.accounts import ServiceFactory, TeamFactory, auditor

WHY = "The plan of June was never updated after the move."


def moderator(name: str, service: str, **fields: object) -> User:
    """An auditor of a team of that service, who may sit on a panel."""
    team = TeamFactory(name=f"{service} team of {name}", service=ServiceFactory(name=service))
    return auditor(name, team=team, **fields)


def draft_panel(month: date | None = None, **fields: object) -> Panel:
    """A panel that is being prepared and meets in two weeks."""
    today = timezone.localdate()
    first = (month or today).replace(day=1)
    return Panel.objects.create(
        reference=f"PANEL-{first:%Y-%m}", month=first, meets_on=today + timedelta(days=14), **fields
    )


def convened_panel(
    *audits: Audit,
    chair: User,
    moderators: Iterable[User],
    reserves: Iterable[User] = (),
    blind: bool = False,
    month: date | None = None,
) -> Panel:
    """A panel with these on its table whose invitations are out."""
    panel = draft_panel(month, is_blind=blind)
    table_audits(panel, audits=audits, by=chair)
    add_member(panel, person=chair, part=SeatPart.CHAIR, reason="Chairs this month.", by=chair)
    for part, people in ((SeatPart.MODERATOR, moderators), (SeatPart.RESERVE, reserves)):
        for person in people:
            add_member(panel, person=person, part=part, reason="Asked by hand.", by=chair)
    return convene_panel(panel, by=chair)


def released_panel(
    *audits: Audit,
    chair: User,
    moderators: Iterable[User],
    reserves: Iterable[User] = (),
    blind: bool = False,
    month: date | None = None,
) -> Panel:
    """A panel whose papers are out; everybody invited has accepted."""
    panel = convened_panel(
        *audits, chair=chair, moderators=moderators, reserves=reserves, blind=blind, month=month
    )
    for member in panel.members.filter(status="invited").select_related("person"):
        answer_invitation(member, accept=True, by=member.person)
    return release_panel(panel, by=chair)


def in_meeting(panel: Panel, *, by: User) -> Panel:
    """The same panel with everybody there."""
    coming = set(panel.members.coming().values_list("pk", flat=True))
    return start_meeting(panel, attended=coming, by=by)


def met_panel(
    *audits: Audit, chair: User, moderators: Iterable[User], blind: bool = False, month: date | None = None
) -> Panel:
    """A panel in its meeting."""
    panel = released_panel(*audits, chair=chair, moderators=moderators, blind=blind, month=month)
    return in_meeting(panel, by=chair)


def reading_content(tabling: Tabling, **grades: str) -> ReadingContent:
    """A whole reading that agrees with the auditor but for these grades, which have their reasons."""
    given = {
        section: GradeGiven(
            grades.get(section, own),
            WHY,
            (Reason.OUTDATED,) if grades.get(section, own) != own else (),
        )
        for section, own in auditor_grades(tabling).items()
    }
    return ReadingContent(given, FormQuality.GAPS, "Dates are missing.")


def recorded(reading: Reading, **grades: str) -> Reading:
    """A reading as its moderator records it."""
    return record_reading(
        reading, reading_content(reading.tabling, **grades), version=reading.version, by=reading.moderator
    )


def decision_lines(tabling: Tabling, **choices: str) -> Mapping[str, Line]:
    """A whole decision that confirms all but these."""
    own = auditor_grades(tabling)
    return {
        section: Line(choices[section], (Reason.OUTDATED,), WHY) if section in choices else Line(own[section])
        for section in GRADED_SECTIONS
    }


def decided(tabling: Tabling, *, by: User, **choices: str) -> Decision:
    """What the chair decides of it now."""
    tabling.refresh_from_db()
    return decide_audit(tabling, lines=decision_lines(tabling, **choices), version=tabling.version, by=by)


def outcome_of(audit: Audit, *, chair: User, moderators: Iterable[User], **choices: str) -> Outcome:
    """What an auditor is told once a panel has decided on their one audit and closed."""
    panel = met_panel(audit, chair=chair, moderators=moderators)
    decided(panel.tablings.get(), by=chair, **choices)
    close_panel(panel, by=chair)
    return Outcome.objects.get(decision__tabling__panel=panel)


def seat_of(panel: Panel, person: User) -> PanelMember:
    return PanelMember.objects.select_related("panel", "person").get(panel=panel, person=person)
