"""What the draw and the assignment must know, read from the records (docs/domain.md, section 6)."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from datetime import date
from decimal import Decimal

from django.db.models import Max

from accounts.enums import TEAM_ROLES, Role
from accounts.models import Membership, Team, User
from audits import assignment, draw
from audits.enums import AllocationKind, AllocationStatus, Pathway
from audits.exempting import Span, is_exempt_in
from audits.models import Allocation, Child, Exemption, Holding, ProgrammeSettings
from audits.querysets import STANDING, ChildQuerySet
from audits.selectors import closures
from core.dates import FinancialYear, add_months, last_day_of_month
from core.text import fold

HELD_WITHIN_MONTHS = 12
"""For how long somebody who held a child is kept from auditing it."""


GIVEN = (*STANDING, AllocationStatus.NEVER_RETURNED)
"""What counts towards an auditor's share of the year."""


def rules_of(settings: ProgrammeSettings) -> draw.Rules:
    """The council's settings as the draw and the assignment read them."""
    return draw.Rules(
        months_between_audits=settings.months_between_audits,
        own_team_blocked=settings.own_team_blocked,
        pathway_weights={pathway: Decimal(weight) for pathway, weight in settings.pathway_weights.items()},
        pathway_names=dict(Pathway.choices),
    )


def children_to_draw(children: ChildQuerySet, month: date) -> list[draw.Child]:
    """These children, with who held them in the months before the round and when they were last audited.

    What the round of `month` itself gives out is left out, so that it can be drawn again. Four queries.
    """
    first, last = add_months(month, -HELD_WITHIN_MONTHS), last_day_of_month(month)
    managers: defaultdict[int | None, list[Membership]] = defaultdict(list)
    for membership in Membership.objects.between(first, last).filter(role=Role.TEAM_MANAGER):
        managers[membership.team_id].append(membership)
    held_by: defaultdict[int, dict[str, str]] = defaultdict(dict)
    for holding in Holding.objects.between(first, last).filter(child__in=children):
        people = held_by[holding.child_id]
        people |= _named(holding)
        for manager in managers[holding.team_id]:
            if _held(manager, max(first, holding.starts_on), min(last, holding.ends_on or last)):
                people[_person_key(manager.user_id)] = "team manager"
    last_audited = dict(
        Allocation.objects.standing()
        .filter(kind=AllocationKind.CJA, child__in=children)
        .exclude(round__month=month)
        .order_by()
        .values_list("child_id")
        .annotate(Max("round__month"))
    )
    return [
        draw.Child(
            reference=child.reference,
            pathway=child.pathway,
            team=child.team.name,
            sibling_group=child.sibling_group,
            last_audited=last_audited.get(child.pk),
            held_by=held_by[child.pk] | _named(child),
        )
        for child in children.select_related("team")
    ]


def auditors_for(month: date, settings: ProgrammeSettings, *, on: date) -> list[assignment.Auditor]:
    """Everybody who may be given audits of `month`, known by e-mail address, with what they have had so far.

    What the round of `month` itself gives out is left out: `room` is the whole of their monthly capacity.
    An audit that never came back was given all the same. Roles are those of the first day of the month, or of the
    day `on` when that is later. Eight queries.
    """
    day = max(month, on)
    year = FinancialYear.of(month)
    memberships: defaultdict[int, list[Membership]] = defaultdict(list)
    managers: dict[int | None, int] = {}
    for row in Membership.objects.between(year.first_day, max(day, last_day_of_month(month))):
        memberships[row.user_id].append(row)
        if row.role == Role.TEAM_MANAGER and _held(row, day, day):
            managers[row.team_id] = row.user_id
    teams = list(Team.objects.all())
    above = _people_above()
    others = Allocation.objects.cjas().filter(status__in=GIVEN).exclude(round__month=month)
    exempt_in = _exempt_months(year, month)
    this_year = Counter(
        others.filter(round__month__range=(year.first_day, year.last_day)).values_list("auditor", flat=True)
    )
    lately: defaultdict[int, set[str]] = defaultdict(set)
    since = add_months(month, -settings.months_between_audits)
    for auditor, team in others.filter(round__month__gte=since).values_list("auditor", "team__name"):
        lately[auditor].add(team)

    def facts(person: User) -> assignment.Auditor:
        profile = person.auditor_profile
        held = memberships[person.pk]
        now = [row for row in held if _held(row, day, day)]
        own = {row.team_id for row in now if row.role in TEAM_ROLES}
        return assignment.Auditor(
            id=person.email,
            name=person.name,
            room=profile.monthly_capacity,
            capacity=max(1, profile.monthly_capacity),
            months_available=max(1, _months_as_auditor(held, year, month, exempt_in[person.pk])),
            exempt=month in exempt_in[person.pk],
            audits_this_year=this_year[person.pk],
            knows=frozenset(profile.pathways),
            known_as=keys_of(person),
            own_teams=frozenset(team.name for team in teams if team.pk in own),
            line_teams=frozenset(
                team.name
                for team in teams
                if any(_leads(row, team) for row in now) or _in_line(person.pk, managers.get(team.pk), above)
            ),
            recent_teams=frozenset(lately[person.pk]),
        )

    people = User.objects.holding(Role.AUDITOR, day).select_related("auditor_profile")
    return [facts(person) for person in people.exclude(auditor_profile=None)]


