"""Audit tools outside the database: what one is made of, and what makes it whole (docs/domain.md, sections 4 and 5).

The shipped tools are read from audits/tools/*.toml here; tool_toml.py reads and writes a single tool. Whatever comes
in, from a file or from a page, is held to the same checks.
"""

import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from itertools import product
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
KINDS_WITHOUT_NOTE = (QuestionKind.TEXT, QuestionKind.NUMBER, QuestionKind.DATE)
NEEDED_KEYS = ("code", "section", "kind", "text", "help")
TEXT_KEYS = (*NEEDED_KEYS, "note_label")
LIST_KEYS = ("pathways", "count_labels", "note_required_for")
YES_OR_NO_KEYS = ("required", "yes_needs_all")
KNOWN_KEYS = (*TEXT_KEYS, *LIST_KEYS, *YES_OR_NO_KEYS, "ages", "choices", "choices_only")
OPTION_KEYS = (
    "note_label", "note_required_for", "count_labels", "yes_needs_all", "ages", "choices", "choices_only",
)  # fmt: skip
"""What completeness.AskedQuestion explains. The tables of choices come last, as a file needs it."""
AGE_KEYS = {"min_age", "max_age", "max_age_unless_disabled"}
YOUNGEST, OLDEST = -1, 25
"""Whole years: -1 is not born yet; a care leaver is 25 at most."""

LONGEST_QUESTION = 300
LONGEST_HELP = 2000
"""Characters; a descriptor may be as long."""
LONGEST_NAME = 120
MOST_QUESTIONS = 300

QUESTION_CODE = re.compile(r"[A-Z]{1,3}[0-9]{1,3}(_[a-z]{1,12})?")
QUESTION_CODE_IN_WORDS = "capital letters and a number, such as V15 or M12_stage"
CHOICE_VALUE = re.compile(r"[a-z0-9_]{1,40}")
TOOL_CODE = re.compile(r"[a-z][a-z0-9_]{1,39}")
TOOL_CODE_IN_WORDS = "small letters, digits and underscores, such as front_door"
TAKEN_BY_PAGES = ("new", "import")
"""Addresses under /setup/tools/ that are no tool."""
UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
"""Characters that no page can show and PostgreSQL may refuse. A tab and a line's end are seen."""


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
    if problem := next(problems_of_rows(bank), None):
        raise ValueError(f"questions.toml, {problem}")
    descriptors = _load(folder, "descriptors.toml")
    return [_tool(row, bank, descriptors) for row in _load(folder, "tools.toml")["tools"]]


def _load(folder: Path, name: str) -> dict[str, Any]:
    try:
        return tomllib.loads((folder / name).read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"{name}: {error}") from error


def problems_of_rows(rows: list[Any]) -> Iterator[str]:
    """What is wrong with the questions of a file, each problem with the question's code in front."""
    codes: Counter[str] = Counter()
    for row in rows:
        if not isinstance(row, dict):
            yield "a question without a code: is not a table"
            continue
        code = row.get("code") if isinstance(row.get("code"), str) else None
        name = code[:20] if code else "a question without a code"
        yield from (f"{name}: {problem}" for problem in problems_of(row))
        if code:
            codes[code] += 1
            if codes[code] == 2:
                yield f"{name}: is there twice"


def problems_of(row: Mapping[str, Any]) -> list[str]:
    """What is wrong with one question, as questions.toml spells it: each reads on after the question's code."""
    return _problems_of_shape(row) or _problems_of_meaning(row)


