"""The form of a one-off closure."""

from django import forms

from core import forms as gov


class ClosureForm(gov.GovForm):
    """A day on which the council is closed."""

    day = gov.DateField(label="Day", help_text="For example, 24 12 2026")
    reason = forms.CharField(label="Reason", max_length=100)
