"""People, their teams and services, and the dated roles that decide what they may see and do."""

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils import timezone

from accounts.enums import PLAIN_ROLES, TEAM_ROLES, JobRole, Role
from accounts.querysets import MembershipQuerySet, ServiceQuerySet, TeamQuerySet, UserManager
from core.text import fold


class Service(models.Model):
    """A service of the council, such as Safeguarding: its service manager holds a membership in it."""

    name = models.CharField(max_length=120, unique=True)

    objects = ServiceQuerySet.as_manager()

    class Meta:
        ordering = ("name",)
        constraints = [models.UniqueConstraint(Lower("name"), name="service_name_whatever_case")]

    def __str__(self) -> str:
        return self.name


class Team(models.Model):
    """A team that holds children. Without a service it waits on a page for somebody to place it."""

    name = models.CharField(max_length=120, unique=True)
    service = models.ForeignKey(
        Service, null=True, blank=True, on_delete=models.PROTECT, related_name="teams"
    )

    objects = TeamQuerySet.as_manager()

    class Meta:
        ordering = ("name",)
        constraints = [models.UniqueConstraint(Lower("name"), name="team_name_whatever_case")]

    def __str__(self) -> str:
        return self.name


class User(AbstractBaseUser):
    """A colleague. Past auditors who never sign in are inactive people."""

    email = models.EmailField("e-mail address", max_length=254, unique=True)
    name = models.CharField(max_length=150)
    job_role = models.CharField(max_length=40, choices=JobRole.choices, default=JobRole.OTHER)
    line_manager = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="direct_reports"
    )
    is_active = models.BooleanField("may sign in", default=True)
    search_text = models.TextField(editable=False, default="")

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        ordering = ("name", "email")
        constraints = [
            models.CheckConstraint(condition=Q(email=Lower("email")), name="user_email_lower_case"),
            models.CheckConstraint(condition=~Q(pk=F("line_manager")), name="user_not_own_manager"),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Keeps the folded name and address beside them, so that every database finds Zoë by "zoe"."""
        self.search_text = fold(f"{self.name} {self.email}")
        super().save(*args, **kwargs)


class Membership(models.Model):
    """That a person holds a role, from one day to another: in a team, in a service, or in the council.

    `starts_on` is the first day with the role and `ends_on` the first day without it, so a role that ends
    today lets nobody in from now on, and one manager hands over to the next on one day. Roles are read from
    here at each request.
    """

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=40, choices=Role.choices)
    team = models.ForeignKey(
        Team, null=True, blank=True, on_delete=models.PROTECT, related_name="memberships"
    )
    service = models.ForeignKey(
        Service, null=True, blank=True, on_delete=models.PROTECT, related_name="memberships"
    )
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    granted_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="memberships_granted"
    )
    ended_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="memberships_ended"
    )

    objects = MembershipQuerySet.as_manager()

    class Meta:
        ordering = ("-starts_on", "role", "pk")
        indexes = [models.Index(fields=("team", "role"), name="membership_team_role")]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                name="membership_dates_in_order",
            ),
            models.CheckConstraint(
                condition=Q(role__in=TEAM_ROLES, team__isnull=False, service__isnull=True)
                | Q(role=Role.SERVICE_MANAGER, team__isnull=True, service__isnull=False)
                | Q(role=Role.SENIOR_LEADER, team__isnull=True)
                | Q(role__in=PLAIN_ROLES, team__isnull=True, service__isnull=True),
                name="membership_scope_fits_role",
            ),
            models.CheckConstraint(
                condition=Q(granted_by__isnull=True) | ~Q(granted_by=F("user")),
                name="membership_not_self_granted",
            ),
            models.UniqueConstraint(
                fields=("user", "role", "team"),
                condition=Q(ends_on__isnull=True, team__isnull=False),
                name="membership_once_per_team",
            ),
            models.UniqueConstraint(
                fields=("user", "role", "service"),
                condition=Q(ends_on__isnull=True, service__isnull=False),
                name="membership_once_per_service",
            ),
            models.UniqueConstraint(
                fields=("user", "role"),
                condition=Q(ends_on__isnull=True, team__isnull=True, service__isnull=True),
                name="membership_once_in_council",
            ),
            models.UniqueConstraint(
                fields=("team",),
                condition=Q(ends_on__isnull=True, role=Role.TEAM_MANAGER),
                name="membership_one_manager_per_team",
            ),
            models.UniqueConstraint(
                fields=("service",),
                condition=Q(ends_on__isnull=True, role=Role.SERVICE_MANAGER),
                name="membership_one_manager_per_service",
            ),
        ]

    def __str__(self) -> str:
        scope = self.team or self.service
        return f"{self.get_role_display()}, {scope}" if scope else self.get_role_display()


class AuditorProfile(models.Model):
    """What allocation must know of an auditor: how many a month, and which pathways they know."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="auditor_profile")
    monthly_capacity = models.PositiveSmallIntegerField(
        "audits a month", default=1, validators=[MinValueValidator(0), MaxValueValidator(20)]
    )
    pathways = models.JSONField("pathways known", default=list, blank=True)
    auditing_since = models.DateField(default=timezone.localdate)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(monthly_capacity__lte=20), name="auditor_capacity_believable")
        ]

    def __str__(self) -> str:
        return f"{self.user} as auditor"
