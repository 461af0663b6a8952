"""Audit tools: versioned questions and grade descriptors. A published version never changes."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from audits.asks import asks_in_words
from audits.completeness import AskedQuestion, Asks
from audits.enums import (
    APPROVED_TOOL_STATUSES,
    GRADED_SECTIONS,
    OPEN_TOOL_STATUSES,
    Grade,
    Pathway,
    QuestionKind,
    Section,
    ToolStatus,
)
from audits.querysets import ToolQuerySet, ToolVersionQuerySet


class Tool(models.Model):
    """A form of audit, such as the tool for children looked after. Its versions say for which pathways."""

    code = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=120)

    objects = ToolQuerySet.as_manager()

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class ToolVersion(models.Model):
    """The tool as it stood: an audit keeps the version it was started with.

    `pathways` are those it was written for; which version serves a pathway today is ToolInForce's to say.
    `change_note` is what its author says has changed, for whoever approves it.
    """

    tool = models.ForeignKey(Tool, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField()
    status = models.CharField(max_length=20, choices=ToolStatus.choices, default=ToolStatus.DRAFT)
    pathways = models.JSONField(default=list)
    change_note = models.TextField(max_length=2000, blank=True)
    proposed_at = models.DateTimeField(null=True, blank=True)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    published_at = models.DateTimeField(null=True, blank=True)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    objects = ToolVersionQuerySet.as_manager()

    class Meta:
        ordering = ("tool_id", "-number")
        constraints = [
            models.UniqueConstraint(fields=("tool", "number"), name="tool_version_numbered_once"),
            models.UniqueConstraint(
                fields=("tool",), condition=Q(status=ToolStatus.PUBLISHED), name="tool_published_once"
            ),
            models.UniqueConstraint(
                fields=("tool",), condition=Q(status__in=OPEN_TOOL_STATUSES), name="tool_drafted_once"
            ),
            models.CheckConstraint(
                condition=Q(status__in=(*OPEN_TOOL_STATUSES, ToolStatus.DISCARDED), published_at__isnull=True)
                | Q(status__in=APPROVED_TOOL_STATUSES, published_at__isnull=False),
                name="tool_version_published_has_moment",
            ),
            models.CheckConstraint(
                condition=~Q(status=ToolStatus.PROPOSED)
                | Q(proposed_at__isnull=False, proposed_by__isnull=False),
                name="tool_version_proposed_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(published_by__isnull=True)
                | Q(proposed_by__isnull=False) & ~Q(published_by=F("proposed_by")),
                name="tool_version_approved_by_another",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.tool}, version {self.number}"

    @property
    def pathway_names(self) -> list[str]:
        """The pathways it was written for, in words."""
        return [Pathway(value).label for value in self.pathways]


class ToolVersionMove(models.Model):
    """That a version changed its status: from what to what, by whom, when and why. Rows are added and never changed.

    `from_status` is empty where the version was made; `by` is empty where a command on the server did it.
    """

    version = models.ForeignKey(ToolVersion, on_delete=models.CASCADE, related_name="moves")
    from_status = models.CharField(max_length=20, choices=ToolStatus.choices, blank=True)
    to_status = models.CharField(max_length=20, choices=ToolStatus.choices)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    at = models.DateTimeField()
    reason = models.TextField(blank=True)

    class Meta:
        ordering = ("at", "pk")
        constraints = [
            models.CheckConstraint(
                condition=Q(from_status__in=("", *ToolStatus.values), to_status__in=ToolStatus.values),
                name="tool_version_move_statuses_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.version_id}: {self.from_status or 'new'} to {self.to_status}"


class ToolInForce(models.Model):
    """The version that new audits of a pathway are started with. The key says that it is one."""

    pathway = models.CharField(max_length=20, choices=Pathway.choices, primary_key=True)
    version = models.ForeignKey(ToolVersion, on_delete=models.CASCADE, related_name="in_force")

    class Meta:
        ordering = ("pathway",)
        constraints = [
            models.CheckConstraint(
                condition=Q(pathway__in=Pathway.values), name="tool_in_force_pathway_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_pathway_display()}: {self.version_id}"


class Question(models.Model):
    """One question of a version. Its code is stable across versions, so that measures survive them."""

    version = models.ForeignKey(ToolVersion, on_delete=models.CASCADE, related_name="questions")
    section = models.CharField(max_length=20, choices=Section.choices)
    code = models.CharField(max_length=20)
    order = models.PositiveSmallIntegerField()
    text = models.CharField(max_length=300)
    help = models.TextField(blank=True)
    kind = models.CharField(max_length=20, choices=QuestionKind.choices)
    options = models.JSONField(default=dict, blank=True)
    pathways = models.JSONField("pathways asked on; empty for every one", default=list, blank=True)
    required = models.BooleanField(default=True)

    class Meta:
        ordering = ("version_id", "order")
        constraints = [
            models.UniqueConstraint(fields=("version", "code"), name="question_code_once_per_version"),
            models.CheckConstraint(condition=Q(kind__in=QuestionKind.values), name="question_kind_known"),
            models.CheckConstraint(condition=Q(section__in=Section.values), name="question_section_known"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.text}"

    @property
    def pathway_names(self) -> list[str]:
        """The pathways it is asked on, in words; empty when that is every one of its tool."""
        return [Pathway(value).label for value in self.pathways]

    @property
    def ages_in_words(self) -> str:
        """At which ages it is asked; "" where at any."""
        return asks_in_words(self.options.get("ages", {}))

    @property
    def offers_in_words(self) -> list[str]:
        """Each choice that only some children are offered, and to whom."""
        labels = dict(self.options.get("choices", ()))
        offers = self.options.get("choices_only", {})
        return [f"{labels[value]}: {asks_in_words(asks)}" for value, asks in offers.items()]

    def is_asked(self, pathway: str, age: int | None, disability: str) -> bool:
        """Whether an audit of such a child asks it. What is not asked appears nowhere and counts nowhere."""
        on_pathway = not self.pathways or pathway in self.pathways
        return on_pathway and Asks(**self.options.get("ages", {})).of(pathway, age, disability)

    @property
    def asked(self) -> AskedQuestion:
        """The question as the rules of completeness need it. `options` holds the keys of AskedQuestion."""
        options = {
            **self.options,
            "choices": tuple((value, label) for value, label in self.options.get("choices", ())),
            "ages": Asks(**self.options.get("ages", {})),
            "choices_only": {
                value: Asks(**only) for value, only in self.options.get("choices_only", {}).items()
            },
        }
        return AskedQuestion(
            code=self.code, text=self.text, kind=self.kind, help=self.help, required=self.required, **options
        )


class GradeDescriptor(models.Model):
    """What a grade looks like in an area, shown where the grade is chosen (docs/domain.md, section 5)."""

    version = models.ForeignKey(ToolVersion, on_delete=models.CASCADE, related_name="descriptors")
    section = models.CharField(max_length=20, choices=Section.choices)
    grade = models.CharField(max_length=30, choices=Grade.choices)
    text = models.TextField()

    class Meta:
        ordering = ("version_id", "section", "grade")
        constraints = [
            models.UniqueConstraint(fields=("version", "section", "grade"), name="descriptor_once_per_grade"),
            models.CheckConstraint(
                condition=Q(section__in=GRADED_SECTIONS) & ~Q(grade=Grade.NOT_APPLICABLE),
                name="descriptor_of_a_grade",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_grade_display()} {self.get_section_display()}"
