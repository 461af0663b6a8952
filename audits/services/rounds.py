"""A month of audits: draw it, swap an auditor, publish it."""

import secrets
from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime
from typing import Self

from django.db import transaction
from django.template.defaultfilters import pluralize
from django.utils import timezone

from accounts.enums import Role
from accounts.models import Membership, User
from audits import assignment, draw, mix
from audits.enums import AllocationKind, AllocationStatus, RoundStatus
from audits.models import Allocation, Audit, Child, ProgrammeSettings, Round
from audits.permissions import can_draw_round, can_publish_round
from audits.querysets import ChildQuerySet
from audits.round_facts import auditors_for, children_to_draw, other_kinds_this_year, rules_of
from audits.selectors import closures
from audits.signals import round_published
from core.dates import last_working_day_of_month, london_date
from core.errors import RuleViolation

SEEDS = 2**31
REFERENCE_OF = {AllocationKind.DIP_SAMPLE: "DIP", AllocationKind.OBSERVATION: "OBS"}
ALREADY_PUBLISHED = "{month:%B %Y} has been published and cannot be drawn again."


@dataclass(frozen=True)
class RoundPlan:
    """A draw and its assignment, saved or not. `not_covered` holds {"what", "why"}, as a round does.

    `allocations` are the child journey audits; `others` the dip samples and observations of those who got none.
    """

    seed: int
    due_on: date
    allocations: list[Allocation]
    others: list[Allocation]
    not_covered: list[dict[str, str]]

    @classmethod
    def of(cls, drawn: Round) -> Self:
        """What a round that is saved holds."""
        rows = drawn.allocations.standing().select_related("child", "team", "auditor").order_by("reference")
        allocations, others = list(rows.cjas()), list(rows.other_kinds())
        return cls(drawn.seed, drawn.due_on, allocations, others, drawn.not_covered)


@dataclass(frozen=True)
class SwapChoice:
    """An auditor who might take over an allocation; `block` says why they may not, as the end of a sentence."""

    auditor: assignment.Auditor
    this_month: int
    block: str | None


def plan_round(
    month: date, *, cjas: int | None = None, seed: int | None = None, at: datetime | None = None
) -> RoundPlan:
    """What drawing the round of `month` would give, without saving any of it.

    Args:
        month: the first day of the month.
        cjas: how many child journey audits are wanted; the council's setting when not given.
        seed: of the draw and of ties between auditors; a random one when not given.
        at: the moment of the draw; now when not given.

    Raises:
        RuleViolation: the month is over or published, or there are no children or no auditors to draw from.

    """
    on = london_date(at or timezone.now())
    if month < on.replace(day=1):
        raise RuleViolation(f"{month:%B %Y} is over. Draw this month or a later one.")
    if Round.objects.filter(month=month).exclude(status=RoundStatus.DRAFT).exists():
        raise RuleViolation(ALREADY_PUBLISHED.format(month=month))
    settings = ProgrammeSettings.current()
    rules = rules_of(settings)
    wanted = settings.cjas_per_month if cjas is None else cjas
    seed = secrets.randbelow(SEEDS) if seed is None else seed
    children = children_to_draw(Child.objects.open(), month)
    if not children:
        raise RuleViolation("There are no open children to draw from. Import the caseload first.")
    auditors = auditors_for(month, settings, on=on)
    if not auditors:
        raise RuleViolation(
            f"Nobody is an auditor in {month:%B %Y}. Give people the role and a monthly number first."
        )
    drawn = draw.draw(children, month=month, wanted=wanted, seed=seed, rules=rules)
    given = assignment.assign((row.child for row in drawn.drawn), auditors, seed=seed, rules=rules)
    how_drawn = {row.child.reference: row.because for row in drawn.drawn}
    of_child = Child.objects.select_related("team").in_bulk(list(how_drawn), field_name="reference")
    of_auditor = User.objects.in_bulk([auditor.id for auditor in auditors], field_name="email")
    due_on = last_working_day_of_month(month, closures())
    return RoundPlan(
        seed=seed,
        due_on=due_on,
        allocations=[
            Allocation(
                reference=f"CJA-{month:%Y-%m}-{number:03d}",
                auditor=of_auditor[row.auditor.id],
                child=(child := of_child[row.child.reference]),
                pathway=child.pathway,
                team=child.team,
                because=f"{how_drawn[child.reference]}\n{row.because}",
                first_due_on=due_on,
                due_on=due_on,
            )
            for number, row in enumerate(given.assigned, start=1)
        ],
        others=_mix(month, auditors, given, of_auditor, due_on=due_on) if settings.draws_mix else [],
        not_covered=[{"what": gap.what, "why": gap.why} for gap in (*drawn.not_covered, *given.not_covered)],
    )


