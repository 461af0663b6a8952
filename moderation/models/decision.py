"""What a panel decided of an audit, line by line."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from audits.enums import BAND_GRADES, GRADED_SECTIONS, Grade, Section
from moderation.enums import Verdict
from moderation.models.tabling import Tabling
from moderation.querysets import DecisionQuerySet


class Decision(models.Model):
    """What was decided of a tabled audit; a later one supersedes it. Rows are added and never changed.

    The one that holds is `Tabling.decision`. One that is taken back has no lines. `number` counts from 1 at each
    tabling, so that two chairs cannot both make the next.
    """

    tabling = models.ForeignKey(Tabling, on_delete=models.PROTECT, related_name="decisions")
    number = models.PositiveIntegerField()
    auditor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    is_taken_back = models.BooleanField("takes the one before it back", default=False)

    objects = DecisionQuerySet.as_manager()

    class Meta:
        ordering = ("tabling_id", "number")
        constraints = [
            models.UniqueConstraint(fields=("tabling", "number"), name="decision_number_once"),
            models.CheckConstraint(condition=~Q(by=F("auditor")), name="decision_never_on_ones_own"),
        ]

    def __str__(self) -> str:
        return f"{self.tabling_id}: decision {self.number}"


class DecisionLine(models.Model):
    """The decision on one area, or on the overall grade: both grades, and why they differ.

    `steps` is how far the grade moved on the scale of four: above nought is up, below is down, 0 for everything else.
    """

    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, related_name="lines")
    section = models.CharField(max_length=20, choices=Section.choices)
    verdict = models.CharField(max_length=20, choices=Verdict.choices)
    auditor_grade = models.CharField(max_length=30, choices=Grade.choices)
    final_grade = models.CharField(max_length=30, choices=Grade.choices)
    steps = models.SmallIntegerField(default=0)
    reasons = models.JSONField(default=list, blank=True)
    narrative = models.TextField(blank=True)

    class Meta:
        ordering = ("decision_id", "pk")
        indexes = [models.Index(fields=("section", "verdict"), name="decision_line_verdict")]
        constraints = [
            models.UniqueConstraint(fields=("decision", "section"), name="decision_line_once"),
            models.CheckConstraint(
                condition=Q(section__in=GRADED_SECTIONS) & Q(auditor_grade__in=Grade.values),
                name="decision_line_words_known",
            ),
            models.CheckConstraint(
                condition=Q(final_grade__in=BAND_GRADES)
                | Q(final_grade=Grade.NOT_APPLICABLE) & ~Q(section=Section.OVERALL),
                name="decision_line_grade_fits_section",
            ),
            models.CheckConstraint(
                condition=Q(verdict=Verdict.CONFIRMED, steps=0, auditor_grade=F("final_grade"))
                | Q(verdict=Verdict.RETURNED, steps=0, auditor_grade=F("final_grade"))
                | Q(verdict=Verdict.UP, steps__gt=0)
                | Q(verdict=Verdict.DOWN, steps__lt=0)
                | Q(verdict=Verdict.APPLICABILITY, steps=0) & ~Q(auditor_grade=F("final_grade")),
                name="decision_line_verdict_fits_grades",
            ),
            models.CheckConstraint(
                condition=Q(verdict=Verdict.CONFIRMED)
                | Q(verdict=Verdict.RETURNED) & ~Q(narrative="")
                | ~Q(verdict=Verdict.CONFIRMED) & ~Q(narrative="") & ~Q(reasons=[]),
                name="decision_line_change_has_reasons",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.decision_id}: {self.section} {self.verdict}"
