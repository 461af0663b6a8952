"""What a panel decides of an audit while it meets."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from audits.enums import AREAS, BAND_GRADES, GRADED_SECTIONS, Grade, Section
from core.errors import RuleViolation
from moderation.enums import PanelStatus, Reason, TablingStatus, Verdict
from moderation.models import Decision, DecisionLine, Panel, Tabling
from moderation.moves import PANEL_REFUSALS
from moderation.permissions import can_decide
from moderation.services.readings import auditor_grades
from moderation.verdicts import steps_between, verdict_on

RETURN = "return"
"""What is chosen for an area in place of a grade when it is returned for evidence."""

NOT_YOURS = (
    "The chair decides, and never on an audit of their own or in which they have another conflict of interest. "
    "The other of QA lead and Principal Social Worker decides those."
)


@dataclass(frozen=True)
class Line:
    """The decision on one section: a grade, or RETURN; reasons and narrative are for what is not confirmed."""

    choice: str
    reasons: tuple[str, ...] = ()
    narrative: str = ""


class StaleDecision(Exception):
    """Somebody else decided on this audit since the page was opened. Nothing was changed."""

    def __init__(self, tabling: Tabling) -> None:
        super().__init__(f"tabling {tabling.pk} is at version {tabling.version}")
        self.tabling = tabling


@transaction.atomic
def decide_audit(
    tabling: Tabling, *, lines: Mapping[str, Line], version: int, by: User, at: datetime | None = None
) -> Decision:
    """Decide on a tabled audit, area by area. It supersedes what was decided before; nothing is final yet.

    Effects, in order: the tabling's version goes up by one; the decision and its lines are recorded and never change;
    from now on it is the one that holds. The same decision twice is one.

    Args:
        lines: by graded section, all six of them.
        version: the version of the tabling that the chair had before them.

    Raises:
        StaleDecision: somebody else decided in the meantime, and said something else.
        RuleViolation: `by` may not decide this one, the panel is not meeting, the audit is not on its table, or a
            line lacks its grade, or a change its reason or narrative.

    """
    at = at or timezone.now()
    current = _locked(tabling, by=by)
    auditor = auditor_grades(current)
    if missing := missing_from(lines, auditor):
        raise RuleViolation(f"Not decided yet. {' '.join(missing.values())}")
    made = {section: _line(section, auditor[section], lines[section]) for section in GRADED_SECTIONS}
    if current.version != version:
        if current.decision and _says(current.decision) == {s: _facts(line) for s, line in made.items()}:
            return current.decision
        raise StaleDecision(current)
    decision = _next(current, by=by, at=at)
    for line in made.values():
        line.decision = decision
    DecisionLine.objects.bulk_create(made.values())
    _holds(current, decision, version=version)
    return decision


@transaction.atomic
def take_back_decision(tabling: Tabling, *, version: int, by: User, at: datetime | None = None) -> Decision:
    """Take back what was decided: the audit is undecided again, and the history keeps both. Twice is once.

    Raises:
        StaleDecision: somebody else decided in the meantime.
        RuleViolation: `by` may not decide this one, the panel is not meeting, or nothing is decided.

    """
    current = _locked(tabling, by=by)
    last = current.decisions.order_by("-number").first()
    if current.decision is None and last is not None and last.is_taken_back:
        return last
    if current.decision is None:
        raise RuleViolation("Nothing is decided yet, so there is nothing to take back.")
    if current.version != version:
        raise StaleDecision(current)
    taken_back = _next(current, by=by, at=at or timezone.now(), is_taken_back=True)
    _holds(current, None, version=version)
    return taken_back


def missing_from(lines: Mapping[str, Line], auditor: Mapping[str, str]) -> dict[str, str]:
    """What a decision still needs: a sentence by section; empty when it is whole."""
    missing: dict[str, str] = {}
    for section in GRADED_SECTIONS:
        line = lines.get(section, Line(""))
        label = Section(section).label
        grades = (*BAND_GRADES, Grade.NOT_APPLICABLE) if section in AREAS else BAND_GRADES
        unknown = set(line.reasons) - set(Reason.values)
        if line.choice == RETURN:
            if not line.narrative.strip():
                missing[section] = (
                    f"{label}: say what evidence is missing, so that the auditor knows what to add."
                )
        elif line.choice not in grades or section not in auditor:
            missing[section] = f"{label}: choose what was decided."
        elif line.choice != auditor[section] and (not line.reasons or unknown or not line.narrative.strip()):
            missing[section] = f"{label}: a change needs at least one reason, and why in words."
    return missing


def _line(section: str, auditor_grade: str, line: Line) -> DecisionLine:
    is_returned = line.choice == RETURN
    final = auditor_grade if is_returned else line.choice
    verdict = Verdict.RETURNED if is_returned else Verdict(verdict_on(auditor_grade, final))
    is_confirmed = verdict == Verdict.CONFIRMED
    return DecisionLine(
        section=section,
        verdict=verdict,
        auditor_grade=auditor_grade,
        final_grade=final,
        steps=steps_between(auditor_grade, final),
        reasons=[] if is_confirmed else list(line.reasons),
        narrative="" if is_confirmed else line.narrative.strip(),
    )


def _facts(line: DecisionLine) -> tuple[str, str, list[str], str]:
    return line.verdict, line.final_grade, line.reasons, line.narrative


def _says(decision: Decision) -> dict[str, tuple[str, str, list[str], str]]:
    return {line.section: _facts(line) for line in decision.lines.all()}


def _next(tabling: Tabling, *, by: User, at: datetime, is_taken_back: bool = False) -> Decision:
    return Decision.objects.create(
        tabling=tabling,
        number=tabling.decisions.count() + 1,
        auditor_id=tabling.auditor_id,
        by=by,
        at=at,
        is_taken_back=is_taken_back,
    )


def _holds(tabling: Tabling, decision: Decision | None, *, version: int) -> None:
    """Compare and swap: of two chairs at one moment one wins, whatever the database locks."""
    changed = Tabling.objects.filter(pk=tabling.pk, version=version).update(
        version=version + 1, decision=decision
    )
    if not changed:
        raise StaleDecision(tabling)


def _locked(tabling: Tabling, *, by: User) -> Tabling:
    """The tabling as it stands, locked, with its panel, which cannot close meanwhile.

    Raises:
        RuleViolation: `by` may not decide it, the panel is not meeting, or it is no longer on the table.

    """
    panel = Panel.objects.select_for_update().get(pk=tabling.panel_id)
    rows = Tabling.objects.select_for_update(of=("self",)).select_related("decision__by", "audit__allocation")
    current = rows.get(pk=tabling.pk)
    if not can_decide(by, current):
        raise RuleViolation(NOT_YOURS)
    if panel.status != PanelStatus.MEETING:
        raise RuleViolation(PANEL_REFUSALS[panel.status])
    if current.status != TablingStatus.TABLED:
        raise RuleViolation("This audit is no longer on the table.")
    return current
