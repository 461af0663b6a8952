"""Readings, their reasons, and decisions: one group of fields for each graded section."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.forms.boundfield import BoundField

from audits.enums import AREAS, BAND_GRADES, GRADED_SECTIONS, Grade, Section
from core import forms as gov
from moderation.enums import FormQuality, Reason
from moderation.services.decisions import RETURN, Line
from moderation.services.readings import GradeGiven, ReadingContent
from moderation.verdicts import in_words

LONGEST_TEXT = 4000


def grades_for(section: str) -> list[tuple[str, str]]:
    grades = (*BAND_GRADES, Grade.NOT_APPLICABLE) if section in AREAS else BAND_GRADES
    return [(grade.value, grade.label) for grade in grades]


def reasons_field(section: str) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=f"Reasons: {section}", choices=Reason.choices, required=False, widget=gov.Checkboxes(small=True)
    )


def words_field(label: str, rows: int = 3) -> forms.CharField:
    return forms.CharField(
        label=label, required=False, max_length=LONGEST_TEXT, widget=forms.Textarea(attrs={"rows": rows})
    )


class BySection(gov.GovForm):
    """A form that has the same few fields for several sections, named "visits_grade" and the like."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    def fields_of(self, section: str) -> dict[str, BoundField]:
        """By short name, the section's fields, for the template."""
        found = {}
        for name in ("grade", "choice", "reasons", "note"):
            if f"{section}_{name}" in self.fields:
                found[name] = self[f"{section}_{name}"]
        return found

    def show_missing(self, missing: Mapping[str, str], field: str) -> None:
        """Says at each section what it still needs; `field` is the short name of the field that takes it."""
        for section, sentence in missing.items():
            name = f"{section}_{field}"
            self.add_error(name if name in self.fields else section, sentence)

    def reopen_at(self, version: int) -> None:
        """From now on the form is about this version, so that sending it again replaces what is there."""
        data = self.data.copy()  # type: ignore[attr-defined]  # a QueryDict
        data["version"] = str(version)
        self.data = data


class ReadingForm(BySection):
    """A moderator's own grades; reasons for differences are asked beside them only where the grades are shown."""

    def __init__(
        self, *args: Any, is_blind: bool, saved: ReadingContent, version: int, **kwargs: Any
    ) -> None:
        initial: dict[str, Any] = {
            "version": version,
            "form_quality": saved.form_quality,
            "form_note": saved.form_note,
        }
        for section, given in saved.given.items():
            initial |= {f"{section}_grade": given.grade, f"{section}_note": given.note}
        super().__init__(*args, initial=initial, **kwargs)
        for section in GRADED_SECTIONS:
            label = section.label
            self.fields[f"{section}_grade"] = forms.ChoiceField(
                label=f"Your grade: {label}",
                choices=grades_for(section),
                required=False,
                widget=gov.Radios(small=True, divider_before=Grade.NOT_APPLICABLE),
            )
            if not is_blind:
                self.fields[f"{section}_reasons"] = reasons_field(label)
            self.fields[f"{section}_note"] = words_field(
                f"What your grade rests on: {label}" if is_blind else f"Why, where you differ: {label}"
            )
        self.fields["form_quality"] = forms.ChoiceField(
            label="How well is the form filled in?",
            help_text="Apart from the practice it describes: it changes no grade",
            choices=FormQuality.choices,
            required=False,
            widget=gov.Radios(small=True),
        )
        self.fields["form_note"] = words_field("What could be better in the form (optional)")

    def content(self) -> ReadingContent:
        data = self.cleaned_data
        return ReadingContent(
            {
                section: GradeGiven(
                    data[f"{section}_grade"],
                    data[f"{section}_note"],
                    tuple(data.get(f"{section}_reasons", ())),
                )
                for section in GRADED_SECTIONS
            },
            data["form_quality"],
            data["form_note"],
        )


class ExplainForm(BySection):
    """Why recorded grades differ from the auditor's."""

    def __init__(self, *args: Any, sections: Mapping[str, str], version: int, **kwargs: Any) -> None:
        """Sections: those that differ, each with what was noted when it was read."""
        initial = {f"{section}_note": note for section, note in sections.items()}
        super().__init__(*args, initial={**initial, "version": version}, **kwargs)
        self.sections = list(sections)
        for section in sections:
            self.fields[f"{section}_reasons"] = reasons_field(Section(section).label)
            self.fields[f"{section}_note"] = words_field(f"Why, in words: {Section(section).label}")

    def given(self) -> dict[str, GradeGiven]:
        return {
            section: GradeGiven(
                note=self.cleaned_data[f"{section}_note"],
                reasons=tuple(self.cleaned_data[f"{section}_reasons"]),
            )
            for section in self.sections
        }


class DecisionForm(BySection):
    """What the panel decides, area by area."""

    def __init__(
        self,
        *args: Any,
        auditor: Mapping[str, str],
        initial_lines: Mapping[str, Line],
        version: int,
        **kwargs: Any,
    ) -> None:
        initial: dict[str, Any] = {"version": version}
        for section, line in initial_lines.items():
            initial |= {
                f"{section}_choice": line.choice,
                f"{section}_reasons": list(line.reasons),
                f"{section}_note": line.narrative,
            }
        super().__init__(*args, initial=initial, **kwargs)
        for section in GRADED_SECTIONS:
            own = auditor.get(section, "")
            choices = [
                (value, f"{label}: confirmed" if value == own else f"{label}: {in_words(own, value)}")
                for value, label in grades_for(section)
            ]
            self.fields[f"{section}_choice"] = forms.ChoiceField(
                label=f"Decision: {section.label}",
                choices=[*choices, (RETURN, "Return for evidence")],
                required=False,
                widget=gov.Radios(small=True, divider_before=RETURN),
            )
            self.fields[f"{section}_reasons"] = reasons_field(section.label)
            self.fields[f"{section}_note"] = words_field(f"Why, in words: {section.label}", rows=2)

    def lines(self) -> dict[str, Line]:
        data = self.cleaned_data
        return {
            section: Line(
                data[f"{section}_choice"], tuple(data[f"{section}_reasons"]), data[f"{section}_note"]
            )
            for section in GRADED_SECTIONS
        }
