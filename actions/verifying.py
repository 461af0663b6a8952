"""Which completed actions are verified: all of the urgent priorities, a drawn share of the others. Knows no Django.

(docs/domain.md, section 8.)
"""

from random import Random

ALWAYS_VERIFIED = ("p0", "p1")
BLOCK = 20
"""The share holds exactly in each block of so many completed actions, so that it also holds in a small council."""


def is_drawn(number: int, *, percent: int, seed: int) -> bool:
    """Whether the completed action with that number, counted from 0, is drawn for verification.

    In each block of 20 numbers exactly `percent` of them are drawn, which ones the seed decides: the draw can be
    repeated and explained, and nobody can tell beforehand.

    Args:
        percent: 0 to 100, a multiple of 5.

    """
    block, place = divmod(number, BLOCK)
    drawn = Random(f"{seed}/{block}").sample(range(BLOCK), BLOCK * percent // 100)  # noqa: S311 - a lot, not a secret
    return place in drawn
