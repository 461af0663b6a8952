"""The forms of what follows from grades, of hand-offs and of themes."""

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, cast

from django import forms

from accounts.models import Team, User
from actions.models import Finding, PathSettings, Theme
from actions.models.theme import MOST_IN_SAMPLE
from audits.enums import ActionPriority
from audits.round_forms import auditor_choice
from audits.services.rounds import SwapChoice
from core import forms as gov

LONGEST = 5_000
NO_NAMES = "Do not name the child or their family."
SHORT = forms.NumberInput(attrs={"class": "govuk-input--width-4"})


def words(label: str, *, help_text: str = NO_NAMES, rows: int = 4, required: bool = True) -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=help_text,
        max_length=LONGEST,
        required=required,
        widget=forms.Textarea(attrs={"rows": rows}),
    )


class StepForm(gov.GovForm):
    """That a step was done."""

    held_on = gov.DateField(label="On which day?", help_text="For example, 27 11 2026")
    text = words("What came of it?")

    def __init__(self, *args: Any, question: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["text"].label = question


class VerifyStepForm(gov.GovForm):
    """Whether an impact check shows."""

    decision = forms.ChoiceField(
        label="Does the record show it?",
        choices=[("verify", "Yes, it is verified"), ("return", "No, send it back")],
        widget=gov.Radios(),
    )
    note = words("Note (needed if you send it back)", rows=3, required=False)

    def clean(self) -> dict[str, Any]:
        """What is sent back has a reason."""
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("decision") == "return" and not cleaned.get("note", "").strip():
            self.add_error("note", "Enter what is missing")
        return cleaned


class GiveReauditForm(gov.GovForm):
    """Who audits the file again, by when."""

    auditor = forms.ChoiceField(
        label="Give it to",
        help_text="First those who have had the smallest share of what they could have had this year.",
    )
    due_on = gov.DateField(label="Due on", help_text="A working day. For example, 12 2 2027")

    def __init__(self, *args: Any, choices: Iterable[SwapChoice], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast("forms.ChoiceField", self.fields["auditor"]).choices = [
            ("", "Choose an auditor"),
            *(auditor_choice(choice) for choice in choices),
        ]


class ReasonForm(gov.GovForm):
    """Why."""

    reason = words("Why?", rows=3)


class HandOffForm(gov.GovForm):
    """The supervision in which the learning was handed over."""

    supervised_on = gov.DateField(label="Date of the supervision", help_text="For example, 27 11 2026")
    note = forms.CharField(
        label="What did you and the social worker take from it?",
        help_text=f"A line is enough. {NO_NAMES}",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class ThemeForm(gov.GovForm):
    """A theme, and the questions whose findings get it by themselves."""

    name = forms.CharField(label="Name", max_length=120)
    questions = forms.CharField(
        label="Questions, with commas between them (optional)",
        help_text="Such as A11, V11. What is answered No or Not evidenced there gets this theme by itself.",
        max_length=300,
        required=False,
    )

    def codes(self) -> list[str]:
        """The questions, from a valid form."""
        return [code.strip().upper() for code in self.cleaned_data["questions"].split(",") if code.strip()]


class TagForm(gov.GovForm):
    """Which themes a finding has."""

    themes = forms.ModelMultipleChoiceField(
        label="Themes", queryset=Theme.objects.none(), required=False, widget=gov.Checkboxes(small=True)
    )

    def __init__(self, *args: Any, offered: Iterable[Theme], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = list(offered)
        field = cast("forms.ModelMultipleChoiceField[Theme]", self.fields["themes"])
        field.queryset = Theme.objects.filter(pk__in=[row.pk for row in rows])


class TeamActionForm(gov.GovForm):
    """One action for a team, and the findings that it carries."""

    findings = forms.ModelMultipleChoiceField(
        label="Which findings does it carry?",
        queryset=Finding.objects.none(),
        widget=gov.Checkboxes(small=True),
        error_messages={"required": "Choose findings of at least two children"},
    )
    what = words("What shall be done?", help_text="Who does what, for the whole team.", rows=3)
    success = words("How will success be seen?", help_text="A result that somebody can observe.", rows=3)
    owner = forms.TypedChoiceField(label="Who owns it?", coerce=int)
    priority = forms.ChoiceField(label="How soon?", choices=ActionPriority.choices, widget=gov.Radios())
    due_on = gov.DateField(
        label="Due on (optional)",
        required=False,
        help_text="Leave this empty for the date that goes with the priority.",
    )

    def __init__(
        self, *args: Any, found: Iterable[Finding], owners: Mapping[User, str], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        rows = list(found)
        field = cast("forms.ModelMultipleChoiceField[Finding]", self.fields["findings"])
        field.queryset = Finding.objects.filter(pk__in=[row.pk for row in rows])
        field.choices = [(row.pk, f"{row.audit.allocation.reference}: {row.text}") for row in rows]
        self.owners = {person.pk: person for person in owners}
        cast("forms.ChoiceField", self.fields["owner"]).choices = [
            ("", "Choose a person"),
            *((person.pk, label) for person, label in owners.items()),
        ]

    def chosen_owner(self) -> User:
        """The person chosen, from a valid form."""
        return self.owners[self.cleaned_data["owner"]]


class DipSampleForm(gov.GovForm):
    """In which team a theme is looked for on more files, on how many, and why."""

    team = forms.ModelChoiceField(label="Team", queryset=Team.objects.none(), empty_label="Choose a team")
    size = forms.IntegerField(
        label="How many children?", min_value=1, max_value=MOST_IN_SAMPLE, initial=5, widget=SHORT
    )
    reason = words("What shall it find out?", rows=3)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast("forms.ModelChoiceField[Team]", self.fields["team"]).queryset = Team.objects.order_by("name")


class DecideForm(gov.GovForm):
    """Approve or refuse a dip sample."""

    decision = forms.ChoiceField(
        label="Do you approve it?",
        choices=[("approve", "Yes, approve it"), ("refuse", "No, refuse it")],
        widget=gov.Radios(),
    )
    note = words("Note (needed if you refuse)", rows=3, required=False)


class FindingFilterForm(gov.GovForm):
    """Which findings are listed."""

    theme = forms.ModelChoiceField(
        label="Theme", queryset=Theme.objects.all(), required=False, empty_label="All themes"
    )
    team = forms.ModelChoiceField(
        label="Team", queryset=Team.objects.order_by("name"), required=False, empty_label="All teams"
    )
    only = forms.ChoiceField(
        label="Which",
        choices=[
            ("", "All findings"),
            ("untagged", "Without a theme"),
            ("open", "Carried by no team action"),
        ],
        required=False,
    )


class PathSettingsForm(gov.GovModelForm):
    """The council's own numbers for what follows from grades."""

    class Meta:
        model = PathSettings
        fields = (
            "reaudit_from_weeks",
            "reaudit_until_weeks",
            "impact_after_months",
            "sample_percent",
            "sample_seed",
            "hand_off_days",
            "children_for_theme",
        )
        labels: ClassVar = {
            "reaudit_from_weeks": "Re-audit: weeks after which it may be given out",
            "reaudit_until_weeks": "Re-audit: weeks within which it is in",
            "impact_after_months": "Impact check: months after the audit",
            "sample_percent": "Audits that are Requires improvement and audited again, in percent",
            "sample_seed": "Seed of that draw",
            "hand_off_days": "Hand-off to supervision: working days",
            "children_for_theme": "Theme: children in a quarter before it counts for a team",
        }
        help_texts: ClassVar = {
            "sample_percent": "A multiple of 5: in each block of 20 exactly this share is drawn.",
        }
        widgets: ClassVar = dict.fromkeys(fields, SHORT)

    def clean(self) -> dict[str, Any]:
        """The window has an end after its start."""
        cleaned: dict[str, Any] = super().clean() or {}
        opens, closes = cleaned.get("reaudit_from_weeks"), cleaned.get("reaudit_until_weeks")
        if opens is not None and closes is not None and closes <= opens:
            self.add_error("reaudit_until_weeks", "Enter more weeks than it takes to open")
        return cleaned
