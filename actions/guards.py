"""What the database refuses to change of closing the loop (docs/adr/0012-guards.md)."""

from core.guards import Guard, changed

CHANGE = ("UPDATE", "DELETE")

GUARDS = (
    Guard(
        "action_moves_stay",
        "actions_actionmove",
        CHANGE,
        "A move of an action is history: it is never changed and never deleted.",
    ),
    Guard(
        "escalations_stay",
        "actions_escalation",
        CHANGE,
        "Who was told of an overdue action is history: it is never changed and never deleted.",
    ),
    Guard(
        "pauses_stay",
        "actions_escalationpause",
        CHANGE,
        "That an escalation was paused is history: it is never changed and never deleted.",
    ),
    Guard(
        "imported_actions_stay",
        "actions_importedaction",
        CHANGE,
        "Where an action was brought in from is never changed and never deleted.",
    ),
    Guard(
        "actions_are_kept",
        "actions_action",
        ("DELETE",),
        "An action is never deleted. Cancel it with a reason.",
    ),
    Guard(
        "first_due_dates_stay",
        "actions_action",
        ("UPDATE",),
        "The first due date of an action never changes.",
        "NEW.first_due_on <> OLD.first_due_on",
    ),
    Guard(
        "pathways_of_actions_stay",
        "actions_action",
        ("UPDATE",),
        "An action counts on the pathway that the child was on when it was opened.",
        "NEW.pathway <> OLD.pathway",
    ),
    Guard(
        "tag_moves_stay",
        "actions_tagmove",
        ("UPDATE",),
        "Who put a theme on a finding, or took it away, is history: it never changes.",
        changed("audit_id", "theme_id", "is_added", "by_id", "at"),
    ),
    Guard(
        "tag_moves_are_kept",
        "actions_tagmove",
        ("DELETE",),
        "Who put a theme on a finding, or took it away, is history: it is never deleted.",
    ),
    Guard(
        "cancelled_by_another",
        "actions_action",
        ("UPDATE",),
        "Somebody else than its owner and than who asked for it has to approve a cancellation.",
        "NEW.status = 'cancelled' AND OLD.status <> 'cancelled' AND NOT EXISTS ("
        "SELECT 1 FROM actions_actionmove approved WHERE approved.action_id = NEW.id AND approved.kind = 'cancel' "
        "AND approved.by_id <> NEW.owner_id AND approved.by_id <> ("
        "SELECT asked.by_id FROM actions_actionmove asked WHERE asked.action_id = NEW.id "
        "AND asked.kind = 'ask_cancel' ORDER BY asked.id DESC LIMIT 1))",
    ),
    Guard(
        "path_moves_stay",
        "actions_pathmove",
        CHANGE,
        "What was recorded after an Inadequate audit is history: it is never changed and never deleted.",
    ),
    Guard(
        "urgent_paths_are_kept",
        "actions_urgentpath",
        CHANGE,
        "What follows from an Inadequate audit is never changed and never deleted.",
    ),
    Guard(
        "path_steps_are_kept",
        "actions_pathstep",
        ("DELETE",),
        "A step after an Inadequate audit is never deleted.",
    ),
    Guard(
        "recorded_steps_stay",
        "actions_pathstep",
        ("UPDATE",),
        "A step that was recorded keeps its words, its day and who recorded it.",
        f"OLD.status IN ('done', 'verified') AND {changed('text', 'held_on', 'done_by_id', 'done_at')}",
    ),
    Guard(
        "sample_draws_stay",
        "actions_sampledraw",
        CHANGE,
        "Which audits stood in the draw of re-audits is history: it is never changed and never deleted.",
    ),
    Guard(
        "reaudits_are_kept",
        "actions_reaudit",
        ("DELETE",),
        "A re-audit is never deleted. Say with a reason that none is needed.",
    ),
    Guard(
        "closed_hand_offs_stay",
        "actions_supervisionhandoff",
        CHANGE,
        "A hand-off that was closed with its supervision date never changes.",
        "OLD.closed_at IS NOT NULL",
    ),
    Guard(
        "decided_dip_samples_stay",
        "actions_dipsampleproposal",
        CHANGE,
        "A dip sample that was decided on never changes.",
        "OLD.status <> 'proposed'",
    ),
)
