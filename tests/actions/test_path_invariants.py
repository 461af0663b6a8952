"""The checks of what follows from audits see what is wrong."""

from collections.abc import Callable
from datetime import date

import pytest

from accounts.models import Team, User
from actions.models import PathMove, PathStep, Reaudit, SampleDraw, Theme
from actions.path_invariants import CHECKS
from actions.services.findings import raise_team_action
from actions.services.paths import record_step, stand_in_sample
from actions.services.raising import NewAction
from audits.enums import Grade
from audits.models import Audit
from core.guards import lifted
from tests.factories.accounts import TeamFactory
from tests.factories.audits import moment, submitted_audit
from tests.factories.paths import finding_of, inadequate_audit

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("time_machine_at")]

TODAY = date(2026, 11, 25)


@pytest.fixture
def council(meera: User, sanjay: User, quentin: User) -> None:
    north: Team = TeamFactory(name="North")
    _, path = inadequate_audit(north)
    record_step(path.steps.get(kind="review"), by=sanjay, held_on=TODAY, text="Seen.")
    stand_in_sample(submitted_audit(overall=Grade.REQUIRES_IMPROVEMENT), at=moment(TODAY))
    theme = Theme.objects.get(code="genogram")
    content = NewAction(
        what="Draw them.", why="None.", success="There.", owner=meera, team=north, priority="p2", theme=theme
    )
    found = [finding_of(north, theme) for _ in range(2)]
    raise_team_action(theme, team=north, findings=found, content=content, by=quentin)


BROKEN: dict[str, tuple[Callable[[], object], set[str]]] = {
    "a step gone": (lambda: PathStep.objects.filter(kind="plan").delete(), {"paths_whole"}),
    "a re-audit gone": (lambda: Reaudit.objects.filter(because="inadequate").delete(), {"paths_whole"}),
    "a move gone": (lambda: PathMove.objects.all().delete(), {"path_steps"}),
    "another draw": (lambda: SampleDraw.objects.update(percent=100, is_drawn=False), {"sample_repeats"}),
    "another team": (
        lambda: Audit.objects.update(team=TeamFactory(name="South")),
        {"carried"},
    ),
}


def broken() -> set[str]:
    return {check.name for check in CHECKS if list(check.broken())}


@pytest.mark.usefixtures("council")
def test_what_the_services_made_holds() -> None:
    assert broken() == set()


@pytest.mark.usefixtures("council")
@pytest.mark.parametrize("name", BROKEN)
def test_a_check_sees(name: str) -> None:
    damage, seen = BROKEN[name]
    with lifted():
        damage()
    assert broken() == seen
