"""Forms of reports: their words, their files, and the settings."""

from collections.abc import Sequence
from typing import Any, ClassVar, cast

from django import forms

from core import forms as gov
from dashboards.composing import Words
from dashboards.enums import ReportEdition, ReportFile
from dashboards.measures.definition import Measure
from dashboards.models import ReportSection, ReportSettings
from dashboards.parts import PART_BY_KEY


class SectionForm(gov.GovForm):
    """The words of one part. The version it was opened with travels with it."""

    narrative = forms.CharField(
        label="Narrative (optional)",
        required=False,
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 14}),
    )
    required = forms.CharField(
        label="Actions required (optional)",
        help_text="One a line: what, who, by when.",
        required=False,
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 8}),
    )
    version = forms.IntegerField(min_value=0, max_value=2**31 - 1, widget=forms.HiddenInput)

    def __init__(self, section: ReportSection, *args: Any, **kwargs: Any) -> None:
        initial = {
            "narrative": section.narrative,
            "required": section.required,
            "version": section.version,
        }
        super().__init__(*args, initial=initial, **kwargs)
        kind = PART_BY_KEY[section.key]
        self.fields["narrative"].help_text = kind.asks
        if not kind.is_area:
            del self.fields["required"]

    @property
    def words(self) -> Words:
        return Words(self.cleaned_data["narrative"], self.cleaned_data.get("required", ""))

    def reopen_at(self, version: int) -> None:
        """Show what was typed once more, to be saved over that version."""
        self.data = {**{name: self.data.get(name) for name in self.fields}, "version": str(version)}


class ReasonForm(gov.GovForm):
    """Why a report goes back."""

    reason = forms.CharField(
        label="What has to change?", max_length=2000, widget=forms.Textarea(attrs={"rows": 5})
    )


class PlainForm(gov.GovForm):
    """Nothing but the button."""


class FileForm(gov.GovForm):
    """What to save, and why."""

    file = forms.ChoiceField(label="As what?", choices=ReportFile.choices, widget=gov.Radios())
    edition = forms.ChoiceField(label="For whom?", choices=ReportEdition.choices, widget=gov.Radios())
    reason = forms.CharField(
        label="What is it for?",
        help_text="Kept with your name. For example: for the Improvement Board of 12 November",
        max_length=300,
    )


class RestateForm(gov.GovForm):
    """Which measure of a frozen quarter is reported by its definition of today, and why."""

    code = forms.ChoiceField(label="Which measure?", widget=gov.Radios())
    reason = forms.CharField(
        label="Why did its definition change?",
        help_text="Printed in every report beside both figures.",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def __init__(self, measures: Sequence[Measure], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast("forms.ChoiceField", self.fields["code"]).choices = [(one.code, one.label) for one in measures]


class ReportSettingsForm(gov.GovModelForm):
    """How long after its end a quarter's figures still change."""

    class Meta:
        model = ReportSettings
        fields = ("freeze_after",)
        labels: ClassVar = {
            "freeze_after": "Working days after the end of a quarter until its figures are frozen"
        }
        help_texts: ClassVar = {
            "freeze_after": "Bank holidays and the council's closed days do not count. What is frozen stays frozen."
        }
        widgets: ClassVar = {"freeze_after": forms.NumberInput(attrs={"class": "govuk-input--width-4"})}
