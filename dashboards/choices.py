"""What a form lets choose: measures that have a percentage, by the part of the report, and quarters."""

from datetime import date

from audits.enums import AREAS
from core.dates import Quarter, add_months
from dashboards.measures.definition import Unit
from dashboards.measures.table import MEASURES
from dashboards.parts import PARTS, part_of
from dashboards.selectors.questions import expanded, practice_questions

QUARTERS_BACK, QUARTERS_AHEAD = 12, 8
MONTHS_OF_A_QUARTER = 3

Groups = list[tuple[str, list[tuple[str, str]]]]


def measures_with_percent() -> Groups:
    """The codes and labels of every measure with a percentage, under the headings of the report. One query."""
    questions = practice_questions()
    area_of = {question.code: question.section for question in questions if question.section in AREAS}
    found: dict[str, list[tuple[str, str]]] = {part.key: [] for part in PARTS}
    for measure in expanded(MEASURES, questions):
        if measure.unit in (Unit.SHARE, Unit.RATIO):
            found[part_of(measure.code, area_of)].append((measure.code, measure.label))
    return [(part.heading, found[part.key]) for part in PARTS if found[part.key]]


def quarters_around(today: date, *, ahead: int = QUARTERS_AHEAD) -> list[tuple[str, str]]:
    """Three years of quarters back and `ahead` on, newest first."""
    first = Quarter.of(today).first_day
    quarters = (
        Quarter.of(add_months(first, MONTHS_OF_A_QUARTER * number))
        for number in range(ahead, -QUARTERS_BACK - 1, -1)
    )
    return [(str(quarter), str(quarter)) for quarter in quarters]
