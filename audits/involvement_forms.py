"""The forms of the contact logs, of what somebody said, and of the social worker's reply."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any
from uuid import uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from audits.completeness import AskedQuestion, SectionContent
from audits.enums import (
    WITHOUT_CONTACT,
    ContactHow,
    FamilyMember,
    FamilyOutcome,
    ReplyOutcome,
    Section,
    WorkerOutcome,
)
from audits.forms import LONGEST_TEXT, SectionForm, long_text
from audits.models import AuditSection, FamilyFeedback, WorkerFeedback
from core import forms as gov

HOW_THE_WORKER = [choice for choice in ContactHow.choices if choice[0] != ContactHow.THROUGH_WORKER]


def not_to_come(day: date) -> None:
    """Refuse a day that is still to come: a log says what happened."""
    if day > timezone.localdate():
        raise ValidationError("The date is still to come. Enter the day on which it happened")


def day_of(label: str, *, required: bool = True) -> gov.DateField:
    """A day that has come."""
    return gov.DateField(
        label=label, help_text="For example, 3 11 2026", required=required, validators=[not_to_come]
    )


class OnceForm(gov.GovForm):
    """A form that makes one row however often it is sent: its token is drawn when it is shown."""

    token = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, initial={"token": uuid4(), **kwargs.pop("initial", {})}, **kwargs)

    def start_anew(self) -> None:
        """Let the next time it is sent make another row."""
        data = self.data.copy()  # type: ignore[attr-defined]  # a QueryDict
        data[self.add_prefix("token")] = str(uuid4())
        self.data = data


class VersionedForm(gov.GovForm):
    """A form that says which version of its page the writer had before them."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0, max_value=2**31 - 1)

    @property
    def opened_version(self) -> int:
        """That version, once the form is checked; -1, which none is, when the browser did not say."""
        version: int | None = self.cleaned_data.get("version")
        return -1 if version is None else version

    def reopen_at(self, version: int) -> None:
        """Let the next save of what was typed count as made on that version of the page."""
        data = self.data.copy()  # type: ignore[attr-defined]  # a QueryDict
        data[self.add_prefix("version")] = str(version)
        self.data = data


class WorkerContactForm(OnceForm):
    """A line of the log of the social worker's involvement."""

    on = day_of("On which day?")
    how = forms.ChoiceField(label="How?", choices=HOW_THE_WORKER, widget=gov.Radios(small=True))
    outcome = forms.ChoiceField(
        label="What came of it?",
        choices=WorkerOutcome.choices,
        widget=gov.Radios(
            small=True,
            hints={
                WorkerOutcome.INVITED: "You asked, and nothing more has come of it yet",
                WorkerOutcome.TOOK_PART: "You talked about the work together, in person or online",
            },
        ),
    )
    note = long_text("Note (optional)", help_text="No names of children or family members.", rows=2)


class WorkerFeedbackForm(VersionedForm):
    """What the social worker was told about the work, and when."""

    on = day_of("On which day did you give the feedback?", required=False)
    text = long_text(
        "What did you tell them?",
        help_text=(
            "A short summary in your words: what works, and what would move the work up. The worker may reply to it, "
            "so their team manager reads this text. Write no grades, and no names of children or family members."
        ),
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, saved: WorkerFeedback) -> None:
        super().__init__(data, initial={"on": saved.on, "text": saved.text, "version": saved.version})


class FamilyContactForm(OnceForm):
    """A line of the log of asking the family."""

    on = day_of("On which day?")
    person = forms.ChoiceField(label="Whom?", choices=FamilyMember.choices, widget=gov.Radios(small=True))
    outcome = forms.ChoiceField(
        label="What came of it?",
        choices=FamilyOutcome.choices,
        widget=gov.Radios(
            small=True,
            hints={
                FamilyOutcome.NOT_APPROPRIATE: "Only for a reason of safety or distress, agreed with the team",
            },
            divider_before=FamilyOutcome.NOT_TRIED,
        ),
    )
    how = forms.ChoiceField(
        label="How did you make contact?",
        choices=ContactHow.choices,
        required=False,
        widget=gov.Radios(small=True),
        help_text="Leave this out if there was no contact.",
    )
    reason = long_text(
        "Why was there no contact?", help_text="Only if you did not try, or it is not appropriate.", rows=2
    )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        outcome = cleaned.get("outcome")
        if outcome in WITHOUT_CONTACT and not cleaned.get("reason", "x").strip():
            self.add_error("reason", "Say why there was no contact")
        if outcome and outcome not in WITHOUT_CONTACT and not cleaned.get("how"):
            self.add_error("how", "Select how you made contact")
        return cleaned


class PersonForm(SectionForm):
    """What one person of the family said: their answers to the questions of the audit's tool."""

    def __init__(
        self,
        row: FamilyFeedback,
        questions: Iterable[AskedQuestion],
        content: SectionContent,
        data: Mapping[str, Any] | None = None,
    ) -> None:
        page = AuditSection(section=Section.FEEDBACK, version=row.version)
        super().__init__(page, questions, {}, content, data)
        del self.fields["state"]


class WorkerReplyForm(gov.GovForm):
    """What the social worker says of the feedback."""

    outcome = forms.ChoiceField(
        label="Does the social worker agree with the feedback?",
        choices=ReplyOutcome.choices,
        widget=gov.Radios(
            hints={ReplyOutcome.DISAGREES: "The audit is then disputed, and a panel always looks at it"}
        ),
    )
    said_on = day_of("On which day did they say so?")
    text = forms.CharField(
        label="What do they say, in their words?",
        help_text="Read it back to them first: a reply is recorded once and cannot be changed. No names of children.",
        required=False,
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 6}),
    )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        says_something = cleaned.get("outcome") in (ReplyOutcome.AGREES, ReplyOutcome.DISAGREES)
        if says_something and not cleaned.get("text", "x").strip():
            self.add_error("text", "Write what they say, in their words")
        return cleaned
