"""The pages of what follows from audits."""

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Team, User
from actions.enums import PathStepKind, PathStepStatus, ProposalStatus
from actions.models import (
    Action,
    DipSampleProposal,
    PathSettings,
    PathStep,
    Reaudit,
    SupervisionHandOff,
    Theme,
)
from actions.services.dip_samples import decide_dip_sample, propose_dip_sample
from actions.services.hand_offs import open_hand_off
from actions.services.paths import record_step
from audits.models import Allocation, Audit, WorkerFeedback
from audits.work import work_of
from tests.conftest import AssertQueries
from tests.factories.accounts import TeamFactory, auditor
from tests.factories.audits import ChildFactory, RoundFactory, moment, submitted_audit
from tests.factories.paths import finding_of, inadequate_audit

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("time_machine_at")]

TODAY = date(2026, 11, 25)
ON = {"held_on_0": "25", "held_on_1": "11", "held_on_2": "2026"}


@pytest.fixture
def north(meera: User, sanjay: User) -> Team:
    team: Team = TeamFactory(name="North")
    return team


@pytest.fixture
def audit(north: Team, asha: User) -> Audit:
    """Submitted today as Inadequate."""
    return inadequate_audit(north, by=asha)[0]


def url(name: str, audit: Audit, *more: str) -> str:
    return reverse(f"paths:{name}", args=(audit.allocation.reference, *more))


class TestSteps:
    def test_the_service_manager_records_the_review(
        self, audit: Audit, sanjay: User, client_for: object
    ) -> None:
        client: Client = client_for(sanjay)  # type: ignore[operator]
        page = url("step_record", audit, "review")
        assert "What did the review find and decide?" in client.get(page).content.decode()
        empty = client.post(page, {**ON, "text": ""})
        assert empty.context["form"].errors.keys() == {"text"}
        later = client.post(page, {**ON, "held_on_0": "26", "text": "Her aunt has her."})
        assert "Choose a day from 25 November 2026" in later.content.decode()
        assert "Her aunt has her." in later.content.decode()
        assert client.post(page, {**ON, "text": "Her aunt has her."}).status_code == 302
        step = PathStep.objects.get(kind=PathStepKind.REVIEW)
        assert (step.status, step.done_by) == (PathStepStatus.DONE, sanjay)
        shown = client.get(url("path_detail", audit)).content.decode()
        assert "Her aunt has her." in shown

    def test_the_qa_lead_verifies_or_sends_back_an_impact_check(
        self, audit: Audit, meera: User, qa_client: Client
    ) -> None:
        step = PathStep.objects.get(kind=PathStepKind.IMPACT)
        record_step(step, by=meera, held_on=TODAY, text="She goes to school.")
        page = url("step_record", audit, "impact")
        assert qa_client.post(page, {"decision": "return", "note": ""}).context["form"].errors.keys() == {
            "note"
        }
        assert qa_client.post(page, {"decision": "verify", "note": ""}).status_code == 302
        step.refresh_from_db()
        assert step.status == PathStepStatus.VERIFIED

    def test_who_may_not_record_reads_that_nobody_has(self, audit: Audit, manager_client: Client) -> None:
        shown = manager_client.get(url("step_record", audit, "review"))
        assert shown.context["form"] is None
        assert "Nobody has recorded it yet" in shown.content.decode()

    def test_my_work_of_each(
        self, audit: Audit, meera: User, sanjay: User, quentin: User, asha: User
    ) -> None:
        open_hand_off(audit, at=moment(TODAY))
        reference = audit.allocation.reference

        def titles(user: User) -> list[str]:
            return [item.title for item in work_of(user, TODAY) if reference in item.title]

        assert titles(sanjay) == [f"Review the case of {reference}"]
        assert titles(meera) == [
            f"Record the plan for {reference}",
            f"Hand over the learning of {reference} in supervision",
            f"Say what is different since {reference}",
        ]
        assert (titles(quentin), titles(asha)) == ([], [])
        Reaudit.objects.update(opens_on=TODAY)
        assert titles(quentin) == [f"Give out the re-audit of {reference}"]


