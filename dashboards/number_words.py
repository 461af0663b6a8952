"""Numbers written in words, from ten to ninety-nine. Knows no Django.

Smaller ones are seldom figures: "one of them", "two or three".
"""

import re
from collections.abc import Iterator

_UNITS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_TEENS = (
    "ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_VALUES = {
    **dict(zip(_UNITS, range(1, 10), strict=True)),
    **dict(zip(_TEENS, range(10, 20), strict=True)),
    **dict(zip(_TENS, range(20, 100, 10), strict=True)),
}
_WORDED = re.compile(
    rf"\b(?:{'|'.join(_TEENS)}|(?:{'|'.join(_TENS)})(?:[-\s]+(?:{'|'.join(_UNITS)}))?)\b", re.IGNORECASE
)


def numbers_in_words(text: str) -> Iterator[tuple[re.Match[str], int]]:
    """Each of them where it stands, and what it is.

    >>> [(match[0], number) for match, number in numbers_in_words("Twelve, and forty-six of one")]
    [('Twelve', 12), ('forty-six', 46)]
    """
    for match in _WORDED.finditer(text):
        yield match, sum(_VALUES[word] for word in re.findall("[a-z]+", match[0].lower()))
