"""What must hold of what follows from audits, derived anew from the rows (docs/domain.md, section 8)."""

from collections.abc import Iterator

from django.db.models import F, Q

from actions.enums import PathMoveKind, PathStepKind, PathStepStatus
from actions.models import Finding, PathStep, SampleDraw, UrgentPath
from actions.verifying import is_drawn
from audits.invariants import Check

LEADS_TO = {
    PathMoveKind.RECORD: PathStepStatus.DONE,
    PathMoveKind.RETURN: PathStepStatus.RETURNED,
    PathMoveKind.VERIFY: PathStepStatus.VERIFIED,
}


def paths_are_whole() -> Iterator[str]:
    for path in UrgentPath.objects.select_related("audit__allocation", "audit__reaudit").prefetch_related(
        "steps"
    ):
        if {step.kind for step in path.steps.all()} != set(PathStepKind.values):
            yield f"{path.audit} was Inadequate, and not every step follows."
        if getattr(path.audit, "reaudit", None) is None:
            yield f"{path.audit} was Inadequate, and no re-audit is needed of it."


def steps_are_where_their_moves_took_them() -> Iterator[str]:
    for step in PathStep.objects.select_related("path__audit__allocation").prefetch_related("moves"):
        moves = list(step.moves.all())
        last = LEADS_TO[PathMoveKind(moves[-1].kind)] if moves else PathStepStatus.DUE
        if step.status != last:
            yield f"{step} of {step.path.audit} is {step.get_status_display().lower()}, which no move says."


def the_sample_repeats() -> Iterator[str]:
    for draw in SampleDraw.objects.select_related("audit__allocation"):
        if draw.is_drawn != is_drawn(draw.number, percent=draw.percent, seed=draw.seed):
            yield f"{draw.audit} stands otherwise in the draw of re-audits than its seed says."


def findings_are_carried_in_their_team() -> Iterator[str]:
    carried = Finding.objects.filter(carried_by__isnull=False).select_related(
        "audit__allocation", "carried_by"
    )
    for finding in carried.exclude(Q(carried_by__team=F("audit__team")) & Q(carried_by__theme__isnull=False)):
        yield f"A finding of {finding.audit} is carried by {finding.carried_by}, which is not its team's on a theme."


CHECKS = (
    Check("paths_whole", "Everything that has to follow from an Inadequate audit does", paths_are_whole),
    Check("path_steps", "Steps are where their moves took them", steps_are_where_their_moves_took_them),
    Check("sample_repeats", "The draw of re-audits is the one its seed gives", the_sample_repeats),
    Check(
        "carried", "Findings are carried by an action of their own team", findings_are_carried_in_their_team
    ),
)
