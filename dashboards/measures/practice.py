"""What practice questions say together: visits, whose views, scrutiny, SMART plans. Imports no Django."""

from dashboards.measures.definition import Measure
from dashboards.measures.grades import ANSWERED

WITH_LETTERS = (*(term.format(question="P3") for term in ANSWERED), "-P3.without_letters")
NO_LETTERS = (
    "Not applicable, audits in which it was left unanswered, and past forms, which ask it without its letters"
)
LETTERS = {
    "specific": "specific",
    "measurable": "measurable",
    "achievable": "achievable",
    "relevant": "relevant",
    "timed": "timed",
}
"""The letters of SMART, by the choices of question P3."""

PRACTICE = (
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
        denominator="Answers of Yes, Partly, No and Not evidenced on record to P3, asked letter by letter",
        excludes=NO_LETTERS,
        counts=("P3.every_part",),
        of=WITH_LETTERS,
    ),
    *(
        Measure(
            code=f"smart.{letter}",
            label=f"Plan {words}",
            numerator="Audits in which this letter of question P3 is ticked",
            denominator="Answers of Yes, Partly, No and Not evidenced on record to P3, asked letter by letter",
            excludes=NO_LETTERS,
            counts=(f"P3.part.{letter}",),
            of=WITH_LETTERS,
        )
        for letter, words in LETTERS.items()
    ),
)
