"""The forms of what happens to obligations, and of exemptions."""

from collections.abc import Iterable
from typing import Any, ClassVar, cast

from django import forms

from accounts.models import User
from audits.enums import ExemptionKind, WithdrawalReason
from audits.models import Allocation, Exemption
from audits.round_forms import auditor_choice
from audits.services.rounds import SwapChoice
from core import forms as gov

REASON_LENGTH = 500
KEPT = "Kept in the ledger. Do not name the child or their family."


def reason_field(label: str = "Reason", *, required: bool = True) -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=KEPT,
        max_length=REASON_LENGTH,
        required=required,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class ExcuseForm(gov.GovForm):
    """Why the auditor is let off."""

    reason = reason_field()


class WithdrawForm(gov.GovForm):
    """Why the audit is taken out of the programme."""

    because = forms.ChoiceField(
        label="Why is it withdrawn?", choices=WithdrawalReason.choices, widget=gov.Radios()
    )
    note = reason_field("Note (needed for another reason)", required=False)

    def clean(self) -> dict[str, Any]:
        """Another reason has to be named."""
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("because") == WithdrawalReason.OTHER and not cleaned.get("note", "").strip():
            self.add_error("note", "Enter the reason.")
        return cleaned


class WithdrawLeftForm(gov.GovForm):
    """A note on withdrawing the audits of children who left."""

    note = reason_field("Note (optional)", required=False)


class ExtendForm(gov.GovForm):
    """A later due date."""

    due_on = gov.DateField(label="New due date", help_text="A working day. For example, 7 12 2026")
    reason = reason_field()


class ReallocateForm(gov.GovForm):
    """Another auditor for a child that was given out."""

    auditor = forms.ChoiceField(
        label="Give it to",
        help_text="First those who have had the smallest share of what they could have had this year.",
    )
    reason = reason_field()

    def __init__(self, *args: Any, choices: Iterable[SwapChoice], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast("forms.ChoiceField", self.fields["auditor"]).choices = [
            ("", "Choose an auditor"),
            *(auditor_choice(choice) for choice in choices),
        ]


class ExemptionForm(gov.GovModelForm):
    """A request to be given no audits for a time."""

    starts_on = gov.DateField(label="First day", help_text="For example, 1 12 2026")
    ends_on = gov.DateField(label="Last day", help_text="For example, 31 12 2026")

    class Meta:
        model = Exemption
        fields = ("auditor", "kind", "reason", "starts_on", "ends_on")
        labels: ClassVar = {"auditor": "Auditor", "kind": "Why?", "reason": "Reason"}
        help_texts: ClassVar = {
            "reason": "The QA lead, the Principal Social Worker, business support and the line manager read it."
        }
        widgets: ClassVar = {
            "kind": gov.Radios(
                hints={ExemptionKind.NEW_IN_POST: "A grace period before the first audits"},
            ),
            "reason": forms.Textarea(attrs={"rows": 3}),
        }

    def __init__(self, *args: Any, auditors: Iterable[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = list(auditors)
        field = cast("forms.ModelChoiceField[User]", self.fields["auditor"])
        field.queryset = User.objects.filter(pk__in=[person.pk for person in people])
        field.empty_label = None if len(people) == 1 else "Choose an auditor"
        kind = cast("forms.TypedChoiceField", self.fields["kind"])
        kind.choices = ExemptionKind.choices


class DecideForm(gov.GovForm):
    """Approve or refuse, and which obligations given already are excused with it."""

    decision = forms.ChoiceField(
        label="Do you approve it?",
        choices=[("approve", "Yes, approve it"), ("refuse", "No, refuse it")],
        widget=gov.Radios(),
    )
    excuse = forms.ModelMultipleChoiceField(
        label="Excuse what was given already (if you approve it)",
        queryset=Allocation.objects.none(),
        required=False,
        widget=gov.Checkboxes(),
    )
    note = forms.CharField(
        label="Note (needed if you refuse)",
        help_text="The auditor reads it.",
        max_length=REASON_LENGTH,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, given: Iterable[Allocation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = list(given)
        if not rows:
            del self.fields["excuse"]
            return
        field = cast("forms.ModelMultipleChoiceField[Allocation]", self.fields["excuse"])
        field.queryset = Allocation.objects.filter(pk__in=[row.pk for row in rows])
        field.choices = [
            (row.pk, f"{row}, {row.get_kind_display().lower()}, due {row.due_on:%-d %B %Y}") for row in rows
        ]
