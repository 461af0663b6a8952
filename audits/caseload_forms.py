"""The forms of the caseload: finding children, uploading a workbook, applying it."""

from collections.abc import Iterable
from datetime import date
from typing import Any, cast

from django import forms
from django.utils import timezone

from accounts.models import Team
from audits.enums import Pathway
from core import forms as gov


class ChildFilterForm(gov.GovForm):
    """Which children to list. Anything that is left empty, or that nobody offered, filters nothing."""

    NEVER, LONG_AGO, LATELY = "never", "long_ago", "lately"

    q = forms.CharField(label="Reference", required=False, max_length=40)
    pathway = forms.ChoiceField(
        label="Pathway",
        required=False,
        choices=[("", "All"), *((p.value, p.label) for p in Pathway if p != Pathway.FRONT_DOOR)],
    )
    team = forms.ChoiceField(label="Team", required=False)
    audited = forms.ChoiceField(
        label="Last audited",
        required=False,
        choices=[
            ("", "Any time or never"),
            (NEVER, "Never"),
            (LONG_AGO, "More than 12 months ago"),
            (LATELY, "In the last 12 months"),
        ],
    )
    show = forms.ChoiceField(
        label="Case", required=False, choices=[("", "Open"), ("closed", "Closed"), ("all", "Open or closed")]
    )
    order = forms.ChoiceField(
        label="Order",
        required=False,
        choices=[("", "By reference"), ("waiting", "Longest without an audit first")],
    )

    def __init__(self, *args: Any, teams: Iterable[Team], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast("forms.ChoiceField", self.fields["team"]).choices = [
            ("", "All"),
            *((str(team.pk), team.name) for team in teams),
        ]


class UploadForm(gov.GovForm):
    """A workbook, and the day it speaks of."""

    workbook = forms.FileField(
        label="Annex A workbook",
        help_text="An Excel workbook (.xlsx) with List 6, List 7, List 8 and List 9.",
        allow_empty_file=True,  # the reader says so in words of its own
        error_messages={"required": "Select the Annex A workbook"},
    )
    as_at = gov.DateField(
        label="On which day was it exported?",
        help_text="Cases that closed on or before this day count as closed. For example, 31 10 2026",
        error_messages={"required": "Enter the day on which it was exported"},
    )

    def clean_as_at(self) -> date:
        as_at: date = self.cleaned_data["as_at"]
        if as_at > timezone.localdate():
            raise forms.ValidationError("The day on which it was exported must be today or in the past")
        return as_at


class ApplyForm(gov.GovForm):
    """The yes that an import needs which closes many children; only shown then."""

    whole = forms.BooleanField(
        label="I have checked: the workbook is whole, and these children’s cases are closed", required=False
    )
