"""Bringing people in from the council's file (docs/people.md).

The file is the truth about each person in it on the day of the import: their details, team, roles and line
manager. People who are not in it are left as they are, and so are roles that start later.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Q

from accounts.enums import ONE_HOLDER_ROLES, SERVICE_ROLES, Role
from accounts.models import AuditorProfile, Membership, Service, Team, User
from accounts.people_file import read_people_file
from accounts.people_lines import PersonLine, line_of_row, refused_together
from accounts.services import refuse_lockout, refusing_twins
from core.errors import RuleViolation
from core.text import fold

Post = tuple[str, int | None, int | None]
"""A role with the ids of the team and the service it is held in."""


@dataclass(frozen=True)
class Notice:
    """A row of the file that somebody should look at."""

    row: int
    reason: str


@dataclass
class PeopleImported:
    """How an import went: counts of people, names of what was made on the way, rows to look at."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    rejected: list[Notice] = field(default_factory=list)
    warnings: list[Notice] = field(default_factory=list)
    services_created: list[str] = field(default_factory=list)
    teams_created: list[str] = field(default_factory=list)
    teams_placed: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """The document that `import_people --json` prints."""
        return asdict(self)


def import_people(content: bytes, *, on: date, dry_run: bool = False) -> PeopleImported:
    """Bring in a file of people as of the day `on`, in one transaction, which a dry run undoes at its end.

    Effects: unknown services and teams, people, line managers and auditor profiles; roles that the file no longer
    gives end on that day and new ones start on it, so a team's manager hands over in one step. Nobody is mailed.

    Raises RuleViolation when the file is not such a file, or when nobody would be left to manage people.
    """
    imported = PeopleImported()
    lines: list[PersonLine] = []
    rows = read_people_file(content)
    for row in rows:
        try:
            lines.append(line_of_row(row))
        except RuleViolation as refusal:
            imported.rejected.append(Notice(row.number, refusal.sentence))
    in_file = {row.cells["email"].lower() for row in rows}
    with refusing_twins(
        "Somebody changed people at the same moment. Nothing was changed: import the file again."
    ):
        managers = dict(User.objects.values_list("email", "line_manager__email"))
        refused = refused_together(lines, managers=managers, in_file=in_file)
        imported.rejected += [Notice(row, reason) for row, reason in refused.items()]
        imported.rejected.sort(key=lambda notice: notice.row)
        somebody_managed_people = Membership.objects.managing_people(on).exists()
        Writer(imported, on).write([line for line in lines if line.row not in refused])
        if somebody_managed_people:
            refuse_lockout()
        transaction.set_rollback(dry_run)
    return imported


