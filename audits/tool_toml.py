"""One audit tool as one TOML file: written for export, read for import.

The standard library reads TOML and does not write it. What is written here is this one shape: texts, lists of texts,
whole numbers, true, and a few tables. Reading back what was written gives the same tool.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any

from audits.enums import BAND_GRADES, GRADED_SECTIONS, Grade, Pathway, Section
from audits.tool_files import (
    ToolDescriptor,
    ToolFile,
    problems_of_rows,
    problems_of_tool,
    question_of,
    question_row,
)
from core.errors import RuleViolation

LARGEST_FILE = 500_000
"""Bytes: ten times the longest shipped tool."""

KEYS = ("code", "name", "pathways", "questions", "descriptors")
TABLES = ("choices", "choices_only")
PROBLEMS_SHOWN = 5
BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r", "\b": "\\b", "\f": "\\f"}


def write_tool(tool: ToolFile) -> str:
    """The tool as TOML, always the same text for the same tool."""
    lines = [
        "# An audit tool: its questions in the order of the pages, then what each grade looks like.",
        "",
        *_pairs({"code": tool.code, "name": tool.name, "pathways": [p.value for p in tool.pathways]}),
    ]
    for question in tool.questions:
        lines += ["", "[[questions]]", *_pairs(question_row(question))]
    for section in GRADED_SECTIONS:
        texts = {d.grade.value: d.text for d in tool.descriptors if d.section == section}
        lines += ["", f"[descriptors.{section.value}]", *_pairs(texts)]
    return "\n".join(lines) + "\n"


def read_tool(content: bytes) -> ToolFile:
    """The tool that a file holds.

    Raises:
        RuleViolation: the file is no audit tool; the sentence names the question and the key, and says how many more
            problems there are.

    """
    document = _parsed(content)
    problems = list(_problems_of(document))
    if not problems:
        tool = _tool_of(document)
        problems = list(problems_of_tool(tool))
        if not problems:
            return tool
    more = len(problems) - PROBLEMS_SHOWN
    shown = "; ".join(problems[:PROBLEMS_SHOWN]) + (f"; and {more} more" if more > 0 else "")
    raise RuleViolation(f"This is not a whole audit tool, so nothing was changed. {shown}.")


def _pairs(table: Mapping[str, Any]) -> Iterator[str]:
    """A table's lines; one of TABLES within it follows as `questions.choices`, after everything else."""
    for key, value in table.items():
        if key in TABLES:
            yield f"[questions.{key}]"
            yield from _pairs(value)
        else:
            yield _pair(key, value)


def _pair(key: str, value: Any) -> str:
    return f"{key if BARE_KEY.fullmatch(key) else _text(key)} = {_value(value)}"


def _value(value: Any) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case list():
            return f"[{', '.join(map(_text, value))}]"
        case dict():
            return f"{{ {', '.join(_pair(key, one) for key, one in value.items())} }}"
        case _:
            return _text(value)


def _text(text: str) -> str:
    return '"' + "".join(ESCAPES.get(character) or _shown(character) for character in text) + '"'


def _shown(character: str) -> str:
    return character if character.isprintable() else f"\\U{ord(character):08x}"


def _parsed(content: bytes) -> dict[str, Any]:
    if not content.strip():
        raise RuleViolation("The file is empty. Choose a tool that was exported from here.")
    if len(content) > LARGEST_FILE:
        raise RuleViolation(f"The file is larger than {LARGEST_FILE // 1000} kB. No audit tool is.")
    try:
        return tomllib.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise RuleViolation("The file is not text. Choose a .toml file.") from error
    except RecursionError as error:
        raise RuleViolation("The file is nested too deeply to be an audit tool.") from error
    except ValueError as error:  # TOMLDecodeError, and what Python says of a number with thousands of digits
        raise RuleViolation(f"The file is not TOML: {str(error)[:200]}.") from error


def _problems_of(document: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong with the file's shape and with each question."""
    for key in KEYS:
        if key not in document:
            yield f"{key} is missing"
    for key in sorted(document.keys() - set(KEYS)):
        yield f"{key[:40]} is not a key of an audit tool"
    for key in ("code", "name"):
        if key in document and not isinstance(document[key], str):
            yield f"{key} is not a text"
    yield from _problems_of_pathways(document.get("pathways", []))
    questions = document.get("questions", [])
    if isinstance(questions, list):
        yield from problems_of_rows(questions)
    else:
        yield "questions is not a list of questions"
    yield from _problems_of_descriptors(document.get("descriptors", {}))


def _problems_of_pathways(pathways: Any) -> Iterator[str]:
    known = isinstance(pathways, list) and all(one in Pathway.values for one in pathways)
    if not known or len(set(pathways)) != len(pathways):
        yield f"pathways is not a list of {', '.join(Pathway.values)}, each once"


def _problems_of_descriptors(descriptors: Any) -> Iterator[str]:
    if not isinstance(descriptors, dict):
        yield "descriptors is not a table"
        return
    for section, texts in descriptors.items():
        if section not in GRADED_SECTIONS or not isinstance(texts, dict):
            yield f"descriptors: {section[:40]} is not a graded page of an audit"
            continue
        for grade, text in texts.items():
            if grade not in BAND_GRADES or not isinstance(text, str):
                yield f"descriptors, {section}: {grade[:40]} is not a grade with its text"


def _tool_of(document: Mapping[str, Any]) -> ToolFile:
    return ToolFile(
        code=document["code"],
        name=document["name"],
        pathways=tuple(pathway for pathway in Pathway if pathway in document["pathways"]),
        questions=tuple(
            sorted(map(question_of, document["questions"]), key=lambda one: list(Section).index(one.section))
        ),
        descriptors=tuple(
            ToolDescriptor(section, Grade(grade), document["descriptors"][section][grade])
            for section in GRADED_SECTIONS
            for grade in BAND_GRADES
            if grade in document["descriptors"].get(section, {})
        ),
    )