@transaction.atomic
def draw_round(
    month: date,
    *,
    by: User | None,
    cjas: int | None = None,
    seed: int | None = None,
    at: datetime | None = None,
) -> Round:
    """Draw a month and keep it as a draft that only those who prepare the programme see.

    Effects, in order: a draft of the same month is replaced, swaps and all; its seed and what it could not cover
    are recorded; an allocation is proposed for each child drawn, and a dip sample or an observation for each auditor
    who got no child, where the settings say so. Arguments as for plan_round; `by` is None on
    the command line.

    Raises:
        RuleViolation: as for plan_round, or `by` may not draw.

    """
    if by is not None and not can_draw_round(by):
        raise RuleViolation(
            "Only the QA lead, the Principal Social Worker and business support draw a round."
        )
    at = at or timezone.now()
    plan = plan_round(month, cjas=cjas, seed=seed, at=at)
    drawn = {
        "seed": plan.seed,
        "cjas_wanted": ProgrammeSettings.current().cjas_per_month if cjas is None else cjas,
        "due_on": plan.due_on,
        "not_covered": plan.not_covered,
        "drawn_at": at,
        "drawn_by": by,
    }
    made, is_new = Round.objects.get_or_create(month=month, defaults=drawn)
    if not is_new:
        if not Round.objects.filter(pk=made.pk, status=RoundStatus.DRAFT).update(**drawn):
            raise RuleViolation(ALREADY_PUBLISHED.format(month=month))
        made.allocations.all().delete()
        made.refresh_from_db()
    allocations = [*plan.allocations, *plan.others]
    for allocation in allocations:
        allocation.round = made
    Allocation.objects.bulk_create(allocations)
    return made


def swap_choices(allocation: Allocation) -> list[SwapChoice]:
    """Every other auditor and what stands in their way: first those who may take the child, the fairest first.

    Of a re-audit, whoever audited the file the first time is kept from it, too.
    """
    return auditor_choices(
        Child.objects.filter(allocations=allocation),
        allocation.round,
        leaving_out=allocation.auditor,
        first_auditor=allocation.audits_again.auditor if allocation.audits_again else None,
    )


def auditor_choices(
    child_row: ChildQuerySet,
    round_: Round,
    *,
    leaving_out: User | None = None,
    first_auditor: User | None = None,
) -> list[SwapChoice]:
    """Who may be given the one child in that round, and what keeps the others from it; the fairest first."""
    settings = ProgrammeSettings.current()
    rules = rules_of(settings)
    [child] = children_to_draw(child_row.distinct(), round_.month)
    load = _load(round_)
    choices = []
    for auditor in auditors_for(round_.month, settings, on=timezone.localdate()):
        block = assignment.hard_block(child, auditor, rules)
        full = "has no room this month" if load[auditor.id] >= auditor.room else None
        why = block.one if block else full
        if first_auditor and auditor.id == first_auditor.email:
            why = "audited this file the first time"
        choices.append(SwapChoice(auditor, load[auditor.id], why))
    return sorted(
        (choice for choice in choices if leaving_out is None or choice.auditor.id != leaving_out.email),
        key=lambda choice: (
            choice.block is not None,
            (choice.auditor.audits_this_year + choice.this_month) / choice.auditor.possible_this_year,
            choice.auditor.name,
        ),
    )


