"""The caseload: preview what a workbook would change, apply it, discard it."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max, Q
from django.utils import timezone

from accounts.models import Team, User
from audits.annex_a import PATHWAY_OF_LIST, Caseload, OpenChild, Rejected
from audits.enums import ImportStatus, Pathway
from audits.models import CaseloadImport, Child, Holding, ImportReject
from core.errors import RuleViolation
from core.text import fold

MANY_CLOSINGS_PERCENT = 20
"""An import that closes more of the open children than this is more likely a part of the file than a month's work."""

_COPIED = tuple(field.name for field in fields(OpenChild) if field.name not in ("reference", "team"))
_HELD = ("team_id", "worker_name", "reviewer_name", "pathway")


class ManyClosings(RuleViolation):
    """The import would close many children, and nobody has said that this is right."""


@dataclass(frozen=True)
class Plan:
    """What applying a caseload would change now.

    `updated` counts children who come back after having been closed, too. `closing` are children who are open now
    and not in the workbook; `kept` are open now, in it on rejected rows alone, and stay as they are.
    """

    caseload: Caseload
    teams: Mapping[str, Team]
    known: Mapping[str, Child]
    created: tuple[OpenChild, ...]
    updated: tuple[OpenChild, ...]
    closing: tuple[Child, ...]
    kept: tuple[Child, ...]
    new_teams: tuple[str, ...]

    @property
    def unchanged(self) -> int:
        return len(self.caseload.children) - len(self.created) - len(self.updated)

    @property
    def open_now(self) -> list[Child]:
        return [child for child in self.known.values() if child.closed_on is None]

    @property
    def many_closings(self) -> str:
        """A sentence of warning where the import would close so many that the file may not be whole, else ""."""
        closing, before = len(self.closing), len(self.open_now)
        if closing * 100 <= before * MANY_CLOSINGS_PERCENT:
            return ""
        return (
            f"This file would close {closing:,} of {before:,} open children. "
            "Check that it holds every list and every team."
        )

    def team_name(self, child: OpenChild) -> str:
        """The team as the service spells it, or as the workbook does where it is new."""
        team = self.teams.get(fold(child.team))
        return team.name if team else child.team

    def counts(self) -> dict[str, Any]:
        """What `import_caseload --json` prints, but for the rejected rows themselves."""
        return {
            "as_at": self.caseload.as_at.isoformat(),
            "open_children": len(self.caseload.children),
            "by_pathway": self.caseload.by_pathway,
            "by_team": dict(
                sorted(Counter(self.team_name(child) for child in self.caseload.children).items())
            ),
            "created": len(self.created),
            "updated": len(self.updated),
            "closed": len(self.closing),
            "unchanged": self.unchanged,
            "kept": len(self.kept),
            "new_teams": list(self.new_teams),
            "notes": [*self.caseload.notes, *filter(None, (self.many_closings,))],
            "rejected": len(self.caseload.rejected),
        }


def plan_import(caseload: Caseload) -> Plan:
    """Compare a caseload with the children who are held. Changes nothing; three queries.

    Raises RuleViolation: a newer caseload was applied, or a list is missing that children are open on.
    """
    newest = CaseloadImport.objects.applied().aggregate(newest=Max("as_at"))["newest"]
    if newest is not None and caseload.as_at < newest:
        raise RuleViolation(
            f"The caseload as at {newest:%-d %B %Y} was imported already, so one as at "
            f"{caseload.as_at:%-d %B %Y} would undo it. Export a newer workbook and import that."
        )
    teams = {fold(team.name): team for team in Team.objects.all()}
    references = {child.reference for child in caseload.children}
    held = Child.objects.filter(Q(closed_on__isnull=True) | Q(reference__in=references))
    known = {child.reference: child for child in held}
    _refuse_missing_lists(caseload, known)

    gone = [
        child for child in known.values() if child.closed_on is None and child.reference not in references
    ]
    return Plan(
        caseload=caseload,
        teams=teams,
        known=known,
        created=tuple(child for child in caseload.children if child.reference not in known),
        updated=tuple(
            child
            for child in caseload.children
            if child.reference in known and _differs(child, known[child.reference], teams)
        ),
        closing=tuple(child for child in gone if child.reference not in caseload.unclear),
        kept=tuple(child for child in gone if child.reference in caseload.unclear),
        new_teams=tuple(sorted({child.team for child in caseload.children if fold(child.team) not in teams})),
    )


def _refuse_missing_lists(caseload: Caseload, known: Mapping[str, Child]) -> None:
    on_pathway = Counter(child.pathway for child in known.values() if child.closed_on is None)
    for number in caseload.missing_lists:
        pathway = Pathway(PATHWAY_OF_LIST[number])
        if on_pathway[pathway]:
            raise RuleViolation(
                f"The workbook has no List {number}, but {on_pathway[pathway]:,} open children are on it "
                f"({pathway.label.lower()}). Add the list, with its headings alone if nobody is on it any more."
            )


def _differs(child: OpenChild, held: Child, teams: Mapping[str, Team]) -> bool:
    team = teams.get(fold(child.team))
    return (
        held.closed_on is not None
        or team is None
        or team.pk != held.team_id
        or any(getattr(held, name) != getattr(child, name) for name in _COPIED)
    )


@transaction.atomic
def preview_import(caseload: Caseload, *, by: User | None) -> CaseloadImport:
    """Keep what a workbook says until somebody applies or discards it. Earlier previews of `by` are discarded.

    Raises RuleViolation where it could not be applied: see plan_import.
    """
    plan_import(caseload)
    waiting = CaseloadImport.objects.waiting().filter(by=by)
    waiting.update(status=ImportStatus.DISCARDED, payload={}, decided_by=by, decided_at=timezone.now())
    return _keep(caseload, by=by)


