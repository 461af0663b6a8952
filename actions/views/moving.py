"""What every page with forms of actions does with one that was sent."""

from accounts.models import User
from actions.forms import ActionMoveForm
from actions.models import Action
from actions.services.moving import StaleAction
from core.errors import RuleViolation


def moved(form: ActionMoveForm, *, by: User) -> Action | None:
    """The action once the form's move is made; None where it is refused, which the form then says."""
    if not form.is_valid():
        return None
    try:
        return form.apply(by=by)
    except StaleAction as stale:
        form.reopen_at(stale.version)
        form.add_error(None, stale.sentence)
    except RuleViolation as refusal:
        form.add_error(None, refusal.sentence)
    return None
