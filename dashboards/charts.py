"""Where the parts of a chart go. Imports no Django; templates/dashboards/_stacked_bars.html draws them.

Widths are shares of the drawing's own width and heights are pixels, so that a chart narrows with its page
while the words in it keep their size.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from core.shares import Ratio

BAR_SPACING = 92
KEY_SPACING = 26
TEXT_Y = (46, 73, 91)
"""Where a segment's number stands, from the top of its bar's row: inside the bar, or on a line underneath."""
NARROW = 0.15
"""A segment below this share has its number underneath: on a telephone it would not fit inside."""


@dataclass(frozen=True)
class Band:
    """One grade of the scale: its name, the letters that stand for it, its colour and that of ink on it."""

    code: str
    letters: str
    label: str
    fill: str
    ink: str


BANDS = (
    Band("outstanding", "O", "Outstanding", "#12436D", "#ffffff"),
    Band("good", "G", "Good", "#28A197", "#0b0c0c"),
    Band("requires_improvement", "RI", "Requires improvement", "#FBC29A", "#0b0c0c"),
    Band("inadequate", "I", "Inadequate", "#801650", "#ffffff"),
)
INK_UNDERNEATH = "#0b0c0c"


@dataclass(frozen=True)
class Segment:
    """One grade in one bar. x, width and middle carry their percent sign: "12.50%"."""

    text: str
    x: str
    width: str
    middle: str
    text_y: int
    fill: str
    ink: str


@dataclass(frozen=True)
class Bar:
    """One period; y is the top of its row, in pixels."""

    label: str
    y: int
    segments: tuple[Segment, ...]


@dataclass(frozen=True)
class KeyLine:
    """What a colour and its letters mean; y is the top of its line, in pixels."""

    text: str
    y: int
    fill: str


@dataclass(frozen=True)
class StackedBars:
    """Grades by period: one bar for each, all of the same length.

    `ident` names the drawing in its page; `title` and `description` say it in words, every number included;
    `height` is in pixels.
    """

    ident: str
    title: str
    description: str
    height: int
    bars: tuple[Bar, ...]
    key: tuple[KeyLine, ...]


def stacked_bars(ident: str, title: str, periods: Sequence[tuple[str, Mapping[str, int]]]) -> StackedBars:
    """Draw how many audits have each grade in each of `periods`: its label, and its counts by grade."""
    key_top = BAR_SPACING * len(periods)
    return StackedBars(
        ident=ident,
        title=title,
        description=" ".join(f"{label}: {_in_words(counts)}." for label, counts in periods),
        height=key_top + KEY_SPACING * len(BANDS),
        bars=tuple(
            Bar(f"{label}: {sum(counts.values())} graded", BAR_SPACING * row, tuple(_segments(counts)))
            for row, (label, counts) in enumerate(periods)
        ),
        key=tuple(
            KeyLine(f"{band.letters}: {band.label}", key_top + KEY_SPACING * line, band.fill)
            for line, band in enumerate(BANDS)
        ),
    )


PERCENT_BAR_SPACING = 58


@dataclass(frozen=True)
class PercentBar:
    """One period: its label says the whole ratio, and `width` is its share of the drawing, with a percent sign."""

    label: str
    y: int
    width: str


@dataclass(frozen=True)
class PercentBars:
    """A percentage by period, each bar against the full width, with a line at the target.

    `target_x` carries its percent sign; `target_anchor` is the side of the line on which its words stand;
    `target_text` is empty where there is no target.
    """

    ident: str
    title: str
    description: str
    height: int
    bars: tuple[PercentBar, ...]
    target_text: str
    target_x: str
    target_anchor: str
    target_y: int


def percent_bars(
    ident: str, title: str, periods: Sequence[tuple[str, Ratio]], *, target: int | None = None
) -> PercentBars:
    """Draw the ratio of each of `periods`, whatever its size, and a line at `target` percent where there is one."""
    bottom = PERCENT_BAR_SPACING * len(periods)
    return PercentBars(
        ident=ident,
        title=title,
        description=" ".join(f"{label}: {returned}." for label, returned in periods),
        height=bottom + (KEY_SPACING if target else 0),
        bars=tuple(
            PercentBar(
                f"{label}: {returned}",
                PERCENT_BAR_SPACING * row,
                _percent(returned.numerator, returned.denominator or 1),
            )
            for row, (label, returned) in enumerate(periods)
        ),
        target_text=f"Target {target}%" if target else "",
        target_x=_percent(target or 0, 100),
        target_anchor="end" if (target or 0) >= 50 else "start",
        target_y=bottom,
    )


def _in_words(counts: Mapping[str, int]) -> str:
    if not any(counts.values()):
        return "none graded"
    return ", ".join(f"{band.label} {counts[band.code]}" for band in BANDS)


def _segments(counts: Mapping[str, int]) -> Iterator[Segment]:
    total = sum(counts.values())
    drawn = 0
    line = 0
    for band in BANDS:
        count = counts[band.code]
        if not count:
            continue
        line = 0 if count >= NARROW * total else 2 if line == 1 else 1
        yield Segment(
            text=f"{band.letters} {count}",
            x=_percent(drawn, total),
            width=_percent(count, total),
            middle=_percent(2 * drawn + count, 2 * total),
            text_y=TEXT_Y[line],
            fill=band.fill,
            ink=INK_UNDERNEATH if line else band.ink,
        )
        drawn += count


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.2f}%"