@transaction.atomic
def swap_auditor(allocation: Allocation, *, auditor: User, by: User, reason: str) -> Allocation:
    """Give a child of a draft to another auditor, and say so where the allocation says why.

    A dip sample or an observation that the other auditor had goes the other way.

    Raises:
        RuleViolation: the round is no longer a draft or was drawn again, the auditor may not take this child, no
            reason was given, or `by` may not swap.

    """
    if not can_draw_round(by):
        raise RuleViolation(
            "Only the QA lead, the Principal Social Worker and business support swap auditors."
        )
    if not reason.strip():
        raise RuleViolation("Say why somebody else is given this child. It is kept with the allocation.")
    draft = Round.objects.select_for_update().get(pk=allocation.round_id)
    if draft.status != RoundStatus.DRAFT:
        raise RuleViolation(
            f"{draft} has been published and its auditors told. Nobody can be swapped here now."
        )
    current = Allocation.objects.select_related("round", "auditor").filter(pk=allocation.pk).first()
    if current is None:
        raise RuleViolation(f"{draft} has been drawn again since. Look at the new draft.")
    if auditor.pk == current.auditor_id:
        return current
    blocks = {choice.auditor.id: choice.block for choice in swap_choices(current)}
    if (block := blocks.get(auditor.email, "is not an auditor this month")) is not None:
        raise RuleViolation(f"{auditor} {block}. Choose somebody else.")
    others = draft.allocations.other_kinds()
    others.filter(auditor=auditor).exclude(auditor=current.auditor).update(auditor=current.auditor)
    how_drawn = current.because.split("\n", 1)[0]
    given = f"{by} gave it to {auditor} instead of {current.auditor}: {reason}"
    current.auditor = auditor
    current.because = f"{how_drawn}\n{given}"
    current.save(update_fields=("auditor", "because"))
    return current


def problems_of(draft: Round, *, on: date) -> list[str]:
    """What has changed since the draw, so that the draft may not be published as it is; one sentence each."""
    settings = ProgrammeSettings.current()
    rules = rules_of(settings)
    children = {
        child.reference: child
        for child in children_to_draw(Child.objects.open().filter(allocations__round=draft), draft.month)
    }
    auditors = {auditor.id: auditor for auditor in auditors_for(draft.month, settings, on=on)}
    problems = []
    for row in draft.allocations.select_related("child", "auditor").order_by("reference"):
        child, auditor = children.get(str(row.child)), auditors.get(row.auditor.email)
        if row.kind != AllocationKind.CJA:
            if auditor is None or auditor.exempt:
                why = "is exempt" if auditor else "is not an auditor"
                problems.append(f"{row}: {row.auditor} {why} this month. Draw the month again.")
        elif child is None:
            problems.append(f"{row}: child {row.child} is no longer open. Draw the month again.")
        elif auditor is None:
            problems.append(f"{row}: {row.auditor} is not an auditor this month. Swap the auditor.")
        elif block := assignment.hard_block(child, auditor, rules):
            problems.append(f"{row}: {row.auditor} {block.one}. Swap the auditor.")
    for email, count in sorted(_load(draft).items()):
        if email in auditors and count > auditors[email].room:
            name, room = auditors[email].name, auditors[email].room
            problems.append(
                f"{name} has {count} audits and room for {room}. Swap the auditor of one of them."
            )
    return problems


