"""The demonstration council keeps every rule that real people keep."""

from io import StringIO

import pytest
from django.conf import LazySettings
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.enums import Role
from accounts.models import User
from actions.deadlines import BANDS, age_of, days_over
from actions.models import Action, EscalationPause, Reaudit
from audits.enums import READABLE, ExemptionStatus, RoundStatus
from audits.models import Allocation, Audit, Child, Exemption, Round
from audits.selectors import closures, contents_of, unfinished_sections
from audits.submission import involvement_of_the_worker
from audits.timescale_facts import timescales_of, unexplained
from config.demo.council import PASSWORD, sign_ins
from config.management.commands.check_invariants import CHECKS
from dashboards.models import LearningBrief, ReportDocument, Target
from tests.factories.accounts import person

pytestmark = pytest.mark.django_db


@pytest.fixture
def small_council() -> str:
    out = StringIO()
    call_command("demo", "--no-serve", scale=0.03, months=2, stdout=out, stderr=StringIO())
    return out.getvalue()


def test_the_council_holds_together(small_council: str, client: Client) -> None:
    today = timezone.localdate()
    assert Child.objects.open().count() == 48
    assert User.objects.holding(Role.AUDITOR, today).count() == 64
    assert [round_.status for round_ in Round.objects.order_by("month")][-1] == RoundStatus.DRAFT
    submitted = Audit.objects.filter(status__in=READABLE)
    assert submitted.exists()
    for audit in submitted:
        assert unfinished_sections(contents_of(audit)) == [], audit
        assert audit.started_at is not None
        assert audit.submitted_at is not None
        assert audit.started_at < audit.submitted_at <= timezone.now()
        if audit.feedback_by_person:
            assert list(involvement_of_the_worker(audit, contents_of(audit))) == [], audit
    asked = Audit.objects.filter(feedback_by_person=True, started_at__isnull=False)
    assert asked.exists()
    assert asked.filter(family_contacts__isnull=True).count() == 0
    assert [check.name for check in CHECKS if list(check.broken())] == []
    assert Exemption.objects.waiting().count() == 1
    assert Exemption.objects.filter(status=ExemptionStatus.APPROVED).count() >= 4
    assert Round.objects.filter(status=RoundStatus.CLOSED).count() == 1
    others = Allocation.objects.other_kinds().filter(round__status=RoundStatus.PUBLISHED)
    assert others.outstanding().exists()
    assert others.filter(activity_record__isnull=False).exists()
    dated = list(Audit.objects.filter(dates__isnull=False))
    assert dated
    for audit in dated:
        found = timescales_of(audit)
        assert found.proposals, audit
        assert [
            gap for page in contents_of(audit) for gap in unexplained(page.content, found.proposals)
        ] == []
    people = dict(sign_ins(today))
    assert list(people) == [
        Role.TEAM_MANAGER,
        Role.QA_LEAD,
        Role.PSW,
        Role.BUSINESS_SUPPORT,
        Role.SERVICE_MANAGER,
        Role.SENIOR_LEADER,
        Role.INFORMATION_GOVERNANCE,
        Role.SYSTEM_ADMINISTRATOR,
    ]
    for visitor in people.values():
        assert visitor.email in small_council
    assert PASSWORD in small_council
    assert Allocation.objects.filter(
        auditor=people[Role.TEAM_MANAGER], round__month=today.replace(day=1)
    ).exists()
    client.post(reverse("account_login"), {"login": people[Role.TEAM_MANAGER].email, "password": PASSWORD})
    assert people[Role.TEAM_MANAGER].name in client.get(reverse("my_work")).text


@pytest.mark.usefixtures("small_council")
def test_reports_and_briefs_are_there_to_read() -> None:
    briefs = LearningBrief.objects.order_by("reference").values_list("status", flat=True)
    assert list(briefs) == ["published", "draft"]
    assert ReportDocument.objects.filter(status="draft").exists()
    assert Target.objects.filter(percent__gt=0).count() >= 6


@pytest.mark.usefixtures("small_council")
def test_actions_stand_in_every_state_and_little_is_late() -> None:
    today = timezone.localdate()
    people = dict(sign_ins(today))
    own = Action.objects.filter(owner=people[Role.TEAM_MANAGER])
    assert {"open", "in_progress", "returned", "done"} <= set(own.values_list("status", flat=True))
    assert 2 <= own.overdue(today).count() <= 4
    assert own.awaiting_verification().exists()
    assert Action.objects.to_be_done().filter(owner=people[Role.SERVICE_MANAGER]).exists()
    closed = closures()
    ages = {age_of(days_over(row.due_on, today, closed)) for row in Action.objects.overdue(today)}
    assert ages >= set(BANDS)
    assert EscalationPause.objects.filter(until__gte=today).exists()
    assert Action.objects.filter(status="cancel_asked").exists()
    assert Action.objects.filter(source="tracker").count() == 6
    assert not Reaudit.objects.waiting().filter(closes_on__lt=today).exists()


def test_a_second_run_changes_nothing(small_council: str) -> None:
    before = (User.objects.count(), Audit.objects.count())
    out = StringIO()
    call_command("seed_demo", stdout=StringIO(), stderr=out)
    assert out.getvalue().strip() == "There are people in this database already, so nothing was added."
    assert (User.objects.count(), Audit.objects.count()) == before


def test_demonstration_people_stay_out_of_production(settings: LazySettings) -> None:
    settings.DEMONSTRATION_ALLOWED = False
    with pytest.raises(CommandError, match="whose password is public, stay out"):
        call_command("seed_demo", scale=0.03, months=1, stdout=StringIO(), stderr=StringIO())
    assert not User.objects.exists()


def test_a_scale_that_makes_no_sense_is_wrong_usage() -> None:
    with pytest.raises(CommandError, match="Choose a scale above 0") as refusal:
        call_command("seed_demo", scale=0, stdout=StringIO(), stderr=StringIO())
    assert refusal.value.returncode == 2


def test_a_council_of_real_people_is_left_alone() -> None:
    person("Quentin Lead", Role.QA_LEAD)
    call_command("demo", "--no-serve", stdout=StringIO(), stderr=StringIO())
    assert list(User.objects.values_list("name", flat=True)) == ["Quentin Lead"]
