"""Every measure, declared once, and the arithmetic they all share (docs/domain.md, section 10).

Imports no Django. What was counted arrives as a tally: a mapping from the name of a count to the count, such
as `{"submitted": 64, "overall.good": 26, "V6.yes": 58}`. A measure names the counts that make its numerator
and its denominator; a minus sign in front of a name takes that count away. The tallies of several quarters
are added before anything is divided, so a year pools counts and never averages percentages. Only what stood at the end
of a quarter, such as the children whose cases were open, is not added: a year has what stood at its own end. The names
of such counts begin with "at_end.".
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from hashlib import sha256
from itertools import product

from core.shares import (
    CHANCE_LEVEL,
    SMALLEST_FOR_PERCENT,
    Ratio,
    chance_of_difference,
    whole_percent,
    wilson_interval,
)
from moderation.agreement import Coefficient, Estimate, from_counts

Statistic = Coefficient | float | None
"""A kappa or a median; None where there is none."""

Tally = Mapping[str, int]
Terms = tuple[str, ...]

GRADES = ("outstanding", "good", "requires_improvement", "inadequate")
GRADED: Terms = tuple(f"{{area}}.{grade}" for grade in GRADES)
GOOD_OR_BETTER = GRADES[:2]
NOT_IN_THE_LEDGER = (
    "Audits withdrawn; audits brought in from a form service; "
    "an audit given to somebody else counts once, for the person it went to"
)
ANSWERED: Terms = ("{question}.yes", "{question}.partly", "{question}.no", "{question}.not_evidenced")
FAMILIES_TO_ASK: Terms = ("submitted", "-F1_outcome.not_appropriate")
FEEDBACK_ITEMS = {
    "F3": "felt listened to and understood",
    "F4": "their situation improved",
    "F5": "felt that their involvement was important",
    "F6": "the worker was punctual",
    "F7": "felt in control",
    "F8": "contact was as frequent as they wanted",
    "F9": "changes of worker were handled well",
}
"""What people of a family are asked, by the question's code (docs/domain.md, section 4)."""


MODERATED = "Audits that no closed panel decided; audits brought in from a form service"
PAIRS = "Audits that no closed panel decided; an area that was not applicable in one of the two grades"
CANCELLED = "Actions that were cancelled"
LETTERS = {
    "specific": "specific",
    "measurable": "measurable",
    "achievable": "achievable",
    "relevant": "relevant",
    "timed": "timed",
}
"""The letters of SMART, by the choices of question P3."""
STOCK = "at_end."
"""How the names of counts begin that stood at the end of a quarter, and that a year does not add."""


class Unit(StrEnum):
    """What a measure is printed as."""

    SHARE = "share"
    """So many of so many, with an interval, and a change is tested."""
    RATIO = "ratio"
    """So many to so many that they are no part of: a percentage without interval or test."""
    CHANGE = "change"
    """A change in a number, which is never called a rate."""
    MEAN = "mean"
    """The numerator divided by the denominator, to two places."""
    DAYS = "days"
    """The median of a number of days; both counts are how many it is the median of."""
    KAPPA = "kappa"
    """Quadratic-weighted kappa of pairs of grades, with its interval; both counts are the pairs."""


