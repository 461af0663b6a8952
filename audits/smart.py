"""Whether an action is specific: hints, never refusals (docs/domain.md, section 8). Knows no Django."""

import re
from collections.abc import Iterable, Sequence

from core.text import fold


def listed_words(text: str) -> list[str]:
    """The words and phrases of a list with commas, each once.

    >>> listed_words("Ensure, be  aware,, ensure")
    ['ensure', 'be aware']
    """
    return list(dict.fromkeys(filter(None, (fold(word) for word in text.split(",")))))


def vague_words_in(text: str, words: Iterable[str]) -> list[str]:
    """Which of the words the text has, whole or with an ending, in the order of the list.

    >>> vague_words_in("Continue monitoring", ["ensure", "monitor", "continue"])
    ['monitor', 'continue']
    """
    folded = fold(text)
    return [word for word in words if re.search(_with_endings(word), folded)]


def hints(what: str, success: str, words: Sequence[str]) -> list[str]:
    """How an action could be said better, as sentences; empty when nothing strikes the eye."""
    said = []
    if vague := vague_words_in(what, words):
        said.append(
            f"{_quoted(vague)} in what shall be done: say who does what, so that somebody can see it done."
        )
    if vague := vague_words_in(success, words):
        said.append(
            f"{_quoted(vague)} in how success will be seen: say what will be different, and where it shows."
        )
    if fold(what) == fold(success):
        said.append("Success repeats the action: say what will be different for the child once it is done.")
    return said


def _with_endings(word: str) -> str:
    stem = re.escape(word.removesuffix("e"))
    e = "e" if word.endswith("e") else ""
    return rf"\b{stem}(?:{e}|{e}s|{e}d|ed|ing)\b"


def _quoted(words: Iterable[str]) -> str:
    return ", ".join(f"“{word}”" for word in words)
