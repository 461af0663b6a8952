"""The forms of dip samples and direct observations."""

from collections.abc import Iterable
from datetime import date
from typing import Any, cast

from django import forms
from django.utils import timezone

from audits.enums import AllocationKind, ObservedSetting
from audits.models.activity import LONGEST_ACTIVITY_TEXT, MOST_FILES
from audits.services.activities import ActivityContent
from core import forms as gov

A_DAY = "For example, 18 11 2026"
NO_NAMES = "No names of children, family members or workers."
OTHER_KINDS = [choice for choice in AllocationKind.choices if choice[0] != AllocationKind.CJA]


def long_text(label: str, help_text: str, missing: str) -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=f"{help_text} {NO_NAMES}",
        max_length=LONGEST_ACTIVITY_TEXT,
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={"required": missing},
    )


class ActivityForm(gov.GovForm):
    """What every dip sample and every observation says."""

    good = long_text("What was good?", "What works, and how you know.", "Say what was good")
    better = long_text(
        "What has to be better?",
        "What would make the most difference to children. If nothing, say so.",
        "Say what has to be better",
    )

    def clean_held_on(self) -> date:
        """It has taken place."""
        held_on: date = self.cleaned_data["held_on"]
        if held_on > timezone.localdate():
            raise forms.ValidationError("The day must be today or in the past")
        return held_on

    @property
    def content(self) -> ActivityContent:
        """What to hand in, from a valid form."""
        return ActivityContent(**self.cleaned_data)


class DipSampleForm(ActivityForm):
    """A dip sample says how many files were read."""

    held_on = gov.DateField(label="When did you read the files?", help_text=A_DAY)
    files_read = forms.IntegerField(
        label="How many files did you read?",
        min_value=1,
        max_value=MOST_FILES,
        widget=forms.NumberInput(attrs={"class": "govuk-input--width-3"}),
        error_messages={"required": "Enter how many files you read"},
    )
    looked_at = long_text(
        "What did you look at?", "Which question, and in which files.", "Say what you looked at"
    )
    field_order = ("held_on", "files_read", "looked_at", "good", "better")


class ObservationForm(ActivityForm):
    """An observation says where practice was observed."""

    held_on = gov.DateField(label="When did you observe practice?", help_text=A_DAY)
    setting = forms.ChoiceField(
        label="Where did you observe practice?",
        choices=ObservedSetting.choices,
        widget=gov.Radios(small=True),
    )
    looked_at = long_text(
        "What did you observe?", "What happened, and who took part by their role.", "Say what you observed"
    )
    field_order = ("held_on", "setting", "looked_at", "good", "better")


FORM_OF: dict[str, type[DipSampleForm] | type[ObservationForm]] = {
    AllocationKind.DIP_SAMPLE: DipSampleForm,
    AllocationKind.OBSERVATION: ObservationForm,
}


class ActivityFilterForm(gov.GovForm):
    """Which of the dip samples and observations that were handed in."""

    month = forms.ChoiceField(label="Month", required=False)
    kind = forms.ChoiceField(label="Kind", choices=[("", "Both kinds"), *OTHER_KINDS], required=False)

    def __init__(self, data: Any = None, *, months: Iterable[date]) -> None:
        super().__init__(data)
        cast("forms.ChoiceField", self.fields["month"]).choices = [
            ("", "Every month"),
            *((f"{month:%Y-%m-%d}", f"{month:%B %Y}") for month in months),
        ]
