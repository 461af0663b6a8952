"""One tool as one file: what is written reads back the same, and what is no tool is refused in plain words."""

import re
import tomllib
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audits.enums import BAND_GRADES, GRADED_SECTIONS, PRACTICE_KINDS, Pathway, QuestionKind, Section
from audits.tool_files import (
    AGE_KEYS,
    UNSEEN,
    ToolDescriptor,
    ToolFile,
    ToolQuestion,
    problems_of,
    read_tools,
)
from audits.tool_toml import LARGEST_FILE, read_tool, write_tool
from core.errors import RuleViolation

SHIPPED = {tool.code: tool for tool in read_tools()}


def words(longest: int) -> st.SearchStrategy[str]:
    """Texts of every sort a page can show: quotation marks, backslashes, several lines, other scripts."""
    seen = st.characters(exclude_categories=("Cs",)).filter(lambda one: not UNSEEN.match(one))
    drawn = st.text(seen | st.sampled_from("\"\\\n\t#=[]{}'é漢🙂"), min_size=1, max_size=longest)
    return drawn.filter(lambda text: bool(text.strip()))


@st.composite
def questions(draw: st.DrawFn, code: str, pathways: tuple[Pathway, ...]) -> ToolQuestion:
    kind = draw(st.sampled_from(QuestionKind))
    options: dict[str, object] = {}
    answers = ["yes", "partly", "no"]
    if kind in (QuestionKind.CHOICE, QuestionKind.CHOICES, QuestionKind.PRACTICE_LETTERS):
        values = draw(st.lists(st.from_regex(r"\A[a-z0-9_]{1,8}\Z"), min_size=1, max_size=4, unique=True))
        options["choices"] = [[value, draw(words(20))] for value in values]
        answers = answers if kind in PRACTICE_KINDS else values
    if kind == QuestionKind.PRACTICE_COUNT:
        options["count_labels"] = [draw(words(20)), draw(words(20))]
    if kind == QuestionKind.PRACTICE_LETTERS and draw(st.booleans()):
        options["yes_needs_all"] = True
    if kind not in (QuestionKind.TEXT, QuestionKind.NUMBER, QuestionKind.DATE) and draw(st.booleans()):
        options["note_label"] = draw(words(20))
        options["note_required_for"] = draw(st.lists(st.sampled_from(answers), min_size=1, unique=True))
    if draw(st.booleans()):
        options["ages"] = draw(
            st.dictionaries(st.sampled_from(sorted(AGE_KEYS)), st.integers(-1, 25), min_size=1)
        )
    if kind in (QuestionKind.CHOICE, QuestionKind.CHOICES) and draw(st.booleans()):
        options["choices_only"] = {values[0]: {"pathways": ["cla"], "min_age": draw(st.integers(-1, 25))}}
    asked_on = draw(st.sets(st.sampled_from(pathways)))
    return ToolQuestion(
        code=code,
        section=draw(st.sampled_from(Section)),
        kind=kind,
        text=draw(words(40)),
        help=draw(words(40) | st.just("")),
        options=options,
        pathways=tuple(pathway for pathway in Pathway if pathway in asked_on),
        required=kind in PRACTICE_KINDS or draw(st.booleans()),
    )


@st.composite
def tools(draw: st.DrawFn) -> ToolFile:
    chosen = draw(st.sets(st.sampled_from(Pathway), min_size=1))
    pathways = tuple(pathway for pathway in Pathway if pathway in chosen)
    codes = draw(
        st.lists(
            st.from_regex(r"\A[A-Z]{1,2}[1-9][0-9]?(_[a-z]{1,4})?\Z"), min_size=1, max_size=4, unique=True
        )
    )
    asked = [draw(questions(code, pathways)) for code in codes]
    return ToolFile(
        code=draw(st.from_regex(r"\A[a-z][a-z0-9_]{4,9}\Z").filter(lambda code: code != "import")),
        name=draw(words(40)),
        pathways=pathways,
        questions=tuple(sorted(asked, key=lambda one: list(Section).index(one.section))),
        descriptors=tuple(
            ToolDescriptor(section, grade, draw(st.sampled_from(("As it should be.", 'Two\nlines, "so"'))))
            for section in GRADED_SECTIONS
            for grade in BAND_GRADES
        ),
    )


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(tools())
def test_a_tool_reads_back_as_it_was_written(tool: ToolFile) -> None:
    written = write_tool(tool)
    read = read_tool(written.encode())
    assert read == tool
    assert write_tool(read) == written


@given(st.text(st.characters(exclude_categories=("Cs",))))
def test_any_text_is_written_as_toml_that_says_the_same(text: str) -> None:
    """Control characters and all: they are refused on the way in, never mangled on the way out."""
    tool = replace(SHIPPED["cla"], name=text)
    assert tomllib.loads(write_tool(tool))["name"] == text


@pytest.mark.parametrize("code", SHIPPED)
def test_the_shipped_tools_survive_the_journey(code: str) -> None:
    assert read_tool(write_tool(SHIPPED[code]).encode()) == SHIPPED[code]