@dataclass(frozen=True)
class Measure:
    """One definition: what it is called, what is counted of what, in words and in counts.

    A code with {area}, {grade}, {question} or {pathway} in it stands for one measure of each; `expand` writes them out.
    """

    code: str
    label: str
    numerator: str
    denominator: str
    excludes: str
    counts: Terms
    of: Terms
    unit: Unit = Unit.SHARE
    smallest: int = SMALLEST_FOR_PERCENT
    """Below this denominator the fraction alone is printed, and no change is tested."""
    parts: str = ""
    """How the names of the counts begin that a kappa or a median is made from; a pair of grades or the days follow."""
    of_council_only: bool = False
    """Whether it cannot be told apart by team or pathway."""

    @property
    def is_share(self) -> bool:
        return self.unit == Unit.SHARE

    @property
    def definition(self) -> dict[str, list[str] | str]:
        """What decides the figure, as it is kept with frozen figures: the words may be put better at any time."""
        found = {"counts": list(self.counts), "of": list(self.of), "unit": self.unit.value}
        return found | ({"parts": self.parts} if self.parts else {})

    def percent_of(self, counted: Ratio) -> int | None:
        """Whole percent, half up; None for a mean, and where there are fewer than `smallest` to count."""
        if self.unit in (Unit.MEAN, Unit.KAPPA, Unit.DAYS) or counted.denominator < self.smallest:
            return None
        return counted.percent

    def statistic_of(self, tally: Tally) -> Coefficient | float | None:
        """The kappa or the median; None for other measures, and for the median of nothing."""
        if self.unit == Unit.DAYS:
            days = {
                int(name.removeprefix(self.parts)): count
                for name, count in tally.items()
                if name.startswith(self.parts) and count
            }
            return _median(days)
        return self.kappa_of(tally)

    def kappa_of(self, tally: Tally) -> Coefficient | None:
        """The agreement of the pairs counted; None for a measure that is no kappa."""
        if self.unit != Unit.KAPPA:
            return None
        pairs = {
            tuple(name.removeprefix(self.parts).split(".")): count
            for name, count in tally.items()
            if name.startswith(self.parts)
        }
        return from_counts({(one, two): count for (one, two), count in pairs.items()}).kappa

    def mean_of(self, counted: Ratio) -> float | None:
        """The numerator divided by the denominator, for a mean; None for other measures, and of nothing."""
        if self.unit != Unit.MEAN or not counted.denominator:
            return None
        return round(counted.numerator / counted.denominator, 2)

    def printed(self, counted: Ratio, statistic: Coefficient | float | None = None) -> str:
        """Such as "29 of 64 (45%)"; a mean as "+0.12 over 34"; a kappa as "0.61 (0.40 to 0.82) over 34"; days alike."""
        if self.unit == Unit.KAPPA:
            found = str(statistic) if isinstance(statistic, Estimate) else "not given"
            return f"{found} over {counted.denominator}"
        if self.unit == Unit.DAYS:
            found = f"{statistic:g} days" if isinstance(statistic, float) else "none"
            return f"{found} over {counted.denominator}"
        if self.unit != Unit.MEAN:
            return str(counted)
        mean = self.mean_of(counted)
        if mean is None:
            return "none"
        return f"{mean:+.2f} over {counted.denominator}".replace("-", "\N{MINUS SIGN}")

    @property
    def version(self) -> str:
        """A short mark of the definition, which changes with it."""
        return sha256(repr(sorted(self.definition.items())).encode()).hexdigest()[:12]


