"""The practice questions that tools ask, and the measures written out for each of them."""

import re
from collections.abc import Iterable

from django.db.models import Window
from django.db.models.functions import RowNumber

from audits.enums import APPROVED_TOOL_STATUSES, AREAS, BAND_GRADES, PRACTICE_KINDS, Pathway, Section
from audits.models import Question
from dashboards.measures.definition import Measure, expand


def practice_questions() -> list[Question]:
    """Each practice question that a published tool asks or asked, once, by page and code. One query.

    The words are those of the newest version of the first tool that asks it.
    """
    newest_first = Window(RowNumber(), partition_by="code", order_by=("version__tool", "-version__number"))
    questions = (
        Question.objects.filter(version__status__in=APPROVED_TOOL_STATUSES, kind__in=PRACTICE_KINDS)
        .annotate(place=newest_first)
        .filter(place=1)
        .only("section", "code", "text")
    )
    pages = Section.values
    return sorted(questions, key=lambda question: (pages.index(question.section), _as_counted(question.code)))


def expanded(declared: Iterable[Measure], questions: list[Question]) -> list[Measure]:
    """The measures written out for each area, grade, pathway and practice question. No query."""
    words = {
        "area": {area.value: area.label for area in AREAS},
        "grade": {grade.value: grade.label for grade in BAND_GRADES},
        "question": {question.code: str(question) for question in questions},
        "pathway": {pathway.value: pathway.label for pathway in Pathway},
    }
    return [measure for one in declared for measure in expand(one, words)]


def _as_counted(code: str) -> list[str | int]:
    """A key that sorts V9 before V10."""
    letters_and_numbers = re.split(r"([0-9]+)", code)
    return [int(part) if place % 2 else part for place, part in enumerate(letters_and_numbers)]
