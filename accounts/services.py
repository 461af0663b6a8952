"""People, the roles they hold, and the teams and services they hold them in: every change is made here.

Each function is one transaction. A change that the rules refuse raises RuleViolation and changes nothing.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.formats import date_format

from accounts.enums import ONE_HOLDER_ROLES, PEOPLE_ROLES, JobRole, Pathway, Role
from accounts.models import AuditorProfile, Membership, Service, Team, User
from accounts.signals import password_link_asked
from core.errors import RuleViolation


@transaction.atomic
def add_person(*, name: str, email: str, job_role: JobRole, line_manager: User | None) -> User:
    """Add a colleague who holds no role yet.

    Effects: the person, without a password; a mail with a link to set one.
    """
    with refusing_twins(
        f"There is a person with the address {email} already. Search for them in the list of people."
    ):
        person = User.objects.create_user(email, name, job_role=job_role, line_manager=line_manager)
    send_password_link(person)
    return person


@transaction.atomic
def change_person(
    person: User, *, name: str, email: str, job_role: JobRole, line_manager: User | None
) -> User:
    """Change a person's details. Nobody manages themselves, directly or through others."""
    ids = [person.pk] if line_manager is None else [person.pk, line_manager.pk]
    list(User.objects.select_for_update().filter(pk__in=ids).order_by("pk"))
    if line_manager is not None and person.pk in line_of(line_manager):
        raise RuleViolation(
            f"{line_manager.name} answers to {person.name}, so cannot be their line manager. "
            f"Choose somebody else, or change {line_manager.name}'s line manager first."
        )
    person.name, person.email = name, email.lower()
    person.job_role, person.line_manager = job_role, line_manager
    with refusing_twins(
        f"Another person has the address {email}. Each person needs an address of their own."
    ):
        person.save(update_fields=["name", "email", "job_role", "line_manager", "search_text"])
    return person


def line_of(person: User) -> set[int]:
    """Ids of the person and of everybody they answer to, upwards."""
    line: set[int] = set()
    above: int | None = person.pk
    while above is not None and above not in line:
        line.add(above)
        above = User.objects.filter(pk=above).values_list("line_manager", flat=True).first()
    return line


@transaction.atomic
def deactivate_person(person: User, *, by: User) -> User:
    """Keep a person from signing in, from their next click on. The roles they hold wait for their return."""
    if person == by:
        raise RuleViolation("You cannot deactivate yourself. Ask a colleague who manages people.")
    refuse_lockout(without_person=person)
    person.is_active = False
    person.save(update_fields=["is_active"])
    return person


@transaction.atomic
def reactivate_person(person: User) -> User:
    """Let a person sign in again, with the roles they still hold."""
    person.is_active = True
    person.save(update_fields=["is_active"])
    return person


@transaction.atomic
def send_password_link(person: User) -> None:
    """Ask for a mail with a link to set a password; the link is made when the mail is sent."""
    if not person.is_active:
        raise RuleViolation(f"{person.name} is deactivated. Reactivate them first.")
    password_link_asked.send(sender=User, person=person)


@transaction.atomic
def grant_role(
    person: User,
    role: Role,
    *,
    starts_on: date,
    by: User,
    team: Team | None = None,
    service: Service | None = None,
) -> Membership:
    """Give a role from a day on: in the team or the service where the role is held in one.

    Effects: whoever manages the team or the service hands over on that day; a new auditor gets a profile of
    one audit a month.
    """
    if person == by:
        raise RuleViolation("You cannot give yourself a role. Ask a colleague who manages people.")
    if not person.is_active:
        raise RuleViolation(f"{person.name} is deactivated. Reactivate them first.")
    later = Q(ends_on__isnull=True) | Q(ends_on__gt=starts_on)
    held = Membership.objects.filter(later, user=person, role=role, team=team, service=service).first()
    if held is not None:
        until = f" until {date_format(held.ends_on)}. Choose that day or a later one" if held.ends_on else ""
        raise RuleViolation(f"{person.name} holds this role already{until}.")
    if role in ONE_HOLDER_ROLES:
        others = Membership.objects.filter(later, role=role, team=team, service=service).select_related(
            "user"
        )
        for other in others:
            hand_over(other, on=starts_on, by=by)
    if role == Role.AUDITOR:
        AuditorProfile.objects.get_or_create(user=person, defaults={"auditing_since": starts_on})
    with refusing_twins(
        "Somebody changed the same role a moment ago. Look at it again, then repeat what you did."
    ):
        return Membership.objects.create(
            user=person, role=role, team=team, service=service, starts_on=starts_on, granted_by=by
        )


