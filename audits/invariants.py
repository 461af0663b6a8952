"""What must hold across the programme's records, derived anew from the rows (docs/domain.md, section 6).

The database holds what one row or one pair of rows can show. These are the rest: each check answers with a sentence
for each thing that is wrong, and with none when all is well.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from django.db.models import Count, F, Prefetch, Q

from audits.completeness import missing_from
from audits.enums import (
    GRADED_SECTIONS,
    HANDED_IN,
    READABLE,
    AllocationKind,
    AllocationStatus,
    AuditStatus,
    ReopeningStatus,
    RoundStatus,
    ToolStatus,
)
from audits.ledger_facts import GROUPINGS, ledger_of, tables_of
from audits.models import (
    ActivityRecord,
    Allocation,
    AllocationMove,
    Audit,
    AuditMove,
    AuditSection,
    Holding,
    Reopening,
    ToolInForce,
)
from audits.selectors import contents_of
from core.guards import guards_not_in_force


@dataclass(frozen=True)
class Check:
    """One thing that must hold, in words, and what finds where it does not."""

    name: str
    promise: str
    broken: Callable[[], Iterator[str]]


def ledger_balances() -> Iterator[str]:
    given = ledger_of(Allocation.objects.all())
    for kind in AllocationKind:
        for name, table in tables_of((row for row in given if row.kind == kind), *GROUPINGS).items():
            for words, line in table.lines:
                if not line.balances:
                    parts = sum(line.parts)
                    yield (
                        f"{kind.label}, by {name}, {words}: {line.allocated} allocated, {parts} accounted for."
                    )


def published_audits_exist() -> Iterator[str]:
    rows = Allocation.objects.given_out().cjas().filter(audit__isnull=True)
    for row in rows:
        yield f"{row} was given out and has no audit to write."


def drafts_and_ledger_are_apart() -> Iterator[str]:
    proposed = Q(status=AllocationStatus.PROPOSED)
    for row in Allocation.objects.given_out().filter(proposed):
        yield f"{row} is a proposal in a month that was published."
    for row in Allocation.objects.filter(round__status=RoundStatus.DRAFT).exclude(proposed):
        yield f"{row} is {row.get_status_display().lower()} in a month that is a draft."


def closed_months_wait_for_nothing() -> Iterator[str]:
    closed = Q(round__status=RoundStatus.CLOSED)
    for row in Allocation.objects.cjas().outstanding().filter(closed):
        yield f"{row} is outstanding in a month that is closed."
    for row in Allocation.objects.filter(status=AllocationStatus.NEVER_RETURNED).exclude(closed):
        yield f"{row} was never returned, in a month that is not closed."


def submitted_audits_stand() -> Iterator[str]:
    rows = Audit.objects.submitted().exclude(allocation__status=AllocationStatus.ALLOCATED)
    for audit in rows.select_related("allocation"):
        yield f"{audit} was submitted and is {audit.allocation.get_status_display().lower()} all the same."


def what_was_handed_in_stands() -> Iterator[str]:
    stands = Q(allocation__status=AllocationStatus.ALLOCATED)
    fits = Q(allocation__kind=AllocationKind.DIP_SAMPLE, setting="") | Q(
        allocation__kind=AllocationKind.OBSERVATION, files_read__isnull=True
    )
    for record in ActivityRecord.objects.exclude(stands & fits).select_related("allocation"):
        allocation = record.allocation
        yield (
            f"{record} was handed in, and is {allocation.get_status_display().lower()} or no such "
            f"{allocation.get_kind_display().lower()}."
        )


def submitted_audits_are_complete() -> Iterator[str]:
    """What is returned or reopened is being written again and may have gaps until it is submitted again."""
    made_here = Audit.objects.filter(status__in=READABLE, imported__isnull=True)
    for audit in made_here.select_related("allocation").order_by("pk").iterator():
        for page in contents_of(audit):
            questions = [question.asked for question in page.questions]
            if not page.row.is_complete or missing_from(page.row.section, questions, page.content):
                yield f"{audit} was submitted, and {page.row.get_section_display()} is not complete."


def submitted_audits_have_final_grades() -> Iterator[str]:
    rows = AuditSection.objects.filter(
        audit__status__in=HANDED_IN, section__in=GRADED_SECTIONS, final_grade=""
    )
    for row in rows.select_related("audit__allocation"):
        yield f"{row.audit} was submitted, and {row.get_section_display()} has no final grade."


def void_audits_are_withdrawn() -> Iterator[str]:
    void = Audit.objects.filter(status=AuditStatus.VOID)
    for audit in void.exclude(allocation__status=AllocationStatus.WITHDRAWN).select_related("allocation"):
        yield f"{audit} is void and is {audit.allocation.get_status_display().lower()} all the same."


def reopened_audits_were_approved() -> Iterator[str]:
    reopened = AuditMove.objects.filter(to_status=AuditStatus.REOPENED)
    approvals = Reopening.objects.filter(status=ReopeningStatus.APPROVED)
    moves = Counter(reopened.values_list("audit__allocation__reference", flat=True))
    approved = Counter(approvals.values_list("audit__allocation__reference", flat=True))
    for reference in sorted((moves - approved).elements()):
        yield f"{reference} was reopened, which nobody approved."
    for reference in sorted((approved - moves).elements()):
        yield f"Reopening {reference} was approved, and it was not reopened."


def first_due_dates_are_kept() -> Iterator[str]:
    for row in Allocation.objects.given_out().select_related("round").prefetch_related("moves"):
        dates = [(move.from_due_on, move.to_due_on) for move in row.moves.all()]
        first = dates[0][0] if dates else row.due_on
        last = dates[-1][1] if dates else row.first_due_on
        steps_meet = all(one[1] == two[0] for one, two in pairwise(dates))
        was_round = row.replaces_id or row.audits_again_id or row.first_due_on == row.round.due_on
        if not (row.first_due_on == first and row.due_on == last and steps_meet and was_round):
            yield f"{row}: its due dates are not those of its moves and its month."


def statuses_are_those_of_the_moves() -> Iterator[str]:
    for row in Allocation.objects.given_out().prefetch_related("moves"):
        moves = list(row.moves.all())
        last = moves[-1].to_status if moves else AllocationStatus.ALLOCATED
        if row.status not in (last, AllocationStatus.PROPOSED):
            yield f"{row} is {row.get_status_display().lower()}, which no move says."


def reallocated_once_to_the_same_child() -> Iterator[str]:
    for row in Allocation.objects.filter(status=AllocationStatus.REALLOCATED, replaced_by__isnull=True):
        yield f"{row} was reallocated to nobody."
    replacing = Allocation.objects.filter(replaces__isnull=False)
    for row in replacing.exclude(
        replaces__status=AllocationStatus.REALLOCATED,
        replaces__child=F("child"),
        replaces__round=F("round"),
    ):
        yield f"{row} replaces an allocation of another child or month, or one that was not reallocated."


def a_child_is_in_a_month_once() -> Iterator[str]:
    rows = Allocation.objects.exclude(
        status__in=(AllocationStatus.WITHDRAWN, AllocationStatus.REALLOCATED, AllocationStatus.EXCUSED)
    )
    twice = rows.cjas().order_by().values("round__month", "child__reference").annotate(times=Count("pk"))
    for found in twice.filter(times__gt=1):
        yield f"Child {found['child__reference']} is in {found['round__month']:%B %Y} {found['times']} times."


def nobody_moved_their_own() -> Iterator[str]:
    for move in AllocationMove.objects.filter(by=F("allocation__auditor")).exclude(kind="close"):
        yield f"Move {move.pk} was made by the auditor it lets off."


def started_audits_have_moves() -> Iterator[str]:
    moves_alone = Prefetch("moves", AuditMove.objects.defer("kept"))
    for audit in Audit.objects.select_related("allocation").prefetch_related(moves_alone):
        moves = list(audit.moves.all())
        last = moves[-1].to_status if moves else AuditStatus.ALLOCATED
        if audit.status != last:
            yield f"{audit} is {audit.get_status_display().lower()}, which no move says."


def pathways_are_served_by_what_was_approved() -> Iterator[str]:
    for row in ToolInForce.objects.select_related("version__tool"):
        if row.version.status != ToolStatus.PUBLISHED or row.pathway not in row.version.pathways:
            yield f"{row.get_pathway_display()} is served by {row.version}, which was not approved for it."


def children_are_held_as_they_stand() -> Iterator[str]:
    open_ones = Holding.objects.filter(ends_on__isnull=True).select_related("child")
    differs = Q(child__closed_on__isnull=False) | ~Q(team=F("child__team")) | ~Q(pathway=F("child__pathway"))
    for row in open_ones.filter(differs).order_by("child__reference"):
        yield f"Child {row.child} is closed, or of another team or pathway than the holding that goes on says."


def guards_are_in_force() -> Iterator[str]:
    for name in guards_not_in_force():
        yield f"The database does not hold the guard {name}. Run the migrations: they put it back."


def reaudits_are_by_another() -> Iterator[str]:
    """Whoever audits a file again is not who audited it first, and it is the same child."""
    again = Allocation.objects.filter(audits_again__isnull=False)
    right = ~Q(auditor=F("audits_again__auditor")) & Q(child=F("audits_again__child"))
    for row in again.exclude(right):
        yield f"{row} is a re-audit by the first auditor, or of another child."


CHECKS = (
    Check("ledger_balances", "The ledger balances by month, service, job role and auditor", ledger_balances),
    Check("published_audits_exist", "Everything given out can be written", published_audits_exist),
    Check("drafts_and_ledger_apart", "Drafts and the ledger are apart", drafts_and_ledger_are_apart),
    Check(
        "closed_months", "Closed months wait for nothing, and only they do", closed_months_wait_for_nothing
    ),
    Check("submitted_stand", "A submitted audit is neither excused nor taken away", submitted_audits_stand),
    Check("handed_in_stand", "What was handed in is of its kind and stands", what_was_handed_in_stands),
    Check("submitted_complete", "Submitted audits are complete", submitted_audits_are_complete),
    Check(
        "final_grades", "Submitted audits have a final grade everywhere", submitted_audits_have_final_grades
    ),
    Check("void_withdrawn", "What is void is withdrawn in the ledger", void_audits_are_withdrawn),
    Check(
        "reopened_by_two", "What was reopened was approved, and the other way", reopened_audits_were_approved
    ),
    Check("first_due_dates", "First due dates are kept", first_due_dates_are_kept),
    Check("allocation_moves", "Obligations are where their moves took them", statuses_are_those_of_the_moves),
    Check(
        "reallocations", "Who is relieved is replaced, for the same child", reallocated_once_to_the_same_child
    ),
    Check("child_once", "No child is in one month twice", a_child_is_in_a_month_once),
    Check("own_obligations", "Nobody moves an obligation of their own", nobody_moved_their_own),
    Check("reaudits", "A file is audited again by somebody else", reaudits_are_by_another),
    Check("audit_moves", "Audits are where their moves took them", started_audits_have_moves),
    Check(
        "tools_in_force", "Pathways are served by what was approved", pathways_are_served_by_what_was_approved
    ),
    Check("holdings", "The caseload's history ends in what it is today", children_are_held_as_they_stand),
    Check("guards", "The database refuses changes to history and final grades", guards_are_in_force),
)
