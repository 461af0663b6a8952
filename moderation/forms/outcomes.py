"""Replying to an outcome, and deciding on the reply."""

from django import forms

from core import forms as gov


class ReplyForm(gov.GovForm):
    """The auditor's one reply."""

    text = forms.CharField(
        label="Your reply",
        max_length=4000,
        help_text="You can reply once. The Principal Social Worker decides on it.",
        widget=forms.Textarea(attrs={"rows": 6}),
    )


class ReplyDecisionForm(gov.GovForm):
    """Upheld, or the grades stay."""

    decision = forms.ChoiceField(
        label="What is decided?",
        choices=(("upheld", "The reply is upheld"), ("stays", "The grades stay")),
        widget=gov.Radios(
            hints={
                "upheld": "The QA lead can then propose to reopen the audit, and the Principal Social Worker approve"
            }
        ),
    )
    answer = forms.CharField(
        label="Why",
        max_length=4000,
        help_text="The auditor reads it",
        widget=forms.Textarea(attrs={"rows": 5}),
    )