class TestReaudits:
    def test_given_out_on_the_page(self, audit: Audit, qa_client: Client) -> None:
        omar = auditor("Omar Other")
        Reaudit.objects.update(opens_on=TODAY, closes_on=date(2026, 12, 18))
        page = url("reaudit_give", audit)
        assert "No month from November 2026 to December 2026" in qa_client.get(page).content.decode()
        RoundFactory(month=date(2026, 12, 1))
        shown = qa_client.get(page)
        assert [label for _, label in shown.context["form"].fields["auditor"].choices][1].startswith(
            "Omar Other"
        )
        assert "Asha Auditor audited this file the first time" in shown.content.decode()
        due = {"due_on_0": "18", "due_on_1": "12", "due_on_2": "2026"}
        assert qa_client.post(page, {"auditor": omar.email, **due}).status_code == 302
        given = Allocation.objects.get(audits_again=audit.allocation)
        assert (given.auditor, given.due_on) == (omar, date(2026, 12, 18))
        assert given.reference in qa_client.get(reverse("paths:reaudit_list")).content.decode()
        assert (
            "audited again by another auditor"
            in qa_client.get(
                reverse("audits:audit_detail", args=(audit.allocation.reference,))
            ).content.decode()
        )

    def test_those_to_give_out_are_first_and_what_is_late_is_said(
        self, north: Team, audit: Audit, qa_client: Client
    ) -> None:
        late, open_now = (
            inadequate_audit(north, submitted_on=day)[0] for day in (date(2026, 6, 1), date(2026, 9, 20))
        )
        over = inadequate_audit(north, submitted_on=date(2026, 5, 1))[0]
        Reaudit.objects.filter(first=over).update(
            dropped_at=timezone.now(), dropped_reason="She left.", dropped_by=audit.allocation.auditor
        )
        page = qa_client.get(reverse("paths:reaudit_list"))
        assert [row["reaudit"].first for row in page.context["rows"]] == [late, open_now, audit, over]
        assert page.content.decode().count("late, the window is closed") == 1

    def test_not_needed(self, audit: Audit, psw_client: Client) -> None:
        assert psw_client.post(url("reaudit_drop", audit), {"reason": "Adopted."}).status_code == 302
        assert Reaudit.objects.get().dropped_reason == "Adopted."


class TestHandOffs:
    def test_what_the_manager_reads_and_closes(
        self, audit: Audit, meera: User, manager_client: Client
    ) -> None:
        open_hand_off(audit, at=moment(TODAY))
        WorkerFeedback.objects.create(audit=audit, on=TODAY, text="Name the father in each plan.")
        page = url("hand_off_detail", audit)
        shown = manager_client.get(page).content.decode()
        assert "Name the father in each plan." in shown
        assert "Inadequate" not in shown.split("<main")[1]
        assert "The record of 3 November shows it." not in shown
        given = {
            "supervised_on_0": "25",
            "supervised_on_1": "11",
            "supervised_on_2": "2026",
            "note": "Fathers.",
        }
        assert manager_client.post(page, given).status_code == 302
        assert SupervisionHandOff.objects.get().closed_by == meera
        assert (
            audit.allocation.reference
            in manager_client.get(reverse("paths:hand_off_list") + "?done=yes").content.decode()
        )


