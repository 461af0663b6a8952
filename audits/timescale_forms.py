"""The forms of an audit's dates and of the rules they are held against."""

import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any, ClassVar, cast

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from audits.enums import LOOKED_FOR, ChildSeen, EventKind, Pathway, PlacementKind
from audits.models import TimescaleRule
from audits.services.timescales import SHAPES, what_rule_needs
from audits.timescales import DUTIES
from core import forms as gov

LONGEST_LIST = 20_000
"""Characters: more than the most dates an audit holds."""

OLDEST_YEARS = 26
"""A care leaver is 25 at most."""

FORMATS = ("%d/%m/%Y", "%d/%m/%y", "%d/%B/%Y", "%d/%b/%Y", "%d/%B/%y", "%d/%b/%y")


def parse_day(text: str) -> date | None:
    """A day as people write it: 3 11 2026, 3/11/26, 3.11.2026, 3 November 2026; None when it is none.

    >>> parse_day("3.11.26")
    datetime.date(2026, 11, 3)
    """
    parts = "/".join(re.split(r"[\s/.\-]+", text.strip()))
    for form in FORMATS:
        try:
            return datetime.strptime(parts, form).date()  # noqa: DTZ007 - a day has no time
        except ValueError:
            continue
    return None


class DaysField(forms.CharField):
    """Many days, one a line. Gives a list of dates; a refusal names the line."""

    widget = forms.Textarea

    def clean(self, value: Any) -> list[date]:
        text = super().clean(value)
        days, wrong = [], []
        for number, line in enumerate(text.splitlines(), start=1):
            if not line.strip():
                continue
            day = parse_day(line.strip().rstrip(",;"))
            if day is None:
                wrong.append(
                    f"Line {number}: “{line.strip()[:40]}” is not a date. Write it like 3 11 2026 or 3/11/26"
                )
            elif sentence := out_of_range(day):
                wrong.append(f"Line {number}: {sentence}")
            else:
                days.append(day)
        if wrong:
            raise ValidationError(wrong)
        return days


def out_of_range(day: date) -> str:
    """Why the day cannot be one of a child's file, without a full stop; "" when it can."""
    today = timezone.localdate()
    if day > today:
        return f"{day:%-d %B %Y} is still to come. Enter what has happened"
    if day < today - timedelta(days=OLDEST_YEARS * 366):
        return f"{day:%-d %B} {day.year} is too long ago"
    return ""


class DatesForm(gov.GovForm):
    """One date or many of a kind."""

    kind = forms.ChoiceField(label="What happened?", error_messages={"required": "Select what happened"})
    on = gov.DateField(label="One date (optional)", help_text="For example, 28 11 2026", required=False)
    days = DaysField(
        label="Or many dates, one on each line (optional)",
        help_text="For example 3 11 2026 or 3/11/26. Paste a column from the case system or a spreadsheet.",
        required=False,
        max_length=LONGEST_LIST,
        widget=forms.Textarea(attrs={"rows": 6}),
    )
    seen = forms.ChoiceField(
        label="At these visits the child was (optional)",
        required=False,
        choices=ChildSeen.choices,
        widget=gov.Radios(small=True, inline=True),
    )

    def __init__(self, *args: Any, kinds: Sequence[EventKind], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast("forms.ChoiceField", self.fields["kind"]).choices = [
            ("", "Choose"),
            *((kind.value, kind.label) for kind in kinds),
        ]
        if EventKind.VISIT not in kinds:
            del self.fields["seen"]

    def clean_on(self) -> date | None:
        on: date | None = self.cleaned_data["on"]
        if on is not None and (sentence := out_of_range(on)):
            raise ValidationError(sentence)
        return on

    def clean(self) -> dict[str, Any]:
        """At least one date; the child is seen at visits alone."""
        cleaned: dict[str, Any] = super().clean() or {}
        if not self.errors and not self.all_days:
            self.add_error("on", "Enter a date, or several below")
        if cleaned.get("seen") and cleaned.get("kind") not in {"", None, EventKind.VISIT}:
            self.add_error("seen", "Only of visits it is said whether the child was seen. Leave it empty")
        return cleaned

    @property
    def all_days(self) -> list[date]:
        """What was entered, from a valid form."""
        on = self.cleaned_data.get("on")
        return [*([on] if on else []), *self.cleaned_data.get("days", [])]


class CircumstancesForm(gov.GovForm):
    """What decides the timescales beside the dates."""

    placement = forms.ChoiceField(
        label="Which placement is it now?",
        help_text="It decides how often the child is visited.",
        required=False,
        choices=PlacementKind.choices,
        widget=gov.Radios(small=True),
    )
    none_found = forms.MultipleChoiceField(
        label="Did you look for any of these and find none? (optional)",
        help_text="Then it counts as not done in the months that are graded.",
        required=False,
        widget=gov.Checkboxes(small=True),
    )
    version = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, pathway: str, kinds: Iterable[EventKind], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast("forms.MultipleChoiceField", self.fields["none_found"]).choices = [
            (kind.value, kind.label) for kind in kinds if kind in LOOKED_FOR
        ]
        if pathway != Pathway.CLA:
            del self.fields["placement"]

    @property
    def opened_version(self) -> int:
        """The version that the writer had before them; -1, which none is, when the browser did not say."""
        version: str = self.cleaned_data["version"]
        return int(version) if re.fullmatch("[0-9]{1,9}", version) else -1

    def reopen_at(self, version: int) -> None:
        """Let the next save of what was chosen count as made on that version."""
        data = self.data.copy()  # type: ignore[attr-defined]  # a QueryDict
        data["version"] = str(version)
        self.data = data


SHORT = forms.NumberInput(attrs={"class": "govuk-input--width-3"})


class RuleForm(gov.GovModelForm):
    """A new version of the rule of one duty: only the intervals that the duty has."""

    starts_on = gov.DateField(
        label="In force from",
        help_text="For what is counted from this day or a later one. For example, 1 4 2027",
    )

    class Meta:
        model = TimescaleRule
        fields = (
            "starts_on",
            "first_count",
            "first_unit",
            "following_count",
            "following_unit",
            "later_count",
            "later_unit",
            "later_after",
            "source",
            "is_law",
        )
        labels: ClassVar = {
            "first_count": "The first, within how many",
            "first_unit": "Unit of the first",
            "following_count": "Then every how many",
            "following_unit": "Unit of the following",
            "later_count": "Later every how many",
            "later_unit": "Unit of the later",
            "later_after": "Months after the start from which the later interval applies",
            "source": "The law or policy it comes from",
            "is_law": "It is set by law or statutory guidance",
        }
        widgets: ClassVar = dict.fromkeys(
            ("first_count", "following_count", "later_count", "later_after"), SHORT
        )

    def __init__(self, *args: Any, instance: TimescaleRule, **kwargs: Any) -> None:
        super().__init__(*args, instance=instance, **kwargs)
        duty = DUTIES[instance.duty]
        for part, has in SHAPES[duty.shape, bool(duty.later_from)].items():
            for name in (f"{part}_count", f"{part}_unit"):
                if has:
                    self.fields[name].required = True
                else:
                    del self.fields[name]
        if duty.later_from == "year":
            self.fields["later_after"].required = True
        else:
            del self.fields["later_after"]

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]  # Django's, where the instance has been filled
        if not self.errors and (sentence := what_rule_needs(self.instance)):
            self.add_error(None, sentence)