class Writer:
    """Writes rows that hold, and counts what came of them."""

    def __init__(self, imported: PeopleImported, on: date) -> None:
        self.imported = imported
        self.on = on
        self.people = {person.email: person for person in User.objects.all()}
        self.profiles = {profile.user_id: profile for profile in AuditorProfile.objects.all()}
        self.services = {fold(service.name): service for service in Service.objects.all()}
        self.teams = {fold(team.name): team for team in Team.objects.all()}
        self.created: set[str] = set()
        self.changed: set[str] = set()

    def write(self, lines: Sequence[PersonLine]) -> None:
        for line in lines:
            self.write_places(line)
            self.write_person(line)
            if Role.AUDITOR in line.roles:
                self.write_profile(line)
        for line in lines:
            self.write_line_manager(line)
        self.write_posts(lines)
        self.imported.created = len(self.created)
        self.imported.updated = len(self.changed - self.created)
        self.imported.unchanged = len(lines) - self.imported.created - self.imported.updated

    def write_places(self, line: PersonLine) -> None:
        """The service and teams of a row, and the team in the service."""
        service = None
        if line.service:
            service = self.services.get(fold(line.service))
            if service is None:
                service = self.services[fold(line.service)] = Service.objects.create(name=line.service)
                self.imported.services_created.append(service.name)
        for name in filter(None, (line.team, line.manages_team)):
            if fold(name) not in self.teams:
                self.teams[fold(name)] = Team.objects.create(name=name)
                self.imported.teams_created.append(name)
        if service and line.placed_team:
            team = self.teams[fold(line.placed_team)]
            if team.service_id != service.pk:
                team.service = service
                team.save(update_fields=["service"])
                if team.name not in self.imported.teams_created:
                    self.imported.teams_placed.append(team.name)

    def write_person(self, line: PersonLine) -> None:
        person = self.people.get(line.email)
        if person is None:
            self.people[line.email] = User.objects.create_user(line.email, line.name, job_role=line.job_role)
            self.created.add(line.email)
            return
        if not person.is_active:
            self.imported.warnings.append(Notice(line.row, f"{person.name} is deactivated and stays so."))
        if (person.name, person.job_role) != (line.name, line.job_role):
            person.name, person.job_role = line.name, line.job_role
            person.save(update_fields=["name", "job_role", "search_text"])
            self.changed.add(line.email)

    def write_profile(self, line: PersonLine) -> None:
        """What allocation knows of an auditor; an empty cell leaves it, or means one audit a month for a new one."""
        person = self.people[line.email]
        profile = self.profiles.get(person.pk)
        is_new = profile is None
        if profile is None:
            profile = AuditorProfile(user=person, auditing_since=self.on)
        before = (profile.monthly_capacity, profile.pathways)
        if line.capacity is not None:
            profile.monthly_capacity = line.capacity
        if line.pathways is not None:
            profile.pathways = line.pathways
        if is_new or before != (profile.monthly_capacity, profile.pathways):
            profile.save()
            self.changed.add(line.email)

    def write_line_manager(self, line: PersonLine) -> None:
        person = self.people[line.email]
        manager = self.people.get(line.line_manager) if line.line_manager else None
        if line.line_manager and manager is None:
            reason = (
                f"The row of the line manager {line.line_manager} was rejected: {person.name} has none yet."
            )
            self.imported.warnings.append(Notice(line.row, reason))
            return
        if person.line_manager_id != (manager.pk if manager else None):
            person.line_manager = manager
            person.save(update_fields=["line_manager"])
            self.changed.add(line.email)

    def posts_of(self, line: PersonLine) -> set[Post]:
        """The roles of a row as the database holds them."""
        service = self.services[fold(line.service)].pk if line.service else None
        posts: set[Post] = set()
        for role in line.roles:
            if role == Role.TEAM_MEMBER:
                posts.add((role, self.teams[fold(line.team)].pk, None))
            elif role == Role.TEAM_MANAGER:
                posts.add((role, self.teams[fold(line.manages_team)].pk, None))
            else:
                posts.add((role, None, service if role in SERVICE_ROLES else None))
        return posts

    def write_posts(self, lines: Sequence[PersonLine]) -> None:
        """End what the file no longer gives, then start what is new."""
        held: dict[int, dict[Post, Membership]] = defaultdict(dict)
        holders: dict[Post, list[Membership]] = defaultdict(list)
        for membership in Membership.objects.filter(Q(ends_on__isnull=True) | Q(ends_on__gt=self.on)):
            post = (membership.role, membership.team_id, membership.service_id)
            held[membership.user_id][post] = membership
            holders[post].append(membership)
        ended: dict[int, Membership] = {}
        started: list[Membership] = []
        for line in lines:
            person = self.people[line.email]
            mine, wanted = held[person.pk], self.posts_of(line)
            lost = [held for post, held in mine.items() if post not in wanted and held.starts_on <= self.on]
            won = sorted(wanted - mine.keys(), key=str)
            if lost or won:
                self.changed.add(line.email)
            for role, team, service in won:
                if role in ONE_HOLDER_ROLES:
                    lost += holders[role, team, service]
                started.append(
                    Membership(user=person, role=role, team_id=team, service_id=service, starts_on=self.on)
                )
            ended |= {membership.pk: membership for membership in lost}
        for membership in ended.values():
            membership.ends_on = max(self.on, membership.starts_on)
        Membership.objects.bulk_update(ended.values(), ["ends_on"])
        Membership.objects.bulk_create(started)