def keys_of(person: User) -> frozenset[str]:
    """What the `held_by` of children_to_draw may call a person by."""
    return frozenset({_person_key(person.pk), _name_key(person.name)})


def _named(held: Holding | Child) -> dict[str, str]:
    """The social worker and the IRO or CP chair whose names a record carries."""
    names = ((held.worker_name, "social worker"), (held.reviewer_name, "IRO or CP chair"))
    return {_name_key(name): role for name, role in names if name}


def _name_key(name: str) -> str:
    """One key for "Zoë O'Neill", "ZOE O'NEILL" and "O'Neill, Zoe": the caseload knows workers by name alone."""
    return "name " + " ".join(sorted(fold(name).replace(",", " ").split()))


def _person_key(pk: int) -> str:
    return f"person {pk}"


def _held(membership: Membership, first: date, last: date) -> bool:
    """Whether the role was held on any day from `first` to `last`."""
    ends_on = membership.ends_on
    return membership.starts_on <= last and (ends_on is None or ends_on > first)


def other_kinds_this_year(month: date) -> defaultdict[str, Counter[str]]:
    """How many dip samples and observations each auditor was given in the months before, by e-mail address."""
    rows = Allocation.objects.other_kinds().filter(status__in=GIVEN)
    had: defaultdict[str, Counter[str]] = defaultdict(Counter)
    this_year = rows.filter(round__month__gte=FinancialYear.of(month).first_day, round__month__lt=month)
    for auditor, kind in this_year.order_by().values_list("auditor__email", "kind"):
        had[auditor][kind] += 1
    return had


def months_up_to(year: FinancialYear, month: date) -> list[date]:
    """The first days of the financial year's months, `month` the last."""
    return [first for n in range(12) if (first := add_months(year.first_day, n)) <= month]


def _exempt_months(year: FinancialYear, month: date) -> defaultdict[int, set[date]]:
    """The months of the year up to `month` in which each auditor is exempt. Two queries."""
    spans: defaultdict[int, list[Span]] = defaultdict(list)
    for row in Exemption.objects.in_force(year.first_day, last_day_of_month(month)):
        spans[row.auditor_id].append((row.starts_on, row.ends_on))
    closed = closures()
    exempt_in: defaultdict[int, set[date]] = defaultdict(set)
    for auditor, days in spans.items():
        exempt_in[auditor] = {
            first for first in months_up_to(year, month) if is_exempt_in(first, days, closed)
        }
    return exempt_in


def _months_as_auditor(
    memberships: list[Membership], year: FinancialYear, month: date, exempt_in: AbstractSet[date]
) -> int:
    """The months of the financial year up to `month` in which the person was an auditor and not exempt."""
    return sum(
        any(row.role == Role.AUDITOR and _held(row, first, last_day_of_month(first)) for row in memberships)
        for first in months_up_to(year, month)
        if first not in exempt_in
    )


def _people_above() -> Mapping[int, set[int]]:
    """For each person their line manager, that one's line manager, and so on."""
    manager_of = dict(User.objects.values_list("pk", "line_manager"))
    above: dict[int, set[int]] = {}
    for person, manager in manager_of.items():
        above[person] = set()
        higher = manager
        while higher is not None and higher not in above[person]:
            above[person].add(higher)
            higher = manager_of[higher]
    return above


def _in_line(person: int, manager: int | None, above: Mapping[int, set[int]]) -> bool:
    """Whether a team's manager is above the person or below them."""
    return manager is not None and (manager in above[person] or person in above[manager])


def _leads(membership: Membership, team: Team) -> bool:
    """Whether the role puts its holder above the team: its service's manager, Assistant Director or Director."""
    if membership.role == Role.SENIOR_LEADER and membership.service_id is None:
        return True
    return (
        membership.role in (Role.SERVICE_MANAGER, Role.SENIOR_LEADER)
        and membership.service_id == team.service_id
        and team.service_id is not None
    )
