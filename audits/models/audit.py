"""One child journey audit: its pages, its answers, its grades and the moves it made."""

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import F, Q

from accounts.models import Team
from audits.enums import (
    BAND_GRADES,
    GRADED_SECTIONS,
    HANDED_IN,
    AuditStatus,
    Disability,
    Grade,
    NotApplicableReason,
    Pathway,
    PracticeAnswer,
    ReopeningStatus,
    Section,
    Sex,
)
from audits.grading import is_above
from audits.models.programme import Allocation
from audits.models.tool import Question, ToolVersion
from audits.querysets import AuditQuerySet, ReopeningQuerySet, above_ceiling


class Audit(models.Model):
    """The audit of one child's file, with the child's facts as they stood when it was allocated."""

    allocation = models.OneToOneField(Allocation, on_delete=models.PROTECT, related_name="audit")
    status = models.CharField(max_length=20, choices=AuditStatus.choices, default=AuditStatus.ALLOCATED)
    tool_version = models.ForeignKey(
        ToolVersion, null=True, blank=True, on_delete=models.PROTECT, related_name="audits"
    )
    pathway = models.CharField(max_length=20, choices=Pathway.choices)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="audits")
    manager = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    worker_name = models.CharField(max_length=150, blank=True)
    reviewer_name = models.CharField("IRO or CP chair", max_length=150, blank=True)
    age = models.SmallIntegerField("age in years when allocated", null=True, blank=True)
    sex = models.CharField(max_length=20, choices=Sex.choices)
    ethnicity = models.CharField(max_length=80, blank=True)
    disability = models.CharField(max_length=20, choices=Disability.choices)
    legal_status = models.CharField(max_length=80, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    submitted_at = models.DateTimeField("first submitted", null=True, blank=True)
    finalised_at = models.DateTimeField(null=True, blank=True)
    is_family_unasked: bool
    """Only on rows read by AuditQuerySet.with_family_unasked()."""

    waiting: "Reopening"
    """Only on rows read by AuditQuerySet.with_waiting_reopening(), and only where one waits."""

    feedback_by_person = models.BooleanField("family feedback is written person by person", default=True)

    objects = AuditQuerySet.as_manager()

    class Meta:
        ordering = ("allocation__due_on", "allocation__reference")
        indexes = [models.Index(fields=("status", "submitted_at"), name="audit_status_submitted")]
        constraints = [
            models.CheckConstraint(condition=Q(status__in=AuditStatus.values), name="audit_status_known"),
            models.CheckConstraint(condition=Q(pathway__in=Pathway.values), name="audit_pathway_known"),
            models.CheckConstraint(
                condition=Q(status=AuditStatus.ALLOCATED, tool_version__isnull=True, started_at__isnull=True)
                | (
                    ~Q(status=AuditStatus.ALLOCATED) & Q(tool_version__isnull=False, started_at__isnull=False)
                ),
                name="audit_started_has_tool",
            ),
            models.CheckConstraint(
                condition=Q(status__in=HANDED_IN, submitted_at__isnull=False)
                | Q(status__in=(AuditStatus.ALLOCATED, AuditStatus.IN_PROGRESS), submitted_at__isnull=True)
                | Q(status=AuditStatus.VOID),
                name="audit_submitted_has_moment",
            ),
            models.CheckConstraint(
                condition=Q(status=AuditStatus.FINALISED, finalised_at__isnull=False)
                | ~Q(status=AuditStatus.FINALISED) & Q(finalised_at__isnull=True),
                name="audit_final_has_moment",
            ),
        ]

    def __str__(self) -> str:
        return self.allocation.reference


class AuditSection(models.Model):
    """One page of an audit. `version` counts its saves, so that a stale tab is noticed.

    `final_grade` is the grade that reports count: the auditor's as last submitted, until a panel decides otherwise.
    `grade` stays the auditor's (docs/domain.md, section 7, R10).

    `ceiling` and `ceiling_reason` are what the service advised when the page was last saved, or submitted;
    `override_reason` is why its auditor graded above that, and on the page of the process why no immediate concern
    was raised (docs/domain.md, section 5). `met_lines` holds keys such as "good.1", of the audit's tool version.
    """

    audit = models.ForeignKey(Audit, on_delete=models.CASCADE, related_name="sections")
    section = models.CharField(max_length=20, choices=Section.choices)
    grade = models.CharField("the auditor's grade", max_length=30, choices=Grade.choices, blank=True)
    final_grade = models.CharField(max_length=30, choices=Grade.choices, blank=True)
    evidence = models.TextField(blank=True)
    difference = models.TextField("what is different for this child because of this work", blank=True)
    not_applicable_reason = models.TextField(blank=True)
    met_lines = models.JSONField("lines of the descriptors that hold, by key", default=list, blank=True)
    ceiling = models.CharField("grade capped at", max_length=30, choices=Grade.choices, blank=True)
    ceiling_reason = models.TextField(blank=True)
    override_reason = models.TextField("why not as the service advises", blank=True)
    is_complete = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=0)
    saved_at = models.DateTimeField("last saved", null=True, blank=True)

    class Meta:
        ordering = ("audit_id", "pk")
        indexes = [
            models.Index(fields=("section", "grade"), name="audit_section_grade"),
            models.Index(fields=("section", "final_grade"), name="audit_section_final_grade"),
        ]
        constraints = [
            models.UniqueConstraint(fields=("audit", "section"), name="audit_section_once"),
            models.CheckConstraint(condition=Q(section__in=Section.values), name="audit_section_known"),
            models.CheckConstraint(
                condition=Q(grade="")
                | Q(grade__in=BAND_GRADES, section__in=GRADED_SECTIONS)
                | (Q(grade=Grade.NOT_APPLICABLE, section__in=GRADED_SECTIONS) & ~Q(section=Section.OVERALL)),
                name="audit_section_grade_fits",
            ),
            models.CheckConstraint(
                condition=Q(final_grade="")
                | Q(final_grade__in=BAND_GRADES, section__in=GRADED_SECTIONS)
                | (
                    Q(final_grade=Grade.NOT_APPLICABLE, section__in=GRADED_SECTIONS)
                    & ~Q(section=Section.OVERALL)
                ),
                name="audit_section_final_grade_fits",
            ),
            models.CheckConstraint(
                condition=Q(is_complete=False)
                | ~Q(section__in=GRADED_SECTIONS)
                | (Q(grade=Grade.NOT_APPLICABLE) & ~Q(not_applicable_reason=""))
                | (
                    Q(grade__in=BAND_GRADES)
                    & ~Q(evidence="")
                    & (Q(section=Section.OVERALL) | ~Q(difference=""))
                ),
                name="audit_section_complete_has_evidence",
            ),
            models.CheckConstraint(
                condition=Q(is_complete=False) | ~above_ceiling() | ~Q(override_reason=""),
                name="audit_section_override_has_reason",
            ),
        ]

    def __str__(self) -> str:
        return self.get_section_display()

    @property
    def overrides_ceiling(self) -> bool:
        """Whether its auditor graded above the ceiling that applied."""
        return is_above(self.grade, self.ceiling)


