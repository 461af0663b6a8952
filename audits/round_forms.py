"""The forms of the monthly programme."""

from collections.abc import Iterable
from datetime import date
from typing import Any, ClassVar, cast

from django import forms

from audits.enums import Pathway
from audits.models import ProgrammeSettings
from audits.models.programme import MOST_CJAS
from audits.services.rounds import SwapChoice
from core import forms as gov

LARGEST_SEED = 2**63 - 1
SHORT = forms.NumberInput(attrs={"class": "govuk-input--width-4"})
HEAVIEST = 10


REMINDERS = (
    "first_nudge_before",
    "second_nudge_before",
    "late_nudge_after",
    "service_manager_after",
    "assistant_director_after",
)
LEEWAY = ("line_manager_extension", "days_when_reallocated")
LOOKS_AT = ("months_graded", "months_without_supervision")
REMINDERS_IN_ORDER = (
    ("first_nudge_before", "second_nudge_before", "Send the first reminder earlier than the second."),
    ("service_manager_after", "late_nudge_after", "Tell the service manager later than the auditor."),
    (
        "assistant_director_after",
        "service_manager_after",
        "Tell the assistant director later than the service manager.",
    ),
)
"""A field, one whose number it must exceed, and what to say when it does not."""


class DrawForm(gov.GovForm):
    """Which month to draw and how many audits it shall have."""

    month = forms.TypedChoiceField(label="Month", coerce=date.fromisoformat)
    cjas = forms.IntegerField(label="Child journey audits", min_value=1, max_value=MOST_CJAS, widget=SHORT)
    seed = forms.IntegerField(
        label="Seed (optional)",
        help_text="Leave this empty for a new random draw. The seed of an earlier draw repeats it.",
        required=False,
        min_value=0,
        max_value=LARGEST_SEED,
        widget=forms.NumberInput(attrs={"class": "govuk-input--width-20"}),
    )

    def __init__(self, *args: Any, months: Iterable[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast("forms.TypedChoiceField", self.fields["month"]).choices = list(months)


class SwapForm(gov.GovForm):
    """Another auditor for one child of a draft."""

    auditor = forms.ChoiceField(
        label="Give it to",
        help_text="First those who have had the smallest share of what they could have had this year.",
    )
    reason = forms.CharField(label="Reason", max_length=200, help_text="Kept with the allocation.")

    def __init__(self, *args: Any, choices: Iterable[SwapChoice], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast("forms.ChoiceField", self.fields["auditor"]).choices = [
            ("", "Choose an auditor"),
            *(auditor_choice(choice) for choice in choices),
        ]


def weight(pathway: Pathway) -> forms.DecimalField:
    """How much a child of the pathway counts in the draw."""
    return forms.DecimalField(
        label=pathway.label,
        min_value=0,
        max_value=HEAVIEST,
        decimal_places=2,
        widget=SHORT,
        error_messages={"required": f"Enter the weight of {pathway.label}"},
    )


class ProgrammeSettingsForm(gov.GovModelForm):
    """The council's own numbers for drawing and giving out audits."""

    cin = weight(Pathway.CIN)
    cp = weight(Pathway.CP)
    cla = weight(Pathway.CLA)
    leaving_care = weight(Pathway.LEAVING_CARE)
    front_door = weight(Pathway.FRONT_DOOR)

    class Meta:
        model = ProgrammeSettings
        fields = (
            "cjas_per_month",
            "months_between_audits",
            "own_team_blocked",
            "draws_mix",
            *REMINDERS,
            *LEEWAY,
            *LOOKS_AT,
        )
        labels: ClassVar = {
            "cjas_per_month": "Child journey audits a month",
            "months_between_audits": "Months before the same child can be drawn again",
            "own_team_blocked": "Never give auditors a child of their own team",
            "first_nudge_before": "First reminder, working days before the due date",
            "second_nudge_before": "Second reminder, working days before the due date",
            "late_nudge_after": "The auditor is told it is late, working days after",
            "service_manager_after": "The service manager is told, working days after",
            "assistant_director_after": "The assistant director is told, working days after",
            "draws_mix": "Give auditors who get no child a dip sample or an observation",
            "line_manager_extension": "Working days by which a line manager may extend",
            "days_when_reallocated": "Working days at least for who takes over an audit",
            "months_graded": "Months before its start that an audit grades",
            "months_without_supervision": "Months without supervision that are too long",
        }
        widgets: ClassVar = dict.fromkeys(
            ("cjas_per_month", "months_between_audits", *REMINDERS, *LEEWAY, *LOOKS_AT),
            SHORT,
        )

    layout = gov.Layout(
        "cjas_per_month",
        "months_between_audits",
        "own_team_blocked",
        "draws_mix",
        gov.Group("How much each pathway weighs in the draw", *Pathway.values),
        gov.Group("When a reminder is sent", *REMINDERS),
        gov.Group("Extending and reallocating", *LEEWAY),
        gov.Group("What an audit looks at", *LOOKS_AT),
    )

    def __init__(self, *args: Any, instance: ProgrammeSettings, **kwargs: Any) -> None:
        weights = dict.fromkeys(Pathway.values, "1") | instance.pathway_weights
        super().__init__(*args, instance=instance, initial=weights, **kwargs)

    def clean(self) -> dict[str, Any]:
        """Keeps the weights that are not 1, and refuses weights that leave nothing to draw."""
        cleaned: dict[str, Any] = super().clean() or {}
        weights = {pathway: cleaned.get(pathway) for pathway in Pathway.values}
        if not any(weights.values()) and None not in weights.values():
            self.add_error(Pathway.CIN, "Give at least one pathway a weight above 0.")
        for field, before, sentence in REMINDERS_IN_ORDER:
            if field in cleaned and before in cleaned and cleaned[field] <= cleaned[before]:
                self.add_error(field, sentence)
        self.instance.pathway_weights = {
            pathway: str(weight) for pathway, weight in weights.items() if weight != 1
        }
        return cleaned


def auditor_choice(choice: SwapChoice) -> tuple[str, str]:
    """An item of a list of auditors: the address, and the name with what they have had."""
    auditor = choice.auditor
    had = f"{auditor.audits_this_year} of {auditor.possible_this_year} possible this year"
    return auditor.id, f"{auditor.name} ({had}, {choice.this_month} of {auditor.room} in this month)"
