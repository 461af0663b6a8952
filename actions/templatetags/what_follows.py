"""{% load what_follows %}: what follows from an audit, on its own page and at the panel."""

from typing import Any

from django import template

from accounts.models import User
from actions.models import UrgentPath
from actions.permissions import can_raise_from_panel
from actions.reaudit_facts import beside
from audits.enums import HANDED_IN
from audits.models import Audit

register = template.Library()


@register.inclusion_tag("actions/_beside.html")
def reaudit_beside(audit: Audit, user: User) -> dict[str, Any]:
    """That the file is audited again, and whether it moved up, for whoever may open both audits."""
    return {"beside": beside(audit, user) if audit.status in HANDED_IN else None}


@register.inclusion_tag("actions/_path_link.html")
def path_link(audit: Audit, user: User) -> dict[str, Any]:
    """The way to what follows from an Inadequate audit, for whoever may open it."""
    return {"audit": audit, "follows": UrgentPath.objects.visible_to(user).filter(audit=audit).exists()}


@register.inclusion_tag("actions/_panel_link.html")
def panel_action(audit: Audit, user: User) -> dict[str, Any]:
    """The way to raise an action about an audit on the table, for whoever runs the panel and its members."""
    return {"audit": audit, "may_raise": can_raise_from_panel(user, audit)}
