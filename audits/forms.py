"""One page of an audit as a form, made from the questions of the audit's tool."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from django import forms
from django.core.validators import MaxLengthValidator
from django.forms.boundfield import BoundField

from audits.completeness import AskedQuestion, GivenAnswer, Missing, SectionContent
from audits.enums import (
    AREAS,
    GRADED_SECTIONS,
    Grade,
    NotApplicableReason,
    PracticeAnswer,
    QuestionKind,
    Section,
)
from audits.grading import BANDS, lines_of
from audits.models import AuditSection
from audits.timescale_facts import ANSWERED, Proposal, prefilled
from audits.wording import proposal_in_words
from core import forms as gov

LONGEST_TEXT = 200_000
"""Characters: 20,000 words and room to spare."""

LARGEST_COUNT = 999

COMPLETED = "completed"
KEPT_AS_DRAFT = "draft"

LINE_KEY = re.compile(rf"(?:{'|'.join(BANDS)})\.[1-9][0-9]?")

ANSWERED_IN: dict[str, str] = {
    QuestionKind.TEXT: "note",
    QuestionKind.CHOICES: "selected",
    QuestionKind.NUMBER: "counted",
    QuestionKind.DATE: "dated_on",
}
"""The part of an answer that a kind of question is answered with; the others are answered with a value."""


def long_text(label: str, *, help_text: str = "", rows: int = 4) -> forms.CharField:
    """A text that may run to 20,000 words. No counter: nobody comes near the limit by writing."""
    return forms.CharField(
        label=label,
        help_text=help_text,
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": rows}),
        validators=[MaxLengthValidator(LONGEST_TEXT)],
    )


class SectionForm(gov.GovForm):
    """What is written on one page. Everything may be left blank: completeness.py says what is still needed."""

    def __init__(
        self,
        row: AuditSection,
        questions: Iterable[AskedQuestion],
        descriptors: Mapping[str, str],
        content: SectionContent,
        data: Mapping[str, Any] | None = None,
        *,
        proposals: Mapping[str, Proposal] | None = None,
    ) -> None:
        """A form for the page `row`, filled with `content`, or bound to `data`.

        Args:
            descriptors: what each grade looks like in this area, by grade.
            proposals: what the dates of the file say, by question. It stands beside the question and in place of an
                answer that was not given. None where nobody looked: then a reason is taken as it comes.

        """
        self.proposals = proposals or {}
        self.row = row
        self.descriptors = descriptors
        self.questions = {question.code: question for question in questions}
        made: dict[str, forms.Field] = {}
        for question in self.questions.values():
            made |= question_fields(with_proposal(question, self.proposals.get(question.code)))
            if question.code in (ANSWERED if proposals is None else proposals):
                made[f"{question.code}__override"] = long_text(
                    f"{question.code}: if you answer otherwise than the dates, why? (needed then)", rows=2
                )
        self.about_grade: tuple[str, ...] = ()
        if row.section in GRADED_SECTIONS:
            self.lines = lines_of(descriptors)
            graded = grade_fields(Section(row.section), descriptors, self.lines)
            self.about_grade = tuple(graded)
            made |= graded
        elif row.section == Section.PROCESS:
            made["override_reason"] = long_text("If you have not raised the concern, why not?", rows=2)
        made["state"] = forms.ChoiceField(
            label="Have you completed this section?",
            choices=[
                (COMPLETED, "Yes, I have completed it"),
                (KEPT_AS_DRAFT, "No, I will come back to it later"),
            ],
            required=False,
            widget=gov.Radios,
        )
        made["version"] = forms.CharField(widget=forms.HiddenInput, required=False)
        self.base_fields = made  # type: ignore[misc]  # this form's fields are its tool's questions
        super().__init__(data, initial=initial_values(row, prefilled(content, self.proposals)))
        self.asks_reason = "override_reason" in made and bool(
            content.override_reason or self["override_reason"].value()
        )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        for code in self.questions:
            counted, counted_of = cleaned.get(f"{code}__counted"), cleaned.get(f"{code}__counted_of")
            if counted is not None and counted_of is not None and counted > counted_of:
                self.add_error(
                    f"{code}__counted", f"{code}: {counted} is more than the {counted_of} there were"
                )
        return cleaned

    @property
    def questions_shown(self) -> list[BoundField]:
        """The fields of the practice questions, as the page shows them; those that another reveals show there."""
        apart = (*self.about_grade, "state", "version")
        return [self[name] for name in self._shown() if name not in apart]

    @property
    def grade_shown(self) -> list[BoundField]:
        """The fields of the grade and its evidence; none on a page that is not graded."""
        return [self[name] for name in self._shown() if name in self.about_grade]

    def _shown(self) -> list[str]:
        names = [pointer.name for pointer in self.helper.layout.get_field_names()]
        apart = {"met_lines"} if self.asks_reason else {"met_lines", "override_reason"}
        return [name for name in names if name not in apart]

    @property
    def says_complete(self) -> bool:
        """Whether the writer says that the page is complete."""
        return bool(self.cleaned_data.get("state") == COMPLETED)

    @property
    def opened_version(self) -> int:
        """The version of the page that the writer had before them; -1, which none is, when the browser did not say."""
        version: str = self.cleaned_data.get("version", "")
        return int(version) if re.fullmatch("[0-9]{1,9}", version) else -1

    def is_multipart(self) -> bool:
        """Sent in parts although it has no file: twenty thousand words in any script stay a third of the size."""
        return True

    def content(self) -> SectionContent:
        """What was written, from a checked form: all of it, when the form is valid."""
        given = self.cleaned_data
        return SectionContent(
            grade=given.get("grade", ""),
            evidence=given.get("evidence", ""),
            difference=given.get("difference", ""),
            not_applicable_reason=(
                given.get("not_applicable_reason", "") if given.get("grade") == Grade.NOT_APPLICABLE else ""
            ),
            override_reason=given.get("override_reason", ""),
            met_lines=tuple(given.get("met_lines", ())),
            answers={code: self._answer(question) for code, question in self.questions.items()},
        )

    def content_that_can_be_saved(self, saved: SectionContent) -> SectionContent:
        """What was written, but what is saved already wherever something written cannot be."""
        written, refused = self.content(), {name.partition("__")[0] for name in self.errors}
        if {"grade", "not_applicable_reason"} & refused:
            written = replace(written, grade=saved.grade, not_applicable_reason=saved.not_applicable_reason)
        return replace(
            written,
            evidence=saved.evidence if "evidence" in refused else written.evidence,
            difference=saved.difference if "difference" in refused else written.difference,
            override_reason=(
                saved.override_reason if "override_reason" in refused else written.override_reason
            ),
            met_lines=saved.met_lines if "met_lines" in refused else written.met_lines,
            answers={
                code: saved.answers[code] if code in refused else answer
                for code, answer in written.answers.items()
            },
        )

    def show_missing(self, missing: Iterable[Missing]) -> None:
        """Put what is still needed beside the fields it belongs to."""
        for gap in missing:
            self.asks_reason = self.asks_reason or gap.field == "override_reason"
            code, _, part = gap.field.partition(".")
            if code in self.questions:
                part = part or ANSWERED_IN.get(self.questions[code].kind, "")
                name = f"{code}__{part}" if part else code
                # the dates may have been changed since this form was made: then it has no field for the reason
                self.add_error(name if name in self.fields else code, gap.sentence)
            else:
                self.add_error(gap.field, gap.sentence)

    def reopen_at(self, version: int) -> None:
        """Let the next save of what was typed count as made on that version of the page."""
        data = self.data.copy()  # type: ignore[attr-defined]  # a QueryDict
        data["version"] = str(version)
        self.data = data

    def _answer(self, question: AskedQuestion) -> GivenAnswer:
        given, code = self.cleaned_data, question.code
        answer = GivenAnswer(
            value=given.get(code, ""),
            note=given.get(f"{code}__note", ""),
            selected=tuple(given.get(f"{code}__selected", ())),
            counted=given.get(f"{code}__counted"),
            counted_of=given.get(f"{code}__counted_of"),
            dated_on=given.get(f"{code}__dated_on"),
            override_reason=given.get(f"{code}__override", ""),
        )
        if (proposal := self.proposals.get(code)) and self.says_complete and proposal.agrees_with(answer):
            answer = replace(answer, override_reason="")
        if answer.value == PracticeAnswer.NOT_APPLICABLE:
            return replace(answer, not_applicable_reason=given.get(f"{code}__reason", ""))
        return answer


def with_proposal(question: AskedQuestion, proposal: Proposal | None) -> AskedQuestion:
    """The question with what the dates say beneath it, in words."""
    if proposal is None:
        return question
    says = f"The dates say: {proposal_in_words(proposal.answer)}. {proposal.because}"
    return replace(question, help=f"{question.help} {says}".strip())


def question_fields(question: AskedQuestion) -> dict[str, forms.Field]:
    """The fields one question is answered in, by name: the code alone, or the code and a part of the answer."""
    code, label, hint = question.code, f"{question.code}. {question.text}", question.help
    made: dict[str, forms.Field] = {}
    match question.kind:
        case QuestionKind.TEXT:
            return {f"{code}__note": long_text(label, help_text=hint)}
        case QuestionKind.NUMBER:
            return {f"{code}__counted": whole_number(label, hint)}
        case QuestionKind.DATE:
            return {f"{code}__dated_on": gov.DateField(label=label, help_text=hint, required=False)}
        case QuestionKind.CHOICES:
            made[f"{code}__selected"] = any_of(label, question.choices, hint)
        case QuestionKind.CHOICE:
            made[code] = forms.ChoiceField(
                label=label,
                help_text=hint,
                required=False,
                choices=question.choices,
                widget=gov.Radios(small=True, reveals=_note_reveals(question)),
            )
        case _:
            made |= practice_fields(question)
    if question.note_label:
        made[f"{code}__note"] = long_text(question.note_label, rows=2)
    return made


def practice_fields(question: AskedQuestion) -> dict[str, forms.Field]:
    """Yes, partly, no, not evidenced or not applicable; with a count or with ticks where the question has them."""
    code = question.code
    made: dict[str, forms.Field] = {
        code: forms.ChoiceField(
            label=f"{code}. {question.text}",
            help_text=question.help,
            required=False,
            choices=PracticeAnswer.choices,
            widget=gov.Radios(
                small=True,
                reveals={PracticeAnswer.NOT_APPLICABLE: f"{code}__reason"} | _note_reveals(question),
            ),
        ),
        f"{code}__reason": forms.ChoiceField(
            label="Why is it not applicable?",
            required=False,
            choices=[("", "Choose a reason"), *NotApplicableReason.choices],
        ),
    }
    if question.kind == QuestionKind.PRACTICE_COUNT:
        so_many, of_so_many = question.count_labels
        made[f"{code}__counted"] = whole_number(so_many)
        made[f"{code}__counted_of"] = whole_number(of_so_many)
    if question.kind == QuestionKind.PRACTICE_LETTERS:
        made[f"{code}__selected"] = any_of("Tick each that holds", question.choices)
    return made


class LinesField(forms.MultipleChoiceField):
    """Lines of the descriptors, by keys such as "good.1". A key that names no line counts nowhere and does no harm."""

    def valid_value(self, value: Any) -> bool:
        return LINE_KEY.fullmatch(str(value)) is not None


def grade_fields(
    section: Section, descriptors: Mapping[str, str], lines: Mapping[str, str]
) -> dict[str, forms.Field]:
    """The lines of the descriptors; the grade, never preselected, with what each looks like; why it is above the
    advice; its evidence; and what is different for the child.
    """
    area = section in AREAS
    grades = [choice for choice in Grade.choices if area or choice[0] != Grade.NOT_APPLICABLE]
    made: dict[str, forms.Field] = {
        "grade": forms.ChoiceField(
            label=f"What is the grade for {section.label}?" if area else "What is the overall grade?",
            required=False,
            choices=grades,
            widget=gov.Radios(
                hints=dict(descriptors),
                divider_before=Grade.NOT_APPLICABLE,
                reveals={Grade.NOT_APPLICABLE: "not_applicable_reason"} if area else {},
            ),
        )
    }
    made["met_lines"] = LinesField(
        label="Tick each line that holds",
        required=False,
        choices=[(key, f"{Grade(key.partition('.')[0]).label}: {line}") for key, line in lines.items()],
        widget=gov.Checkboxes(small=True),
    )
    made["override_reason"] = long_text(
        "Why do you grade above what the service advises?",
        help_text="Say what the ceiling does not see. The panel reads this and looks at the audit again.",
        rows=3,
    )
    if area:
        made["not_applicable_reason"] = long_text("Why is this area not applicable?", rows=2)
    made["evidence"] = long_text(
        "What is the evidence for this grade?" if area else "Why did you choose this grade?",
        help_text="Say what the record shows, with dates. Somebody who has not seen the file must be able to follow.",
        rows=6,
    )
    if area:
        made["difference"] = long_text(
            "What is different for this child because of this work?",
            help_text="Not what was done, but what changed: for example, she sees her brother every week again.",
        )
    return made


def whole_number(label: str, help_text: str = "") -> forms.IntegerField:
    return forms.IntegerField(
        label=label,
        help_text=help_text,
        required=False,
        min_value=0,
        max_value=LARGEST_COUNT,
        widget=forms.NumberInput(attrs={"class": "govuk-input--width-3"}),
        error_messages={"invalid": f"{label}: enter a whole number, like 4"},
    )


def any_of(
    label: str, choices: tuple[tuple[str, str], ...], help_text: str = ""
) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=label, help_text=help_text, required=False, choices=choices, widget=gov.Checkboxes(small=True)
    )


def _note_reveals(question: AskedQuestion) -> dict[str, str]:
    """A note that one answer alone asks for shows beneath that answer."""
    if len(question.note_required_for) == 1:
        return {question.note_required_for[0]: f"{question.code}__note"}
    return {}


def initial_values(row: AuditSection, content: SectionContent) -> dict[str, Any]:
    """What the form shows when it is opened."""
    values: dict[str, Any] = {
        "grade": content.grade,
        "evidence": content.evidence,
        "difference": content.difference,
        "override_reason": content.override_reason,
        "met_lines": list(content.met_lines),
        "not_applicable_reason": content.not_applicable_reason,
        "version": row.version,
    }
    if row.saved_at or row.is_complete:
        values["state"] = COMPLETED if row.is_complete else KEPT_AS_DRAFT
    for code, answer in content.answers.items():
        values |= {
            code: answer.value,
            f"{code}__reason": answer.not_applicable_reason,
            f"{code}__note": answer.note,
            f"{code}__selected": list(answer.selected),
            f"{code}__counted": answer.counted,
            f"{code}__counted_of": answer.counted_of,
            f"{code}__dated_on": answer.dated_on,
            f"{code}__override": answer.override_reason,
        }
    return values
