"""The dates entered for one audit, held against the rules, and what they say (docs/domain.md, section 9)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import date

from audits.completeness import GivenAnswer, Missing, SectionContent
from audits.enums import LOOKED_FOR, ChildSeen, EventKind, Grade, NotApplicableReason, Pathway, PracticeAnswer
from audits.models import Audit, AuditDates, AuditEvent, Closure, ProgrammeSettings, TimescaleRule
from audits.timescales import (
    AGAIN,
    BEFORE_EACH,
    DUTIES,
    MISSED,
    Due,
    Duty,
    Event,
    Gap,
    Rule,
    counted_in,
    gaps_in,
    is_unexplained,
    judged,
    longest_gap,
    passed_twice,
    schedule,
)
from audits.wording import proposal_in_words
from core.dates import add_months, london_date

ANSWERED = {"V1": "visits", "A2": "assessments", "S1": "supervision", "M1": "meetings"}
"""The questions that the dates answer, and the page each is on."""

MEETINGS = ("review_cla", "icpc", "rcpc", "core_group")


@dataclass(frozen=True)
class Proposal:
    """What the dates say to a question, and how that was reckoned, in a sentence."""

    answer: GivenAnswer
    because: str

    def agrees_with(self, given: GivenAnswer) -> bool:
        """Whether an answer says the same: the value, and the numbers where the dates give some."""
        same = given.value == self.answer.value
        if self.answer.counted is None:
            return same
        return same and (given.counted, given.counted_of) == (self.answer.counted, self.answer.counted_of)


@dataclass(frozen=True)
class DueLine:
    """One due date to show; graded when it fell in the months that are."""

    due: Due
    outcome: str
    is_graded: bool


@dataclass(frozen=True)
class DutyResult:
    """One duty: its due dates, those in the graded months, which begin on `first`, and the longest gap there."""

    code: str
    duty: Duty
    first: date
    dues: Sequence[Due]
    counted: Sequence[Due]
    gap: Gap | None

    @property
    def lines(self) -> list[DueLine]:
        """The due dates to show, the latest first; of what recurs, one from before the graded months."""
        earlier = [due for due in self.dues if due.due_on < self.first]
        shown = (
            [due for due in self.dues if due not in earlier[:-1]] if self.duty.shape == AGAIN else self.dues
        )
        return [DueLine(due, outcome_in_words(due), due in self.counted) for due in reversed(shown)]

    @property
    def sentence(self) -> str:
        """>>> "5 of 6 visits on time; the longest gap was 34 days, from 3 March to 6 April 2026."""
        if not self.counted:
            return f"No {self.duty.things} fell due in the months that are graded."
        in_time = sum(due.is_in_time for due in self.counted)
        how = "" if self.duty.shape == BEFORE_EACH else " on time"
        said = f"{in_time} of {len(self.counted)} {self.duty.things}{how}"
        if self.gap is None:
            return f"{said}."
        gap = self.gap
        days = "1 day" if gap.days == 1 else f"{gap.days} days"
        return f"{said}; the longest gap was {days}, from {gap.first:%-d %B %Y} to {gap.last:%-d %B %Y}."


@dataclass(frozen=True)
class TimescaleFacts:
    """What the dates say to the ceilings of a grade; None where the dates that would tell were not entered."""

    unexplained_visit_gap: bool | None = None
    child_unseen_two_intervals: bool | None = None
    supervision_gap: bool | None = None
    no_assessment_when_due: bool | None = None


@dataclass(frozen=True)
class Timescales:
    """Everything the calculator says of one audit. `first` to `last` are the months that are graded."""

    first: date
    last: date
    dates: AuditDates | None = None
    events: Sequence[AuditEvent] = ()
    results: Sequence[DutyResult] = ()
    proposals: Mapping[str, Proposal] = field(default_factory=dict)
    facts: TimescaleFacts = TimescaleFacts()


def timescale_facts(audit: Audit) -> TimescaleFacts:
    """What the dates entered for the audit say to the ceilings of its grades. Five queries; one without dates."""
    return timescales_of(audit).facts


def timescales_of(audit: Audit) -> Timescales:
    """The calculator's answer for a started audit. Five queries; one when no dates were entered."""
    if audit.started_at is None:
        raise ValueError("An audit that was not started has no months to grade.")
    last = london_date(audit.started_at)
    dates = AuditDates.objects.filter(audit=audit).first()
    if dates is None:
        return Timescales(first=last, last=last)
    settings = ProgrammeSettings.current()
    reckoning = Reckoning(
        audit.pathway,
        dates,
        list(AuditEvent.objects.filter(audit=audit)),
        rules=rules_by_duty(TimescaleRule.objects.order_by()),
        closures=frozenset(Closure.objects.order_by().values_list("day", flat=True)),
        first=add_months(last, -settings.months_graded),
        last=last,
    )
    return reckoning.result(months_without_supervision=settings.months_without_supervision)


