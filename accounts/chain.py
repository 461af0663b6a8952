"""Who answers for a service on one day, and who is asked where nobody does."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from accounts.enums import TEAM_ROLES, Role
from accounts.models import Membership, User


class Chain:
    """The active holders of every role on one day, read once. Two queries."""

    def __init__(self, on: date) -> None:
        self.active = set(User.objects.active().values_list("pk", flat=True))
        self._services: defaultdict[int, set[int]] = defaultdict(set)
        self._holders: defaultdict[tuple[str, int | None], set[int]] = defaultdict(set)
        self._managers: dict[int, int] = {}
        rows = Membership.objects.on(on).values_list("user", "role", "team", "service", "team__service")
        for person, role, team, service, teams_service in rows:
            if role in TEAM_ROLES and teams_service:
                self._services[person].add(teams_service)
            if person in self.active:
                if role in TEAM_ROLES:
                    if role == Role.TEAM_MANAGER:
                        self._managers[team] = person
                else:
                    self._holders[role, service].add(person)

    def services_of(self, person: int) -> set[int]:
        """The services of the teams that the person works in or manages."""
        return self._services[person]

    def manager_of(self, team: int) -> int | None:
        """Who manages the team."""
        return self._managers.get(team)

    def holders(self, role: Role, service: int | None) -> set[int]:
        return self._holders[role, service]

    def in_line(self, role: Role, services: Iterable[int | None], *, besides: int) -> list[int]:
        """The holders of the role in the services, in order of their ids; nobody is told of themselves.

        The QA lead where there is none, and where that is the QA lead the Principal Social Worker.
        """
        of_services = set().union(*(self._holders[role, service] for service in services))
        for people in (of_services, self._holders[Role.QA_LEAD, None], self._holders[Role.PSW, None]):
            if others := people - {besides}:
                return sorted(others)
        return []
