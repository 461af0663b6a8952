"""Drawing children for a dip sample. Knows no Django (docs/domain.md, section 8)."""

from collections.abc import Iterable
from random import Random


def draw_sample(references: Iterable[str], *, size: int, seed: int) -> list[str]:
    """Draw so many of the children, each as likely as any other; the same seed draws the same ones.

    The order in which the references come does not matter. Where there are fewer than `size`, all of them.
    """
    pool = sorted(set(references))
    return sorted(Random(seed).sample(pool, min(size, len(pool))))  # noqa: S311 - a lot, not a secret