def proposals_for(audit: Audit, codes: Collection[str]) -> Mapping[str, Proposal]:
    """What the dates say to those of the questions `codes` that they answer.

    No query where there is none of these, one where no dates were entered, five otherwise.
    """
    asked = ANSWERED.keys() & codes
    if not asked:
        return {}
    return {code: found for code, found in timescales_of(audit).proposals.items() if code in asked}


def unexplained(content: SectionContent, proposals: Mapping[str, Proposal]) -> list[Missing]:
    """The answers on a page that are another than the dates say and carry no reason. A blank is no answer."""
    if content.grade == Grade.NOT_APPLICABLE:
        return []
    return [
        Missing(
            f"{code}.override",
            f"Say why {code} is not what the dates say ({proposal_in_words(proposal.answer)}), or change it",
        )
        for code, proposal in proposals.items()
        if (given := content.answers.get(code)) is not None
        and given.value
        and not given.override_reason.strip()
        and not proposal.agrees_with(given)
    ]


def prefilled(content: SectionContent, proposals: Mapping[str, Proposal]) -> SectionContent:
    """The page with what the dates say in place of what was not answered yet."""
    answers = {
        code: replace(proposals[code].answer, note=given.note, override_reason=given.override_reason)
        if code in proposals and not given.value
        else given
        for code, given in content.answers.items()
    }
    return replace(content, answers=answers)


def rules_by_duty(rows: Iterable[TimescaleRule]) -> dict[str, list[Rule]]:
    """The versions of each duty's rule."""
    found: dict[str, list[Rule]] = {code: [] for code in DUTIES}
    for row in rows:
        found[row.duty].append(row.rule)
    return found


def duties_of(pathway: str, placement: str) -> dict[str, Duty]:
    """The duties owed on a pathway, in the circumstances of the placement."""
    return {
        code: duty
        for code, duty in DUTIES.items()
        if (not duty.pathways or pathway in duty.pathways) and duty.placement in {"", placement}
    }


def kinds_on(pathway: str) -> list[EventKind]:
    """The kinds of event that have a part in a pathway's timescales, in the order they are offered."""
    owed = [duty for duty in DUTIES.values() if not duty.pathways or pathway in duty.pathways]
    used = {kind for duty in owed for kind in (duty.met_by, *duty.starts)}
    if EventKind.VISIT in used:
        used.add(EventKind.GAP_AGREED)
    return [kind for kind in EventKind if kind in used]


