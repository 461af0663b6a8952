"""Audit tools: versioned questions and grade descriptors. A published version never changes."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from audits.completeness import AskedQuestion
from audits.enums import GRADED_SECTIONS, Grade, Pathway, QuestionKind, Section, ToolStatus
from audits.querysets import ToolQuerySet, ToolVersionQuerySet


class Tool(models.Model):
    """A form of audit for some pathways, such as the tool for children looked after."""

    code = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=120)
    pathways = models.JSONField(default=list)

    objects = ToolQuerySet.as_manager()

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class ToolVersion(models.Model):
    """The tool as it stood: an audit keeps the version it was started with."""

    tool = models.ForeignKey(Tool, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField()
    status = models.CharField(max_length=20, choices=ToolStatus.choices, default=ToolStatus.DRAFT)
    published_at = models.DateTimeField(null=True, blank=True)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    objects = ToolVersionQuerySet.as_manager()

    class Meta:
        ordering = ("tool_id", "-number")
        constraints = [
            models.UniqueConstraint(fields=("tool", "number"), name="tool_version_numbered_once"),
            models.CheckConstraint(
                condition=Q(status=ToolStatus.DRAFT, published_at__isnull=True)
                | Q(status=ToolStatus.PUBLISHED, published_at__isnull=False),
                name="tool_version_published_has_moment",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.tool}, version {self.number}"


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
    def asked(self) -> AskedQuestion:
        """The question as the rules of completeness need it. `options` holds the keys of AskedQuestion."""
        options = {
            **self.options,
            "choices": tuple((value, label) for value, label in self.options.get("choices", ())),
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