def _problems_of_shape(row: Mapping[str, Any]) -> list[str]:
    """Keys that are missing, unknown, or hold another kind of thing than they should."""
    missing = [key for key in NEEDED_KEYS if key not in row]
    unknown = sorted(row.keys() - set(KNOWN_KEYS))
    problems = [f"lacks {', '.join(missing)}"] if missing else []
    if unknown:
        problems.append(f"has unknown keys: {', '.join(key[:40] for key in unknown[:5])}")
    for key, value in row.items():
        if key in TEXT_KEYS and not isinstance(value, str):
            problems.append(f"{key} is not a text")
        if key in LIST_KEYS and not (isinstance(value, list) and all(isinstance(one, str) for one in value)):
            problems.append(f"{key} is not a list of texts")
        if key in YES_OR_NO_KEYS and not isinstance(value, bool):
            problems.append(f"{key} is neither true nor false")
        if key == "choices" and not (
            isinstance(value, dict) and all(isinstance(label, str) for label in value.values())
        ):
            problems.append("choices is not a table of texts")
    return problems


def _problems_of_meaning(row: Mapping[str, Any]) -> list[str]:
    kind, choices = row["kind"], row.get("choices", {})
    takes_choices = kind in KINDS_WITH_CHOICES
    takes_count = kind == QuestionKind.PRACTICE_COUNT
    answers = set(PracticeAnswer.values if kind in PRACTICE_KINDS else choices)
    problems = {
        f"a code is {QUESTION_CODE_IN_WORDS}": not QUESTION_CODE.fullmatch(row["code"]),
        f"has the unknown section {row['section'][:40]}": row["section"] not in Section.values,
        f"has the unknown kind {kind[:40]}": kind not in QuestionKind.values,
        "has an unknown pathway": not set(row.get("pathways", ())) <= set(Pathway.values),
        "names a pathway twice": len(row.get("pathways", ())) != len(set(row.get("pathways", ()))),
        "has no choices": takes_choices and not choices,
        "has choices that its kind does not take": "choices" in row and not takes_choices,
        "a choice is stored as small letters, digits and underscores, up to 40": not all(
            CHOICE_VALUE.fullmatch(value) for value in choices
        ),
        "does not label its two numbers": takes_count and len(row.get("count_labels", ())) != 2,
        "labels numbers that its kind does not take": "count_labels" in row and not takes_count,
        "asks for a note that its kind does not take": "note_label" in row and kind in KINDS_WITHOUT_NOTE,
        "needs a note for an answer it does not have": not answers >= set(row.get("note_required_for", ())),
        "needs a note that it does not ask for": "note_required_for" in row and "note_label" not in row,
        "has no parts for a yes to need": "yes_needs_all" in row and kind != QuestionKind.PRACTICE_LETTERS,
        "is a practice question, which is always required": "required" in row and kind in PRACTICE_KINDS,
        "says wrongly at which ages it is asked": not _says_whom(row.get("ages", {}), AGE_KEYS),
        "says wrongly to whom a choice is offered": not _says_to_whom(row, kind),
    }
    texts = {"text": row["text"], "help": row["help"]}
    texts |= {f"choice {value}": label for value, label in choices.items()}
    texts |= {f"number {place}": label for place, label in enumerate(row.get("count_labels", ()), start=1)}
    texts |= {"note_label": row["note_label"]} if "note_label" in row else {}
    return [problem for problem, is_so in problems.items() if is_so] + [
        f"{key} {problem}"
        for key, text in texts.items()
        for problem in problems_of_text(
            text, LONGEST_HELP if key == "help" else LONGEST_QUESTION, may_be_empty=key == "help"
        )
    ]


def problems_of_text(text: str, longest: int, *, may_be_empty: bool = False) -> list[str]:
    """What is wrong with words that a page will show: each reads on after the name of what they are."""
    problems = {
        "is empty": not text.strip() and not may_be_empty,
        f"is longer than {longest} characters": len(text) > longest,
        "holds characters that no page can show": UNSEEN.search(text) is not None,
    }
    return [problem for problem, is_so in problems.items() if is_so]


