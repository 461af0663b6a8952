"""A learning brief as its page and its files print it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

from dashboards.enums import PointKind

MOST_POINTS = {PointKind.FOUND: 4, PointKind.GOOD: 4, PointKind.NEXT: 3}
"""So that it stays one page, at the longest words a point may have."""


@dataclass(frozen=True)
class BriefSection:
    """A heading and its points, each a sentence or two."""

    heading: str
    points: tuple[str, ...]


@dataclass(frozen=True)
class BriefContents:
    """The whole page. `standing` says which version it is, or that it is a draft."""

    title: str
    opening: str
    standing: str
    sections: tuple[BriefSection, ...]

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Self:
        """The same page, read from what as_json gave, through JSON."""
        sections = (BriefSection(one["heading"], tuple(one["points"])) for one in kept["sections"])
        return cls(kept["title"], kept["opening"], kept["standing"], tuple(sections))
