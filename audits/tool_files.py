"""The seed audit tools, read from audits/tools/*.toml and checked (docs/domain.md, sections 4 and 5)."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from audits.enums import (
    BAND_GRADES,
    GRADED_SECTIONS,
    PRACTICE_KINDS,
    Grade,
    Pathway,
    PracticeAnswer,
    QuestionKind,
    Section,
)

TOOLS_DIR = Path(__file__).parent / "tools"

KINDS_WITH_CHOICES = (QuestionKind.CHOICE, QuestionKind.CHOICES, QuestionKind.PRACTICE_LETTERS)
NEEDED_KEYS = {"code", "section", "kind", "text", "help"}
KNOWN_KEYS = NEEDED_KEYS | {
    "pathways", "required", "choices", "count_labels", "note_label", "note_required_for", "yes_needs_all",
    "ages", "choices_only",
}  # fmt: skip
AGE_KEYS = {"min_age", "max_age", "max_age_unless_disabled"}


@dataclass(frozen=True)
class ToolQuestion:
    """One question as a tool asks it. `pathways` is empty when every pathway of the tool asks it.

    `options` has, where they apply, the keys that completeness.AskedQuestion explains: choices, count_labels,
    note_label, note_required_for, yes_needs_all, ages, choices_only.
    """

    code: str
    section: Section
    kind: QuestionKind
    text: str
    help: str
    options: dict[str, Any]
    pathways: tuple[Pathway, ...]
    required: bool


@dataclass(frozen=True)
class ToolDescriptor:
    """What a grade looks like in an area, or overall."""

    section: Section
    grade: Grade
    text: str


@dataclass(frozen=True)
class ToolFile:
    """A whole audit tool: its questions in the order of the pages, and a descriptor for every grade."""

    code: str
    name: str
    pathways: tuple[Pathway, ...]
    questions: tuple[ToolQuestion, ...]
    descriptors: tuple[ToolDescriptor, ...]


def read_tools(folder: Path = TOOLS_DIR) -> list[ToolFile]:
    """The tools of tools.toml with their share of questions.toml and descriptors.toml.

    Raises ValueError naming the file and the code when something in them cannot be a tool.
    """
    bank = _load(folder, "questions.toml")["questions"]
    codes: set[str] = set()
    for row in bank:
        _check(row)
        if row["code"] in codes:
            raise ValueError(f"questions.toml, {row['code']}: is there twice")
        codes.add(row["code"])
    descriptors = _load(folder, "descriptors.toml")
    return [_tool(row, bank, descriptors) for row in _load(folder, "tools.toml")["tools"]]


def _load(folder: Path, name: str) -> dict[str, Any]:
    try:
        return tomllib.loads((folder / name).read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"{name}: {error}") from error


def _check(row: dict[str, Any]) -> None:
    """Raise ValueError unless the row of questions.toml is a whole question of its kind."""
    kind = row.get("kind")
    takes_choices = kind in KINDS_WITH_CHOICES
    takes_count = kind == QuestionKind.PRACTICE_COUNT
    answers = set(PracticeAnswer.values if kind in PRACTICE_KINDS else row.get("choices", ()))
    problems = {
        f"lacks {sorted(NEEDED_KEYS - row.keys())}": not row.keys() >= NEEDED_KEYS,
        f"has the unknown keys {sorted(row.keys() - KNOWN_KEYS)}": not row.keys() <= KNOWN_KEYS,
        f"has the unknown section {row.get('section')}": row.get("section") not in Section.values,
        f"has the unknown kind {kind}": kind not in QuestionKind.values,
        "has an unknown pathway": not set(row.get("pathways", ())) <= set(Pathway.values),
        "has no choices": takes_choices and not row.get("choices"),
        "has choices that its kind does not take": "choices" in row and not takes_choices,
        "does not label its two numbers": takes_count and len(row.get("count_labels", ())) != 2,
        "labels numbers that its kind does not take": "count_labels" in row and not takes_count,
        "needs a note for an answer it does not have": not answers >= set(row.get("note_required_for", ())),
        "needs a note that it does not ask for": "note_required_for" in row and "note_label" not in row,
        "has no parts for a yes to need": "yes_needs_all" in row and kind != QuestionKind.PRACTICE_LETTERS,
        "is a practice question, which is always required": "required" in row and kind in PRACTICE_KINDS,
        "says wrongly at which ages it is asked": not _says_whom(row.get("ages", {}), AGE_KEYS),
        "says wrongly to whom a choice is offered": not _says_to_whom(row, kind),
    }
    for problem, is_so in problems.items():
        if is_so:
            raise ValueError(f"questions.toml, {row.get('code', 'a question without a code')}: {problem}")


def _says_whom(asks: Any, keys: set[str]) -> bool:
    """Whether this can be a completeness.Asks: whole years, and pathways that exist."""
    return (
        isinstance(asks, dict)
        and asks.keys() <= keys
        and all(type(asks[key]) is int for key in asks.keys() & AGE_KEYS)
        and isinstance(asks.get("pathways", []), list)
        and all(pathway in Pathway.values for pathway in asks.get("pathways", ()))
    )


def _says_to_whom(row: dict[str, Any], kind: Any) -> bool:
    """Whether each condition names a choice that exists and can be one. Parts of an answer are never left out."""
    conditions = row.get("choices_only", {})
    return (
        isinstance(conditions, dict)
        and conditions.keys() <= dict(row.get("choices", ())).keys()
        and (not conditions or kind in (QuestionKind.CHOICE, QuestionKind.CHOICES))
        and all(_says_whom(asks, AGE_KEYS | {"pathways"}) for asks in conditions.values())
    )


def _tool(row: dict[str, Any], bank: list[dict[str, Any]], descriptors: dict[str, Any]) -> ToolFile:
    code, words = row["code"], row["words"]
    if not set(row["pathways"]) <= set(Pathway.values):
        raise ValueError(f"tools.toml, {code}: has an unknown pathway")
    pathways = tuple(Pathway(value) for value in row["pathways"])
    asked = [entry for entry in bank if not set(pathways).isdisjoint(entry.get("pathways", pathways))]
    return ToolFile(
        code=code,
        name=row["name"],
        pathways=pathways,
        questions=tuple(_question(entry, pathways, words) for entry in asked),
        descriptors=tuple(
            ToolDescriptor(section, grade, _descriptor(descriptors, code, section, grade, words))
            for section in GRADED_SECTIONS
            for grade in BAND_GRADES
        ),
    )


def _question(row: dict[str, Any], pathways: tuple[Pathway, ...], words: dict[str, str]) -> ToolQuestion:
    def fill(text: str) -> str:
        return _fill(text, words, where=f"questions.toml, {row['code']}")

    as_they_are = ("note_required_for", "yes_needs_all", "ages", "choices_only")
    options: dict[str, Any] = {key: row[key] for key in as_they_are if key in row}
    if "choices" in row:
        options["choices"] = [[value, fill(label)] for value, label in row["choices"].items()]
    if "count_labels" in row:
        options["count_labels"] = [fill(label) for label in row["count_labels"]]
    if "note_label" in row:
        options["note_label"] = fill(row["note_label"])
    asked_on = tuple(pathway for pathway in pathways if pathway in row.get("pathways", pathways))
    return ToolQuestion(
        code=row["code"],
        section=Section(row["section"]),
        kind=QuestionKind(row["kind"]),
        text=fill(row["text"]),
        help=fill(row["help"]),
        options=options,
        pathways=() if asked_on == pathways else asked_on,
        required=row["kind"] in PRACTICE_KINDS or row.get("required", False),
    )


def _descriptor(
    descriptors: dict[str, Any], tool: str, section: Section, grade: Grade, words: dict[str, str]
) -> str:
    own, common = descriptors.get(tool, {}).get(section, {}), descriptors.get(section, {})
    text = own.get(grade) or common.get(grade)
    if not text:
        raise ValueError(f"descriptors.toml, {section}: has no text for {grade}")
    return _fill(text, words, where=f"descriptors.toml, {section}")


def _fill(text: str, words: dict[str, str], *, where: str) -> str:
    try:
        return text.format_map(words)
    except (KeyError, ValueError, IndexError) as error:
        raise ValueError(f"{where}: has an unknown placeholder in {text!r}") from error
