"""Grades, and the answers to practice questions. Imports no Django."""

from dashboards.measures.definition import Measure, Terms

GRADES = ("outstanding", "good", "requires_improvement", "inadequate")
GRADED: Terms = tuple(f"{{area}}.{grade}" for grade in GRADES)
GOOD_OR_BETTER = GRADES[:2]
ANSWERED: Terms = ("{question}.yes", "{question}.partly", "{question}.no", "{question}.not_evidenced")

GRADES_AND_QUESTIONS = (
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
)
