"""Is the loop closing, raising by hand, the settings and what must hold."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.test import Client

from accounts.models import Team, User
from actions.invariants import CHECKS
from actions.models import Action, ActionSettings, Finding, Theme
from actions.services.changes import extend_action
from actions.services.progress import complete_action
from actions.services.raising import NewAction, raise_action
from actions.services.verification import return_action, verify_action
from audits.enums import ActionPriority
from core.guards import lifted
from tests.conftest import AssertQueries, ClientFor
from tests.factories.accounts import TeamFactory, senior_leader
from tests.factories.actions import ActionFactory
from tests.factories.audits import ChildFactory
from tests.factories.paths import finding_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("time_machine_at")]

PAGE = "/actions/loop/"
IMPACT = "He keeps his plan on the fridge."


@pytest.fixture
def north(db: None) -> Team:
    team: Team = TeamFactory(name="North")
    return team


@pytest.fixture
def story(meera: User, quentin: User, north: Team) -> None:
    """Two open, one of them overdue; two closed, one late and returned once, the other verified and in time."""
    opened = {"team": north, "owner": meera, "opened_at": datetime(2026, 11, 2, 9, tzinfo=UTC)}
    ActionFactory(**opened, first_due_on=date(2026, 11, 20))
    ActionFactory(**opened, first_due_on=date(2026, 12, 4))
    late = ActionFactory(**opened, first_due_on=date(2026, 11, 6))
    for day in (9, 12):
        complete_action(late, by=meera, evidence=f"Seen on {day}.", at=datetime(2026, 11, day, 9, tzinfo=UTC))
        if day == 9:
            return_action(late, by=quentin, reason="Not shared.", at=datetime(2026, 11, 10, 9, tzinfo=UTC))
    in_time = ActionFactory(**opened, first_due_on=date(2026, 11, 6), priority=ActionPriority.P1)
    complete_action(
        in_time, by=meera, evidence="Seen.", impact=IMPACT, at=datetime(2026, 11, 6, 16, tzinfo=UTC)
    )
    verify_action(in_time, by=quentin, at=datetime(2026, 11, 9, 9, tzinfo=UTC))


@pytest.mark.usefixtures("story")
class TestFigures:
    def test_each_with_its_numerator_and_denominator(self, qa_client: Client) -> None:
        loop = qa_client.get(PAGE).context["loop"]
        figures = (loop.open, *map(str, (loop.overdue, loop.on_time, loop.verified, loop.returned)))
        assert figures == (2, "1 of 2", "1 of 3", "1 of 2", "1 of 2")
        assert [str(ratio) for _, ratio in loop.ages] == ["1 of 2", "0 of 2", "0 of 2", "0 of 2"]
        assert [(row.label, row.closed, row.days) for row in loop.by_team] == [("North", 2, 7)]

    def test_leaders_see_numbers_few_closed_are_not_shown_and_no_words_about_children(
        self, sanjay: User, client_for: ClientFor, north: Team
    ) -> None:
        for who in (sanjay, senior_leader("Lena Leader", north.service)):
            page = client_for(who).get(PAGE)
            assert [row.days for row in page.context["loop"].by_team] == [None]
            assert IMPACT not in page.content.decode()

    def test_the_manager_and_the_qa_lead_read_what_is_different(
        self, qa_client: Client, manager_client: Client
    ) -> None:
        for client in (qa_client, manager_client):
            assert IMPACT in client.get(PAGE).content.decode()

    def test_a_theme_counts_the_actions_about_its_findings_too(self, north: Team, qa_client: Client) -> None:
        fathers, records = Theme.objects.order_by("name")[:2]
        late, in_time = Action.objects.closed().order_by("done_at").reverse()
        for theme in (fathers, records):
            finding_of(north, theme)
        of_an_action = Finding.objects.create(
            audit=finding_of(north, records).audit, kind="action", text="Late.", action=late
        )
        of_an_action.tags.create(theme=fathers)
        of_an_action.tags.create(theme=records)
        Action.objects.filter(pk__in=(late.pk, in_time.pk)).update(theme=fathers)
        loop = qa_client.get(PAGE).context["loop"]
        assert [(row.label, row.closed, row.days) for row in loop.by_theme] == [
            (fathers.name, 2, 7),
            (records.name, 1, 10),
        ]
        assert [(row.label, row.closed, row.days) for row in loop.by_team] == [("North", 2, 7)]

    def test_another_service_is_not_counted(self, client_for: ClientFor) -> None:
        loop = (
            client_for(senior_leader("Ada Away", TeamFactory(name="Away").service)).get(PAGE).context["loop"]
        )
        assert (loop.open, str(loop.verified)) == (0, "0 of 0")

    def test_it_costs_five_queries(self, qa_client: Client, assert_queries: AssertQueries) -> None:
        with assert_queries(5):
            qa_client.get(PAGE)


class TestRaisingByHand:
    URL = "/actions/raise/"

    def typed(self, owner: User, team: Team, **other: str) -> dict[str, Any]:
        texts = {
            "what": "Hold the core group.",
            "why": "It is two months late.",
            "success": "Minutes are on file.",
        }
        return texts | {"owner": owner.pk, "team": team.pk, "priority": "p1"} | other

    def test_it_is_due_by_its_priority(self, meera: User, north: Team, qa_client: Client) -> None:
        answer = qa_client.post(self.URL, self.typed(meera, north))
        made = Action.objects.get()
        assert answer["Location"] == f"/actions/{made.reference}/"
        assert made.due_on == date(2026, 12, 2)

    def test_about_one_child_of_the_team(self, meera: User, north: Team, qa_client: Client) -> None:
        child = ChildFactory(team=north, reference="7712345")
        assert qa_client.post(self.URL, self.typed(meera, north, child=" 7712345 ")).status_code == 302
        assert Action.objects.get().child == child

    @pytest.mark.parametrize(
        ("reference", "sentence"),
        [
            ("7700000", "No child here has the case reference 7700000"),
            ("8812345", "This child is with South: choose that team, or another case reference"),
        ],
    )
    def test_another_child_is_refused_and_everything_typed_stays(
        self, reference: str, sentence: str, meera: User, north: Team, qa_client: Client
    ) -> None:
        ChildFactory(team=TeamFactory(name="South"), reference="8812345")
        html = qa_client.post(self.URL, self.typed(meera, north, child=reference)).content.decode()
        assert sentence in html
        assert f'value="{reference}"' in html
        assert "It is two months late." in html
        assert Action.objects.count() == 0

    def test_vague_words_draw_a_hint_and_no_refusal(
        self, meera: User, north: Team, qa_client: Client
    ) -> None:
        typed = self.typed(meera, north, what="Ensure the core group is held.")
        page = qa_client.post(self.URL, typed)
        assert "“ensure” in what shall be done" in page.content.decode()
        assert Action.objects.count() == 0
        again = typed | {"seen_hints": page.context["form"]["seen_hints"].value()}
        assert qa_client.post(self.URL, again).status_code == 302
        assert Action.objects.get().what == "Ensure the core group is held."

    def test_what_is_missing_is_said_and_what_was_typed_stays(
        self, meera: User, north: Team, qa_client: Client
    ) -> None:
        html = qa_client.post(self.URL, self.typed(meera, north, success="")).content.decode()
        assert "Enter how" in html or "Answer “How will success be seen?”" in html
        assert "It is two months late." in html


class TestSettings:
    URL = "/setup/actions/"
    TYPED = {
        "verification_percent": "30",
        "team_manager_after": "2",
        "service_manager_after": "6",
        "assistant_director_after": "11",
        "board_after": "25",
    }

    def test_kept_without_touching_how_far_the_draw_has_come(self, qa_client: Client) -> None:
        ActionSettings.objects.create(pk=1, drawn=7)
        assert qa_client.post(self.URL, self.TYPED).status_code == 302
        kept = ActionSettings.objects.get()
        assert (kept.verification_percent, kept.board_after, kept.drawn) == (30, 25, 7)

    @pytest.mark.parametrize(
        ("typed", "sentence"),
        [
            ({"service_manager_after": "2"}, "Give this step more days than the one before it"),
            ({"verification_percent": "23"}, "Choose a multiple of 5"),
        ],
    )
    def test_what_cannot_be(self, typed: dict[str, str], sentence: str, qa_client: Client) -> None:
        assert sentence in qa_client.post(self.URL, self.TYPED | typed).content.decode()
        assert ActionSettings.objects.count() == 0


class TestWhatMustHold:
    @pytest.fixture
    def action(self, meera: User, quentin: User, north: Team) -> Action:
        """Raised, extended, done and verified by the services."""
        content = NewAction("Go there.", "Unseen.", "Seen.", meera, north, ActionPriority.P1)
        made = raise_action(content, by=quentin)
        extend_action(made, due_on=date(2026, 12, 9), by=meera, reason="Later.")
        complete_action(made, by=meera, evidence="Seen.")
        return verify_action(made, by=quentin)

    def broken(self) -> set[str]:
        return {check.name for check in CHECKS if list(check.broken())}

    def test_it_holds_for_what_the_services_made(self, action: Action) -> None:
        assert self.broken() == set()

    @pytest.mark.parametrize(
        ("change", "name"),
        [
            ({"due_on": date(2026, 12, 10)}, "action_due_dates"),
            ({"verification": "not_drawn"}, "urgent_verified"),
            ({"verified_at": datetime(2026, 1, 1, tzinfo=UTC)}, "verified_after_done"),
            ({"status": "done", "verified_at": None, "verified_by": None}, "action_moves"),
        ],
    )
    def test_twin_each_sees_what_is_wrong(self, change: dict[str, Any], name: str, action: Action) -> None:
        with lifted():
            Action.objects.filter(pk=action.pk).update(**change)
        assert self.broken() == {name}
