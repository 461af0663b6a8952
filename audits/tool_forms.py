"""Forms of the pages on which audit tools are changed and approved. What a question may be, tool_files.py says."""

from collections.abc import Iterable, Mapping
from typing import Any, cast

from django import forms
from django.core.validators import MaxLengthValidator

from audits.asks import AGE_LIMITS, offers_as_lines, offers_of_lines
from audits.enums import BAND_GRADES, PRACTICE_KINDS, Grade, Pathway, QuestionKind
from audits.models import ToolVersion
from audits.tool_files import (
    LONGEST_HELP,
    LONGEST_NAME,
    LONGEST_QUESTION,
    OLDEST,
    QUESTION_CODE_IN_WORDS,
    TOOL_CODE_IN_WORDS,
    YOUNGEST,
    ToolQuestion,
    mark_of,
    problems_of,
    question_row,
)
from audits.wording import Difference
from core import forms as gov

WHERE_PROBLEMS_SHOW = (
    ("a code is", "code"),
    ("to whom", "choices_only"),
    ("choice", "choices"),
    ("number", "first_number"),
    ("note", "note_label"),
    ("part", "yes_needs_all"),
    ("pathway", "pathways"),
    ("help", "help"),
    ("text", "text"),
    ("kind", "kind"),
)
"""The field beside which a problem of a question stands, by a word that is in its sentence; the first that fits."""


def pathway_boxes(label: str, help_text: str = "", *, required: bool = True) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=label,
        help_text=help_text,
        required=required,
        choices=Pathway.choices,
        widget=gov.Checkboxes(small=True),
        error_messages={"required": "Choose one pathway at least"},
    )


