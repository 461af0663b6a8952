"""Panels: when and where, who sits, what is on the table, who has come."""

from collections.abc import Iterable
from typing import Any, ClassVar

from django import forms

from accounts.models import User
from audits.models import Audit
from core import forms as gov
from moderation.enums import SeatPart
from moderation.models import ModerationSettings, Panel, PanelMember

SHORT = forms.NumberInput(attrs={"class": "govuk-input--width-4"})


class PanelForm(gov.GovForm):
    """When and where a panel meets; blind is asked until the papers are out."""

    meets_on = gov.DateField(label="Day of the meeting", help_text="For example, 28 11 2026")
    meets_at = forms.TimeField(
        label="Time (optional)",
        required=False,
        help_text="For example, 10:00",
        widget=forms.TextInput(attrs={"class": "govuk-input--width-5"}),
        error_messages={"invalid": "Enter a time like 10:00"},
    )
    place = forms.CharField(
        label="Place, or a link to the meeting (optional)",
        required=False,
        max_length=300,
        help_text="Shown on the panel's page, never in a mail",
    )
    is_blind = forms.BooleanField(
        label="Blind: hide the auditor and the grades until a moderator has recorded their own reading",
        required=False,
    )

    def __init__(self, *args: Any, panel: Panel, may_change_blind: bool, **kwargs: Any) -> None:
        kwargs["initial"] = {
            "meets_on": panel.meets_on,
            "meets_at": f"{panel.meets_at:%H:%M}" if panel.meets_at else "",
            "place": panel.place,
            "is_blind": panel.is_blind,
        }
        super().__init__(*args, **kwargs)
        if not may_change_blind:
            del self.fields["is_blind"]


class MemberForm(gov.GovForm):
    """Somebody for the panel, and why."""

    person = forms.ModelChoiceField(User.objects.none(), label="Person", empty_label="Choose somebody")
    part = forms.ChoiceField(label="Part", choices=SeatPart.choices, widget=gov.Radios())
    reason = forms.CharField(label="Reason", max_length=500, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, people: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        person = self.fields["person"]
        if isinstance(person, forms.ModelChoiceField):
            person.queryset = people


class ReasonForm(gov.GovForm):
    """Why."""

    reason = forms.CharField(label="Reason", max_length=500, widget=forms.Textarea(attrs={"rows": 3}))


class TableForm(gov.GovForm):
    """Which of the audits that wait are put on the table."""

    audits = forms.MultipleChoiceField(
        label="Audits that wait for a panel, the oldest first",
        widget=gov.Checkboxes(small=True),
        error_messages={"required": "Tick at least one audit"},
    )

    def __init__(self, *args: Any, waiting: Iterable[tuple[Audit, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = list(waiting)
        field = self.fields["audits"]
        if isinstance(field, forms.MultipleChoiceField) and isinstance(field.widget, gov.Checkboxes):
            field.choices = [(audit.allocation.reference, audit.allocation.reference) for audit, _ in rows]
            field.widget.hints = {audit.allocation.reference: hint for audit, hint in rows}


class AttendanceForm(gov.GovForm):
    """Who has come."""

    attended = forms.MultipleChoiceField(
        label="Who is here?", widget=gov.Checkboxes(), error_messages={"required": "Tick who is here"}
    )

    def __init__(self, *args: Any, members: Iterable[PanelMember], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["attended"]
        if isinstance(field, forms.MultipleChoiceField) and isinstance(field.widget, gov.Checkboxes):
            field.choices = [(str(member.pk), member.person.name) for member in members]
            field.widget.hints = {
                str(member.pk): f"{member.get_part_display()}, {member.get_status_display().lower()}"
                for member in members
            }

    def seats(self) -> set[int]:
        return {int(pk) for pk in self.cleaned_data["attended"]}


class DeclineForm(gov.GovForm):
    """Whether one can come; a reason is optional."""

    reason = forms.CharField(
        label="If you cannot come: why? (optional)",
        required=False,
        max_length=300,
        help_text="The QA lead and the Principal Social Worker see it",
    )


NUMBERS = (
    "months_ahead",
    "meets_on_working_day",
    "audits_per_moderator",
    "reserves",
    "days_to_answer",
    "days_before_meeting",
    "moderate_within",
    "outcome_within",
    "days_to_acknowledge",
    "access_days_after_close",
)


class PanelSettingsForm(gov.GovModelForm):
    """The council's own numbers for panels."""

    class Meta:
        model = ModerationSettings
        fields = (*NUMBERS, "is_blind_by_default")
        labels: ClassVar = {
            "months_ahead": "Months for which panels are made ahead",
            "meets_on_working_day": "Working day of the month on which a new panel meets",
            "audits_per_moderator": "Audits that one moderator reads for a panel, at most",
            "reserves": "Reserves for each panel",
            "days_to_answer": "Working days after which an unanswered invitation is chased",
            "days_before_meeting": "Working days before the meeting when unread audits are chased",
            "moderate_within": "Working days from submission to moderation",
            "outcome_within": "Working days from the panel to the outcome in writing",
            "days_to_acknowledge": "Working days in which an auditor acknowledges an outcome",
            "access_days_after_close": "Days for which members read the audits after the panel is closed",
            "is_blind_by_default": "New panels are blind",
        }
        help_texts: ClassVar = {
            "is_blind_by_default": (
                "The auditor and the grades are hidden until a moderator has recorded their own reading. "
                "Each panel can choose otherwise until its papers are out."
            )
        }
        widgets: ClassVar = dict.fromkeys(NUMBERS, SHORT)