MEASURES = (
    Measure(
        code="overall.{grade}",
        label="Overall: {grade}",
        numerator="Submitted audits with this overall grade",
        denominator="Submitted audits",
        excludes="Audits not submitted and audits withdrawn",
        counts=("overall.{grade}",),
        of=("submitted",),
    ),
    Measure(
        code="overall.good_or_better",
        label="Overall: good or better",
        numerator="Submitted audits graded Outstanding or Good overall",
        denominator="Submitted audits",
        excludes="Audits not submitted and audits withdrawn",
        counts=tuple(f"overall.{grade}" for grade in GOOD_OR_BETTER),
        of=("submitted",),
    ),
    Measure(
        code="{area}.{grade}",
        label="{area}: {grade}",
        numerator="Submitted audits with this grade in the area",
        denominator="Submitted audits graded in the area",
        excludes="Audits in which the area was not applicable",
        counts=("{area}.{grade}",),
        of=GRADED,
    ),
    Measure(
        code="{area}.good_or_better",
        label="{area}: good or better",
        numerator="Submitted audits graded Outstanding or Good in the area",
        denominator="Submitted audits graded in the area",
        excludes="Audits in which the area was not applicable",
        counts=tuple(f"{{area}}.{grade}" for grade in GOOD_OR_BETTER),
        of=GRADED,
    ),
    Measure(
        code="{area}.not_applicable",
        label="{area}: not applicable",
        numerator="Submitted audits not graded in the area",
        denominator="Submitted audits",
        excludes="Audits not submitted and audits withdrawn",
        counts=("submitted", *(f"-{graded}" for graded in GRADED)),
        of=("submitted",),
    ),
    Measure(
        code="question.{question}.yes",
        label="{question}: yes",
        numerator="Answers of Yes",
        denominator="Answers of Yes, Partly, No and Not evidenced on record",
        excludes="Not applicable, and questions left unanswered",
        counts=("{question}.yes",),
        of=ANSWERED,
    ),
    Measure(
        code="question.{question}.not_evidenced",
        label="{question}: not evidenced on record",
        numerator="Answers of Not evidenced on record",
        denominator="Answers of Yes, Partly, No and Not evidenced on record",
        excludes="Not applicable, and questions left unanswered",
        counts=("{question}.not_evidenced",),
        of=ANSWERED,
    ),
    Measure(
        code="return_rate",
        label="Return rate",
        numerator="Submitted audits",
        denominator="Allocated audits less those excused",
        excludes=NOT_IN_THE_LEDGER,
        counts=("returned",),
        of=("allocated", "-excused"),
    ),
    Measure(
        code="return_rate_gross",
        label="Return rate, nobody excused",
        numerator="Submitted audits",
        denominator="Allocated audits",
        excludes=NOT_IN_THE_LEDGER,
        counts=("returned",),
        of=("allocated",),
    ),
    Measure(
        code="on_time",
        label="Submitted on time",
        numerator="Audits submitted by their first due date, whatever extension was given",
        denominator="Allocated audits less those excused",
        excludes=NOT_IN_THE_LEDGER,
        counts=("on_time",),
        of=("allocated", "-excused"),
    ),
    Measure(
        code="volume",
        label="Change in the number of audits",
        numerator="Submitted audits less those of the period before",
        denominator="Submitted audits of the period before",
        excludes="Audits not submitted and audits withdrawn",
        counts=("submitted", "-submitted_before"),
        of=("submitted_before",),
        unit=Unit.CHANGE,
    ),
    Measure(
        code="worker_involved",
        label="Social worker took part",
        numerator="Submitted audits in which the social worker took part",
        denominator="Submitted audits",
        excludes="Audits not submitted and audits withdrawn",
        counts=("W1.took_part",),
        of=("submitted",),
    ),
    Measure(
        code="feedback.obtained",
        label="Family feedback obtained",
        numerator="Submitted audits with an answer from at least one family member",
        denominator="Submitted audits less those in which contact was not appropriate",
        excludes="Audits in which contact was not appropriate",
        counts=("F1_outcome.feedback",),
        of=FAMILIES_TO_ASK,
    ),
    Measure(
        code="feedback.attempted",
        label="Family feedback attempted",
        numerator="Submitted audits whose auditor contacted at least one family member, whatever came of it",
        denominator="Submitted audits less those in which contact was not appropriate",
        excludes="Audits in which contact was not appropriate",
        counts=("F1_outcome.feedback", "F1_outcome.declined", "F1_outcome.no_reply"),
        of=FAMILIES_TO_ASK,
    ),
    Measure(
        code="feedback.child",
        label="The child gave feedback",
        numerator="Submitted audits in which the child or young person gave feedback",
        denominator="Submitted audits less those in which contact was not appropriate",
        excludes="Audits in which contact was not appropriate",
        counts=("F2.child",),
        of=FAMILIES_TO_ASK,
    ),
    *(
        Measure(
            code=f"feedback.{code}",
            label=f"Families: {what}",
            numerator="People who answered Yes; an audit from before people were asked one by one counts once",
            denominator="People who answered Yes, Partly or No",
            excludes="Who was not asked",
            counts=(f"{code}.yes",),
            of=(f"{code}.yes", f"{code}.partly", f"{code}.no"),
        )
        for code, what in FEEDBACK_ITEMS.items()
    ),
    Measure(
        code="visit_timeliness",
        label="Visits made on time",
        numerator="Visits in the windows audited that were made on time (question V1)",
        denominator="Visits that were due in those windows",
        excludes="Audits in which the question did not apply or nothing was counted",
        counts=("V1.counted",),
        of=("V1.counted_of",),
    ),
    Measure(
        code="voice.father",
        label="Father's view in the assessment",
        numerator="Answers of Yes to question A11",
        denominator="Answers of Yes, Partly, No and Not evidenced on record to it",
        excludes="Not applicable, and audits in which it was left unanswered",
        counts=("A11.yes",),
        of=tuple(term.format(question="A11") for term in ANSWERED),
    ),
    Measure(
        code="voice.at_least_one_parent",
        label="At least one parent's view in the assessment",
        numerator="Submitted audits with an answer of Yes to question A10 or A11",
        denominator="Submitted audits with an answer other than Not applicable to at least one of them",
        excludes="Audits in which neither question applied",
        counts=("parents.yes",),
        of=("parents.answered",),
    ),
    *(
        Measure(
            code=f"scrutiny.{who}",
            label=f"{label} seen between meetings",
            numerator=f"Answers of Yes to question S11 in audits of the pathway {pathway.upper()}",
            denominator="Answers of Yes, Partly, No and Not evidenced on record to it on that pathway",
            excludes="Audits of other pathways, which are never merged with these",
            counts=(f"S11.{pathway}.yes",),
            of=tuple(term.format(question=f"S11.{pathway}") for term in ANSWERED),
        )
        for who, label, pathway in (("iro", "IRO", "cla"), ("chair", "Child protection chair", "cp"))
    ),
    Measure(
        code="smart.all",
        label="Plan SMART in every letter",
        numerator="Audits in which all five letters of question P3 are ticked",
        denominator="Answers of Yes, Partly, No and Not evidenced on record to P3",
        excludes="Not applicable, and audits in which it was left unanswered",
        counts=("P3.every_part",),
        of=tuple(term.format(question="P3") for term in ANSWERED),
    ),
    *(
        Measure(
            code=f"smart.{letter}",
            label=f"Plan {words}",
            numerator="Audits in which this letter of question P3 is ticked",
            denominator="Answers of Yes, Partly, No and Not evidenced on record to P3",
            excludes="Not applicable, and audits in which it was left unanswered",
            counts=(f"P3.part.{letter}",),
            of=tuple(term.format(question="P3") for term in ANSWERED),
        )
        for letter, words in LETTERS.items()
    ),
    Measure(
        code="moderation.coverage",
        label="Moderated",
        numerator="Submitted audits that a closed panel decided",
        denominator="Submitted audits",
        excludes="Audits brought in from a form service, which no panel of this service saw",
        counts=("moderated",),
        of=("returned",),
    ),
    *(
        Measure(
            code=f"moderation.{verdict}",
            label=f"Overall grade {words} by the panel",
            numerator=f"Moderated audits whose overall grade was {words}",
            denominator="Moderated audits",
            excludes=MODERATED,
            counts=(f"moderation.overall.{verdict}",),
            of=("moderation.overall.pairs",),
        )
        for verdict, words in (("agreed", "confirmed"), ("up", "moved up"), ("down", "moved down"))
    ),
    Measure(
        code="moderation.returned",
        label="Returned for evidence by a panel",
        numerator="Submitted audits that a closed panel returned for evidence, whatever came of them later",
        denominator="Submitted audits",
        excludes="Audits brought in from a form service; it is no part of confirmed, up and down",
        counts=("moderation.returned",),
        of=("returned",),
    ),
    Measure(
        code="moderation.two_step",
        label="Overall grade moved two steps or more",
        numerator="Moderated audits whose overall grade was moved two steps or more",
        denominator="Moderated audits",
        excludes=MODERATED,
        counts=("moderation.overall.two_step",),
        of=("moderation.overall.pairs",),
    ),
    Measure(
        code="moderation.mean_shift",
        label="Mean shift of the overall grade",
        numerator="Steps up less steps down in the overall grade",
        denominator="Moderated audits",
        excludes=MODERATED,
        counts=("moderation.overall.shift",),
        of=("moderation.overall.pairs",),
        unit=Unit.MEAN,
    ),
    Measure(
        code="moderation.kappa",
        label="Agreement on the overall grade beyond chance (weighted kappa)",
        numerator="Cohen's kappa with quadratic weights, of the auditor's and the panel's overall grade",
        denominator="Moderated audits",
        excludes=f"{MODERATED}; it is not given for fewer than 10",
        counts=("moderation.overall.pairs",),
        of=("moderation.overall.pairs",),
        unit=Unit.KAPPA,
        parts="moderation.overall.pair.",
    ),
    Measure(
        code="moderation.coverage_due",
        label="Moderated, of those a panel had to see",
        numerator="Submitted audits that a closed panel decided",
        denominator="Submitted audits less those of exempt auditors that were not drawn",
        excludes="Audits brought in from a form service; exempt auditors' audits that were not drawn",
        counts=("moderated",),
        of=("returned", "-moderation.not_drawn"),
    ),
    Measure(
        code="moderation.{area}.agreed",
        label="{area}: grade confirmed by the panel",
        numerator="Grades of the area that panels confirmed",
        denominator="Grades of the area that panels decided",
        excludes=PAIRS,
        counts=("moderation.{area}.agreed",),
        of=("moderation.{area}.pairs",),
    ),
    Measure(
        code="moderation.{area}.two_step",
        label="{area}: grade moved two steps or more",
        numerator="Grades of the area that panels moved two steps or more",
        denominator="Grades of the area that panels decided",
        excludes=PAIRS,
        counts=("moderation.{area}.two_step",),
        of=("moderation.{area}.pairs",),
    ),
    Measure(
        code="moderation.{area}.mean_shift",
        label="{area}: mean shift of the grade",
        numerator="Steps up less steps down in the area",
        denominator="Grades of the area that panels decided",
        excludes=PAIRS,
        counts=("moderation.{area}.shift",),
        of=("moderation.{area}.pairs",),
        unit=Unit.MEAN,
    ),
    Measure(
        code="moderation.{area}.kappa",
        label="{area}: agreement beyond chance (weighted kappa)",
        numerator="Cohen's kappa with quadratic weights, of the auditor's and the panel's grade of the area",
        denominator="Grades of the area that panels decided",
        excludes=f"{PAIRS}; it is not given for fewer than 10",
        counts=("moderation.{area}.pairs",),
        of=("moderation.{area}.pairs",),
        unit=Unit.KAPPA,
        parts="moderation.{area}.pair.",
    ),
    Measure(
        code="panel.attendance",
        label="Panel attendance",
        numerator="People who attended the panel they were invited to",
        denominator="People invited to panels that were held, by the month of the panel",
        excludes="Seats that were taken off, and reserves who were never invited",
        counts=("panel.attended",),
        of=("panel.invited",),
        of_council_only=True,
    ),
    Measure(
        code="actions.on_time",
        label="Actions done on time",
        numerator="Actions done by their first due date, whatever extension was given",
        denominator="Actions first due in the period, up to the day of counting",
        excludes=CANCELLED,
        counts=("actions.done_by_first_due",),
        of=("actions.first_due",),
    ),
    Measure(
        code="actions.overdue",
        label="Actions overdue",
        numerator="Open actions past their due date at the end of the period",
        denominator="Actions open at the end of the period",
        excludes=CANCELLED,
        counts=("at_end.actions.overdue",),
        of=("at_end.actions.open",),
    ),
    *(
        Measure(
            code=f"actions.overdue.{band}",
            label=f"Actions overdue by {words} working days",
            numerator=f"Open actions past their due date by {words} working days at the end of the period",
            denominator="Actions open at the end of the period",
            excludes=CANCELLED,
            counts=(f"at_end.actions.overdue.{band}",),
            of=("at_end.actions.open",),
        )
        for band, words in {
            "1_5": "1 to 5",
            "6_10": "6 to 10",
            "11_20": "11 to 20",
            "over_20": "over 20",
        }.items()
    ),
    Measure(
        code="actions.verified",
        label="Actions verified",
        numerator="Actions done in the period that somebody else verified",
        denominator="Actions done in the period",
        excludes=f"{CANCELLED}; one that was returned counts when it is done again",
        counts=("actions.verified",),
        of=("actions.closed",),
    ),
    Measure(
        code="actions.returned",
        label="Actions returned",
        numerator="Actions done in the period that had been returned to their owner at least once",
        denominator="Actions done in the period",
        excludes=f"{CANCELLED}; one that was returned and is not done again yet",
        counts=("actions.returned",),
        of=("actions.closed",),
    ),
    Measure(
        code="actions.days_to_close",
        label="Days until an action is done (median)",
        numerator="The median of the calendar days from the day an action was opened to the day it was done",
        denominator="Actions done in the period",
        excludes=f"{CANCELLED}; one that was returned counts until it was done again",
        counts=("actions.closed",),
        of=("actions.closed",),
        unit=Unit.DAYS,
        parts="actions.days.",
    ),
    Measure(
        code="reaudit.in_time",
        label="Inadequate audits audited again in time",
        numerator="Of those, audited again and submitted by the day the re-audit's window closed",
        denominator="Audits submitted as Inadequate whose window has closed, or that were audited again already",
        excludes="Nothing: one for which it was decided that no re-audit is needed counts as not audited again",
        counts=("reaudit.in_time",),
        of=("reaudit.due",),
    ),
    Measure(
        code="reaudit.improved",
        label="Re-audits with a better overall grade",
        numerator="Re-audits whose overall grade is better than that of the first audit",
        denominator="Audits submitted as Inadequate that were audited again",
        excludes="Audits that were not audited again",
        counts=("reaudit.improved",),
        of=("reaudit.again",),
    ),
    Measure(
        code="hand_off",
        label="Learning handed over in supervision",
        numerator="Submitted audits whose learning was handed over in the worker's supervision, with its date",
        denominator="Submitted audits",
        excludes="Audits brought in from a form service",
        counts=("handed_off",),
        of=("returned",),
    ),
    Measure(
        code="coverage.{pathway}",
        label="Caseload audited: {pathway}",
        numerator="Submitted audits of the pathway; the draw takes no child twice within the months set",
        denominator="Children of the pathway whose cases were open at the end of the period",
        excludes="Children known from past audits alone; a child whose case closed since is still among the audited",
        counts=("submitted.{pathway}",),
        of=("at_end.open.{pathway}",),
        unit=Unit.RATIO,
    ),
)