class GivenColumns(models.Model):
    """What an answer consists of. Which columns are used depends on the question's kind."""

    value = models.CharField(max_length=40, blank=True)
    not_applicable_reason = models.CharField(max_length=20, choices=NotApplicableReason.choices, blank=True)
    note = models.TextField(blank=True)
    selected = models.JSONField("ticked options or letters", default=list, blank=True)
    counted = models.PositiveIntegerField("so many", null=True, blank=True)
    counted_of = models.PositiveIntegerField("of so many", null=True, blank=True)
    dated_on = models.DateField(null=True, blank=True)

    class Meta:
        abstract = True


class Answer(GivenColumns):
    """The answer to one question of the audit's tool."""

    audit = models.ForeignKey(Audit, on_delete=models.CASCADE, related_name="answers")
    question = models.ForeignKey(Question, on_delete=models.PROTECT, related_name="answers")
    override_reason = models.TextField(
        "why it differs from what the dates say", blank=True, default="", db_default=""
    )

    class Meta:
        ordering = ("audit_id", "question_id")
        indexes = [models.Index(fields=("question", "value"), name="answer_question_value")]
        constraints = [
            models.UniqueConstraint(fields=("audit", "question"), name="answer_once"),
            models.CheckConstraint(
                condition=Q(not_applicable_reason="") | Q(value=PracticeAnswer.NOT_APPLICABLE),
                name="answer_reason_only_for_not_applicable",
            ),
            models.CheckConstraint(
                condition=Q(counted__isnull=True)
                | Q(counted_of__isnull=True)
                | Q(counted__lte=F("counted_of")),
                name="answer_count_within_total",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.question_id}: {self.value}"


class AuditMove(models.Model):
    """That an audit changed its status: from what to what, by whom, when and why. Rows are added and never changed.

    `kept` is what the audit said at that moment, by section: at a submission the auditor's grades, texts and
    answers, at finalisation the final grades. So both are kept for ever, however often it is reopened
    (docs/domain.md, section 7, R10).
    """

    audit = models.ForeignKey(Audit, on_delete=models.CASCADE, related_name="moves")
    from_status = models.CharField(max_length=20, choices=AuditStatus.choices)
    to_status = models.CharField(max_length=20, choices=AuditStatus.choices)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    at = models.DateTimeField()
    reason = models.TextField(blank=True)
    kept = models.JSONField("what the audit said", default=dict, blank=True, encoder=DjangoJSONEncoder)

    class Meta:
        ordering = ("at", "pk")
        constraints = [
            models.CheckConstraint(
                condition=Q(from_status__in=AuditStatus.values, to_status__in=AuditStatus.values),
                name="audit_move_statuses_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.audit_id}: {self.from_status} to {self.to_status}"


class Reopening(models.Model):
    """That somebody proposed to reopen a final audit, and what somebody else decided. Decided, it never changes."""

    audit = models.ForeignKey(Audit, on_delete=models.PROTECT, related_name="reopenings")
    reason = models.TextField()
    status = models.CharField(
        max_length=20, choices=ReopeningStatus.choices, default=ReopeningStatus.PROPOSED
    )
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    decision_note = models.TextField(blank=True)

    objects = ReopeningQuerySet.as_manager()

    class Meta:
        ordering = ("proposed_at", "pk")
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=ReopeningStatus.values), name="reopening_status_known"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="reopening_has_reason"),
            models.CheckConstraint(
                condition=Q(status=ReopeningStatus.PROPOSED, decided_by__isnull=True, decided_at__isnull=True)
                | ~Q(status=ReopeningStatus.PROPOSED) & Q(decided_by__isnull=False, decided_at__isnull=False),
                name="reopening_decided_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("proposed_by")),
                name="reopening_by_two_people",
            ),
            models.UniqueConstraint(
                fields=("audit",),
                condition=Q(status=ReopeningStatus.PROPOSED),
                name="reopening_one_waiting_per_audit",
            ),
        ]

    def __str__(self) -> str:
        return f"Reopening of {self.audit_id}: {self.get_status_display().lower()}"