@transaction.atomic
def publish_round(draft: Round, *, by: User | None, at: datetime | None = None) -> Round:
    """Issue a month: its auditors see their audits and are told. Publishing twice is publishing once.

    Effects, in order: the round is published; its allocations stand, with the child's pathway and team of today;
    an audit is made for each, with the child's facts as they stand; round_published is sent. `by` is None on the
    command line.

    Raises:
        RuleViolation: `by` may not publish, the month is over, nothing was drawn, or the draft has problems
            (see problems_of).

    """
    if by is not None and not can_publish_round(by):
        raise RuleViolation("Only the QA lead and the Principal Social Worker publish a round.")
    at = at or timezone.now()
    on = london_date(at)
    claimed = Round.objects.filter(pk=draft.pk, status=RoundStatus.DRAFT).update(
        status=RoundStatus.PUBLISHED, published_at=at, published_by=by
    )
    published = Round.objects.get(pk=draft.pk)
    if not claimed:
        return published
    if published.due_on < on:
        raise RuleViolation(f"{published} was due on {published.due_on:%-d %B %Y}. Draw a later month.")
    allocations = list(published.allocations.select_related("child").order_by("reference"))
    if not allocations:
        raise RuleViolation(f"Nothing was drawn for {published}. Draw it again before you publish it.")
    if problems := problems_of(published, on=on):
        raise RuleViolation(f"{published} cannot be published yet. {' '.join(problems)}")
    managers = team_managers(on)
    audits = []
    for row in allocations:
        row.status = AllocationStatus.ALLOCATED
        if row.child:
            row.pathway, row.team_id = row.child.pathway, row.child.team_id
            audits.append(new_audit(row, row.child, manager=managers.get(row.child.team_id), on=on))
    Allocation.objects.bulk_update(allocations, ("status", "pathway", "team"))
    Audit.objects.bulk_create(audits)
    round_published.send(Round, round=published)
    return published


def team_managers(on: date) -> dict[int | None, int]:
    """Who manages each team on that day, both by their ids."""
    return {row.team_id: row.user_id for row in Membership.objects.on(on).filter(role=Role.TEAM_MANAGER)}


def new_audit(allocation: Allocation, child: Child, *, manager: int | None, on: date) -> Audit:
    """An audit that is not saved, with the child's facts as they stand."""
    return Audit(
        allocation=allocation,
        pathway=child.pathway,
        team_id=child.team_id,
        manager_id=manager,
        worker_name=child.worker_name,
        reviewer_name=child.reviewer_name,
        age=child.age_on(on),
        sex=child.sex,
        ethnicity=child.ethnicity,
        disability=child.disability,
        legal_status=child.legal_status,
    )


def _load(round_: Round) -> Counter[str]:
    """How many children the round gives each auditor, by e-mail address. Other kinds take no room."""
    return Counter(round_.allocations.cjas().standing().order_by().values_list("auditor__email", flat=True))


def _mix(
    month: date,
    auditors: list[assignment.Auditor],
    given: assignment.Assignment,
    of_auditor: dict[str, User],
    *,
    due_on: date,
) -> list[Allocation]:
    """A dip sample or an observation for each auditor with room who got no child. Nothing is saved."""
    free = [auditor for auditor in auditors if auditor.room and given.load.get(auditor.id) == 0]
    had = other_kinds_this_year(month)
    kinds = mix.share_out({auditor.id: had[auditor.id] for auditor in free})
    numbers: Counter[str] = Counter()
    rows = []
    for auditor in sorted(free, key=lambda auditor: auditor.id):
        kind = AllocationKind(kinds[auditor.id])
        numbers[kind] += 1
        dips, observations = (had[auditor.id][one] for one in mix.KINDS)
        rows.append(
            Allocation(
                reference=f"{REFERENCE_OF[kind]}-{month:%Y-%m}-{numbers[kind]:03d}",
                kind=kind,
                auditor=of_auditor[auditor.id],
                because=(
                    f"No child this month. So far this year: {dips} dip sample{pluralize(dips)}, "
                    f"{observations} observation{pluralize(observations)}."
                ),
                first_due_on=due_on,
                due_on=due_on,
            )
        )
    return rows
