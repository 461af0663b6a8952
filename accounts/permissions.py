"""Who may manage people, teams and roles (docs/access.md). Pages and navigation both ask here."""

from django.contrib.auth.models import AnonymousUser

from accounts.enums import PEOPLE_ROLES
from accounts.models import User
from accounts.roles import roles_of


def can_manage_people(user: User | AnonymousUser) -> bool:
    """Add, change and deactivate people; grant and end roles of others; place teams in services."""
    return roles_of(user).any_of(*PEOPLE_ROLES)
