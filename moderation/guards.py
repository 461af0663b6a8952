"""What the database refuses in moderation, whoever asks it (docs/domain.md, section 7)."""

from core.guards import Guard, changed

CHANGE = ("UPDATE", "DELETE")
WRITE = ("INSERT", "UPDATE")

AUDITOR = (
    "(SELECT o.auditor_id FROM moderation_tabling t JOIN audits_audit a ON a.id = t.audit_id "
    "JOIN audits_allocation o ON o.id = a.allocation_id WHERE t.id = NEW.tabling_id)"
)
"""Who wrote the audit that the new row is about, whatever the row says."""


def conflict(person: str) -> str:
    """SQL that is true where the new row names somebody who must not moderate the audit (R3)."""
    of_this = f"c.tabling_id = NEW.tabling_id AND c.person_id = NEW.{person}"
    noted = f"EXISTS (SELECT 1 FROM moderation_conflict c WHERE {of_this})"  # noqa: S608 - our own column names
    return f"(NEW.{person} = {AUDITOR} OR {noted})"


def stays(name: str, table: str, what: str) -> Guard:
    """A row that is written once."""
    return Guard(name, table, CHANGE, f"{what} is history: it is never changed and never deleted.")


GUARDS = (
    stays("panel_moves", "moderation_panelmove", "A move of a panel"),
    stays("seat_moves", "moderation_seatmove", "A move of a seat"),
    Guard(
        "seats_of_closed_panels",
        "moderation_panelmember",
        CHANGE,
        "Who sat on a panel that is closed does not change.",
        "(SELECT p.status FROM moderation_panel p WHERE p.id = OLD.panel_id) = 'closed'",
    ),
    stays("decisions", "moderation_decision", "A decision of a panel"),
    stays("decision_lines", "moderation_decisionline", "A decision of a panel"),
    stays("reading_differences", "moderation_readingdifference", "The reason for a grade"),
    Guard(
        "recorded_readings",
        "moderation_reading",
        ("UPDATE",),
        "A reading that was recorded does not change.",
        "OLD.recorded_at IS NOT NULL AND (NEW.status NOT IN ('recorded', 'complete') OR "
        + changed(
            "tabling_id",
            "member_id",
            "moderator_id",
            "auditor_id",
            "form_quality",
            "form_note",
            "recorded_at",
        )
        + ")",
    ),
    Guard(
        "kept_readings",
        "moderation_reading",
        ("DELETE",),
        "A reading is never deleted. One that is no longer asked for is withdrawn.",
    ),
    Guard(
        "recorded_grades",
        "moderation_readinggrade",
        CHANGE,
        "A grade of a reading that was recorded does not change.",
        "(SELECT r.recorded_at FROM moderation_reading r WHERE r.id = OLD.reading_id) IS NOT NULL",
    ),
    Guard(
        "readers_without_conflict",
        "moderation_reading",
        WRITE,
        "Nobody moderates their own audit, or one in which they have a conflict of interest.",
        conflict("moderator_id") + " AND NEW.status <> 'withdrawn'",
    ),
    Guard(
        "deciders_without_conflict",
        "moderation_decision",
        ("INSERT",),
        "Nobody decides on their own audit, or on one in which they have a conflict of interest.",
        conflict("by_id"),
    ),
    Guard(
        "outcomes",
        "moderation_outcome",
        ("UPDATE",),
        "What an auditor was told does not change.",
        changed("decision_id", "auditor_id", "due_on", "told_at")
        + " OR (OLD.acknowledged_at IS NOT NULL AND "
        + changed("acknowledged_at")
        + ")",
    ),
    Guard("kept_outcomes", "moderation_outcome", ("DELETE",), "What an auditor was told is never deleted."),
    Guard(
        "replies",
        "moderation_reply",
        ("UPDATE",),
        "A reply does not change, nor what was decided on it.",
        "OLD.decided_at IS NOT NULL OR " + changed("outcome_id", "auditor_id", "text", "at"),
    ),
    Guard("kept_replies", "moderation_reply", ("DELETE",), "A reply is never deleted."),
    stays("spot_check_draws", "moderation_spotcheckdraw", "A draw of spot checks"),
    Guard(
        "earned_exemptions",
        "moderation_earnedexemption",
        ("UPDATE",),
        "An earned exemption keeps what it rests on, and does not change once it is over.",
        "OLD.status IN ('declined', 'withdrawn', 'ended') OR "
        + changed("auditor_id", "moderated", "confirmed", "quarters", "proposed_at")
        + " OR (OLD.status = 'granted' AND "
        + changed("decided_by_id", "decided_at", "starts_on", "review_on", "spot_check_percent")
        + ")",
    ),
    Guard(
        "kept_earned_exemptions",
        "moderation_earnedexemption",
        ("DELETE",),
        "An earned exemption is never deleted.",
    ),
    Guard(
        "calibration_grades",
        "moderation_calibrationgrade",
        CHANGE,
        "What was graded does not change once the exercise is closed.",
        "(SELECT e.status FROM moderation_calibrationexercise e JOIN moderation_calibrationtext t "
        "ON t.exercise_id = e.id WHERE t.id = OLD.text_id) = 'closed'",
    ),
)
