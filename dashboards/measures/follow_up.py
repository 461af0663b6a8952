"""What became of actions, of Inadequate audits and of the learning. Imports no Django."""

from dashboards.measures.definition import Measure, Unit

CANCELLED = "Actions that were cancelled"

FOLLOW_UP = (
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
        code="recurrence",
        label="Teams in which a theme comes back",
        numerator="Teams with a theme that was found in three of the last four quarters, on as many files as the "
        "settings of themes ask",
        denominator="Teams with a submitted audit in the last four quarters",
        excludes="Themes no longer in use",
        counts=("at_end.recurrence.teams",),
        of=("at_end.recurrence.audited",),
        unit=Unit.RATIO,
        of_council_only=True,
    ),
)
