"""The form of a proposed action, and of the council's defaults for them."""

from collections.abc import Mapping
from typing import Any, ClassVar, cast

from django import forms

from accounts.models import User
from audits.enums import AREAS, ActionPriority, Section
from audits.forms import long_text
from audits.involvement_forms import OnceForm, VersionedForm
from audits.models import FollowUpSettings, ProposedAction, Question
from audits.services.proposed_actions import ActionContent
from core import forms as gov

DUE_ON = ("due_on_0", "due_on_1", "due_on_2")
AS_TYPED = ("what", "why", "about", "owner", "priority", *DUE_ON, "later_reason", "success")
"""The fields of an action as a browser sends them."""

SHORT = forms.NumberInput(attrs={"class": "govuk-input--width-4"})


class ActionForm(OnceForm, VersionedForm):
    """What shall be done, by whom, by when, why, and how it will be seen."""

    what = long_text("What shall be done?", help_text="Who does what. One action for each thing.", rows=3)
    why = long_text("What did you find?", help_text="The finding that makes it necessary.", rows=3)
    about = forms.ChoiceField(label="What is it about? (optional)", required=False)
    owner = forms.TypedChoiceField(
        label="Who owns it?",
        coerce=int,
        help_text="Who sees that it is done. The manager of the child's team, unless somebody else must.",
    )
    priority = forms.ChoiceField(label="How soon?", choices=ActionPriority.choices)
    due_on = gov.DateField(
        label="Due on (optional)",
        required=False,
        help_text="Leave this empty for the date that goes with the priority.",
    )
    later_reason = long_text(
        "Why can it wait?", help_text="Only if it is due later than its priority asks.", rows=2
    )
    success = long_text(
        "How will success be seen?",
        help_text="A result that somebody can observe, for the child where you can.",
        rows=3,
    )

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        owners: Mapping[User, str],
        questions: list[Question],
        days: Mapping[str, int],
        initial: dict[str, Any],
    ) -> None:
        """A form with the people who may own an action, each with what they manage.

        Args:
            days: the working days that each priority has, shown as a hint.

        """
        super().__init__(data, initial={"version": 0, **initial})
        self.owners = {person.pk: person for person in owners}
        for name, sentence in (
            ("what", "Say what shall be done"),
            ("why", "Say what you found that makes this necessary"),
            ("success", "Say how success will be seen"),
        ):
            self.fields[name].required = True
            self.fields[name].error_messages["required"] = sentence
        _choices(
            self,
            "owner",
            [("", "Choose a person"), *((person.pk, label) for person, label in owners.items())],
        )
        _choices(self, "about", subjects(questions))
        self.fields["priority"].widget = gov.Radios(
            choices=ActionPriority.choices, hints={value: _in_days(days[value]) for value in ActionPriority}
        )

    def as_typed(self) -> dict[str, str]:
        """What the browser sent of the action, by the name of the field, whole or not. No text has a NUL."""
        return {
            name: value.replace("\0", "")
            for name in AS_TYPED
            if (value := str(self.data.get(name, "")).strip())
        }

    def in_words(self, typed: Mapping[str, str]) -> dict[str, str]:
        """By the label of the field, what was typed into it or chosen."""
        words = {}
        for name, field in self.fields.items():
            if name == "due_on":
                value = " ".join(typed.get(part, "") for part in DUE_ON)
            else:
                value = _chosen(field, typed.get(name, ""))
            words[str(field.label)] = value.strip()
        return words

    def content(self, saved: ProposedAction | None = None) -> ActionContent:
        """What was written; where that cannot be, what is `saved`, which a form that is not valid needs."""
        given = self.cleaned_data if saved is None else _columns(saved) | self.cleaned_data
        return ActionContent(
            what=given["what"],
            why=given["why"],
            about=given["about"],
            owner=self.owners[given["owner"]],
            priority=ActionPriority(given["priority"]),
            due_on=given["due_on"],
            later_reason=given["later_reason"],
            success=given["success"],
        )


class FollowUpSettingsForm(gov.GovModelForm):
    """The council's own numbers and words for actions and replies."""

    class Meta:
        model = FollowUpSettings
        fields = ("p0_days", "p1_days", "p2_days", "p3_days", "vague_words", "reply_days")
        labels: ClassVar = {
            "p0_days": "P0, immediate safety: working days (0 is the same day)",
            "p1_days": "P1, statutory breach: working days",
            "p2_days": "P2, practice: working days",
            "p3_days": "P3, learning: working days",
            "vague_words": "Vague words, with commas between them (optional)",
            "reply_days": "Working days for the social worker's reply",
        }
        help_texts: ClassVar = {
            "vague_words": "An action that has one of them gets a hint to say who does what. It is never refused."
        }
        widgets: ClassVar = {
            **dict.fromkeys(("p0_days", "p1_days", "p2_days", "p3_days", "reply_days"), SHORT),
            "vague_words": forms.Textarea(attrs={"rows": 3}),
        }

    def clean(self) -> dict[str, Any]:
        """Refuses a priority that has fewer days than a more urgent one."""
        cleaned: dict[str, Any] = super().clean() or {}
        for sooner, later in (("p0_days", "p1_days"), ("p1_days", "p2_days"), ("p2_days", "p3_days")):
            if None not in (cleaned.get(sooner), cleaned.get(later)) and cleaned[sooner] > cleaned[later]:
                self.add_error(later, "Give this priority as many days as the one before it, or more")
        return cleaned


def _columns(action: ProposedAction) -> dict[str, Any]:
    names = ("what", "why", "about", "priority", "due_on", "later_reason", "success")
    return {name: getattr(action, name) for name in names} | {"owner": action.owner_id}


def typed_of(action: ProposedAction) -> dict[str, str]:
    """A saved action as its form would send it."""
    columns = _columns(action)
    day = columns.pop("due_on")
    parts = zip(DUE_ON, (day.day, day.month, day.year), strict=True)
    return {name: str(value) for name, value in (*columns.items(), *parts) if value}


def _chosen(field: forms.Field, value: str) -> str:
    """The label of a choice; the value itself where there is none to choose from."""
    for key, label in getattr(field, "choices", ()):
        options = label if isinstance(label, (list, tuple)) else [(key, label)]
        for option, words in options:
            if value and str(option) == value:
                return str(words)
    return value


def _choices(form: forms.Form, name: str, choices: list[Any]) -> None:
    cast("forms.ChoiceField", form.fields[name]).choices = choices


def subjects(questions: list[Question]) -> list[Any]:
    """Nothing, the five areas, and the questions of the audit under their section."""
    by_section: dict[str, list[tuple[str, str]]] = {}
    for question in questions:
        by_section.setdefault(Section(question.section).label, []).append(
            (question.code, f"{question.code}. {question.text}")
        )
    areas = [(area.value, area.label) for area in AREAS]
    return [("", "Nothing in particular"), ("Whole areas", areas), *by_section.items()]


def _in_days(days: int) -> str:
    if not days:
        return "The same day"
    return f"{days} working day{'' if days == 1 else 's'} from today"