@dataclass(frozen=True)
class Reckoning:
    """The dates of one audit beside the rules; makes no query.

    The months that are graded end on the day `last`, on which the audit was started: so the answer does not move while
    the audit is written.
    """

    pathway: str
    dates: AuditDates
    rows: Sequence[AuditEvent]
    rules: Mapping[str, Sequence[Rule]]
    closures: AbstractSet[date]
    first: date
    last: date

    def result(self, *, months_without_supervision: int) -> Timescales:
        results = [
            result
            for code, duty in duties_of(self.pathway, self.dates.placement).items()
            if (result := self._of(code, duty, self._events())).dues
        ]
        return Timescales(
            first=self.first,
            last=self.last,
            dates=self.dates,
            events=self.rows,
            results=results,
            proposals=self._proposals({result.code: result for result in results}),
            facts=self._facts({result.code: result for result in results}, months_without_supervision),
        )

    def _events(self, *, only_seen: bool = False) -> list[Event]:
        """What happened. Of what was looked for and not found, the graded months' first day stands for the last one."""
        given = [
            Event(row.kind, row.on)
            for row in self.rows
            if not (only_seen and row.kind == EventKind.VISIT and row.seen == ChildSeen.NOT_SEEN)
        ]
        return given + [Event(kind, self.first) for kind in self._none_found()]

    def _none_found(self) -> set[str]:
        entered = {row.kind for row in self.rows}
        return {kind for kind in self.dates.none_found if kind in LOOKED_FOR and kind not in entered}

    def _of(self, code: str, duty: Duty, events: Sequence[Event]) -> DutyResult:
        asked = {event.kind for event in events}
        dues = (
            schedule(duty, self.rules[code], events, self.last, self.closures)
            if duty.met_by in asked or duty.start_is_enough
            else []
        )
        days = [event.on for event in events if event.kind in (duty.met_by, *duty.starts)]
        return DutyResult(
            code,
            duty,
            self.first,
            dues,
            counted_in(dues, self.first, self.last),
            longest_gap(days, self.first, self.last) if duty.shape == AGAIN else None,
        )

    def _proposals(self, results: Mapping[str, DutyResult]) -> dict[str, Proposal]:
        found = {}
        for code, result in results.items():
            if code.startswith("visit"):
                in_time = sum(due.is_in_time for due in result.counted)
                answer = _answer(result.counted)
                if result.counted:
                    answer = GivenAnswer(answer.value, counted=in_time, counted_of=len(result.counted))
                found["V1"] = Proposal(answer, result.sentence)
            elif code == "supervision":
                found["S1"] = Proposal(_answer(result.counted), result.sentence)
        if "assessment" in results:
            latest = _latest(results["assessment"].dues)
            found["A2"] = Proposal(
                _answer(latest), _last_of(latest, "assessment") or "No assessment is due yet."
            )
        last_ones = [
            (code, due) for code in MEETINGS if code in results for due in _latest(results[code].dues)
        ]
        if any(code in results for code in MEETINGS):
            because = " ".join(_last_of([due], DUTIES[code].label.lower()) for code, due in last_ones)
            found["M1"] = Proposal(
                _answer([due for _, due in last_ones]), because or "No meeting has fallen due yet."
            )
        return found

    def _facts(self, results: Mapping[str, DutyResult], months_without_supervision: int) -> TimescaleFacts:
        agreed = [row.on for row in self.rows if row.kind == EventKind.GAP_AGREED]
        visits = next((result for code, result in results.items() if code.startswith("visit")), None)
        gap = unseen = None
        if visits is not None:
            gap = any(is_unexplained(due, agreed, self.last) for due in visits.counted)
            if self.pathway == Pathway.CP:
                seen = self._of(visits.code, visits.duty, self._events(only_seen=True))
                unseen = passed_twice(seen.counted)
        return TimescaleFacts(
            unexplained_visit_gap=gap,
            child_unseen_two_intervals=unseen,
            supervision_gap=self._supervision_gap(months_without_supervision),
            no_assessment_when_due=self._no_assessment(results),
        )

    def _supervision_gap(self, months: int) -> bool | None:
        events = self._events()
        held = [event.on for event in events if event.kind == EventKind.SUPERVISION]
        if not held:
            return None
        opened = [event.on for event in events if event.kind == EventKind.OPENED]
        gaps = gaps_in([*opened, *held], self.first, self.last)
        return any(gap.last > add_months(gap.first, months) for gap in gaps)

    def _no_assessment(self, results: Mapping[str, DutyResult]) -> bool | None:
        if EventKind.ASSESSMENT in self._none_found():
            return True
        known = [results[code] for code in ("assessment", "annual_assessment") if code in results]
        if not known:
            return None
        latest = [_latest(result.dues) for result in known]
        return any(due.state == MISSED for dues in latest for due in dues)


def _latest(dues: Sequence[Due]) -> list[Due]:
    """The last that fell due or was done early, if any."""
    return [due for due in dues if due.is_counted][-1:]


def _answer(dues: Sequence[Due]) -> GivenAnswer:
    value = judged(dues)
    reason = NotApplicableReason.NOT_YET_DUE if value == PracticeAnswer.NOT_APPLICABLE else ""
    return GivenAnswer(value, not_applicable_reason=reason)


def _last_of(dues: Sequence[Due], what: str) -> str:
    """What came of the last due date of a kind, in a sentence."""
    return " ".join(f"{what[:1].upper()}{what[1:]}: {due_in_words(due)}." for due in dues)


def due_in_words(due: Due) -> str:
    """What came of one due date: "due 4 May 2026, done 6 May 2026, 2 days late"."""
    words = [f"due {due.due_on:%-d %B %Y}"]
    if due.done_on:
        words.append(f"done {due.done_on:%-d %B %Y}")
    return ", ".join([*words, outcome_in_words(due)])


def outcome_in_words(due: Due) -> str:
    """On time, n days late, not done or not yet due."""
    if due.state == "late":
        name = "working day" if due.unit == "working_days" else "day"
        return f"{due.late_by} {name}{'' if due.late_by == 1 else 's'} late"
    return {"on_time": "on time", "missed": "not done", "not_yet_due": "not yet due"}[due.state]
