"""Forms of learning briefs. The version of the brief that each was opened with travels with it."""

from typing import Any

from django import forms

from core import forms as gov
from dashboards.enums import LONGEST_POINT, PointKind
from dashboards.models import BriefPoint, LearningBrief

NO_NAMES = "Name no child, worker or team."


class StartBriefForm(gov.GovForm):
    """What a new brief is about."""

    title = forms.CharField(
        label="What is it about?", help_text="For example: Hearing fathers in assessments", max_length=100
    )


class VersionedForm(gov.GovForm):
    """What is saved only over what was opened."""

    version = forms.IntegerField(min_value=0, max_value=2**31 - 1, widget=forms.HiddenInput)

    def reopen_at(self, version: int) -> None:
        """Show what was typed once more, to be saved over that version."""
        self.data = {**{name: self.data.get(name) for name in self.fields}, "version": str(version)}


class BriefWordsForm(VersionedForm):
    """The title and the opening."""

    title = forms.CharField(label="What is it about?", max_length=100)
    opening = forms.CharField(
        label="Opening (optional)",
        help_text=f"Two or three sentences: why this matters to children. {NO_NAMES}",
        required=False,
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def __init__(self, brief: LearningBrief, *args: Any, **kwargs: Any) -> None:
        initial = {"title": brief.title, "opening": brief.opening, "version": brief.version}
        super().__init__(*args, initial=initial, **kwargs)


class PointForm(VersionedForm):
    """One point."""

    kind = forms.ChoiceField(label="Under which heading?", choices=PointKind.choices, widget=gov.Radios())
    words = forms.CharField(
        label="The point",
        help_text=f"A sentence or two that somebody can use tomorrow. {NO_NAMES}",
        max_length=LONGEST_POINT,
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def __init__(
        self, brief: LearningBrief, *args: Any, point: BriefPoint | None = None, **kwargs: Any
    ) -> None:
        initial: dict[str, Any] = {"version": brief.version}
        if point:
            initial |= {"kind": point.kind, "words": point.words}
        super().__init__(*args, initial=initial, **kwargs)
