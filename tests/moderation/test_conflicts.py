"""Nobody moderates what is theirs: twenty pairs, by the facts, by the service, and by the database (R3)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from accounts.enums import Role
from accounts.models import User
from audits.models import Audit
from core.dates import add_months
from core.guards import drop_guards
from moderation.guards import GUARDS
from moderation.models import Conflict, Decision, Reading, Tabling
from moderation.panel_facts import conflicts_between, with_what_conflicts_need
from moderation.services.tablings import table_audits
from tests.factories.accounts import MembershipFactory, TeamFactory, auditor
from tests.factories.audits import HoldingFactory, submitted_audit
from tests.factories.moderation import decided, draft_panel, met_panel, released_panel

pytestmark = pytest.mark.django_db

TODAY = timezone.localdate()
LATELY = TODAY - timedelta(days=60)
LONG_AGO = add_months(TODAY, -20)
BEFORE = add_months(TODAY, -15)


def hold(audit: Audit, *, starts_on: date = LATELY, ends_on: date | None = None, **who: object) -> None:
    HoldingFactory(child=audit.allocation.audited_child, starts_on=starts_on, ends_on=ends_on, **who)


def same_person(audit: Audit, mona: User) -> None:
    audit.allocation.auditor = mona
    audit.allocation.save()


def managed_by(audit: Audit, mona: User) -> None:
    audit.allocation.auditor.line_manager = mona
    audit.allocation.auditor.save()


def reports_to(audit: Audit, mona: User) -> None:
    mona.line_manager = audit.allocation.auditor
    mona.save()


def manages_the_team(audit: Audit, mona: User) -> None:
    MembershipFactory(user=mona, role=Role.TEAM_MANAGER, team=audit.team)
    hold(audit)


def managed_the_team_lately(audit: Audit, mona: User) -> None:
    MembershipFactory(user=mona, role=Role.TEAM_MANAGER, team=audit.team, ends_on=TODAY - timedelta(days=30))
    hold(audit)


def managed_the_team_that_held_it(audit: Audit, mona: User) -> None:
    before = TeamFactory(name="Before")
    MembershipFactory(user=mona, role=Role.TEAM_MANAGER, team=before)
    hold(audit, team=before, starts_on=add_months(TODAY, -8), ends_on=add_months(TODAY, -4))


def managed_it_when_audited(audit: Audit, mona: User) -> None:
    audit.manager = mona
    audit.save()


def worker(name: str) -> Callable[[Audit, User], None]:
    return lambda audit, mona: hold(audit, worker_name=name)


def reviewer(name: str) -> Callable[[Audit, User], None]:
    return lambda audit, mona: hold(audit, reviewer_name=name)


def worker_until(ends_on: date) -> Callable[[Audit, User], None]:
    return lambda audit, mona: hold(audit, worker_name="Mona Moderator", starts_on=LONG_AGO, ends_on=ends_on)


def worker_of_the_record(audit: Audit, mona: User) -> None:
    audit.allocation.audited_child.worker_name = "Mona Moderator"
    audit.allocation.audited_child.save()


def nothing(audit: Audit, mona: User) -> None: ...


def long_over(audit: Audit, mona: User) -> None:
    hold(audit, worker_name="Mona Moderator", starts_on=LONG_AGO, ends_on=BEFORE)


def managed_long_ago(audit: Audit, mona: User) -> None:
    MembershipFactory(user=mona, role=Role.TEAM_MANAGER, team=audit.team, ends_on=BEFORE)
    hold(audit)


def manages_another_team(audit: Audit, mona: User) -> None:
    team = TeamFactory(name="Elsewhere")
    MembershipFactory(user=mona, role=Role.TEAM_MANAGER, team=team)
    hold(audit)


def manager_of_the_manager(audit: Audit, mona: User) -> None:
    between = auditor("Between Us")
    between.line_manager = mona
    between.save()
    audit.allocation.auditor.line_manager = between
    audit.allocation.auditor.save()


HOLDS, MANAGED = "social worker in the last", "team manager in the last"
PAIRS = {
    "wrote it": (same_person, "wrote this audit"),
    "manages the auditor": (managed_by, "is the auditor's line manager"),
    "reports to the auditor": (reports_to, "reports to the auditor"),
    "manages the child's team": (manages_the_team, MANAGED),
    "managed it a month ago": (managed_the_team_lately, MANAGED),
    "managed the team before": (managed_the_team_that_held_it, MANAGED),
    "managed it when audited": (managed_it_when_audited, "team manager when it was audited"),
    "worker": (worker("Mona Moderator"), HOLDS),
    "worker, other letters": (worker("MONA MODERATOR"), HOLDS),
    "worker, last name first": (worker("Moderator, Mona"), HOLDS),
    "worker until last month": (worker_until(TODAY - timedelta(days=30)), HOLDS),
    "worker until eleven months ago": (worker_until(add_months(TODAY, -11)), HOLDS),
    "worker of the record": (worker_of_the_record, HOLDS),
    "reviewer": (reviewer("Mona Moderator"), "IRO or CP chair in the last"),
    "reviewer, accents": (reviewer("Möna Moderator"), "IRO or CP chair in the last"),
    "nothing": (nothing, None),
    "worker long ago": (long_over, None),
    "managed long ago": (managed_long_ago, None),
    "manages another team": (manages_another_team, None),
    "manager's manager": (manager_of_the_manager, None),
}
"""Who she is to the audit, and what the refusal says; None where she may moderate it."""


@pytest.fixture
def audit(db: None) -> Audit:
    return submitted_audit(by=auditor("Olly Auditor"))


@pytest.mark.parametrize("name", PAIRS)
def test_the_facts_of_a_pair(name: str, audit: Audit, mona: User) -> None:
    make, why = PAIRS[name]
    make(audit, mona)
    rows = list(with_what_conflicts_need(Audit.objects.filter(pk=audit.pk)))
    found = conflicts_between(rows, [User.objects.get(pk=mona.pk)], on=TODAY)
    assert set(found) == ({(audit.pk, mona.pk)} if why else set())
    assert why is None or why in found[audit.pk, mona.pk]


@pytest.mark.parametrize("name", PAIRS)
def test_the_service_gives_no_such_audit_to_read_and_the_database_takes_none(
    name: str, audit: Audit, priya: User, mona: User, felix: User
) -> None:
    make, why = PAIRS[name]
    make(audit, mona)
    panel = released_panel(audit, chair=priya, moderators=[User.objects.get(pk=mona.pk), felix])
    readers = set(Reading.objects.standing().values_list("moderator", flat=True))
    Reading.objects.standing().update(status="withdrawn")
    if why is None:
        assert readers < {mona.pk, felix.pk}
        assert refusal_of_a_reading(panel.tablings.get(), mona) == ""
    else:
        assert readers == {felix.pk}
        assert refusal_of_a_reading(panel.tablings.get(), mona) != ""


def refusal_of_a_reading(tabling: Tabling, by: User, *, auditor_said: int | None = None) -> str:
    """With which sentence the database refuses a reading that nothing in the service looked at."""
    member = tabling.panel.members.filter(person=by).first() or tabling.panel.members.first()
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO moderation_reading (tabling_id, member_id, moderator_id, auditor_id, status, because, "
                "version, form_quality, form_note, assigned_at) "
                "VALUES (%s, %s, %s, %s, 'to_do', '', 0, '', '', %s)",
                [tabling.pk, member.pk, by.pk, auditor_said or tabling.auditor_id, timezone.now()],
            )
    except IntegrityError as refusal:
        return str(refusal).split("\n", maxsplit=1)[0]
    return ""


def test_raw_sql_cannot_make_somebody_read_their_own(priya: User, mona: User, felix: User) -> None:
    panel = released_panel(submitted_audit(by=mona), chair=priya, moderators=[mona, felix])
    tabling = panel.tablings.get()
    assert refusal_of_a_reading(tabling, mona) != ""
    lie = refusal_of_a_reading(tabling, mona, auditor_said=felix.pk)
    assert lie == "Nobody moderates their own audit, or one in which they have a conflict of interest."


def test_the_twin_without_guard_and_note_the_lie_goes_in(priya: User, mona: User, felix: User) -> None:
    panel = released_panel(submitted_audit(by=mona), chair=priya, moderators=[mona, felix])
    drop_guards([guard for guard in GUARDS if guard.name == "readers_without_conflict"])
    assert refusal_of_a_reading(panel.tablings.get(), mona, auditor_said=felix.pk) == ""


def test_raw_sql_cannot_make_somebody_decide_on_their_own(
    priya: User, quentin: User, mona: User, felix: User
) -> None:
    panel = met_panel(submitted_audit(by=quentin), chair=priya, moderators=[mona, felix])
    tabling = panel.tablings.get()
    for auditor_said in (quentin.pk, felix.pk):
        with pytest.raises(IntegrityError), transaction.atomic():
            Decision.objects.create(
                tabling=tabling, number=1, auditor_id=auditor_said, by=quentin, at=timezone.now()
            )
    assert decided(tabling, by=priya).by == priya


def test_a_conflict_that_comes_later_is_noted_at_the_next_change(
    priya: User, mona: User, felix: User
) -> None:
    panel = draft_panel()
    audit = submitted_audit(by=auditor("Olly Auditor"))
    table_audits(panel, audits=[audit], by=priya)
    assert Conflict.objects.count() == 0
    managed_by(audit, mona)
    released = released_panel(
        submitted_audit(by=User.objects.get(name="Olly Auditor")),
        chair=priya,
        moderators=[mona, felix],
        month=date(2027, 1, 1),
    )
    assert list(released.tablings.get().conflicts.values_list("person__name", "why")) == [
        ("Mona Moderator", "is the auditor's line manager")
    ]


def test_twenty_pairs() -> None:
    assert len(PAIRS) == 20