class TestThemes:
    @pytest.fixture
    def theme(self) -> Theme:
        return Theme.objects.get(code="fathers-voice")

    def test_one_action_for_a_team(self, north: Team, theme: Theme, meera: User, qa_client: Client) -> None:
        findings = [finding_of(north, theme) for _ in range(2)]
        page = reverse("paths:team_action", args=(theme.code, north.pk))
        given = {
            "findings": [finding.pk for finding in findings],
            "what": "Each plan names the father.",
            "success": "Four of five files name him.",
            "owner": meera.pk,
            "priority": "p2",
            "due_on_0": "",
            "due_on_1": "",
            "due_on_2": "",
        }
        one = qa_client.post(page, {**given, "findings": given["findings"][:1]})
        assert "at least two children" in one.content.decode()
        assert "Each plan names the father." in one.content.decode()
        assert qa_client.post(page, given).status_code == 302
        action = Action.objects.get()
        assert (action.theme, action.team, set(action.carries.all())) == (theme, north, set(findings))
        shown = qa_client.get(reverse("paths:theme_detail", args=(theme.code,))).content.decode()
        assert action.reference in shown

    def test_the_dip_samples_of_a_theme_stand_on_its_page(
        self,
        north: Team,
        theme: Theme,
        quentin: User,
        priya: User,
        qa_client: Client,
        assert_queries: AssertQueries,
    ) -> None:
        page = reverse("paths:theme_detail", args=(theme.code,))
        child = ChildFactory(team=north)
        for number in (1, 3):
            for _ in range(number):
                proposal = propose_dip_sample(theme, team=north, size=1, reason="More?", by=quentin)
                decide_dip_sample(proposal, by=priya, approve=True)
            with assert_queries(7):
                shown = qa_client.get(page)
        said = " ".join(shown.content.decode().split())
        assert "1 of 1 open children, approved by Priya Principal on" in said
        assert child.reference not in said

    def test_a_finding_is_tagged(self, north: Team, theme: Theme, qa_client: Client) -> None:
        finding = finding_of(north, theme)
        genogram = Theme.objects.get(code="genogram")
        page = reverse("paths:finding_tag", args=(finding.pk,))
        assert qa_client.post(page, {"themes": [genogram.pk]}).status_code == 302
        assert list(finding.themes.all()) == [genogram]
        said = " ".join(qa_client.get(page).text.split())
        assert f"{genogram} put on it, by Quentin" in said
        assert "voice missing taken away, by Quentin" in said
        filtered = qa_client.get(reverse("paths:finding_list"), {"theme": genogram.pk, "only": "open"})
        assert list(filtered.context["page_obj"]) == [finding]
        assert (
            list(qa_client.get(reverse("paths:finding_list"), {"only": "untagged"}).context["page_obj"]) == []
        )

    def test_added_changed_and_retired(self, qa_client: Client) -> None:
        added = qa_client.post(
            reverse("paths:theme_add"), {"name": "Sibling contact", "questions": "p13, V10"}
        )
        assert added.status_code == 302
        theme = Theme.objects.get(code="sibling-contact")
        assert [rule.question for rule in theme.rules.all()] == ["P13", "V10"]
        twice = qa_client.post(reverse("paths:theme_add"), {"name": "sibling contact", "questions": ""})
        assert "There is a theme called sibling contact already" in twice.content.decode()
        qa_client.post(reverse("paths:theme_retire", args=(theme.code,)))
        theme.refresh_from_db()
        assert theme.is_in_use is False

    def test_a_dip_sample_proposed_and_decided(
        self, north: Team, theme: Theme, qa_client: Client, psw_client: Client
    ) -> None:
        ChildFactory(team=north)
        page = reverse("paths:dip_sample_propose", args=(theme.code,))
        assert qa_client.post(page, {"team": north.pk, "size": 3, "reason": "It recurs."}).status_code == 302
        proposal = DipSampleProposal.objects.get()
        decide = reverse("paths:dip_sample_detail", args=(proposal.pk,))
        assert qa_client.get(decide).context["form"] is None
        refused = psw_client.post(decide, {"decision": "refuse", "note": ""})
        assert "Say why it is refused" in refused.content.decode()
        assert psw_client.post(decide, {"decision": "approve", "note": ""}).status_code == 302
        proposal.refresh_from_db()
        assert proposal.status == ProposalStatus.APPROVED


class TestSettings:
    def test_saved_and_checked(self, qa_client: Client) -> None:
        page = reverse("path_settings_edit")
        given = {
            "reaudit_from_weeks": 6,
            "reaudit_until_weeks": 6,
            "impact_after_months": 3,
            "sample_percent": 15,
            "sample_seed": 1,
            "hand_off_days": 30,
            "children_for_theme": 2,
        }
        assert qa_client.post(page, given).context["form"].errors.keys() == {"reaudit_until_weeks"}
        wrong = qa_client.post(page, {**given, "reaudit_until_weeks": 10, "sample_percent": 12})
        assert wrong.context["form"].errors.keys() == {"sample_percent"}
        assert qa_client.post(page, {**given, "reaudit_until_weeks": 10}).status_code == 302
        assert (PathSettings.current().hand_off_days, PathSettings.current().sample_percent) == (30, 15)


class TestBudgets:
    """The same number of queries for one row and for three."""

    @pytest.mark.parametrize(
        ("name", "queries"),
        [
            ("path_list", 4),
            ("reaudit_list", 3),
            ("hand_off_list", 3),
            ("theme_list", 6),
            ("finding_list", 6),
        ],
    )
    def test_lists(
        self, name: str, queries: int, north: Team, qa_client: Client, assert_queries: AssertQueries
    ) -> None:
        page = reverse(f"paths:{name}")
        for number in (1, 2):
            for _ in range(number):
                theme = Theme.objects.order_by("name")[Allocation.objects.count() % 3]
                open_hand_off(inadequate_audit(north)[0], at=timezone.now())
                finding_of(north, theme)
            with assert_queries(queries):
                assert qa_client.get(page).status_code == 200

    def test_a_manager_sees_only_their_own(self, north: Team, audit: Audit, manager_client: Client) -> None:
        other = submitted_audit(allocation={"child": ChildFactory(team=TeamFactory(name="South"))})
        open_hand_off(audit, at=timezone.now())
        open_hand_off(other, at=timezone.now())
        listed = manager_client.get(reverse("paths:hand_off_list")).context["page_obj"]
        assert [row.audit for row in listed] == [audit]
