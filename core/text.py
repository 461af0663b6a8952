"""Folding text so that two spellings of one thing meet. Knows no Django."""

import unicodedata


def collapse_spaces(text: str) -> str:
    """The text with every run of white space, no-break spaces included, as one space, and none at the ends."""
    return " ".join(text.split())


def fold(text: str) -> str:
    r"""The text for comparing and searching: no accents, no letter case, single spaces.

    >>> fold("  Zoë\u00a0O’Neill ")
    "zoe o'neill"
    """
    plain = unicodedata.normalize("NFKD", text.replace("’", "'").replace("‘", "'"))
    return collapse_spaces(
        "".join(letter for letter in plain if not unicodedata.combining(letter))
    ).casefold()
