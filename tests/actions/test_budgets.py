"""What the pages of one thing cost in queries: the same with a little and with a lot on them."""

from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Team, User
from actions.models import Action, Theme
from actions.services.dip_samples import propose_dip_sample
from actions.services.hand_offs import open_hand_off
from actions.services.progress import note_action
from audits.models import Audit
from tests.conftest import AssertQueries
from tests.factories.accounts import TeamFactory
from tests.factories.actions import ActionFactory
from tests.factories.audits import ChildFactory
from tests.factories.paths import inadequate_audit

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("time_machine_at")]


@pytest.fixture
def north(meera: User, sanjay: User) -> Team:
    team: Team = TeamFactory(name="North")
    return team


@pytest.fixture
def audit(north: Team, asha: User) -> Audit:
    made = inadequate_audit(north, by=asha)[0]
    open_hand_off(made, at=timezone.now())
    return made


@pytest.mark.parametrize("many", [1, 4])
class TestBudgets:
    def test_an_action_with_its_history(
        self, many: int, north: Team, meera: User, qa_client: Client, assert_queries: AssertQueries
    ) -> None:
        action: Action = ActionFactory(team=north, owner=meera, child=ChildFactory(team=north))
        for number in range(many):
            note_action(action, by=meera, note=f"Asked school, time {number}.")
            action.escalations.create(
                step=("team_manager", "service_manager", "assistant_director", "board")[number],
                at=timezone.now(),
                told=meera,
            )
        with assert_queries(8):
            assert qa_client.get(f"/actions/{action}/").status_code == 200

    def test_a_hand_off_with_the_actions_of_its_audit(
        self, many: int, audit: Audit, meera: User, manager_client: Client, assert_queries: AssertQueries
    ) -> None:
        for _ in range(many):
            ActionFactory(audit=audit, team=audit.team, owner=meera)
        page = reverse("paths:hand_off_detail", args=(audit.allocation.reference,))
        with assert_queries(8):
            assert manager_client.get(page).status_code == 200

    def test_what_follows_from_an_audit(
        self, many: int, audit: Audit, meera: User, manager_client: Client, assert_queries: AssertQueries
    ) -> None:
        for step in audit.urgent_path.steps.all():
            for number in range(many):
                step.moves.create(kind="record", by=meera, at=timezone.now(), text=f"Seen {number}.")
        page = reverse("paths:path_detail", args=(audit.allocation.reference,))
        with assert_queries(6):
            assert manager_client.get(page).status_code == 200

    def test_the_boards_list(
        self, many: int, north: Team, meera: User, qa_client: Client, assert_queries: AssertQueries
    ) -> None:
        for number in range(many):
            late = ActionFactory(
                team=north, owner=meera, first_due_on=date(2026, 9, 1) + timedelta(days=number)
            )
            late.escalations.create(step="board", at=timezone.now())
        with assert_queries(4):
            assert qa_client.get("/actions/board/").status_code == 200

    def test_the_dip_samples(
        self, many: int, north: Team, quentin: User, qa_client: Client, assert_queries: AssertQueries
    ) -> None:
        ChildFactory.create_batch(3, team=north)
        for theme in Theme.objects.all()[:many]:
            propose_dip_sample(theme, team=north, size=2, reason="It recurs.", by=quentin)
        with assert_queries(3):
            assert qa_client.get(reverse("paths:dip_sample_list")).status_code == 200
