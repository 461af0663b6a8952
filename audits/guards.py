"""What the database refuses to change in the audit programme, whoever asks it (docs/adr/0012-guards.md)."""

from core.guards import Guard, changed

CHANGE = ("UPDATE", "DELETE")


def stays(name: str, table: str, what: str) -> Guard:
    """A row that is written once."""
    return Guard(name, table, CHANGE, f"{what} is history: it is never changed and never deleted.")


def while_closed(name: str, table: str, what: str) -> Guard:
    """A row of an audit that refuses changes as long as the audit is final or void."""
    status = "(SELECT a.status FROM audits_audit a WHERE a.id = OLD.audit_id)"
    sentence = f"{what} of a final audit does not change. Two people can reopen the audit."
    return Guard(name, table, CHANGE, sentence, f"{status} IN ('finalised', 'void')")


def while_closed_by_feedback(name: str, table: str, what: str) -> Guard:
    """The same for what one person of the family answered, which hangs on their feedback."""
    status = (
        "(SELECT a.status FROM audits_audit a JOIN audits_familyfeedback f ON f.audit_id = a.id "
        "WHERE f.id = OLD.feedback_id)"
    )
    sentence = f"{what} of a final audit does not change. Two people can reopen the audit."
    return Guard(name, table, CHANGE, sentence, f"{status} IN ('finalised', 'void')")


def while_published(name: str, table: str, what: str) -> Guard:
    """A row of a version of a tool that was ever published."""
    published = "(SELECT v.published_at FROM audits_toolversion v WHERE v.id = OLD.version_id) IS NOT NULL"
    sentence = f"{what} of a published version does not change. Make a new version."
    return Guard(name, table, CHANGE, sentence, published)


GUARDS = (
    stays("audit_moves", "audits_auditmove", "A move of an audit"),
    stays("allocation_moves", "audits_allocationmove", "A move of an obligation"),
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
    while_closed("final_sections", "audits_auditsection", "A grade and its evidence"),
    while_closed("final_answers", "audits_answer", "An answer"),
    while_closed("final_dates", "audits_auditevent", "A date"),
    while_closed("final_circumstances", "audits_auditdates", "A date"),
    while_closed("final_worker_contacts", "audits_workercontact", "Whom the auditor asked"),
    while_closed("final_worker_feedback", "audits_workerfeedback", "What the social worker was told"),
    while_closed("final_family_contacts", "audits_familycontact", "Whom the auditor asked"),
    while_closed("final_family_feedback", "audits_familyfeedback", "What the family said"),
    while_closed_by_feedback("final_family_answers", "audits_familyanswer", "What the family said"),
    while_closed("final_proposed_actions", "audits_proposedaction", "A proposed action"),
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
    while_published("published_questions", "audits_question", "A question"),
    while_published("published_descriptors", "audits_gradedescriptor", "A descriptor"),
    Guard(
        "export_records_stay",
        "audits_exportrecord",
        ("UPDATE", "DELETE"),
        "Who took what out of the service is history: it is never changed and never deleted.",
    ),
)