def expand(measure: Measure, words: Mapping[str, Mapping[str, str]]) -> Iterator[Measure]:
    """The measures that `measure` stands for, in the order of `words`.

    `words` holds for each of "area", "grade", "question" and "pathway" the codes and what each is called:
    `{"grade": {"good": "Good"}}`. A measure with none of them in its code is yielded as it is.
    """
    places = [place for place in words if f"{{{place}}}" in measure.code]
    for codes in product(*(words[place] for place in places)):
        code = dict(zip(places, codes, strict=True))
        name = {place: words[place][code[place]] for place in places}
        yield replace(
            measure,
            code=measure.code.format(**code),
            label=measure.label.format(**name),
            counts=tuple(term.format(**code) for term in measure.counts),
            of=tuple(term.format(**code) for term in measure.of),
            parts=measure.parts.format(**code),
        )


def pool(tallies: Iterable[Tally]) -> Tally:
    """The counts of several periods, earliest first: added, but for what stood at an end, which is the last one's."""
    total: Counter[str] = Counter()
    last: Tally = {}
    for tally in tallies:
        total.update({name: count for name, count in tally.items() if not name.startswith(STOCK)})
        last = tally
    total.update({name: count for name, count in last.items() if name.startswith(STOCK)})
    return total


def _total(terms: Terms, tally: Tally) -> int:
    return sum(-tally.get(term[1:], 0) if term.startswith("-") else tally.get(term, 0) for term in terms)


