"""The social worker who took part, and what families said. Imports no Django."""

from dashboards.measures.definition import Measure, Terms

FAMILIES_TO_ASK: Terms = ("returned", "-F1_outcome.not_appropriate")
NOT_ASKED = (
    "Audits in which contact was not appropriate; audits brought in from a form service, which asks no family"
)
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

INVOLVEMENT = (
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
        excludes=NOT_ASKED,
        counts=("F1_outcome.feedback",),
        of=FAMILIES_TO_ASK,
    ),
    Measure(
        code="feedback.attempted",
        label="Family feedback attempted",
        numerator="Submitted audits whose auditor contacted at least one family member, whatever came of it",
        denominator="Submitted audits less those in which contact was not appropriate",
        excludes=NOT_ASKED,
        counts=("F1_outcome.feedback", "F1_outcome.declined", "F1_outcome.no_reply"),
        of=FAMILIES_TO_ASK,
    ),
    Measure(
        code="feedback.child",
        label="The child gave feedback",
        numerator="Submitted audits in which the child or young person gave feedback",
        denominator="Submitted audits less those in which contact was not appropriate",
        excludes=NOT_ASKED,
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
