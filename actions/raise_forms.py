"""The form of an action raised by hand, and of the council's choices for following actions through."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import pairwise
from typing import Any, ClassVar, cast

from django import forms

from accounts.models import Team, User
from actions.forms import choices_of_owners, text
from actions.models import ActionSettings
from actions.services.raising import NewAction
from audits.action_forms import SHORT, subjects
from audits.enums import ActionPriority
from audits.models import Question
from audits.querysets import ChildQuerySet
from core import forms as gov


class RaiseForm(gov.GovForm):
    """What shall be done, by whom, by when, and how it will be seen."""

    what = text("What shall be done?", help_text="Who does what. One action for each thing.", required=True)
    why = text("What was found?", help_text="The finding that makes it necessary.", required=True)
    success = text(
        "How will success be seen?",
        help_text="A result that somebody can observe, for the child where you can.",
        required=True,
    )
    team = forms.TypedChoiceField(label="Which team is it about?", coerce=int)
    owner = forms.TypedChoiceField(
        label="Who owns it?", coerce=int, help_text="The team's manager, unless somebody else must see to it."
    )
    priority = forms.ChoiceField(label="How soon?", choices=ActionPriority.choices)
    due_on = gov.DateField(
        label="Due on (optional)",
        required=False,
        help_text="Leave this empty for the date that goes with the priority.",
    )
    seen_hints = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        owners: Mapping[User, str],
        teams: Iterable[Team],
        days: Mapping[str, int],
        initial: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(data, initial=initial)
        self.owners = {person.pk: person for person in owners}
        self.teams = {team.pk: team for team in teams}
        hints = {
            value: f"{count} working day{'' if count == 1 else 's'} from today" if count else "The same day"
            for value, count in days.items()
        }
        self.fields["priority"].widget = gov.Radios(choices=ActionPriority.choices, hints=hints)
        cast("forms.ChoiceField", self.fields["owner"]).choices = choices_of_owners(owners)
        cast("forms.ChoiceField", self.fields["team"]).choices = [
            ("", "Choose a team"),
            *((team.pk, team.name) for team in self.teams.values()),
        ]

    def content(self) -> NewAction:
        """What was written, from a valid form."""
        given = self.cleaned_data
        return NewAction(
            what=given["what"],
            why=given["why"],
            success=given["success"],
            owner=self.owners[given["owner"]],
            team=self.teams[given["team"]],
            priority=given["priority"],
            due_on=given["due_on"],
        )


class HandRaiseForm(RaiseForm):
    """An action raised by hand: about one child, or about the whole team."""

    child = forms.CharField(
        label="The child's case reference (optional)",
        help_text="Leave it empty where it is about the whole team.",
        required=False,
        max_length=40,
        widget=forms.TextInput(attrs={"class": "govuk-input--width-10"}),
    )
    layout = gov.Layout(
        "what", "why", "success", "team", "child", "owner", "priority", "due_on", "seen_hints"
    )

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, children: ChildQuerySet, **kwargs: Any
    ) -> None:
        super().__init__(data, **kwargs)
        self.children = children

    def clean(self) -> dict[str, Any]:
        """Looks the child up. It has to be with the team that the action is about."""
        cleaned: dict[str, Any] = super().clean() or {}
        reference, cleaned["child"] = cleaned.get("child"), None
        if not reference:
            return cleaned
        child = self.children.select_related("team").filter(reference=reference).first()
        if child is None:
            self.add_error("child", f"No child here has the case reference {reference}: look at it again")
        elif "team" in cleaned and child.team_id != cleaned["team"]:
            self.add_error(
                "child", f"This child is with {child.team}: choose that team, or another case reference"
            )
        cleaned["child"] = child
        return cleaned

    def content(self) -> NewAction:
        return replace(super().content(), child=self.cleaned_data["child"])


class PanelRaiseForm(RaiseForm):
    """An action from a panel: also which question or area it is about.

    Without other words the finding of a question is what the audit says of it. What the panel said of a grade is never
    taken over by itself: the owner of an action does not read it (docs/access.md).
    """

    about = forms.ChoiceField(label="Which question or area is it about? (optional)", required=False)
    layout = gov.Layout(
        "what", "about", "why", "success", "team", "owner", "priority", "due_on", "seen_hints"
    )

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        questions: list[Question],
        found: Mapping[str, str],
        **kwargs: Any,
    ) -> None:
        super().__init__(data, **kwargs)
        self.found = found
        cast("forms.ChoiceField", self.fields["about"]).choices = subjects(questions)
        why = self.fields["why"]
        why.required = False
        why.help_text = (
            "The finding that makes it necessary. Its owner reads it. Leave it empty for a question that the audit "
            "answers No or Not evidenced: the finding is then that."
        )

    def clean(self) -> dict[str, Any]:
        """Takes the finding over from the audit, or asks for one."""
        cleaned: dict[str, Any] = super().clean() or {}
        cleaned["why"] = cleaned.get("why") or self.found.get(cleaned.get("about") or "", "")
        if not cleaned["why"] and "why" not in self.errors:
            self.add_error("why", "Say what was found")
        return cleaned

    def content(self) -> NewAction:
        return replace(super().content(), about=self.cleaned_data["about"])


class ActionSettingsForm(gov.GovModelForm):
    """The share that is verified, and when each step of the ladder is told."""

    class Meta:
        model = ActionSettings
        fields = (
            "verification_percent",
            "team_manager_after",
            "service_manager_after",
            "assistant_director_after",
            "board_after",
        )
        labels: ClassVar = {
            "verification_percent": "Share of completed P2 and P3 actions that is verified, in percent",
            "team_manager_after": "Working days over when the owner is told",
            "service_manager_after": "Working days over when the service manager is told",
            "assistant_director_after": "Working days over when the Assistant Director is told",
            "board_after": "Working days over when it goes on the Improvement Board's list",
        }
        widgets: ClassVar = dict.fromkeys(fields, SHORT)

    def clean(self) -> dict[str, Any]:
        """Refuses a step that is told before the one below it."""
        cleaned: dict[str, Any] = super().clean() or {}
        ladder = ("team_manager_after", "service_manager_after", "assistant_director_after", "board_after")
        for lower, higher in pairwise(ladder):
            if None not in (cleaned.get(lower), cleaned.get(higher)) and cleaned[lower] >= cleaned[higher]:
                self.add_error(higher, "Give this step more days than the one before it")
        return cleaned
