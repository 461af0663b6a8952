"""The form that changes a ceiling from a day on."""

from datetime import date
from typing import Any

from django import forms
from django.utils import timezone

from audits.enums import BAND_GRADES
from core import forms as gov

ON, OFF = "on", "off"


class CeilingForm(gov.GovForm):
    """On or off, at which grade, from when, and why."""

    state = forms.ChoiceField(
        label="Is this ceiling in use?",
        choices=((ON, "Yes, it is shown as advice"), (OFF, "No, it is switched off")),
        widget=gov.Radios(reveals={ON: "grade"}),
    )
    grade = forms.ChoiceField(
        label="The grade is at most",
        required=False,
        choices=[(grade.value, grade.label) for grade in BAND_GRADES[1:]],
        widget=gov.Radios(small=True),
    )
    starts_on = gov.DateField(label="From which day?", help_text="Today or later, for example 1 4 2027")
    reason = forms.CharField(label="Why?", max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))

    def clean_starts_on(self) -> date:
        """Nothing is changed for days that are over."""
        day: date = self.cleaned_data["starts_on"]
        if day < timezone.localdate():
            raise forms.ValidationError("Enter today or a later day: what was advised stays as it was")
        return day

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("state") == ON and not cleaned.get("grade"):
            self.add_error("grade", "Choose the grade that it caps at")
        return cleaned
