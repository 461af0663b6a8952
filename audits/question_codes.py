"""Questions that something else relies on, by code, in one place (docs/domain.md, sections 4, 9 and 10).

Every practice question has measures of its own. These are relied on for more: to take one out of a tool, or an answer
out of one, takes something away that the page of a proposed version has to name.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Reliance:
    """What a question is needed for, and which of its answers."""

    needed_for: str
    answers: tuple[str, ...] = ()


RELIED_ON: dict[str, Reliance] = {
    "V1": Reliance("the timescale calculator, which answers it"),
    "A2": Reliance("the timescale calculator, which answers it"),
    "S1": Reliance("the timescale calculator, which answers it"),
    "M1": Reliance("the timescale calculator, which answers it"),
    "V2": Reliance("the ceiling of a visit gap that nobody explained"),
    "V3": Reliance("the ceiling of a child on a child protection plan who was not seen"),
    "A1": Reliance("the ceiling of an assessment that is missing"),
    "P1": Reliance("the ceiling of a plan that is missing"),
    "P2": Reliance("the ceiling of a plan that is missing"),
    "P15": Reliance("the ceiling of a plan that is missing"),
    "A10": Reliance("the share of assessments with at least one parent's view"),
    "A11": Reliance("the share of assessments with at least one parent's view"),
    "P3": Reliance("the share of plans that are SMART in every letter"),
    "S11": Reliance("the IRO's and the chair's footprint, for each pathway apart"),
    "F1": Reliance("the share of families whom contact was attempted with"),
    "F1_outcome": Reliance("the share of families who gave feedback", ("feedback", "not_appropriate")),
    "F2": Reliance("the share of families who gave feedback"),
    "F3": Reliance("the share of people who felt listened to and understood"),
    "F4": Reliance("the share of people whose situation improved"),
    "F5": Reliance("the share of people who felt that their involvement was important"),
    "F6": Reliance("the share of people whose worker was punctual"),
    "F7": Reliance("the share of people who felt in control"),
    "F8": Reliance("the share of people who had contact as often as they wanted"),
    "F9": Reliance("the share of people for whom changes of worker were handled well"),
    "W1": Reliance("the share of audits in which the social worker took part", ("took_part",)),
    "W3": Reliance("the share of audits handed on to supervision"),
    "W5": Reliance("the list of immediate concerns", ("yes",)),
    "O2": Reliance("the list of good practice", ("yes",)),
}
