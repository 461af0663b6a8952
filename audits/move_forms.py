"""The forms of what happens to an audit once it is submitted, and of the log of readings."""

from typing import Any

from django import forms

from core import forms as gov

REASON_LENGTH = 2000
NO_NAMES = "Do not name the child or their family."


def reason_field(label: str, help_text: str) -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=f"{help_text} {NO_NAMES}",
        max_length=REASON_LENGTH,
        widget=forms.Textarea(attrs={"rows": 5}),
    )


class ReturnForm(gov.GovForm):
    """What the auditor has to add."""

    reason = reason_field("What evidence is missing?", "The auditor reads it on the audit's page.")


class VoidForm(gov.GovForm):
    """Why the audit does not count."""

    reason = reason_field("Why is it void?", "The auditor reads it, and it is kept in the ledger.")


class ProposeReopeningForm(gov.GovForm):
    """Why a final audit has to be written again."""

    reason = reason_field(
        "Why does it have to be reopened?", "The Principal Social Worker decides on it; the auditor reads it."
    )


class DecideReopeningForm(gov.GovForm):
    """Approve or refuse a reopening."""

    decision = forms.ChoiceField(
        label="Do you approve it?",
        choices=[("approve", "Yes, reopen it"), ("refuse", "No, it stays final")],
        widget=gov.Radios(),
    )
    reason = forms.CharField(
        label="Reason (needed if you refuse)",
        help_text=f"The QA lead reads it. {NO_NAMES}",
        max_length=REASON_LENGTH,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def clean(self) -> dict[str, Any]:
        """A refusal has to be explained."""
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("decision") == "refuse" and not cleaned.get("reason", "x").strip():
            self.add_error("reason", "Enter why it is refused.")
        return cleaned


class ReadingLogFilterForm(gov.GovForm):
    """Which rows of the log of readings."""

    reference = forms.CharField(label="Audit", required=False, max_length=30)
    person = forms.CharField(label="Person", required=False, max_length=150)
