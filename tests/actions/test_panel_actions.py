"""Actions raised from a panel: by whoever runs it and by its members, with the question and the finding."""

from __future__ import annotations

from typing import ClassVar

import pytest
from django.test import Client

from accounts.models import Team, User
from actions.enums import ActionSource, FindingKind
from actions.models import Action, Finding
from actions.services.findings import note_findings
from actions.services.raising import NewAction, raise_action
from audits.enums import ActionPriority, Grade, PracticeAnswer, Section
from audits.models import Answer, Audit
from core.errors import RuleViolation
from moderation.enums import TablingStatus
from moderation.models import Conflict, Panel, Reading
from tests.conftest import ClientFor
from tests.factories.accounts import TeamFactory
from tests.factories.audits import ChildFactory, QuestionFactory, started_audit, submitted_audit
from tests.factories.moderation import met_panel, moderator, outcome_of, recorded, released_panel

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("time_machine_at")]


@pytest.fixture
def north() -> Team:
    team: Team = TeamFactory(name="North")
    return team


@pytest.fixture
def people() -> list[User]:
    return [moderator("Mona Moderator", "Safeguarding"), moderator("Felix Fairfax", "Permanence")]


class TestRaisingFromAPanel:
    TEXTS: ClassVar = {
        "what": "Hold the core group.",
        "why": "It is two months late.",
        "success": "Minutes are on file.",
        "priority": "p1",
    }

    @pytest.fixture
    def audit(self, asha: User, north: Team, meera: User) -> Audit:
        """Of a child of the North team, which Meera manages."""
        return submitted_audit(by=asha, allocation={"child": ChildFactory(team=north), "team": north})

    def url(self, audit: Audit) -> str:
        return f"/actions/raise/?panel_audit={audit.allocation.reference}"

    def test_the_chair_raises_it_from_the_meeting_about_the_child(
        self, audit: Audit, people: list[User], meera: User, north: Team, quentin: User, qa_client: Client
    ) -> None:
        panel = met_panel(audit, chair=quentin, moderators=people)
        meeting = f"/moderation/panels/{panel.reference}/meeting/{audit.allocation.reference}/"
        assert f'href="{self.url(audit)}"' in qa_client.get(meeting).content.decode()
        form = qa_client.get(self.url(audit)).context["form"]
        assert (form["team"].value(), form["owner"].value()) == (north.pk, meera.pk)
        answer = qa_client.post(self.url(audit), self.TEXTS | {"owner": meera.pk, "team": north.pk})
        made = Action.objects.get()
        assert answer["Location"] == f"/actions/{made.reference}/"
        assert (made.source, made.audit, made.child, made.opened_by) == (
            ActionSource.PANEL,
            audit,
            audit.allocation.child,
            quentin,
        )

    def test_who_does_not_run_the_panel_is_offered_nothing(
        self,
        audit: Audit,
        people: list[User],
        priya: User,
        auditor_client: Client,
        psw_client: Client,
        quentin: User,
    ) -> None:
        outcome = outcome_of(audit, chair=quentin, moderators=people)
        page = f"/moderation/outcomes/{outcome.pk}/"
        assert "panel_audit" in psw_client.get(page).content.decode()
        assert "panel_audit" not in auditor_client.get(page).content.decode()
        assert auditor_client.get(self.url(audit)).status_code == 404

    def test_never_about_ones_own_audit(
        self, audit: Audit, quentin: User, meera: User, north: Team, qa_client: Client
    ) -> None:
        own = submitted_audit(by=quentin, allocation={"child": ChildFactory(team=north), "team": north})
        assert qa_client.get(self.url(audit)).status_code == 200
        assert qa_client.get(self.url(own)).status_code == 404
        content = NewAction("Go.", "Unseen.", "Seen.", meera, north, ActionPriority.P1, audit=own)
        with pytest.raises(RuleViolation, match="never about an audit of their own"):
            raise_action(content, by=quentin, source=ActionSource.PANEL)

    def test_never_about_what_is_still_written_or_does_not_exist(self, asha: User, qa_client: Client) -> None:
        written = started_audit(asha)
        assert qa_client.get(self.url(written)).status_code == 404
        for unknown in ("CJA-2026-11-999", "", "%00"):
            assert qa_client.get(f"/actions/raise/?panel_audit={unknown}").status_code == 404


