"""The list of relied-on questions says what the program really relies on: neither less nor more."""

import ast
import re
from pathlib import Path

import pytest

from audits.question_codes import RELIED_ON

ROOT = Path(__file__).parents[2]
READERS = (
    "audits/grading.py",
    "audits/grading_facts.py",
    "audits/involvement.py",
    "audits/querysets.py",
    "audits/selectors.py",
    "audits/services/involvement.py",
    "audits/submission.py",
    "audits/timescale_facts.py",
    "dashboards/measures/*.py",
    "dashboards/selectors/*.py",
    "moderation/case_facts.py",
)
"""What reads the answer to a question that it names."""

TERM = re.compile(r"-?([A-Z]\d{1,2}(?:_[a-z]+)?)(?:\..*)?")
"""A code as it stands in the program: alone, or as a term of a measure such as "F2.child"."""


def codes_in(source: str) -> set[str]:
    """The codes of questions that stand in it as text of their own."""
    texts = (node.value for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Constant))
    return {found[1] for text in texts if isinstance(text, str) and (found := TERM.fullmatch(text))}


def test_what_is_relied_on_is_what_is_named() -> None:
    assert [paths for paths in READERS if not list(ROOT.glob(paths))] == []
    named = set().union(*(codes_in(path.read_text()) for paths in READERS for path in ROOT.glob(paths)))
    assert set(RELIED_ON) == named


@pytest.mark.parametrize(
    ("source", "codes"),
    [
        ('value("V2") in BAD', {"V2"}),
        ('COUNTS = ("-F1_outcome.not_appropriate", f"S11.{pathway}.yes")', {"F1_outcome", "S11"}),
        ('"Answers of Yes to question A11"', set()),
        ("P0 = 'p0'", set()),
    ],
)
def test_twin_what_is_seen_as_a_code(source: str, codes: set[str]) -> None:
    assert codes_in(source) == codes