class NewToolForm(gov.GovForm):
    """A tool of the council's own, blank or copied from another."""

    name = forms.CharField(label="Name", max_length=LONGEST_NAME)
    code = forms.CharField(
        label="Code",
        help_text=f"It stays, whatever the name becomes: {TOOL_CODE_IN_WORDS}.",
        max_length=40,
        widget=forms.TextInput(attrs={"class": "govuk-input--width-20"}),
    )
    pathways = pathway_boxes("For which pathways is it?")
    copy_of = forms.ModelChoiceField(
        label="Copy questions and descriptors from (optional)",
        queryset=ToolVersion.objects.none(),
        required=False,
        empty_label="None: start with a blank tool",
    )

    def __init__(self, *args: Any, versions: Iterable[ToolVersion], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = cast("forms.ModelChoiceField[ToolVersion]", self.fields["copy_of"])
        field.queryset = ToolVersion.objects.filter(pk__in=[version.pk for version in versions])
        field.choices = [("", field.empty_label or ""), *((one.pk, str(one)) for one in versions)]


class ImportToolForm(gov.GovForm):
    """A tool as a file."""

    file = forms.FileField(
        label="Audit tool",
        help_text="A .toml file, as a tool is exported from here.",
        allow_empty_file=True,  # the reader says so in words of its own
        widget=forms.ClearableFileInput(attrs={"accept": ".toml"}),
    )


def age_limit(label: str, help_text: str = "") -> forms.IntegerField:
    return forms.IntegerField(
        label=label,
        help_text=help_text,
        required=False,
        min_value=YOUNGEST,
        max_value=OLDEST,
        widget=forms.NumberInput(attrs={"class": "govuk-input--width-2"}),
    )


class PathwaysForm(gov.GovForm):
    pathways = pathway_boxes("For which pathways is this version?")


class QuestionForm(gov.GovForm):
    """One question of a draft. The code is asked for once, when the question is added."""

    code = forms.CharField(
        label="Code",
        help_text=(
            f"The short name by which measures know the question: {QUESTION_CODE_IN_WORDS}. It can never mean another "
            "question."
        ),
        max_length=20,
        widget=forms.TextInput(attrs={"class": "govuk-input--width-10"}),
    )
    text = forms.CharField(label="Question", max_length=LONGEST_QUESTION)
    help = forms.CharField(
        label="Help (optional)",
        help_text="What counts, and where to look.",
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        validators=[MaxLengthValidator(LONGEST_HELP)],
    )
    kind = forms.ChoiceField(
        label="How is it answered?", choices=QuestionKind.choices, widget=gov.Radios(small=True)
    )
    choices = forms.CharField(
        label="Choices, or parts to tick (for a list, and for ticks)",
        help_text=(
            "One a line: how it is stored, a colon, how it reads. For example, took_part: Took part. How it is stored "
            "stays when the words change, so that measures go on counting it."
        ),
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    choices_only = forms.CharField(
        label="Choices that only some children are offered (optional)",
        help_text=(
            "One a line: how the choice is stored, a colon, and to whom it is offered, with commas: pathways "
            f"({', '.join(Pathway.values)}), from age 16, up to age 7, up to age 7 unless disabled; -1 is before "
            "birth. For example, unborn: cin, cp, up to age -1. A choice that is not here is offered to everybody."
        ),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    yes_needs_all = forms.BooleanField(label="Yes means that every part holds", required=False)
    first_number = forms.CharField(
        label="What the first number is (for a count)",
        help_text="For example, Visits made on time",
        required=False,
        max_length=LONGEST_QUESTION,
    )
    second_number = forms.CharField(
        label="What it is out of (for a count)",
        help_text="For example, Visits due",
        required=False,
        max_length=LONGEST_QUESTION,
    )
    note_label = forms.CharField(
        label="What a note beside the answer asks for (optional)",
        help_text="For example, Which tool was used?",
        required=False,
        max_length=LONGEST_QUESTION,
    )
    note_required_for = forms.CharField(
        label="Answers that need the note (optional)",
        help_text="As they are stored, with commas: yes, partly, no, not_evidenced, or choices from above.",
        required=False,
    )
    min_age = age_limit("From which age is it asked? (optional)", "In whole years; -1 is before birth.")
    max_age = age_limit("Up to which age? (optional)")
    max_age_unless_disabled = age_limit("Up to which age, unless the child is disabled? (optional)")
    required = forms.BooleanField(
        label="The audit cannot be completed without it (practice questions always need an answer)",
        required=False,
    )
    pathways = pathway_boxes(
        "On which pathways is it asked?", "Tick none for every pathway of the tool.", required=False
    )

    opened = forms.CharField(widget=forms.HiddenInput, required=False)

    layout = gov.Layout(
        "code",
        "text",
        "help",
        "kind",
        gov.Group("Answers to choose or tick", "choices", "choices_only", "yes_needs_all"),
        gov.Group("Two numbers", "first_number", "second_number"),
        gov.Group("A note", "note_label", "note_required_for"),
        gov.Group("Who is asked", "pathways", "min_age", "max_age", "max_age_unless_disabled"),
        "required",
    )

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        version: ToolVersion,
        section: str,
        saved: ToolQuestion | None = None,
    ) -> None:
        """A form for a new question of the section, or for the one that is `saved`."""
        self.section, self.saved = section, saved
        super().__init__(data, initial=initial_of(saved) if saved else {"kind": QuestionKind.PRACTICE})
        offered = [(value, label) for value, label in Pathway.choices if value in version.pathways]
        cast("forms.MultipleChoiceField", self.fields["pathways"]).choices = offered
        if saved:
            self.initial["opened"] = mark_of(saved)
            del self.fields["code"]
            self.layout = gov.Layout(*(part for part in self.layout.fields if part != "code"))

    def clean_choices_only(self) -> dict[str, dict[str, Any]]:
        """Whom each choice is offered to, by choice."""
        offers, wrong = offers_of_lines(self.cleaned_data["choices_only"])
        choices = choices_of(self.cleaned_data.get("choices", ""))
        wrong += [f"“{value[:40]}” is none of the choices above" for value in offers if value not in choices]
        if wrong:
            raise forms.ValidationError(wrong)
        return offers

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.errors:
            row = self.row()
            for problem in problems_of(row):
                field = next((name for word, name in WHERE_PROBLEMS_SHOW if word in problem), None)
                self.add_error(field if field in self.fields else None, f"{row['code']}: {problem}")
        return cleaned

    def row(self) -> dict[str, Any]:
        """The question as questions.toml spells it; what this form does not ask for stays as it was."""
        given = self.cleaned_data
        kept = question_row(self.saved) if self.saved else {"code": given["code"], "section": self.section}
        row = {key: value for key, value in kept.items() if key not in ASKED_HERE}
        row |= {"text": given["text"], "help": given["help"], "kind": given["kind"]}
        lists = {
            "pathways": given["pathways"],
            "choices": choices_of(given["choices"]),
            "count_labels": [label for label in (given["first_number"], given["second_number"]) if label],
            "note_label": given["note_label"],
            "note_required_for": [
                value.strip() for value in given["note_required_for"].split(",") if value.strip()
            ],
            "yes_needs_all": given["yes_needs_all"],
            "ages": {key: given[key] for key in AGE_LIMITS if given[key] is not None},
            "choices_only": given["choices_only"],
            "required": given["required"] and given["kind"] not in PRACTICE_KINDS,
        }
        return row | {key: value for key, value in lists.items() if value}


ASKED_HERE = (
    "text", "help", "kind", "pathways", "choices", "count_labels", "note_label", "note_required_for",
    "yes_needs_all", "ages", "choices_only", "required",
)  # fmt: skip


def initial_of(saved: ToolQuestion) -> dict[str, Any]:
    """What the form shows of a question."""
    options = saved.options
    first, second = options.get("count_labels") or ("", "")
    return {
        "text": saved.text,
        "help": saved.help,
        "kind": saved.kind,
        "choices": "\n".join(f"{value}: {label}" for value, label in options.get("choices", ())),
        "choices_only": offers_as_lines(options.get("choices_only", {})),
        "yes_needs_all": options.get("yes_needs_all", False),
        "first_number": first,
        "second_number": second,
        "note_label": options.get("note_label", ""),
        "note_required_for": ", ".join(options.get("note_required_for", ())),
        "required": saved.required,
        "pathways": list(saved.pathways),
        **{key: options.get("ages", {}).get(key) for key in AGE_LIMITS},
    }


def choices_of(lines: str) -> dict[str, str]:
    """The choices written one a line; a line without a colon is a choice whose words are missing."""
    pairs = (line.partition(":") for line in lines.splitlines() if line.strip())
    return {value.strip(): label.strip() for value, _, label in pairs}


class DescriptorsForm(gov.GovForm):
    """What each grade looks like on one page, from best to worst."""

    def __init__(self, data: Mapping[str, Any] | None = None, *, texts: Mapping[str, str]) -> None:
        described: dict[str, forms.Field] = {
            grade.value: forms.CharField(
                label=grade.label,
                widget=forms.Textarea(attrs={"rows": 4}),
                validators=[MaxLengthValidator(LONGEST_HELP)],
            )
            for grade in BAND_GRADES
        }
        described["opened"] = forms.CharField(widget=forms.HiddenInput, required=False)
        self.base_fields = described  # type: ignore[misc]  # one field a grade
        super().__init__(data, initial={**texts, "opened": mark_of(texts)})

    def texts(self) -> dict[Grade, str]:
        return {grade: self.cleaned_data[grade.value] for grade in BAND_GRADES}


def reopen(form: gov.GovForm) -> list[Difference]:
    """Let the next save of what was typed count as made on what is saved now.

    Returns:
        Where the two differ, field by field as the form shows them.

    """
    saved = dict(form.initial)
    data = form.data.copy()  # type: ignore[attr-defined]  # a QueryDict
    data["opened"] = saved["opened"]
    form.data = data
    shown = {name: field for name, field in form.fields.items() if name != "opened"}
    pairs = (
        Difference(str(field.label), in_words(saved.get(name)), in_words(form.cleaned_data.get(name)))
        for name, field in shown.items()
    )
    return [pair for pair in pairs if pair.saved != pair.typed]


def in_words(value: Any) -> str:
    """What a field holds, as a text to compare."""
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, (list, tuple)):
        return ", ".join(map(str, value))
    if isinstance(value, dict):
        return offers_as_lines(value)
    return "" if value is None else str(value)


class ProposeForm(gov.GovForm):
    """What changed and why; where measures would miss something, that this is meant."""

    change_note = forms.CharField(
        label="What has changed, and why?",
        help_text="The Principal Social Worker reads it with the changes themselves.",
        widget=forms.Textarea(attrs={"rows": 5}),
        max_length=2000,
    )
    losses_meant = forms.BooleanField(label="Those measures may lose their question")

    def __init__(self, *args: Any, has_losses: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not has_losses:
            del self.fields["losses_meant"]


class DecideToolForm(gov.GovForm):
    """Approve a proposed version, or return it."""

    decision = forms.ChoiceField(
        label="Do you approve it?",
        choices=[("approve", "Yes, publish it"), ("return", "No, return it to the QA lead")],
        widget=gov.Radios(hints={"approve": "Audits that are started from now on use it."}),
    )
    take_over = forms.BooleanField(label="It takes these pathways over from the other tool", required=False)
    reason = forms.CharField(
        label="What has to change? (needed if you return it)",
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=2000,
    )

    def __init__(self, *args: Any, takes_over: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not takes_over:
            del self.fields["take_over"]
