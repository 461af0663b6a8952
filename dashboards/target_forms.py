"""Forms of targets and of the council's performance figures."""

from typing import Any

from django import forms
from django.utils import timezone

from core import forms as gov
from core.dates import Quarter
from dashboards.choices import measures_with_percent, quarters_around
from dashboards.enums import Direction
from dashboards.models import PerformanceFigure, Target
from dashboards.services.targets import Typed

SHORT = {"class": "govuk-input--width-4"}


def quarter_chosen(text: str) -> Quarter:
    """The quarter of one of the choices."""
    return Quarter.parse(*text.split(" "))


class TargetForm(gov.GovForm):
    """What a measure should reach, and from when."""

    code = forms.ChoiceField(label="Measure")
    since = forms.ChoiceField(label="From which quarter on?")
    direction = forms.ChoiceField(
        label="Which side of it is good?",
        choices=Direction.choices,
        initial=Direction.AT_LEAST,
        widget=gov.Radios(),
    )
    percent = forms.IntegerField(
        label="Percentage (optional)",
        help_text="A whole number. Left empty, there is no target from that quarter on.",
        required=False,
        min_value=0,
        max_value=100,
        widget=forms.NumberInput(attrs=SHORT),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].choices = measures_with_percent()  # type: ignore[attr-defined]  # a choice field
        quarters = quarters_around(timezone.localdate())
        self.fields["since"].choices = quarters  # type: ignore[attr-defined]  # a choice field
        self.fields["since"].initial = str(Quarter.of(timezone.localdate()))

    @property
    def since_quarter(self) -> Quarter:
        return quarter_chosen(self.cleaned_data["since"])


class PerformanceFigureForm(gov.GovForm):
    """A figure of the council's performance dashboard."""

    quarter = forms.ChoiceField(label="Quarter")
    code = forms.ChoiceField(
        label="Beside which measure of the audits?", help_text="The report prints the two in one line."
    )
    name = forms.CharField(
        label="What it is called there",
        help_text="For the council as a whole. Name no child, worker or team.",
        max_length=150,
    )
    numerator = forms.IntegerField(
        label="Counted (optional)",
        required=False,
        min_value=0,
        max_value=10**8,
        widget=forms.NumberInput(attrs=SHORT),
    )
    denominator = forms.IntegerField(
        label="Out of (optional)",
        required=False,
        min_value=0,
        max_value=10**8,
        widget=forms.NumberInput(attrs=SHORT),
    )
    value = forms.DecimalField(
        label="Number (optional)",
        required=False,
        max_digits=10,
        decimal_places=2,
        widget=forms.NumberInput(attrs=SHORT),
    )
    unit = forms.CharField(
        label="Unit (optional)",
        help_text="For example: working days",
        required=False,
        max_length=40,
        widget=forms.TextInput(attrs={"class": "govuk-input--width-10"}),
    )
    source = forms.CharField(
        label="Where it is from",
        help_text="For example: performance dashboard, seen on 14 October 2026",
        max_length=200,
    )
    layout = gov.Layout(
        "quarter",
        "code",
        "name",
        gov.Group("Either how many of how many", "numerator", "denominator"),
        gov.Group("Or a number with its unit", "value", "unit"),
        "source",
    )

    def __init__(self, *args: Any, figure: PerformanceFigure | None = None, **kwargs: Any) -> None:
        names = ("code", "name", "numerator", "denominator", "value", "unit", "source")
        initial = {name: getattr(figure, name) for name in names} if figure else {}
        today = timezone.localdate()
        shown = figure.quarter if figure else Quarter.of(today).previous()
        super().__init__(*args, initial={**initial, "quarter": str(shown)}, **kwargs)
        self.fields["code"].choices = measures_with_percent()  # type: ignore[attr-defined]  # a choice field
        quarters = quarters_around(today, ahead=0)
        if (str(shown), str(shown)) not in quarters:
            quarters.append((str(shown), str(shown)))
        self.fields["quarter"].choices = quarters  # type: ignore[attr-defined]  # a choice field

    @property
    def typed(self) -> Typed:
        given = dict(self.cleaned_data)
        return Typed(quarter=quarter_chosen(given.pop("quarter")), **given)


def initial_of(target: Target) -> dict[str, Any]:
    """What the form shows to change a target."""
    return {
        "code": target.code,
        "since": str(target.quarter),
        "direction": target.direction,
        "percent": target.percent,
    }
