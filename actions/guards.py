"""What the database refuses to change of closing the loop (docs/adr/0009-guards.md)."""

from core.guards import Guard

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
)
