"""The council's open children, held pseudonymously: never a name, an address or a postcode."""

from datetime import date

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from accounts.models import Team
from audits.enums import Disability, ImportStatus, Pathway, Sex
from audits.querysets import CaseloadImportQuerySet, ChildQuerySet, HoldingQuerySet
from core.dates import age_in_years


class Child(models.Model):
    """One child of the caseload, known by the case management system's own reference.

    Year and month of birth are not known of a child who is known from a past audit alone.
    """

    reference = models.CharField(max_length=40, unique=True)
    birth_year = models.PositiveSmallIntegerField(null=True, blank=True)
    birth_month = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(12)]
    )
    sex = models.CharField(max_length=20, choices=Sex.choices, default=Sex.NOT_STATED)
    ethnicity = models.CharField(max_length=80, blank=True)
    disability = models.CharField(max_length=20, choices=Disability.choices, default=Disability.NOT_KNOWN)
    pathway = models.CharField(max_length=20, choices=Pathway.choices)
    pathway_started_on = models.DateField(null=True, blank=True)
    legal_status = models.CharField(max_length=80, blank=True)
    unaccompanied = models.BooleanField("unaccompanied asylum seeking child", default=False)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="children")
    worker_name = models.CharField(max_length=150, blank=True)
    reviewer_name = models.CharField("IRO or CP chair", max_length=150, blank=True)
    sibling_group = models.CharField(max_length=40, blank=True)
    closed_on = models.DateField(null=True, blank=True)

    objects = ChildQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "children"
        ordering = ("reference",)
        indexes = [
            models.Index(
                fields=("pathway", "team"), name="child_open_by_stratum", condition=Q(closed_on__isnull=True)
            )
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(reference=""), name="child_has_reference"),
            models.CheckConstraint(condition=Q(birth_month__range=(1, 12)), name="child_birth_month"),
            models.CheckConstraint(condition=Q(pathway__in=Pathway.values), name="child_pathway_known"),
            models.CheckConstraint(
                condition=Q(birth_year__isnull=False, birth_month__isnull=False) | Q(closed_on__isnull=False),
                name="child_open_has_birth",
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    def age_on(self, day: date) -> int | None:
        """Whole years on that day, by year and month of birth; below 0 for a child not yet born; None: not known."""
        if self.birth_year is None or self.birth_month is None:
            return None
        return age_in_years(self.birth_year, self.birth_month, day)


class Holding(models.Model):
    """Who held a child, from one day up to another, and on which pathway: the team, the worker, the IRO or CP chair.

    Allocation looks back over these to keep an audit from anybody who held the child (docs/domain.md, section 6). The
    caseload of a day is counted from these: on the day it ends, a holding has given way to the next.
    """

    child = models.ForeignKey(Child, on_delete=models.CASCADE, related_name="holdings")
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="holdings")
    worker_name = models.CharField(max_length=150, blank=True)
    reviewer_name = models.CharField(max_length=150, blank=True)
    pathway = models.CharField(max_length=20, choices=Pathway.choices)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)

    objects = HoldingQuerySet.as_manager()

    class Meta:
        ordering = ("child_id", "-starts_on", "-pk")
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                name="holding_dates_in_order",
            ),
            models.CheckConstraint(condition=Q(pathway__in=Pathway.values), name="holding_pathway_known"),
            models.UniqueConstraint(
                fields=("child",), condition=Q(ends_on__isnull=True), name="holding_one_open_per_child"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.child_id} held by {self.team_id} from {self.starts_on}"


class CaseloadImport(models.Model):
    """One reading of the council's Annex A workbook: previewed, then applied or discarded. The file is not kept.

    `payload` holds what was read, without a name, until the decision; then it is wiped. `number` counts the
    applied ones: no two imports can take the same, so they never mix.
    """

    as_at = models.DateField("caseload as at")
    status = models.CharField(max_length=20, choices=ImportStatus.choices, default=ImportStatus.PREVIEW)
    number = models.PositiveIntegerField(null=True, blank=True, unique=True)
    payload = models.JSONField("what was read, until the decision", default=dict, blank=True)
    counts = models.JSONField("what came of it", default=dict, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="caseload_imports",
    )
    created_at = models.DateTimeField(auto_now_add=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)

    objects = CaseloadImportQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at", "-pk")
        constraints = [
            models.CheckConstraint(
                condition=Q(status=ImportStatus.PREVIEW, number__isnull=True, decided_at__isnull=True)
                | Q(status=ImportStatus.APPLIED, number__isnull=False, decided_at__isnull=False)
                | Q(status=ImportStatus.DISCARDED, number__isnull=True, decided_at__isnull=False),
                name="caseload_import_status_fits",
            ),
        ]

    def __str__(self) -> str:
        return f"Caseload as at {self.as_at}"


class ImportReject(models.Model):
    """A row that did not go in, with the reason, so that the council can mend it at its source."""

    caseload_import = models.ForeignKey(CaseloadImport, on_delete=models.CASCADE, related_name="rejects")
    sheet = models.CharField(max_length=80)
    row = models.PositiveIntegerField()
    child = models.CharField(max_length=40, blank=True)
    reason = models.CharField(max_length=300)

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{self.sheet}, row {self.row}"
