"""Forms of the queue, earned exemptions and calibration."""

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from django import forms

from audits.enums import BAND_GRADES, Pathway
from audits.models import Audit
from audits.querysets import AuditQuerySet
from core import forms as gov
from moderation.enums import SelectionReason
from moderation.models import CalibrationText, ModerationSettings

SHORT = forms.NumberInput(attrs={"class": "govuk-input--width-3"})

GRADES = [(grade.value, grade.label) for grade in BAND_GRADES]


SELECTION = ("first_audits", "spot_check_percent", "days_to_dispute")
EXEMPTION = (
    "exemption_audits",
    "exemption_quarters",
    "exemption_within_months",
    "exemption_confirmed_percent",
    "exemption_months",
    "exemption_changes",
    "exemption_among_last",
)
CALIBRATION = ("calibration_days", "calibration_days_before")


class FairnessSettingsForm(gov.GovModelForm):
    """The council's own numbers for what is moderated, for earning an exemption and for calibration."""

    class Meta:
        model = ModerationSettings
        fields = (*SELECTION, *EXEMPTION, *CALIBRATION)
        labels: ClassVar = {
            "first_audits": "First audits of an auditor that are always moderated",
            "spot_check_percent": "Percent of an exempt auditor’s audits that are moderated by lot",
            "days_to_dispute": "Working days after which such an audit is drawn by lot, or final",
            "exemption_audits": "Moderated audits that earn it",
            "exemption_quarters": "Quarters over which they are spread",
            "exemption_within_months": "Months whose decisions count",
            "exemption_confirmed_percent": "Percent of overall grades that panels have to confirm",
            "exemption_months": "Months after which it lapses",
            "exemption_changes": "Changed overall grades that end it",
            "exemption_among_last": "Last audits among which they are counted",
            "calibration_days": "Days for which an exercise is open",
            "calibration_days_before": "Days before its end when those who have not graded are reminded",
        }
        widgets: ClassVar = dict.fromkeys((*SELECTION, *EXEMPTION, *CALIBRATION), SHORT)

    layout = gov.Layout(
        gov.Group("What a panel sees", *SELECTION),
        gov.Group("Earning an exemption, and losing it", *EXEMPTION),
        gov.Group("Calibration", *CALIBRATION),
    )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        changes, among = cleaned.get("exemption_changes"), cleaned.get("exemption_among_last")
        if changes and among and changes > among:
            self.add_error("exemption_changes", f"{changes} changes cannot be among {among} audits")
        return cleaned


class CaseFilterForm(forms.Form):
    """What the queue is narrowed to; what makes no sense is left out."""

    reason = forms.ChoiceField(choices=[("", "Any"), *SelectionReason.choices], required=False)
    pathway = forms.ChoiceField(choices=[("", "Any"), *Pathway.choices], required=False)
    late = forms.ChoiceField(label="Waiting", choices=[("", "Any time"), ("yes", "Too long")], required=False)


class DecideEarnedForm(gov.GovForm):
    decision = forms.ChoiceField(
        label="What do you decide?",
        choices=[("grant", "Grant it"), ("decline", "Decline it")],
        widget=gov.Radios(hints={"grant": "It starts today.", "decline": "Say why in the note."}),
    )
    note = forms.CharField(
        label="Note (optional when you grant it)",
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=500,
        required=False,
    )


class EndEarnedForm(gov.GovForm):
    reason = forms.CharField(
        label="Why does it end today?",
        help_text="The auditor reads this.",
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=500,
    )


class PrepareCalibrationForm(gov.GovForm):
    title = forms.CharField(label="Title", help_text="Such as “A child looked after, aged 9”", max_length=120)
    source = forms.CharField(
        label="Reference of the audit whose texts are used",
        help_text="Such as CJA-2026-11-014. It must have been submitted. Those who grade do not learn which it is.",
        widget=forms.TextInput(attrs={"class": "govuk-input--width-20"}),
    )

    def __init__(self, *args: Any, audits: AuditQuerySet, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.audits = audits

    def clean_source(self) -> Audit:
        reference = self.cleaned_data["source"].strip()
        found = self.audits.filter(allocation__reference__iexact=reference).first()
        if found is None:
            raise forms.ValidationError("There is no submitted audit with this reference")
        return found


class CalibrationTextForm(gov.GovForm):
    words = forms.CharField(
        label="What those who grade will read",
        help_text="Replace each name, place, school and exact date with a word such as “the child” or “in spring”.",
        widget=forms.Textarea(attrs={"rows": 14}),
        max_length=20_000,
    )
    reference_grade = forms.ChoiceField(
        label="The grade you would give (optional)",
        help_text="Shown with the spread, once the exercise is closed.",
        choices=[("", "None given"), *GRADES],
        required=False,
    )
    is_checked = forms.BooleanField(
        label="I have read it: nothing in it tells who the child, the family or the worker is", required=False
    )


class OpenCalibrationForm(gov.GovForm):
    closes_on = gov.DateField(label="Last day for grading", help_text="For example, 28 11 2026")


class CalibrationGradesForm(gov.GovForm):
    """A grade and a short reason for each text."""

    def __init__(
        self,
        texts: Iterable[CalibrationText],
        given: Mapping[int, tuple[str, str]],
        data: Mapping[str, Any] | None = None,
    ) -> None:
        self.texts = list(texts)
        made: dict[str, forms.Field] = {}
        initial = {}
        for text in self.texts:
            made[text.section] = forms.ChoiceField(
                label=f"Your grade: {text.get_section_display()}",
                choices=GRADES,
                widget=gov.Radios(small=True),
                error_messages={"required": f"Select your grade for {text.get_section_display()}"},
            )
            made[f"{text.section}_why"] = forms.CharField(
                label=f"Why, in a sentence (optional): {text.get_section_display()}",
                widget=forms.Textarea(attrs={"rows": 2}),
                max_length=1000,
                required=False,
            )
            initial[text.section], initial[f"{text.section}_why"] = given.get(text.pk, ("", ""))
        self.base_fields = made  # type: ignore[misc]  # this form's fields are its exercise's texts
        super().__init__(data, initial=initial)

    @property
    def grades(self) -> dict[str, tuple[str, str]]:
        """What was given, from a valid form."""
        cleaned = self.cleaned_data
        return {text.section: (cleaned[text.section], cleaned[f"{text.section}_why"]) for text in self.texts}

    @property
    def by_text(self) -> list[dict[str, Any]]:
        return [
            {"text": text, "grade": self[text.section], "why": self[f"{text.section}_why"]}
            for text in self.texts
        ]
