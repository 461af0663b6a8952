"""Whom a question is asked of, and a choice offered to: in words to read, and as lines that somebody types.

What both stand for is a completeness.Asks as a tool's file spells it: pathways, and whole years of age.
"""

import re
from collections.abc import Mapping
from typing import Any

from audits.enums import Pathway

AGE_LIMITS = {"min_age": "from", "max_age": "up to", "max_age_unless_disabled": "unless disabled, up to"}

TYPED_LIMITS = {
    "min_age": "from age {}",
    "max_age": "up to age {}",
    "max_age_unless_disabled": "up to age {} unless disabled",
}
READ_LIMITS = {
    key: re.compile(words.format(r"(-?[0-9]{1,2})").replace(" age ", " (?:age )?"))
    for key, words in TYPED_LIMITS.items()
}
PATHWAYS = {name.casefold(): pathway for pathway in Pathway for name in (pathway.value, pathway.label)}


def asks_in_words(asks: Mapping[str, Any]) -> str:
    """Whom it is asked of; "" where of everybody. -1 is a child who is not born yet.

    >>> asks_in_words({"pathways": ["cla"], "min_age": 16})
    'Child looked after; from 16'
    """
    words = [", ".join(Pathway(value).label for value in asks.get("pathways", ()))]
    words += [
        f"{limit} {asks[key]}" if asks[key] >= 0 else f"{limit} before birth".replace("up to", "only")
        for key, limit in AGE_LIMITS.items()
        if key in asks
    ]
    return "; ".join(filter(None, words))


def offers_as_lines(offers: Mapping[str, Mapping[str, Any]]) -> str:
    """Whom each choice is offered to, one a line, as `offers_of_lines` reads it.

    >>> offers_as_lines({"unborn": {"pathways": ["cin", "cp"], "max_age": -1}})
    'unborn: cin, cp, up to age -1'
    """
    return "\n".join(
        f"{value}: "
        + ", ".join(
            [
                *asks.get("pathways", ()),
                *(words.format(asks[key]) for key, words in TYPED_LIMITS.items() if key in asks),
            ]
        )
        for value, asks in offers.items()
    )


def offers_of_lines(text: str) -> tuple[dict[str, dict[str, Any]], list[str]]:
    """What the lines say, by choice; and a sentence, without its full stop, for each part that says nothing known."""
    offers: dict[str, dict[str, Any]] = {}
    wrong: list[str] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        value, _, said = line.partition(":")
        asks = offers.setdefault(value.strip(), {})
        parts = [part.strip().casefold() for part in said.split(",") if part.strip()]
        if not parts:
            wrong.append(f"Line {number}: write a colon and to whom “{value.strip()[:40]}” is offered")
        for part in parts:
            limits = ((key, read.fullmatch(part)) for key, read in READ_LIMITS.items())
            found = next(((key, int(match[1])) for key, match in limits if match), None)
            if found:
                asks[found[0]] = found[1]
            elif part in PATHWAYS:
                asks["pathways"] = [*asks.get("pathways", ()), PATHWAYS[part].value]
            else:
                wrong.append(
                    f"Line {number}: “{part[:40]}” is no pathway and no age. Write it like cla, or from age 16"
                )
    return offers, wrong