def _keep(caseload: Caseload, *, by: User | None) -> CaseloadImport:
    return CaseloadImport.objects.create(as_at=caseload.as_at, payload=_to_payload(caseload), by=by)


@transaction.atomic
def apply_import(
    preview: CaseloadImport,
    *,
    by: User | None,
    many_closings_accepted: bool = False,
    at: datetime | None = None,
) -> CaseloadImport:
    """Make the caseload what the previewed workbook says. Applying twice is applying once.

    Effects, in order: the import takes its number and its decision; unknown teams are created, in no service;
    children are created, updated, or opened again; children who are not in the workbook are closed as at its day;
    holdings end on that day and start on it where team, worker, reviewer or pathway changed; rejected rows are kept;
    the payload is wiped.

    Raises:
        RuleViolation: it was discarded, another import was applied at the same moment, what plan_import refuses,
            or (ManyClosings) it would close many and nobody has said that this is right. Nothing was changed.

    """
    if not _claim(preview, by=by, at=at or timezone.now()):
        preview.refresh_from_db()
        if preview.status == ImportStatus.APPLIED:
            return preview
        raise RuleViolation("This import was discarded. Upload the workbook again.")
    preview.refresh_from_db()
    caseload = caseload_of(preview)
    plan = plan_import(caseload)
    if plan.many_closings and not many_closings_accepted:
        raise ManyClosings(f"{plan.many_closings} If it does, tick the box to say so and apply it again.")
    _write(plan)
    ImportReject.objects.bulk_create(
        ImportReject(caseload_import=preview, **asdict(row)) for row in caseload.rejected
    )
    preview.counts = plan.counts()
    preview.payload = {}
    preview.save(update_fields=("counts", "payload"))
    return preview


def _claim(preview: CaseloadImport, *, by: User | None, at: datetime) -> bool:
    """Take the next number for this import, once. Whoever else wants that number waits, then loses."""
    number = (CaseloadImport.objects.aggregate(last=Max("number"))["last"] or 0) + 1
    waiting = CaseloadImport.objects.waiting().filter(pk=preview.pk)
    try:
        with transaction.atomic():
            return bool(
                waiting.update(status=ImportStatus.APPLIED, number=number, decided_by=by, decided_at=at)
            )
    except IntegrityError as error:
        raise RuleViolation(
            "Another import was applied at the same moment. Nothing was changed: look at the caseload and try again."
        ) from error


def _write(plan: Plan) -> None:
    as_at = plan.caseload.as_at
    new_teams = Team.objects.bulk_create(Team(name=name) for name in plan.new_teams)
    teams = {**plan.teams, **{fold(team.name): team for team in new_teams}}
    children = Child.objects.bulk_create(
        (
            Child(
                reference=child.reference,
                team=teams[fold(child.team)],
                **{name: getattr(child, name) for name in _COPIED},
            )
            for child in (*plan.created, *plan.updated)
        ),
        update_conflicts=True,
        unique_fields=["reference"],
        update_fields=[*_COPIED, "team", "closed_on"],
    )
    changed_hands = [
        child
        for child in children
        if (before := plan.known.get(child.reference)) is None
        or before.closed_on is not None
        or any(getattr(before, name) != getattr(child, name) for name in _HELD)
    ]
    closing = [child.pk for child in plan.closing]
    Child.objects.filter(pk__in=closing).update(closed_on=as_at)
    Holding.objects.filter(
        child__in=[*closing, *(child.pk for child in changed_hands)], ends_on__isnull=True
    ).update(ends_on=as_at)
    Holding.objects.bulk_create(
        Holding(child=child, starts_on=as_at, **{name: getattr(child, name) for name in _HELD})
        for child in changed_hands
    )


def discard_import(preview: CaseloadImport, *, by: User) -> CaseloadImport:
    """Forget what was read. Discarding twice is discarding once.

    Raises RuleViolation: it was applied meanwhile.
    """
    CaseloadImport.objects.waiting().filter(pk=preview.pk).update(
        status=ImportStatus.DISCARDED, payload={}, decided_by=by, decided_at=timezone.now()
    )
    preview.refresh_from_db()
    if preview.status == ImportStatus.APPLIED:
        raise RuleViolation("This import was applied already. To correct it, import a corrected workbook.")
    return preview


@transaction.atomic
def import_caseload(caseload: Caseload, *, by: User | None) -> CaseloadImport:
    """Apply a caseload at once, however many children it closes: what the command does. See apply_import."""
    return apply_import(_keep(caseload, by=by), by=by, many_closings_accepted=True)


def _to_payload(caseload: Caseload) -> dict[str, Any]:
    return {
        "children": [
            {
                **asdict(child),
                "pathway_started_on": child.pathway_started_on and child.pathway_started_on.isoformat(),
            }
            for child in caseload.children
        ],
        "rejected": [asdict(row) for row in caseload.rejected],
        "unclear": sorted(caseload.unclear),
        "closed_children": caseload.closed_children,
        "missing_lists": list(caseload.missing_lists),
        "notes": list(caseload.notes),
    }


def caseload_of(preview: CaseloadImport) -> Caseload:
    """What the previewed workbook says. Only while it waits for a decision: afterwards nothing is left of it."""
    payload = preview.payload
    return Caseload(
        as_at=preview.as_at,
        children=tuple(
            OpenChild(**{**child, "pathway_started_on": started and date.fromisoformat(started)})
            for child in payload["children"]
            for started in (child["pathway_started_on"],)
        ),
        rejected=tuple(Rejected(**row) for row in payload["rejected"]),
        unclear=frozenset(payload["unclear"]),
        closed_children=payload["closed_children"],
        missing_lists=tuple(payload["missing_lists"]),
        notes=tuple(payload["notes"]),
    )
