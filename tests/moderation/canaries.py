"""An audit with canaries in it: words that must not be heard by a blind moderator."""

from __future__ import annotations

from audits.enums import Grade
from audits.models import Answer, Audit, AuditSection
from tests.factories.accounts import TeamFactory, auditor
from tests.factories.audits import QuestionFactory, submitted_audit

NAME, TEAM, RATIONALE, WHY_NOT = "Canaria Quillfeather", "Zebrafinch", "Bullfinchy", "Goldcresty"
CANARIES = ("canaria", "quillfeather", "zebrafinch", "bullfinchy", "goldcresty", "fieldfarey")
IN_THE_GRADING = ("redwingy", "siskinny", "chiffchaffy")
"""The reason of a ceiling, that of an override, a ticked line of a descriptor."""
GRADES = ("outstanding", "inadequate", "requires improvement", "requires_improvement")
"""What the auditor gave; a page of the form has them as choices, so what counts is that none is told as theirs."""


def canary_audit() -> Audit:
    """An audit that sings in every place where its auditor or a grade could be told."""
    canary = auditor(NAME, team=TeamFactory(name=TEAM))
    made = submitted_audit(
        by=canary,
        overall=Grade.INADEQUATE,
        visits=Grade.OUTSTANDING,
        plans=Grade.REQUIRES_IMPROVEMENT,
        assessments=Grade.NOT_APPLICABLE,
    )
    evidence = f"{NAME} and Quillfeather found it outstanding, RI at most: INADEQUATE, requires-improvement."
    sections = AuditSection.objects.filter(audit=made)
    sections.filter(section="visits").update(evidence=evidence, difference=f"{NAME} saw Good work.")
    sections.filter(section="visits").update(
        ceiling=Grade.REQUIRES_IMPROVEMENT,
        ceiling_reason="Redwingy.",
        override_reason="Siskinny.",
        met_lines=["chiffchaffy"],
    )
    sections.filter(section="overall").update(evidence=f"{RATIONALE} because.")
    sections.filter(section="assessments").update(not_applicable_reason=f"{WHY_NOT}.")
    for code, section, note in (
        ("V4", "visits", f"{NAME} asked."),
        ("W95", "process", "Fieldfarey"),
        ("O95", "overall", "Fieldfarey"),
    ):
        question = QuestionFactory(code=code, section=section, kind="text" if code != "V4" else "practice")
        Answer.objects.create(audit=made, question=question, value="yes" if code == "V4" else "", note=note)
    return made
