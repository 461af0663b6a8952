"""What was due when, and whether it was done in time (docs/domain.md, section 9). Knows no Django.

A **duty** is something that is owed again and again or once, such as a visit to a child looked after. Its **rule** says
within how long; a council changes rules from a date, so a duty has versions. `schedule` holds the dates of one child
against them.

How a visit that is late moves the next: the regulations say "at intervals of not more than", so every interval is
counted from the day on which it was really done last, early or late. While nothing is done, the due date passes again
with each further interval.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from itertools import takewhile

from core.dates import NO_CLOSURES, add_months, add_working_days, working_days_between

DAYS, WEEKS, MONTHS, WORKING_DAYS = "days", "weeks", "months", "working_days"
UNITS: Mapping[str, tuple[str, str]] = {
    DAYS: ("day", "days"),
    WEEKS: ("week", "weeks"),
    MONTHS: ("month", "months"),
    WORKING_DAYS: ("working day", "working days"),
}
"""The units an interval may have, by stored value: one and many."""

ON_TIME, LATE, MISSED, NOT_YET_DUE = "on_time", "late", "missed", "not_yet_due"

AGAIN, AFTER_EACH, BEFORE_EACH = "again", "after_each", "before_each"

YEAR, FIRST_REVIEW, SECOND = "year", "first_review", "second"


@dataclass(frozen=True)
class Duty:
    """Something that is owed.

    Attributes:
        label: its name at the head of its table.
        things: what is counted, in the plural, as in "5 of 6 visits".
        met_by: the kind of event that does it.
        starts: the kinds of event from which the first one is counted.
        shape: AGAIN, at intervals from the start on; AFTER_EACH, once after each of `starts`; BEFORE_EACH, by the day
            of each of `starts` and since the one before.
        later_from: what the rule's later interval begins with: after a year (the rule's months), once the first
            review was held, or after the second time; "" where the rule has none.
        pathways: on which it is owed; empty for all.
        placement: the circumstances of a placement it belongs to; "" where they do not matter.
        needs_start: whether nothing can be said before the start is known. Otherwise the first event that was entered
            stands for the start, and the case counts as past its beginning.
        start_is_enough: whether the start alone, with nothing entered that does it, says that it was not done.

    """

    label: str
    things: str
    met_by: str
    starts: tuple[str, ...] = ()
    shape: str = AGAIN
    later_from: str = ""
    pathways: tuple[str, ...] = ()
    placement: str = ""
    needs_start: bool = False
    start_is_enough: bool = False


_visit_in_placement = partial(
    Duty, things="visits", met_by="visit", starts=("placement",), pathways=("cla",), needs_start=True
)

DUTIES: Mapping[str, Duty] = {
    "visit_cla": _visit_in_placement(
        "Visits to a child looked after", later_from=YEAR, placement="short_of_18"
    ),
    "visit_cla_to_18": _visit_in_placement(
        "Visits to a child looked after, placement to last to 18", later_from=YEAR, placement="to_18"
    ),
    "visit_cla_parents": _visit_in_placement(
        "Visits to a child placed with parents before assessment",
        later_from=FIRST_REVIEW,
        placement="parents_before_assessment",
    ),
    "visit_cla_temporary": _visit_in_placement(
        "Visits to a child with a temporary connected carer, or with a parent under an interim order",
        later_from=FIRST_REVIEW,
        placement="temporary_or_interim",
    ),
    "visit_cla_care_order": _visit_in_placement(
        "Visits to a child under a care order who lives with a parent",
        starts=("placement", "care_order"),
        placement="care_order_parent",
    ),
    "visit_cp": Duty("Child protection visits", "visits", "visit", ("icpc",), pathways=("cp",)),
    "visit_cin": Duty("Child in need visits", "visits", "visit", ("opened",), pathways=("cin",)),
    "review_cla": Duty(
        "Reviews of a child looked after",
        "reviews",
        "review",
        ("care_started",),
        later_from=SECOND,
        pathways=("cla",),
    ),
    "iro_contact": Duty(
        "The IRO speaks to the child before each review",
        "reviews with the child spoken to before",
        "iro_contact",
        ("review",),
        shape=BEFORE_EACH,
        pathways=("cla",),
    ),
    "rag": Duty(
        "RAG issued after each review",
        "RAG ratings",
        "rag",
        ("review",),
        shape=AFTER_EACH,
        pathways=("cla",),
    ),
    "icpc": Duty(
        "Initial child protection conference",
        "conferences",
        "icpc",
        ("strategy_discussion",),
        shape=AFTER_EACH,
        pathways=("cp",),
        start_is_enough=True,
    ),
    "rcpc": Duty("Review child protection conferences", "conferences", "rcpc", ("icpc",), pathways=("cp",)),
    "core_group": Duty("Core groups", "core groups", "core_group", ("icpc",), pathways=("cp",)),
    "assessment": Duty(
        "Assessments", "assessments", "assessment", ("referral",), shape=AFTER_EACH, start_is_enough=True
    ),
    "annual_assessment": Duty("Assessment brought up to date", "assessments", "assessment"),
    "supervision": Duty("Supervision", "sessions of supervision", "supervision", ("opened",)),
}
"""Every duty, by its stable code, in the order in which they are shown."""


@dataclass(frozen=True)
class Interval:
    """So many days, weeks, months or working days."""

    count: int
    unit: str

    def after(self, day: date, times: int = 1, closures: AbstractSet[date] = NO_CLOSURES) -> date:
        """The day that lies `times` intervals after `day`, counted in one step: 31 January, 28 February, 31 March."""
        count = self.count * times
        match self.unit:
            case "months":
                return add_months(day, count)
            case "working_days":
                return add_working_days(day, count, closures)
            case "weeks":
                return day + timedelta(weeks=count)
            case _:
                return day + timedelta(days=count)

    def __str__(self) -> str:
        return f"{self.count} {UNITS[self.unit][self.count != 1]}"

    @property
    def each(self) -> str:
        """>>> Interval(1, "weeks").each
        'every week'
        """
        return f"every {UNITS[self.unit][0] if self.count == 1 else self}"


@dataclass(frozen=True)
class Rule:
    """One version of a duty's rule, in force for what is counted from `starts_on` or a later day.

    Attributes:
        first: within how long of the start. None only for a duty that is done by the day of something else.
        following: within how long of the last time; None where it is owed once.
        later: within how long of the last time, once `later_from` of the duty has come.
        later_after: months from the start after which `later` applies, where the duty says so.
        source: the law or the policy it comes from.

    """

    starts_on: date
    first: Interval | None = None
    following: Interval | None = None
    later: Interval | None = None
    later_after: int | None = None
    source: str = ""
    is_law: bool = False

    @property
    def in_words(self) -> str:
        """>>> Rule(date(2011, 4, 1), Interval(1, "weeks"), Interval(6, "weeks")).in_words
        'within 1 week, then every 6 weeks'
        """
        parts = [f"within {self.first}" if self.first else "by that day"]
        if self.following:
            parts.append(f"then {self.following.each}")
        if self.later and self.later != self.following:
            when = f"after {self.later_after} months" if self.later_after else "later"
            parts.append(f"{when} {self.later.each}")
        return ", ".join(parts)


@dataclass(frozen=True)
class Event:
    """Something that happened to the child on a day."""

    kind: str
    on: date


@dataclass(frozen=True)
class Due:
    """One day on which something was due, and what came of it.

    Attributes:
        counted_from: the day from which the interval ran.
        done_on: when it was done; None when it was not, or not yet.
        state: ON_TIME, LATE, MISSED (not done before it was due again, or at all by the end) or NOT_YET_DUE.
        late_by: days after the due date, in working days where the rule counts those; 0 unless LATE.
        besides: other days on which it was done between `counted_from` and `done_on`.

    """

    due_on: date
    counted_from: date
    rule: Rule
    state: str
    unit: str = DAYS
    done_on: date | None = None
    late_by: int = 0
    besides: tuple[date, ...] = ()

    @property
    def is_counted(self) -> bool:
        return self.state != NOT_YET_DUE

    @property
    def is_in_time(self) -> bool:
        return self.state == ON_TIME


@dataclass(frozen=True)
class Gap:
    """A stretch between two times, or from the last one to the end."""

    first: date
    last: date

    @property
    def days(self) -> int:
        return (self.last - self.first).days


def rule_on(versions: Iterable[Rule], day: date) -> Rule | None:
    """The version in force for what is counted from `day`."""
    return max(
        (rule for rule in versions if rule.starts_on <= day), key=lambda rule: rule.starts_on, default=None
    )


def schedule(
    duty: Duty,
    versions: Sequence[Rule],
    events: Iterable[Event],
    until: date,
    closures: AbstractSet[date] = NO_CLOSURES,
) -> list[Due]:
    """Each day on which the duty was due up to the day `until`, and the next after it, in order of due date.

    Empty when nothing can be said: no event that starts it and, where the duty does without, none that does it.
    """
    days: dict[str, list[date]] = {}
    for event in sorted(set(events), key=lambda event: event.on):
        days.setdefault(event.kind, []).append(event.on)
    done = days.get(duty.met_by, [])
    starts = sorted({day for kind in duty.starts for day in days.get(kind, ())})
    if duty.shape == AFTER_EACH:
        return _after_each(versions, starts, done, until, closures)
    if duty.shape == BEFORE_EACH:
        return list(_before_each(versions, starts, done, until))
    found: list[Due] = []
    if done and not duty.needs_start and (not starts or done[0] < starts[0]):
        earlier = [day for day in done if not starts or day < starts[0]]
        stop = starts[0] if starts else None
        found += _chain(_Clock(duty, versions, earlier[0], None, (), closures), earlier[1:], stop, until)
    for number, start in enumerate(starts):
        stop = starts[number + 1] if number + 1 < len(starts) else None
        inside = [day for day in done if day >= start and (stop is None or day < stop)]
        reviews = tuple(day for day in days.get("review", ()) if day > start)
        found += _chain(_Clock(duty, versions, start, start, reviews, closures), inside, stop, until)
    return found


@dataclass(frozen=True)
class _Clock:
    """Which day is due next in one stretch: from one start, or from a first event that stands for it."""

    duty: Duty
    versions: Sequence[Rule]
    anchor: date
    start: date | None
    reviews: tuple[date, ...]
    closures: AbstractSet[date]

    def dues(self, anchor: date, done_before: int) -> Iterator[tuple[date, Rule, str]]:
        """The days that pass, one after another, while nothing is done after `anchor`; each with rule and unit.

        Months are counted in one step from the day on which they began to run, so that the ends of months do not drift.
        """
        base, step, interval, number = anchor, 1, None, done_before + 1
        last = anchor
        rule = rule_on(self.versions, anchor)
        while rule is not None:
            following = self._interval(rule, last, number)
            if following is None:
                return
            if following != interval or following.unit != MONTHS:
                base, step, interval = last, 1, following
            last = following.after(base, step, self.closures)
            yield last, rule, following.unit
            step, number = step + 1, number + 1

    def _interval(self, rule: Rule, last: date, number: int) -> Interval | None:
        """The interval to the due date with that number in the stretch; what is past its beginning has no number 1."""
        if number == 1 and self.start is not None:
            return rule.first
        if rule.later is None or rule.following is None:
            return rule.following
        if self.start is None:
            return rule.later
        if self.duty.later_from == SECOND:
            return rule.following if number == 2 else rule.later
        if self.duty.later_from == FIRST_REVIEW:
            changes_on = self.reviews[0] if self.reviews else None
        else:
            changes_on = add_months(self.start, rule.later_after) if rule.later_after is not None else None
        still = changes_on is None or rule.following.after(last, 1, self.closures) <= changes_on
        return rule.following if still else rule.later


def _chain(clock: _Clock, done: list[date], stop: date | None, until: date) -> Iterator[Due]:
    """The due dates of one stretch, which ends before `stop`.

    Of several times within one interval the last meets the due date, and the next interval runs from it: so each
    stretch that is longer than the rule allows is found, and a child seen more often has not more due dates.
    """
    anchor, number, left = clock.anchor, 0, list(done)
    while True:
        passing = clock.dues(anchor, number)
        current = next(passing, None)
        while current is not None:
            due_on, rule, unit = current
            following = next(passing, None)
            make = partial(Due, due_on, anchor, rule, unit=unit)
            if stop is not None and due_on >= stop:
                return
            in_time = [day for day in left if day <= due_on]
            if in_time:
                yield make(state=ON_TIME, done_on=in_time[-1], besides=tuple(in_time[:-1]))
                anchor, number, left = in_time[-1], number + 1, left[len(in_time) :]
                break
            if left and (following is None or left[0] <= following[0]):
                late_by = _days(unit, due_on, left[0], clock.closures)
                yield make(state=LATE, done_on=left[0], late_by=late_by)
                anchor, number, left = left[0], number + 1, left[1:]
                break
            if due_on >= until and not left:
                yield make(state=NOT_YET_DUE)
                return
            yield make(state=MISSED)
            number += 1
            current = following
        else:
            return


def _after_each(
    versions: Sequence[Rule],
    starts: list[date],
    done: list[date],
    until: date,
    closures: AbstractSet[date],
) -> list[Due]:
    found = []
    for number, start in enumerate(starts):
        rule = rule_on(versions, start)
        if rule is None or rule.first is None:
            continue
        stop = starts[number + 1] if number + 1 < len(starts) else date.max
        due_on = rule.first.after(start, 1, closures)
        done_on = next((day for day in done if start <= day < stop), None)
        make = partial(Due, due_on, start, rule, unit=rule.first.unit, done_on=done_on)
        if done_on is not None and done_on > due_on:
            late_by = _days(rule.first.unit, due_on, done_on, closures)
            found.append(make(state=LATE, late_by=late_by))
        elif done_on is not None:
            found.append(make(state=ON_TIME))
        else:
            found.append(make(state=MISSED if due_on < until else NOT_YET_DUE))
    return found


def _before_each(
    versions: Sequence[Rule], starts: list[date], done: list[date], until: date
) -> Iterator[Due]:
    before = date.min
    for start in takewhile(lambda day: day <= until, starts):
        rule = rule_on(versions, start)
        if rule is not None:
            between = [day for day in done if before < day <= start]
            state = ON_TIME if between else MISSED
            yield Due(
                start, max(before, rule.starts_on), rule, state, done_on=between[-1] if between else None
            )
        before = start


def _days(unit: str, due_on: date, done_on: date, closures: AbstractSet[date]) -> int:
    """How late: working days where the rule counts those, days otherwise; never less than 1 for what is late."""
    if unit == WORKING_DAYS:
        return max(1, working_days_between(due_on, done_on, closures))
    return (done_on - due_on).days


def counted_in(dues: Iterable[Due], first: date, last: date) -> list[Due]:
    """Those that fell due from `first` to `last`, both included."""
    return [due for due in dues if due.is_counted and first <= due.due_on <= last]


def gaps_in(days: Iterable[date], first: date, last: date) -> list[Gap]:
    """Each time without an event that reaches into the days from `first` to `last`; none without an event.

    A gap that is still open on the day `last` runs to it.
    """
    known = sorted({day for day in days if day <= last})
    return [Gap(one, two) for one, two in zip(known, [*known[1:], last], strict=False) if two >= first]


def longest_gap(days: Iterable[date], first: date, last: date) -> Gap | None:
    """The longest of gaps_in, the earliest of several; None when there is none."""
    return max(gaps_in(days, first, last), key=lambda gap: gap.days, default=None)


def is_unexplained(due: Due, agreed: Iterable[date], until: date) -> bool:
    """Whether it was late or missed and no manager agreed to that between the last time and the next."""
    if due.state not in {LATE, MISSED}:
        return False
    return not any(due.counted_from <= day <= (due.done_on or until) for day in agreed)


def passed_twice(dues: Iterable[Due]) -> bool:
    """Whether two due dates or more passed with nothing done between: longer than two intervals."""
    passed: dict[date, int] = {}
    for due in dues:
        if due.state in {LATE, MISSED}:
            passed[due.counted_from] = passed.get(due.counted_from, 0) + 1
    return any(count > 1 for count in passed.values())


def judged(dues: Sequence[Due]) -> str:
    """Yes when all were in time, no when none was, partly otherwise; not applicable when none was due."""
    in_time = sum(due.is_in_time for due in dues)
    if not dues:
        return "not_applicable"
    if in_time == len(dues):
        return "yes"
    return "partly" if in_time else "no"