class TestItsMembers:
    TEXTS: ClassVar = {"what": "Hold the core group.", "success": "Minutes are on file.", "priority": "p1"}

    @pytest.fixture
    def audit(self, asha: User, north: Team) -> Audit:
        """One that answers A11 with No."""
        made = submitted_audit(by=asha, allocation={"child": ChildFactory(team=north), "team": north})
        question = QuestionFactory(
            version=made.tool_version,
            code="A11",
            section=Section.ASSESSMENTS,
            text="Is the father's view in the assessment?",
        )
        Answer.objects.create(audit=made, question=question, value=PracticeAnswer.NO)
        note_findings(made)
        return made

    @pytest.fixture
    def panel(self, audit: Audit, quentin: User, people: list[User]) -> Panel:
        """A blind one, whose readings are awaited."""
        return released_panel(audit, chair=quentin, moderators=people, blind=True)

    def url(self, audit: Audit) -> str:
        return f"/actions/raise/?panel_audit={audit.allocation.reference}"

    def test_a_member_from_their_reading_on_with_the_finding_of_the_question(
        self, audit: Audit, panel: Panel, meera: User, north: Team, client_for: ClientFor
    ) -> None:
        reading = Reading.objects.standing().filter(tabling__panel=panel).first()
        assert reading is not None
        client = client_for(reading.moderator)
        assert client.get(self.url(audit)).status_code == 404
        with pytest.raises(RuleViolation, match="once they have read the audit"):
            raise_action(self.content(audit, meera, north), by=reading.moderator, source=ActionSource.PANEL)
        recorded(reading)
        page = f"/moderation/panels/{panel.reference}/readings/{audit.allocation.reference}/"
        assert f'href="{self.url(audit)}"' in client.get(page).content.decode()
        answer = client.post(
            self.url(audit), self.TEXTS | {"owner": meera.pk, "team": north.pk, "about": "A11"}
        )
        made = Action.objects.get()
        assert answer["Location"] == f"/actions/{made.reference}/"
        assert (made.source, made.about, made.why) == (
            ActionSource.PANEL,
            "A11",
            "Is the father's view in the assessment? No.",
        )
        shown = client.get(answer["Location"]).content.decode()
        assert "About A11. Is the father’s view in the assessment?" in shown.replace("&#x27;", "’")

    def test_without_a_finding_to_take_over_one_is_asked_for(
        self, audit: Audit, panel: Panel, meera: User, north: Team, qa_client: Client
    ) -> None:
        typed = self.TEXTS | {"owner": meera.pk, "team": north.pk, "about": "visits"}
        assert "Say what was found" in qa_client.post(self.url(audit), typed).content.decode()
        assert Action.objects.count() == 0

    def test_by_hand_a_member_raises_nothing(
        self, audit: Audit, panel: Panel, people: list[User], client_for: ClientFor
    ) -> None:
        recorded(Reading.objects.standing().filter(tabling__panel=panel)[0])
        for somebody in people:
            assert client_for(somebody).get("/actions/raise/").status_code == 404

    def test_a_conflict_of_interest_and_another_panel_s_audit(
        self, audit: Audit, asha: User, quentin: User, people: list[User], client_for: ClientFor
    ) -> None:
        mona, felix = people
        panel = met_panel(audit, chair=quentin, moderators=people)
        elsewhere = submitted_audit(by=asha)
        assert client_for(mona).get(self.url(audit)).status_code == 200
        assert client_for(mona).get(self.url(elsewhere)).status_code == 404
        Conflict.objects.create(tabling=panel.tablings.get(), person=mona, why="Holds the child.")
        assert client_for(mona).get(self.url(audit)).status_code == 404
        assert client_for(felix).get(self.url(audit)).status_code == 200

    def content(self, audit: Audit, owner: User, team: Team) -> NewAction:
        return NewAction("Go.", "Unseen.", "Seen.", owner, team, ActionPriority.P1, audit=audit)


def test_why_the_panel_changed_a_grade_is_in_the_finding_and_not_in_an_action(
    asha: User, meera: User, north: Team, quentin: User, people: list[User], client_for: ClientFor
) -> None:
    audit = submitted_audit(by=asha, allocation={"child": ChildFactory(team=north), "team": north})
    outcome_of(audit, chair=quentin, moderators=people, visits=Grade.INADEQUATE)
    finding = Finding.objects.get(kind=FindingKind.CHANGE, about=Section.VISITS)
    narrative = outcome_narrative(audit)
    assert finding.text == f"The panel changed Visits from Good to Inadequate. {narrative}"
    content = NewAction(
        "Go.", "Unseen.", "Seen.", meera, north, ActionPriority.P1, about="visits", audit=audit
    )
    made = raise_action(content, by=quentin, source=ActionSource.PANEL)
    for page in (f"/actions/{made}/", "/actions/", "/actions/tracker/"):
        assert narrative not in client_for(meera).get(page).content.decode()
    assert client_for(meera).get("/actions/findings/").status_code == 404


def outcome_narrative(audit: Audit) -> str:
    tabling = audit.tablings.get()
    assert (tabling.status, bool(tabling.decision)) == (TablingStatus.DECIDED, True)
    narrative = tabling.decision.lines.get(section=Section.VISITS).narrative
    assert narrative
    return str(narrative)
