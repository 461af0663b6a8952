"""What came of the audits that are not of one child: dip samples and direct observations."""

from django.db import models
from django.db.models import Q

from audits.enums import ObservedSetting
from audits.models.programme import Allocation
from audits.querysets import ActivityRecordQuerySet

LONGEST_ACTIVITY_TEXT = 4_000
MOST_FILES = 50
"""A dip sample reads no more files."""


class ActivityRecord(models.Model):
    """What a dip sample or a direct observation found, handed in once by its auditor (docs/domain.md, section 6).

    A dip sample says how many files were read and has no setting; an observation has a setting and no files.
    """

    allocation = models.OneToOneField(Allocation, on_delete=models.PROTECT, related_name="activity_record")
    held_on = models.DateField()
    looked_at = models.TextField(max_length=LONGEST_ACTIVITY_TEXT)
    setting = models.CharField(max_length=20, choices=ObservedSetting.choices, blank=True)
    files_read = models.PositiveSmallIntegerField(null=True, blank=True)
    good = models.TextField("what was good", max_length=LONGEST_ACTIVITY_TEXT)
    better = models.TextField("what has to be better", max_length=LONGEST_ACTIVITY_TEXT)
    handed_in_at = models.DateTimeField()

    objects = ActivityRecordQuerySet.as_manager()

    class Meta:
        ordering = ("-handed_in_at", "-pk")
        constraints = [
            models.CheckConstraint(
                condition=~Q(looked_at="") & ~Q(good="") & ~Q(better=""),
                name="activity_record_says_what_was_found",
            ),
            models.CheckConstraint(
                condition=Q(setting="", files_read__isnull=False, files_read__range=(1, MOST_FILES))
                | Q(setting__in=ObservedSetting.values, files_read__isnull=True),
                name="activity_record_has_files_or_setting",
            ),
        ]

    def __str__(self) -> str:
        return self.allocation.reference
