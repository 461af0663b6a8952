"""Every measure, declared once, and the arithmetic they all share (docs/domain.md, section 10).

Imports no Django. What was counted arrives as a tally: a mapping from the name of a count to the count, such
as `{"submitted": 64, "overall.good": 26, "V6.yes": 58}`. A measure names the counts that make its numerator
and its denominator; a minus sign in front of a name takes that count away. The tallies of several quarters
are added before anything is divided, so a year pools counts and never averages percentages.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import product

from core.shares import CHANCE_LEVEL, Ratio, chance_of_difference, whole_percent, wilson_interval

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


@dataclass(frozen=True)
class Measure:
    """One definition: what it is called, what is counted of what, in words and in counts.

    A code with {area}, {grade} or {question} in it stands for one measure of each; `expand` writes them out.
    """

    code: str
    label: str
    numerator: str
    denominator: str
    excludes: str
    counts: Terms
    of: Terms
    is_share: bool = True
    """False for a change in a number, which has no interval and no test and is never called a rate."""


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
        is_share=False,
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
)


def expand(measure: Measure, words: Mapping[str, Mapping[str, str]]) -> Iterator[Measure]:
    """The measures that `measure` stands for, in the order of `words`.

    `words` holds for each of "area", "grade" and "question" the codes and what each is called:
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
        )


def pool(tallies: Iterable[Tally]) -> Tally:
    """The counts of several periods, added."""
    total: Counter[str] = Counter()
    for tally in tallies:
        total.update(tally)
    return total


def _total(terms: Terms, tally: Tally) -> int:
    return sum(-tally.get(term[1:], 0) if term.startswith("-") else tally.get(term, 0) for term in terms)


@dataclass(frozen=True)
class Figure:
    """One measure of a quarter, beside the quarter before and the year so far."""

    measure: Measure
    now: Ratio
    before: Ratio
    year_to_date: Ratio | None
    """The pooled counts; None for a change in a number, which a year does not add up."""

    @property
    def interval_95(self) -> tuple[float, float] | None:
        """The Wilson 95% interval in percent, to one decimal place; None where no percentage is printed."""
        if self.now.percent is None or not self.measure.is_share:
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
        return self.measure.is_share and None not in (self.now.percent, self.before.percent)


def ratio(measure: Measure, tally: Tally) -> Ratio:
    """The numerator and denominator of an expanded `measure` in `tally`; a count it lacks is nought."""
    return Ratio(_total(measure.counts, tally), _total(measure.of, tally))


def figure(measure: Measure, now: Tally, before: Tally, year_to_date: Tally) -> Figure:
    """An expanded `measure` of a quarter, beside the quarter before and the pooled quarters of its year."""
    year = ratio(measure, year_to_date) if measure.is_share else None
    return Figure(measure, ratio(measure, now), ratio(measure, before), year)
