"""The words of a report: figures put in by name, and numbers that no table holds. Knows no Django.

Published reports quoted figures that were not in their tables (docs/domain.md, section 1). Here a writer names a
figure, `{{ overall.good_or_better }}`, and what is printed comes from the table. A number typed by hand is looked up in
what the tables hold, and pointed out where none holds it.
"""

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

from core.shares import Ratio
from dashboards.number_words import numbers_in_words

FIELD = re.compile(r"\{\{\s*([A-Za-z0-9_.]{1,80})\s*\}\}")

_MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
_NOT_FIGURES = re.compile(
    rf"""
    \b\d{{1,2}}(?:st|nd|rd|th)?\s+(?:{_MONTHS})(?:\s+\d{{4}})?   # 28 November 2026
    | \b(?:{_MONTHS})\s+\d{{4}}                                 # November 2026
    | \b\d{{4}}-\d{{2}}(?:-\d{{2}})?\b                           # 2024-25, 2026-11-28
    | \b(?:19|20)\d{{2}}\b                                      # 2026
    | \b[A-Z]{{1,6}}-?\d[\w-]*                                  # Q2, V4, P1, CJA-2026-11-014, ACT-0231
    | \b[Ss]ection\s+\d+
    | ^\s*\d{{1,2}}[.)]\s                                       # a numbered list
    | \b\d{{1,2}}:\d{{2}}\b                                     # 14:30
    """,
    re.VERBOSE | re.MULTILINE,
)
_NUMBER = re.compile(r"(?<![\w.])\d{1,3}(?:,\d{3})+(?![\w])|(?<![\w.])\d+(?:\.\d+)?(?![\w])")
_AFTER = re.compile(r"\s*(%|per\s*cent\b|percent\b)")
_WHOLE = r"\d{1,3}(?:,\d{3})+|\d{1,9}"
_SHARE = re.compile(
    rf"(?<![\w.,])({_WHOLE})\s+(?:out\s+)?of\s+(?:(?:the|all|our)\s+)?({_WHOLE})(?![\w%])(?!\s*%)(?![.,]\d)"
    r"(?:[ a-z]{0,40}\((\d{1,3})\s?%\))?"
)
"""So many of so many, and the percentage that stands behind it in brackets."""


@dataclass(frozen=True)
class LooseNumber:
    """A number in the words that no table holds: as written, and the line it stands in, counted from 1."""

    written: str
    line: int


@dataclass(frozen=True)
class KnownNumbers:
    """What the tables of a report hold: counts (numerators, denominators, points), whole percentages, and shares."""

    counts: frozenset[int]
    percents: frozenset[int]
    shares: frozenset[Ratio]


def with_figures(text: str, figure: Callable[[str], str | None]) -> str:
    """The text with each `{{ code }}` replaced by what `figure(code)` says; a code it does not know stays as it is."""
    return FIELD.sub(lambda match: match[0] if (said := figure(match[1])) is None else said, text)


def unknown_fields(text: str, codes: Collection[str]) -> list[str]:
    """The codes that the text names and the report does not have, each once, in the order of the text."""
    return list(dict.fromkeys(code for code in FIELD.findall(text) if code not in codes))


def loose_numbers(text: str, known: KnownNumbers) -> Iterator[LooseNumber]:
    """The numbers typed by hand that no table holds. Dates, years, quarters and references are no figures.

    So many of so many has to stand in a table as the two together, and a percentage in brackets behind them has to be
    theirs. A number with a percent sign has to be a percentage of the tables, any other a count of them; a number that
    is not whole is always pointed out, since the tables hold none. Numbers in words are looked at from ten on.
    """
    blanked = FIELD.sub(_blank, text)
    blanked = _NOT_FIGURES.sub(_blank, blanked)
    for match in _SHARE.finditer(blanked):
        share = Ratio(_as_number(match[1]), _as_number(match[2]))
        if share not in known.shares or (match[3] and int(match[3]) != share.percent):
            yield _loose(match[0], text, match.start())
    for match in _NUMBER.finditer(_SHARE.sub(_blank, blanked)):
        percent = _AFTER.match(blanked, match.end())
        digits = match[0].replace(",", "")
        held = known.percents if percent else known.counts
        if "." in digits or len(digits) > 9 or int(digits) not in held:
            written = f"{match[0]}%" if percent else match[0]
            yield _loose(written, text, match.start())
    for match, number in numbers_in_words(blanked):
        percent = _AFTER.match(blanked, match.end())
        if number not in (known.percents if percent else known.counts):
            yield _loose(f"{match[0]}{percent[0] if percent else ''}", text, match.start())


def _loose(written: str, text: str, start: int) -> LooseNumber:
    return LooseNumber(" ".join(written.split()), text.count("\n", 0, start) + 1)


def _as_number(written: str) -> int:
    return int(written.replace(",", ""))


def _blank(match: re.Match[str]) -> str:
    """As many spaces, line ends kept, so that places and lines stay where they are."""
    return re.sub(r"[^\n]", " ", match[0])
