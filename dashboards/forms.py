"""The settings of the reports."""

from typing import ClassVar

from django import forms

from core import forms as gov
from dashboards.models import ReportSettings


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
