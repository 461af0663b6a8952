"""Names and references in what was written: found, and left out of what leaves the QA team. Imports no Django."""

import re
from collections.abc import Collection

REFERENCE = re.compile(r"\b(?:CJA|DIP|OBS|ACT|PANEL|CAL)-[0-9][0-9A-Za-z-]*")
LEFT_OUT = "[left out]"


def named_in(text: str, identifiers: Collection[str]) -> list[str]:
    """References of work, and whichever of the identifiers the text holds as whole words, each once."""
    found = [match[0] for match in REFERENCE.finditer(text)]
    found += [
        name for name in identifiers if re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text, re.IGNORECASE)
    ]
    return list(dict.fromkeys(found))


def without(text: str, identifiers: Collection[str]) -> str:
    """The text with references and identifiers left out, in words that say so."""
    for name in sorted(named_in(text, identifiers), key=len, reverse=True):
        text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", LEFT_OUT, text, flags=re.IGNORECASE)
    return text