def problems_of_tool(tool: ToolFile) -> Iterator[str]:
    """What keeps a tool, whose questions each are whole, from being whole itself."""
    if not TOOL_CODE.fullmatch(tool.code) or tool.code in TAKEN_BY_PAGES:
        yield f"code: a tool's code is {TOOL_CODE_IN_WORDS}, and neither new nor import"
    yield from (f"name: {problem}" for problem in problems_of_text(tool.name, LONGEST_NAME))
    if not tool.pathways:
        yield "pathways: a tool is for one pathway at least"
    if not tool.questions:
        yield "questions: a tool asks one question at least"
    if len(tool.questions) > MOST_QUESTIONS:
        yield f"questions: a tool asks {MOST_QUESTIONS} questions at most"
    for question in tool.questions:
        if not set(question.pathways) <= set(tool.pathways):
            yield f"{question.code}: pathways has one that the tool is not for"
    yield from problems_of_descriptors(tool.descriptors)


def problems_of_descriptors(descriptors: Iterable[ToolDescriptor]) -> Iterator[str]:
    """Each grade of each area, and overall, has its words."""
    described = {(descriptor.section, descriptor.grade): descriptor.text for descriptor in descriptors}
    for section, grade in product(GRADED_SECTIONS, BAND_GRADES):
        if (section, grade) not in described:
            yield f"{section.label}: has no descriptor for {grade.label}"
            continue
        for problem in problems_of_text(described[section, grade], LONGEST_HELP):
            yield f"{section.label}: the descriptor for {grade.label} {problem}"


def question_row(question: ToolQuestion) -> dict[str, Any]:
    """The question as questions.toml spells it, with the keys that it needs and no others."""
    options = dict(question.options)
    row: dict[str, Any] = {
        "code": question.code,
        "section": question.section.value,
        "kind": question.kind.value,
    }
    if question.pathways:
        row["pathways"] = [pathway.value for pathway in question.pathways]
    if question.required and question.kind not in PRACTICE_KINDS:
        row["required"] = True
    row |= {"text": question.text, "help": question.help}
    if "choices" in options:
        options["choices"] = dict(options["choices"])
    return row | {key: options[key] for key in OPTION_KEYS if key in options}


def mark_of(content: object) -> str:
    """A short mark of a question, or of the texts of a page, by which a form notices that it was changed meanwhile."""
    return sha256(repr(content).encode()).hexdigest()[:16]


def question_of(row: Mapping[str, Any]) -> ToolQuestion:
    """The question that a row without problems spells."""
    options = {key: row[key] for key in OPTION_KEYS if row.get(key)}
    if "choices" in options:
        options["choices"] = [[value, label] for value, label in row["choices"].items()]
    kind = QuestionKind(row["kind"])
    return ToolQuestion(
        code=row["code"],
        section=Section(row["section"]),
        kind=kind,
        text=row["text"],
        help=row["help"],
        options=options,
        pathways=tuple(pathway for pathway in Pathway if pathway in row.get("pathways", ())),
        required=kind in PRACTICE_KINDS or row.get("required", False),
    )


def _says_whom(asks: Any, keys: set[str]) -> bool:
    """Whether this can be a completeness.Asks: whole years, and pathways that exist."""
    return (
        isinstance(asks, dict)
        and asks.keys() <= keys
        and all(type(asks[key]) is int and YOUNGEST <= asks[key] <= OLDEST for key in asks.keys() & AGE_KEYS)
        and isinstance(asks.get("pathways", []), list)
        and all(pathway in Pathway.values for pathway in asks.get("pathways", ()))
    )


def _says_to_whom(row: Mapping[str, Any], kind: Any) -> bool:
    """Whether each condition names a choice that exists and can be one. Parts of an answer are never left out."""
    conditions = row.get("choices_only", {})
    return (
        isinstance(conditions, dict)
        and conditions.keys() <= row.get("choices", {}).keys()
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

    filled = row | {key: fill(row[key]) for key in ("text", "help", "note_label") if key in row}
    if "choices" in row:
        filled["choices"] = {value: fill(label) for value, label in row["choices"].items()}
    if "count_labels" in row:
        filled["count_labels"] = [fill(label) for label in row["count_labels"]]
    asked_on = [pathway for pathway in pathways if pathway in row.get("pathways", pathways)]
    return question_of(filled | {"pathways": [] if len(asked_on) == len(pathways) else asked_on})


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
