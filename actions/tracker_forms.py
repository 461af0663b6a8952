"""The forms of the tracker: which actions, and what a file of them is for."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, cast

from django import forms

from accounts.models import Team
from actions.deadlines import BANDS
from actions.enums import ActionSource, ActionStatus
from actions.models import Theme
from audits.enums import ActionPriority, ExportFormat
from core import forms as gov
from core.dates import Quarter

ALL = ("", "All")
OWED, OVER = "owed", "over"
QUARTERS_OFFERED = 8


class TrackerFilterForm(gov.GovForm):
    """Which actions of the tracker. What is not valid filters nothing."""

    service = forms.TypedChoiceField(label="Service", required=False, coerce=int, empty_value=None)
    team = forms.TypedChoiceField(label="Team", required=False, coerce=int, empty_value=None)
    owner = forms.CharField(label="Owner", required=False, max_length=100)
    priority = forms.ChoiceField(label="Priority", required=False, choices=[ALL, *ActionPriority.choices])
    status = forms.ChoiceField(
        label="Status", required=False, choices=[ALL, (OWED, "To be done"), *ActionStatus.choices]
    )
    source = forms.ChoiceField(label="Comes from", required=False, choices=[ALL, *ActionSource.choices])
    age = forms.ChoiceField(
        label="Working days over",
        required=False,
        choices=[ALL, (OVER, "Any"), *((band, band) for band in BANDS)],
    )
    theme = forms.ChoiceField(label="Theme", required=False)
    quarter = forms.ChoiceField(label="Raised in", required=False)

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        teams: Sequence[Team],
        themes: Iterable[Theme],
        on: date,
    ) -> None:
        super().__init__(data)
        services = sorted({(team.service_id, str(team.service)) for team in teams if team.service_id})
        quarters = [Quarter.of(on)]
        while len(quarters) < QUARTERS_OFFERED:
            quarters.append(quarters[-1].previous())
        self.quarters = {str(quarter): quarter for quarter in quarters}
        for name, choices in (
            ("service", services),
            ("team", [(team.pk, team.name) for team in teams]),
            ("theme", [(theme.code, theme.name) for theme in themes]),
            ("quarter", [(words, words) for words in self.quarters]),
        ):
            cast("forms.ChoiceField", self.fields[name]).choices = [ALL, *choices]
        self.is_valid()

    @property
    def chosen(self) -> dict[str, Any]:
        """What filters, by name."""
        return {name: value for name, value in self.cleaned_data.items() if value}


class ExportForm(gov.GovForm):
    """A file of what the tracker shows."""

    reason = forms.CharField(
        label="What is the file for?",
        help_text="It is kept with your name. Information governance reads it.",
        max_length=500,
        error_messages={"required": "Say what the file is for"},
    )
    format = forms.ChoiceField(
        label="As what?",
        choices=[(one.value, one.label) for one in (ExportFormat.XLSX, ExportFormat.CSV)],
        initial=ExportFormat.XLSX,
        widget=gov.Radios(small=True),
    )


class SavedViewForm(gov.GovForm):
    """A name for the filters that are set."""

    name = forms.CharField(label="Name of this view", max_length=60)