def _median(days: Mapping[int, int]) -> float | None:
    """The median of days counted; halfway between the two in the middle where there are as many on both sides."""
    if not days:
        return None
    total, passed = sum(days.values()), 0
    low = high = 0
    for day in sorted(days):
        low = day if passed <= (total - 1) // 2 else low
        high = day if passed <= total // 2 else high
        passed += days[day]
    return (low + high) / 2


@dataclass(frozen=True)
class Figure:
    """One measure of a quarter, beside the quarter before and the year so far."""

    measure: Measure
    now: Ratio
    before: Ratio
    year_to_date: Ratio | None
    """The pooled counts; None for a change in a number, which a year does not add up."""
    statistics: tuple[Statistic, Statistic, Statistic] = (None, None, None)
    """The same three of a kappa or a median."""

    @property
    def printed(self) -> str:
        """The figure as every page and document prints it, with its numerator and denominator."""
        return self.measure.printed(self.now, self.statistics[0])

    @property
    def printed_before(self) -> str:
        return self.measure.printed(self.before, self.statistics[1])

    @property
    def printed_year_to_date(self) -> str:
        """Empty for a change in a number."""
        return (
            "" if self.year_to_date is None else self.measure.printed(self.year_to_date, self.statistics[2])
        )

    @property
    def value(self) -> float | None:
        """The mean or the kappa, to two places, or the median; None for other measures, and where there is none."""
        statistic = self.statistics[0]
        if isinstance(statistic, Estimate):
            return round(statistic.value, 2)
        if isinstance(statistic, float):
            return statistic
        return self.measure.mean_of(self.now)

    @property
    def value_interval_95(self) -> tuple[float, float] | None:
        """The interval of a kappa, to two places."""
        kappa = self.statistics[0]
        return (round(kappa.low, 2), round(kappa.high, 2)) if isinstance(kappa, Estimate) else None

    @property
    def percent(self) -> int | None:
        return self.measure.percent_of(self.now)

    @property
    def percent_before(self) -> int | None:
        return self.measure.percent_of(self.before)

    @property
    def interval_95(self) -> tuple[float, float] | None:
        """The Wilson 95% interval in percent, to one decimal place; None where no percentage is printed."""
        if self.percent is None or not self.measure.is_share:
            return None
        return wilson_interval(self.now.numerator, self.now.denominator)

    @property
    def points(self) -> int | None:
        """Whole percentage points of change, from the counts and not from the two printed percentages.

        None where either percentage is not printed.
        """
        if not self._is_comparable:
            return None
        now, before = self.now, self.before
        return whole_percent(
            now.numerator * before.denominator - before.numerator * now.denominator,
            now.denominator * before.denominator,
        )

    @property
    def change_supported(self) -> bool | None:
        """Whether the two periods differ by more than chance (Fisher's exact test, two-sided, 5%).

        None where either percentage is not printed: too few to say.
        """
        if not self._is_comparable:
            return None
        now, before = self.now, self.before
        return (
            chance_of_difference(now.numerator, now.denominator, before.numerator, before.denominator)
            < CHANCE_LEVEL
        )

    @property
    def change_in_words(self) -> str:
        """Such as "+18 points, supported change"; only the points where the difference may be chance."""
        if not self.measure.is_share:
            return "not tested"
        if self.points is None:
            return "too few"
        if not self.points:
            return "0 points"
        points = f"{self.points:+d} points".replace("-", "\N{MINUS SIGN}")
        return f"{points}, supported change" if self.change_supported else points

    @property
    def _is_comparable(self) -> bool:
        return self.measure.is_share and None not in (self.percent, self.percent_before)


def ratio(measure: Measure, tally: Tally) -> Ratio:
    """The numerator and denominator of an expanded `measure` in `tally`; a count it lacks is nought."""
    return Ratio(_total(measure.counts, tally), _total(measure.of, tally))


def figure(measure: Measure, now: Tally, before: Tally, year_to_date: Tally) -> Figure:
    """An expanded `measure` of a quarter, beside the quarter before and the pooled quarters of its year."""
    year = None if measure.unit == Unit.CHANGE else ratio(measure, year_to_date)
    statistics = (measure.statistic_of(now), measure.statistic_of(before), measure.statistic_of(year_to_date))
    return Figure(measure, ratio(measure, now), ratio(measure, before), year, statistics)
