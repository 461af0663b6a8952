"""Which parts of the council a person may open."""

from dataclasses import dataclass, replace

from django.db.models import Q

from accounts.enums import Role
from accounts.models import Team, User
from accounts.roles import roles_of
from dashboards.permissions import can_read_reports
from dashboards.scopes import COUNCIL, Scope

OWN = "mine"
WHOLE = "council"


@dataclass(frozen=True)
class Part:
    """One part of the council that a person may open: its name in the address and in words.

    `service` is the id of the service that a team belongs to.
    """

    key: str
    label: str
    scope: Scope
    service: int | None = None

    def of_pathway(self, pathway: str) -> Scope:
        """The same part, of one pathway where one is asked for."""
        return replace(self.scope, pathway=pathway)


def parts_open_to(user: User) -> list[Part]:
    """What this person has figures of, widest first (docs/access.md). One query at most."""
    roles = roles_of(user)
    parts = []
    if can_read_reports(user) or Role.SENIOR_LEADER in roles:
        parts.append(Part(WHOLE, "The whole council", COUNCIL))
    reads_all = can_read_reports(user)
    if reads_all or roles.manages or roles.manages_services:
        teams = Team.objects.select_related("service").order_by("service__name", "name")
        own = Q(pk__in=roles.manages) | Q(service__in=roles.manages_services)
        found = list(teams if reads_all else teams.filter(own))
        services = dict.fromkeys(
            team.service for team in found if reads_all or team.service_id in roles.manages_services
        )
        parts += [Part(f"service-{one.pk}", one.name, Scope(service=one.pk)) for one in services if one]
        parts += [Part(f"team-{one.pk}", one.name, Scope(team=one.pk), one.service_id) for one in found]
    if Role.AUDITOR in roles:
        parts.append(Part(OWN, "Your own audits", Scope(auditor=user.pk)))
    return parts