@given(st.binary(max_size=400))
def test_any_bytes_are_a_tool_or_a_sentence(content: bytes) -> None:
    with pytest.raises(RuleViolation):
        read_tool(content)


SMALL = replace(
    SHIPPED["leaving_care"],
    questions=tuple(q for q in SHIPPED["leaving_care"].questions if q.code in ("V3", "V6")),
)
GOOD = write_tool(SMALL)


def test_what_the_refusals_break_is_whole() -> None:
    assert read_tool(GOOD.encode()) == SMALL


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "The file is empty"),
        (b" \n", "The file is empty"),
        (b"a" * (LARGEST_FILE + 1), "The file is larger than 500 kB"),
        (b"\x89PNG\r\n\x1a\n\x00\xff", "The file is not text"),
        (b"PK\x03\x04 not a tool", "The file is not TOML"),
        (b"a = " + b"[" * 100_000, "The file is nested too deeply"),
        (b"a = " + b"9" * 10_000, "The file is not TOML"),
        (b"a = 1\na = 2", "The file is not TOML"),
        (
            b"x = 1",
            "name is missing; pathways is missing; questions is missing; descriptors is missing; and 1 more",
        ),
        (GOOD.replace('code = "leaving_care"', "code = 5").encode(), "code is not a text"),
        (GOOD.replace('code = "leaving_care"', 'code = "import"').encode(), "code: a tool's code is"),
        (GOOD.replace('code = "leaving_care"', 'code = "Léa"').encode(), "code: a tool's code is"),
        (GOOD.replace('name = "Leaving care"', 'name = " "').encode(), "name: is empty"),
        (
            GOOD.replace('pathways = ["leaving_care"]', "pathways = []").encode(),
            "pathways: a tool is for one",
        ),
        (
            GOOD.replace('pathways = ["leaving_care"]', "pathways = [[1], {}]").encode(),
            "pathways is not a list of cin, cp",
        ),
        (
            GOOD.replace('pathways = ["leaving_care"]', 'pathways = ["moon"]').encode(),
            "pathways is not a list of cin, cp",
        ),
        (GOOD.replace('code = "V6"', 'code = "V3"').encode(), "V3: is there twice"),
        (GOOD.replace('code = "V6"', 'code = "v6"').encode(), "v6: a code is capital letters and a number"),
        (
            GOOD.replace('code = "V6"', 'code = "V6"\nhelp_text = "x"').encode(),
            "V6: has unknown keys: help_text",
        ),
        (
            GOOD.replace('code = "V6"', 'code = "V6"\npathways = ["cla"]').encode(),
            "V6: pathways has one that the tool is not for",
        ),
        (
            GOOD.replace('code = "V6"', 'code = "V6"\nchoices = "x"').encode(),
            "V6: choices is not a table of texts",
        ),
        (
            GOOD.replace('code = "V6"', 'code = "V6"\ncount_labels = [1, 2]').encode(),
            "V6: count_labels is not a list of texts",
        ),
        (
            GOOD.replace('code = "V6"', 'code = "V6"\nrequired = "yes"').encode(),
            "V6: required is neither true nor false",
        ),
        (GOOD.replace('code = "V6"', "").encode(), "a question without a code: lacks code"),
        (
            re.sub(r'text = "Was the purpose.*"', 'text = "\\\\u0000"', GOOD).encode(),
            "V6: text holds characters that no page can show",
        ),
        (
            re.sub(r'text = "Was the purpose.*"', f'text = "{"x" * 301}"', GOOD).encode(),
            "V6: text is longer than 300 characters",
        ),
        (
            re.sub(r'inadequate = "Long unex.*"', "", GOOD).encode(),
            "Visits: has no descriptor for Inadequate",
        ),
        (
            GOOD.replace("[descriptors.visits]", "[descriptors.moon]").encode(),
            "descriptors: moon is not a graded page",
        ),
        (
            GOOD.replace("[descriptors.visits]", "[descriptors.visits]\npoor = 1").encode(),
            "descriptors, visits: poor is not a grade",
        ),
        (
            b'code="x"\nname="x"\npathways=["cla"]\nquestions=[1, "a", []]\ndescriptors=3',
            "a question without a code: is not a table",
        ),
        (
            b'code="x"\nname="x"\npathways=["cla"]\nquestions="a"\n[descriptors]',
            "questions is not a list of questions",
        ),
    ],
)
def test_a_file_that_is_no_tool_is_refused_in_plain_words(content: bytes, sentence: str) -> None:
    with pytest.raises(RuleViolation) as refusal:
        read_tool(content)
    assert sentence in refusal.value.sentence


def test_a_file_with_the_mark_of_its_encoding_is_read() -> None:
    assert read_tool(b"\xef\xbb\xbf" + GOOD.encode()) == SMALL


def test_a_question_of_a_kind_takes_what_its_kind_takes() -> None:
    row = {
        "code": "T1",
        "section": "visits",
        "kind": "text",
        "text": "Words?",
        "help": "",
        "note_label": "More?",
    }
    assert problems_of(row) == ["asks for a note that its kind does not take"]
    assert problems_of({**row, "kind": "practice"}) == []
