"""The forms of what is done with an action, and of the lists of actions."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias, cast

from django import forms

from accounts.models import Team, User
from actions.enums import ActionMoveKind
from actions.models import Action
from actions.moves import MOVES
from actions.services.changes import (
    ask_to_cancel,
    assign_action,
    decide_cancellation,
    extend_action,
    pause_escalation,
)
from actions.services.progress import complete_action, note_action, start_action
from actions.services.verification import return_action, verify_action
from audits.enums import ActionPriority
from audits.involvement_forms import VersionedForm
from core import forms as gov

LONGEST = 5_000
CHECKED, SENT_BACK = "verify", "return"
APPROVED, KEPT = "approve", "keep"
UPDATES = {
    ActionMoveKind.START: "I have begun",
    ActionMoveKind.NOTE: "I want to say how it stands",
    ActionMoveKind.COMPLETE: "It is done",
    ActionMoveKind.EXTEND: "It needs more time",
    ActionMoveKind.ASK_CANCEL: "It is no longer needed",
}
"""What its owner may say of an action, in the order of the page."""


def text(label: str, *, help_text: str = "", rows: int = 3, required: bool = False) -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=help_text,
        max_length=LONGEST,
        required=required,
        widget=forms.Textarea(attrs={"rows": rows}),
    )


class OneActionForm(VersionedForm):
    """A form about one action, as it was when its page was shown. Each has `apply`, which does what it says."""

    def __init__(self, data: Mapping[str, Any] | None = None, *, action: Action, **kwargs: Any) -> None:
        super().__init__(data, initial={"version": action.version}, **kwargs)
        self.action = action


class UpdateForm(OneActionForm):
    """How an action stands, in the words of its owner: the moves that it may make now.

    What was sent may name any of them: the service says why one is refused, and takes a double click as one.
    """

    move = forms.ChoiceField(label="How does it stand?", error_messages={"required": "Say how it stands"})
    note = text("How does it stand?", help_text="Such as what was tried, and what it waits for.")
    evidence = text(
        "What shows that it is done?",
        help_text="Where it is recorded, and when. Do not name the child or their family.",
    )
    impact = text("What is different for the child because of it? (optional)", rows=2)
    due_on = gov.DateField(
        label="Until when?", required=False, help_text="A working day. The first due date is kept."
    )
    longer_reason = text("Why does it take longer?", rows=2)
    cancel_reason = text(
        "Why is it no longer needed?", help_text="The QA lead or the Principal Social Worker decides.", rows=2
    )

    NEEDED = {
        ActionMoveKind.NOTE: {"note": "Say how it stands"},
        ActionMoveKind.COMPLETE: {"evidence": "Say what shows that it is done"},
        ActionMoveKind.EXTEND: {
            "due_on": "Enter the day until which you need",
            "longer_reason": "Say why it takes longer",
        },
        ActionMoveKind.ASK_CANCEL: {"cancel_reason": "Say why it is no longer needed"},
    }

    def __init__(self, data: Mapping[str, Any] | None = None, *, action: Action, **kwargs: Any) -> None:
        super().__init__(data, action=action, prefix=action.reference, **kwargs)
        choices = [
            (kind.value, label)
            for kind, label in UPDATES.items()
            if self.is_bound or action.status in MOVES[kind]
        ]
        reveals: dict[Any, tuple[str, ...]] = {
            ActionMoveKind.NOTE.value: ("note",),
            ActionMoveKind.COMPLETE.value: ("evidence", "impact"),
            ActionMoveKind.EXTEND.value: ("due_on", "longer_reason"),
            ActionMoveKind.ASK_CANCEL.value: ("cancel_reason",),
        }
        offered = {value for value, _ in choices}
        for value, names in reveals.items():
            if value not in offered:
                for name in names:
                    del self.fields[name]
        self.fields["move"].widget = gov.Radios(
            small=True, reveals={value: names for value, names in reveals.items() if value in offered}
        )
        cast("forms.ChoiceField", self.fields["move"]).choices = choices

    def clean(self) -> dict[str, Any]:
        """Each move needs its own words."""
        cleaned: dict[str, Any] = super().clean() or {}
        needed = self.NEEDED.get(ActionMoveKind(cleaned["move"]), {}) if cleaned.get("move") else {}
        for name, sentence in needed.items():
            if name not in self.errors and not cleaned.get(name):
                self.add_error(name, sentence)
        return cleaned

    def apply(self, *, by: User) -> Action:
        """Make the move that was chosen."""
        said = self.cleaned_data
        how: dict[str, Any] = {"by": by, "version": self.opened_version}
        match said["move"]:
            case ActionMoveKind.START:
                return start_action(self.action, **how)
            case ActionMoveKind.NOTE:
                return note_action(self.action, note=said["note"], **how)
            case ActionMoveKind.COMPLETE:
                return complete_action(self.action, evidence=said["evidence"], impact=said["impact"], **how)
            case ActionMoveKind.EXTEND:
                return extend_action(self.action, due_on=said["due_on"], reason=said["longer_reason"], **how)
            case _:
                return ask_to_cancel(self.action, reason=said["cancel_reason"], **how)


class CheckForm(OneActionForm):
    """Whether what was done is there."""

    decision = forms.ChoiceField(
        label="Is what was done there, and enough?",
        choices=[(CHECKED, "Yes, it is verified"), (SENT_BACK, "No, it goes back to its owner")],
        error_messages={"required": "Say whether it is there"},
        widget=gov.Radios(small=True, reveals={CHECKED: "note", SENT_BACK: "reason"}),
    )
    note = text("What did you look at? (optional)", rows=2)
    reason = text("What is missing?", help_text="Its owner reads it.", rows=3)

    def __init__(self, data: Mapping[str, Any] | None = None, *, action: Action, **kwargs: Any) -> None:
        super().__init__(data, action=action, prefix=f"check-{action.reference}", **kwargs)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("decision") == SENT_BACK and not cleaned.get("reason"):
            self.add_error("reason", "Say what is missing")
        return cleaned

    def apply(self, *, by: User) -> Action:
        said, version = self.cleaned_data, self.opened_version
        if said["decision"] == CHECKED:
            return verify_action(self.action, by=by, note=said["note"], version=version)
        return return_action(self.action, by=by, reason=said["reason"], version=version)


class DecideForm(OneActionForm):
    """Whether an action is given up."""

    decision = forms.ChoiceField(
        label="Is it given up?",
        choices=[(APPROVED, "Yes, cancel it"), (KEPT, "No, it is still needed")],
        error_messages={"required": "Say whether it is given up"},
        widget=gov.Radios(small=True),
    )
    reason = text("Why?", rows=2, required=True)

    def __init__(self, data: Mapping[str, Any] | None = None, *, action: Action) -> None:
        super().__init__(data, action=action, prefix="decide")

    def apply(self, *, by: User) -> Action:
        said = self.cleaned_data
        return decide_cancellation(
            self.action,
            by=by,
            approve=said["decision"] == APPROVED,
            reason=said["reason"],
            version=self.opened_version,
        )


class AssignForm(OneActionForm):
    """Another owner."""

    owner = forms.TypedChoiceField(label="Who owns it from now on?", coerce=int)
    reason = text("Why does somebody else take it over?", rows=2, required=True)

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, action: Action, owners: Mapping[User, str]
    ) -> None:
        super().__init__(data, action=action, prefix="assign")
        self.owners = {person.pk: person for person in owners}
        cast("forms.ChoiceField", self.fields["owner"]).choices = choices_of_owners(owners)

    def apply(self, *, by: User) -> Action:
        said = self.cleaned_data
        owner = self.owners[said["owner"]]
        return assign_action(
            self.action, owner=owner, by=by, reason=said["reason"], version=self.opened_version
        )


class PauseForm(OneActionForm):
    """Tell nobody further for a while."""

    until = gov.DateField(label="Until which day, included?", help_text="For example, 12 1 2027")
    reason = text("Why should nobody be told meanwhile?", rows=2, required=True)

    def __init__(self, data: Mapping[str, Any] | None = None, *, action: Action) -> None:
        super().__init__(data, action=action, prefix="pause")

    def apply(self, *, by: User) -> Action:
        said = self.cleaned_data
        pause_escalation(self.action, until=said["until"], by=by, reason=said["reason"])
        return self.action


ActionMoveForm: TypeAlias = UpdateForm | CheckForm | DecideForm | AssignForm | PauseForm


class NoChangeForm(gov.GovForm):
    """The same words about several actions at once."""

    since = text(
        "No change: what do they wait for?",
        help_text="Tick the actions above. Such as: no change since 3 November, the review is on the 14th.",
        rows=2,
        required=True,
    )
    chosen = forms.MultipleChoiceField(
        label="Actions", error_messages={"required": "Tick at least one action above"}
    )
    layout = gov.Layout("chosen", "since")

    def __init__(self, data: Mapping[str, Any] | None = None, *, actions: Iterable[Action]) -> None:
        super().__init__(data)
        self.actions = {
            action.reference: action for action in actions if action.status in MOVES[ActionMoveKind.NOTE]
        }
        self.fields["since"].error_messages["required"] = "Say what they wait for"
        self.fields["chosen"].widget = gov.Checkboxes()
        cast("forms.MultipleChoiceField", self.fields["chosen"]).choices = [
            (reference, reference) for reference in self.actions
        ]

    def tick_id(self, action: Action) -> str:
        """The id of the action's box, which stands beside the action; empty where it has none."""
        references = list(self.actions)
        return f"id_chosen_{references.index(action.reference)}" if action.reference in references else ""

    @property
    def ticked(self) -> list[Action]:
        """What was ticked, from a valid form."""
        return [self.actions[reference] for reference in self.cleaned_data["chosen"]]


class MyActionsFilterForm(gov.GovForm):
    """Which of one's own actions."""

    team = forms.TypedChoiceField(label="Team", required=False, coerce=int, empty_value=None)
    priority = forms.ChoiceField(
        label="Priority", required=False, choices=[("", "All"), *ActionPriority.choices]
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, teams: Sequence[Team]) -> None:
        super().__init__(data)
        cast("forms.ChoiceField", self.fields["team"]).choices = [
            ("", "All"),
            *((team.pk, team.name) for team in teams),
        ]


def choices_of_owners(owners: Mapping[User, str]) -> list[Any]:
    return [("", "Choose a person"), *((person.pk, label) for person, label in owners.items())]


def may_be_updated(action: Action) -> bool:
    """Whether its owner has something to say of an action of this status."""
    return any(action.status in MOVES[kind] for kind in UPDATES)
