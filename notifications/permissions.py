"""Who looks after the mail (docs/access.md). Pages and navigation both ask here."""

from django.contrib.auth.models import AnonymousUser

from accounts.models import User
from accounts.roles import roles_of
from notifications.querysets import MESSAGE_ROLES


def can_look_after_messages(user: User | AnonymousUser) -> bool:
    """See what waits, failed or was given up; send it again or set it aside."""
    return roles_of(user).any_of(*MESSAGE_ROLES)