def hand_over(membership: Membership, *, on: date, by: User) -> None:
    """End the role of who manages a team or service until now, on the day that somebody else takes over."""
    name = membership.user.name
    if membership.starts_on > on:
        raise RuleViolation(
            f"{name} takes over on {date_format(membership.starts_on)}. "
            "Choose that day or a later one, or end their role first."
        )
    if membership.ends_on is not None and membership.ends_on <= timezone.localdate():
        raise RuleViolation(
            f"{name} held this role until {date_format(membership.ends_on)}. Choose that day or a later one."
        )
    membership.ends_on, membership.ended_by = on, by
    membership.save(update_fields=["ends_on", "ended_by"])


@transaction.atomic
def end_role(membership: Membership, *, ends_on: date, by: User) -> Membership:
    """Take a role away from `ends_on`, the first day without it: today takes it away at once.

    An end that lies ahead can be brought forward, never put off.
    """
    if ends_on < membership.starts_on:
        raise RuleViolation(
            f"The role starts on {date_format(membership.starts_on)}. Choose that day or a later one."
        )
    if membership.role in PEOPLE_ROLES:
        refuse_lockout(without_role=membership)
    later = Q(ends_on__isnull=True) | Q(ends_on__gt=ends_on)
    ended = Membership.objects.filter(later, pk=membership.pk).update(ends_on=ends_on, ended_by=by)
    membership.refresh_from_db(fields=["ends_on", "ended_by"])
    if not ended and membership.ends_on is not None:
        raise RuleViolation(f"This role ends on {date_format(membership.ends_on)} already.")
    return membership


def refuse_lockout(*, without_person: User | None = None, without_role: Membership | None = None) -> None:
    """Refuse when nobody would be left to manage people: business support or a system administrator.

    Locks what it counts, so that two of them cannot end each other at the same moment.
    """
    holders = Membership.objects.managing_people(timezone.localdate()).select_related("user").order_by("pk")
    if all(held.user == without_person or held == without_role for held in holders.select_for_update()):
        raise RuleViolation(
            "Nobody would be left who can manage people. "
            "Give another colleague the role of business support or system administrator first."
        )


def change_auditor_profile(
    person: User, *, monthly_capacity: int, pathways: Iterable[Pathway], auditing_since: date
) -> AuditorProfile:
    """Change what allocation knows of an auditor: audits a month (0 to 20), pathways, first day."""
    known = sorted(pathways, key=Pathway.values.index)
    profile, _ = AuditorProfile.objects.update_or_create(
        user=person,
        defaults={"monthly_capacity": monthly_capacity, "pathways": known, "auditing_since": auditing_since},
    )
    return profile


def add_team(*, name: str, service: Service | None) -> Team:
    """Add a team; without a service it waits to be placed."""
    with refusing_twins(f"There is a team called {name} already."):
        return Team.objects.create(name=name, service=service)


def change_team(team: Team, *, name: str, service: Service | None) -> Team:
    """Rename a team, or place it in a service: that service's manager sees its work from now on."""
    team.name, team.service = name, service
    with refusing_twins(f"There is another team called {name}."):
        team.save()
    return team


def add_service(*, name: str) -> Service:
    """Add a service that teams can be placed in."""
    with refusing_twins(f"There is a service called {name} already."):
        return Service.objects.create(name=name)


def rename_service(service: Service, *, name: str) -> Service:
    """Rename a service; its teams stay in it."""
    service.name = name
    with refusing_twins(f"There is another service called {name}."):
        service.save()
    return service


@contextmanager
def refusing_twins(sentence: str) -> Iterator[None]:
    """Say the sentence where the database refuses a second row of the same kind, also one made a moment ago."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        raise RuleViolation(sentence) from error
