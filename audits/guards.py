"""What the database refuses to change in the audit programme, whoever asks it (docs/adr/0012-guards.md)."""

from core.guards import Guard, changed

CHANGE = ("UPDATE", "DELETE")
REOPEN = "Two people can reopen the audit."
STATUS_OF_AUDIT = "(SELECT a.status FROM audits_audit a WHERE a.id = {row}.audit_id)"
STATUS_BY_FEEDBACK = (
    "(SELECT a.status FROM audits_audit a JOIN audits_familyfeedback f ON f.audit_id = a.id "
    "WHERE f.id = {row}.feedback_id)"
)
"""For what one person of the family answered, which hangs on their feedback."""
PUBLISHED_AT = "(SELECT v.published_at FROM audits_toolversion v WHERE v.id = {row}.version_id)"


def stays(name: str, table: str, what: str) -> Guard:
    """A row that is written once."""
    return Guard(name, table, CHANGE, f"{what} is history: it is never changed and never deleted.")


def while_closed(name: str, table: str, what: str, status_of: str = STATUS_OF_AUDIT) -> tuple[Guard, ...]:
    """A row of an audit: none is changed, deleted, added or moved over as long as the audit is final or void.

    Args:
        status_of: SQL for the status of the audit to which a row belongs; `{row}` stands for OLD or NEW.

    """
    sentence = f"{what} of a final audit does not change. {REOPEN}"
    was, will_be = (f"{status_of.format(row=row)} IN ('finalised', 'void')" for row in ("OLD", "NEW"))
    return (
        Guard(name, table, ("UPDATE",), sentence, f"({was} OR {will_be})"),
        Guard(f"{name}_kept", table, ("DELETE",), sentence, was),
        Guard(f"{name}_added", table, ("INSERT",), f"Nothing is added to a final audit. {REOPEN}", will_be),
    )


def while_published(name: str, table: str, what: str) -> tuple[Guard, ...]:
    """A row of a version of a tool: none is changed, deleted, added or moved over once it was ever published."""
    sentence = f"{what} of a published version does not change. Make a new version."
    was, will_be = (f"{PUBLISHED_AT.format(row=row)} IS NOT NULL" for row in ("OLD", "NEW"))
    return (
        Guard(name, table, ("UPDATE",), sentence, f"({was} OR {will_be})"),
        Guard(f"{name}_kept", table, ("DELETE",), sentence, was),
        Guard(
            f"{name}_added",
            table,
            ("INSERT",),
            "Nothing is added to a published version. Make a new version.",
            will_be,
        ),
    )


GUARDS = (
    stays("audit_moves", "audits_auditmove", "A move of an audit"),
    stays("allocation_moves", "audits_allocationmove", "A move of an obligation"),
    stays(
        "activity_records", "audits_activityrecord", "What was handed in of a dip sample or an observation"
    ),
    stays("tool_version_moves", "audits_toolversionmove", "A move of a tool"),
    stays("worker_replies", "audits_workerreply", "The social worker's reply"),
    stays("access_records", "audits_accessrecord", "What somebody read"),
    stays("concern_moves", "audits_concernmove", "A move of a concern"),
    stays("concern_told", "audits_concerntold", "Who was told of a concern"),
    stays("urgent_notices", "audits_urgentnotice", "Who was told of an audit that cannot wait"),
    stays("ceiling_changes", "audits_ceilingchange", "A change of a ceiling"),
    Guard(
        "timescale_rules",
        "audits_timescalerule",
        ("UPDATE",),
        "A version of a timescale does not change. Add a new one from a later day.",
    ),
    Guard(
        "timescale_rules_kept",
        "audits_timescalerule",
        ("DELETE",),
        "A version of a timescale that was in force is never deleted. Add a new one from a later day.",
        "OLD.starts_on < CURRENT_DATE",
    ),
    Guard(
        "decided_reopenings",
        "audits_reopening",
        CHANGE,
        "A reopening that was decided is history: it is never changed and never deleted.",
        "OLD.status <> 'proposed'",
    ),
    *while_closed("final_sections", "audits_auditsection", "A grade and its evidence"),
    *while_closed("final_answers", "audits_answer", "An answer"),
    *while_closed("final_dates", "audits_auditevent", "A date"),
    *while_closed("final_circumstances", "audits_auditdates", "A date"),
    *while_closed("final_worker_contacts", "audits_workercontact", "Whom the auditor asked"),
    *while_closed("final_worker_feedback", "audits_workerfeedback", "What the social worker was told"),
    *while_closed("final_family_contacts", "audits_familycontact", "Whom the auditor asked"),
    *while_closed("final_family_feedback", "audits_familyfeedback", "What the family said"),
    *while_closed("final_family_answers", "audits_familyanswer", "What the family said", STATUS_BY_FEEDBACK),
    *while_closed("final_proposed_actions", "audits_proposedaction", "A proposed action"),
    Guard(
        "submitted_audits",
        "audits_audit",
        ("DELETE",),
        "An audit that was submitted is never deleted. It can be declared void.",
        "OLD.submitted_at IS NOT NULL",
    ),
    Guard(
        "final_audits",
        "audits_audit",
        ("UPDATE",),
        "A final audit does not change. Two people can reopen it.",
        "OLD.status = 'finalised' AND (NEW.status NOT IN ('finalised', 'reopened') OR "
        + changed("allocation_id", "tool_version_id", "pathway", "team_id", "started_at", "submitted_at")
        + ")",
    ),
    Guard(
        "published_versions",
        "audits_toolversion",
        ("UPDATE",),
        "A published version does not change. Make a new version.",
        "OLD.published_at IS NOT NULL AND (NEW.status NOT IN ('published', 'superseded') OR "
        + changed("tool_id", "number", "pathways", "published_at", "published_by_id")
        + ")",
    ),
    Guard(
        "published_versions_kept",
        "audits_toolversion",
        ("DELETE",),
        "A version that was published is never deleted: audits were written with it.",
        "OLD.published_at IS NOT NULL",
    ),
    *while_published("published_questions", "audits_question", "A question"),
    *while_published("published_descriptors", "audits_gradedescriptor", "A descriptor"),
    Guard(
        "export_records_stay",
        "audits_exportrecord",
        ("UPDATE", "DELETE"),
        "Who took what out of the service is history: it is never changed and never deleted.",
    ),
)
