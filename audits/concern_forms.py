"""The forms about a child at risk now: few questions, since every one of them costs time."""

import uuid
from collections.abc import Iterable
from typing import Any, ClassVar

from django import forms

from audits.models import Audit, ConcernSettings
from audits.services.concerns import Telephoned
from core import forms as gov

ANOTHER_CHILD = "another"
REACHED, NOBODY = "reached", "nobody"
LONGEST = 5_000
SHORT = forms.TextInput(attrs={"class": "govuk-input--width-3", "inputmode": "numeric"})


class RaiseConcernForm(gov.GovForm):
    """Which child, what the risk is, and who was telephoned."""

    child = forms.ChoiceField(
        label="Which child is at risk?",
        error_messages={"required": "Say which child is at risk"},
        widget=gov.Radios(reveals={ANOTHER_CHILD: "child_reference"}),
    )
    child_reference = forms.CharField(
        label="The child's case reference",
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"class": "govuk-input--width-10", "autocomplete": "off"}),
        error_messages={"required": "Enter the child's case reference"},
    )
    risk = forms.CharField(
        label="What is the risk?",
        help_text="What you saw or heard, when, and what worries you now. A few sentences are enough. No names.",
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={"required": "Say what the risk is"},
    )
    reached = forms.ChoiceField(
        label="Did you reach somebody by telephone?",
        choices=((REACHED, "Yes"), (NOBODY, "No, I could not reach anybody")),
        error_messages={"required": "Say whether you reached somebody by telephone"},
        widget=gov.Radios(reveals={REACHED: "telephoned"}),
    )
    telephoned = forms.CharField(
        label="Whom did you speak to, and when?",
        help_text="For example, the duty social worker at 14:20",
        max_length=500,
        required=False,
    )
    key = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, data: Any = None, *, audits: Iterable[Audit], chosen: Audit | None = None) -> None:
        """A form for somebody whose audits are these; the chosen one, from whose page they came, is ticked."""
        self.audits = {audit.allocation.reference: audit for audit in audits}
        ticked = chosen.allocation.reference if chosen else None
        super().__init__(data, initial={"child": ticked, "key": str(uuid.uuid4())})
        if not self.audits:
            del self.fields["child"]
            self.fields["child_reference"].required = True
            return
        self.fields["child"].choices = [  # type: ignore[attr-defined]  # a ChoiceField
            *(
                (reference, f"Child {audit.allocation.audited_child.reference}, audit {reference}")
                for reference, audit in self.audits.items()
            ),
            (ANOTHER_CHILD, "Another child"),
        ]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("child") == ANOTHER_CHILD and cleaned.get("child_reference") == "":
            self.add_error("child_reference", "Enter the child's case reference")
        if cleaned.get("reached") == REACHED and cleaned.get("telephoned") == "":
            self.add_error("telephoned", "Say whom you spoke to, and when")
        return cleaned

    def clean_key(self) -> uuid.UUID:
        """A key that is none is a form of its own."""
        try:
            return uuid.UUID(self.cleaned_data["key"])
        except ValueError:
            return uuid.uuid4()

    @property
    def audit(self) -> Audit | None:
        """The audit that was chosen, from a valid form."""
        return self.audits.get(self.cleaned_data.get("child", ANOTHER_CHILD))

    @property
    def reference(self) -> str:
        """The reference of the child at risk, from a valid form."""
        audit = self.audit
        return (
            audit.allocation.audited_child.reference if audit else str(self.cleaned_data["child_reference"])
        )

    @property
    def calls(self) -> Telephoned:
        """Who was telephoned, from a valid form."""
        if self.cleaned_data["reached"] == NOBODY:
            return Telephoned(reached_nobody=True)
        return Telephoned(self.cleaned_data["telephoned"])


class AcknowledgeForm(gov.GovForm):
    """Take a concern on."""

    response = forms.CharField(
        label="What will you do, and by when?",
        help_text="For example: I have sent the duty worker to the home, she is there by 15:00.",
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "Say what you will do, and by when"},
    )


class CloseForm(gov.GovForm):
    """Say what came of a concern."""

    outcome = forms.CharField(
        label="What was done, and is the child safe?",
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "Say what was done, and whether the child is safe"},
    )


class ConcernSettingsForm(gov.GovModelForm):
    """The council's own words, numbers and times."""

    class Meta:
        model = ConcernSettings
        fields = (
            "instruction",
            "telephones",
            "escalate_after_minutes",
            "review_within_days",
            "plan_within_days",
        )
        labels: ClassVar = {
            "instruction": "What everybody reads first",
            "telephones": "Telephone numbers",
            "escalate_after_minutes": "Minutes without an answer before the assistant director is told",
            "review_within_days": "Working days in which the service manager reviews an Inadequate audit",
            "plan_within_days": "Working days in which there is a plan after an Inadequate audit",
        }
        help_texts: ClassVar = {
            "telephones": "One on each line: whom it reaches, a colon, the number. The first is the first to call.",
        }
        widgets: ClassVar = {
            "instruction": forms.Textarea(attrs={"rows": 4}),
            "telephones": forms.Textarea(attrs={"rows": 5}),
            **dict.fromkeys(("escalate_after_minutes", "review_within_days", "plan_within_days"), SHORT),
        }

    def clean_telephones(self) -> str:
        """Each line must say whom the number reaches, and have a number."""
        text: str = self.cleaned_data["telephones"]
        for number, line in enumerate(text.splitlines(), start=1):
            who, _, digits = line.rpartition(":")
            if line.strip() and not (who.strip() and any(letter.isdigit() for letter in digits)):
                raise forms.ValidationError(
                    f"Line {number}: write whom it reaches, a colon and the number, like Police: 999"
                )
        return text
