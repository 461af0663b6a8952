"""The seed tools hold the whole question set and every descriptor (docs/domain.md, sections 4 and 5)."""

import re
import shutil
from pathlib import Path

import pytest

from audits.enums import AREAS, BAND_GRADES, PRACTICE_KINDS, Grade, Pathway, QuestionKind, Section
from audits.tool_files import TOOLS_DIR, ToolFile, ToolQuestion, read_tools

Tools = dict[str, ToolFile]

QUESTION_SET = {
    Section.HEADER: [f"H{n}" for n in range(1, 9)],
    Section.VISITS: [f"V{n}" for n in range(1, 15)],
    Section.ASSESSMENTS: [f"A{n}" for n in range(1, 17)],
    Section.SUPERVISION: [f"S{n}" for n in range(1, 14)],
    Section.PLANS: [f"P{n}" for n in range(1, 16)],
    Section.MEETINGS: [*(f"M{n}" for n in range(1, 13)), "M12_stage", "M13", "M14"],
    Section.FEEDBACK: ["F1", "F1_outcome", *(f"F{n}" for n in range(2, 11))],
    Section.PROCESS: [f"W{n}" for n in range(1, 7)],
    Section.OVERALL: ["O1", "O2"],
}
"""The codes of docs/domain.md, section 4, in the order of the pages."""

NOT_ON_LEAVING_CARE = {"V1", "V4", "V5", "V9", "V11", "A2", "A10", "A11", "P6", "P8", "P14", "M4", "M5"}
CHILDREN_WITH_A_PLAN = {"V5"}
REVIEWED_BY_IRO_OR_CHAIR = {"H5", "S11", "M10"}
LOOKED_AFTER = {"S12", "P10", "M11", "M12", "M12_stage"}
LEAVING_CARE_ONLY = {"V14"}
FROM_SIXTEEN = {"P15"}


@pytest.fixture(scope="module")
def tools() -> Tools:
    return {tool.code: tool for tool in read_tools()}


def asked(tools: Tools, pathway: Pathway) -> list[ToolQuestion]:
    (tool,) = (tool for tool in tools.values() if pathway in tool.pathways)
    return [question for question in tool.questions if not question.pathways or pathway in question.pathways]


def codes_asked(tools: Tools, pathway: Pathway) -> set[str]:
    return {question.code for question in asked(tools, pathway)}


def test_every_pathway_has_exactly_one_tool(tools: Tools) -> None:
    assert {code: tool.pathways for code, tool in tools.items()} == {
        "cin_cp": (Pathway.CIN, Pathway.CP, Pathway.FRONT_DOOR),
        "cla": (Pathway.CLA,),
        "leaving_care": (Pathway.LEAVING_CARE,),
    }


def test_the_bank_is_the_question_set_of_the_domain_in_its_order(tools: Tools) -> None:
    by_section: dict[Section, list[str]] = {section: [] for section in QUESTION_SET}
    place = {code: n for codes in QUESTION_SET.values() for n, code in enumerate(codes)}
    for section in by_section:
        used = {q.code for tool in tools.values() for q in tool.questions if q.section == section}
        by_section[section] = sorted(used, key=lambda code: place.get(code, -1))
    assert by_section == QUESTION_SET


def test_a_tool_asks_its_questions_in_the_order_of_the_pages(tools: Tools) -> None:
    order = [code for codes in QUESTION_SET.values() for code in codes]
    for tool in tools.values():
        codes = [question.code for question in tool.questions]
        assert codes == [code for code in order if code in codes]


def test_a_question_is_asked_only_where_it_can_apply(tools: Tools) -> None:
    everything = {code for codes in QUESTION_SET.values() for code in codes}
    elsewhere = LOOKED_AFTER | LEAVING_CARE_ONLY | FROM_SIXTEEN
    assert codes_asked(tools, Pathway.CIN) == everything - elsewhere - REVIEWED_BY_IRO_OR_CHAIR
    assert codes_asked(tools, Pathway.CP) == everything - elsewhere
    assert codes_asked(tools, Pathway.CLA) == everything - LEAVING_CARE_ONLY
    assert codes_asked(tools, Pathway.FRONT_DOOR) == (
        everything - elsewhere - REVIEWED_BY_IRO_OR_CHAIR - CHILDREN_WITH_A_PLAN
    )
    assert codes_asked(tools, Pathway.LEAVING_CARE) == (
        everything - LOOKED_AFTER - REVIEWED_BY_IRO_OR_CHAIR - NOT_ON_LEAVING_CARE
    )


def test_the_length_of_each_audit_is_known(tools: Tools) -> None:
    """A change here is a change to every auditor's hour: make it on purpose."""
    assert {pathway.value: len(asked(tools, pathway)) for pathway in Pathway} == {
        "cin": 90,
        "cp": 93,
        "cla": 99,
        "leaving_care": 79,
        "front_door": 89,
    }
    longest_page = max(
        sum(question.section == section for question in asked(tools, pathway))
        for pathway in Pathway
        for section in Section
    )
    assert longest_page == 16


def test_every_question_is_short_and_says_what_counts(tools: Tools) -> None:
    for tool in tools.values():
        for question in tool.questions:
            assert question.text.endswith("?"), question.code
            assert len(question.text) <= 100, question.code
            assert question.help.endswith("."), question.code
            assert len(question.help) <= 140, question.code
            assert len(question.code) <= 20


def test_no_placeholder_is_left_in_any_text(tools: Tools) -> None:
    for tool in tools.values():
        texts = [d.text for d in tool.descriptors]
        for question in tool.questions:
            texts += [question.text, question.help, str(question.options.get("note_label"))]
            texts += [label for _, label in question.options.get("choices", [])]
        assert [text for text in texts if re.search(r"[{}]", text)] == []


def test_leaving_care_is_asked_in_its_own_words(tools: Tools) -> None:
    texts = {question.code: question.text for question in tools["leaving_care"].questions}
    assert texts["V3"] == "Was the young person seen at the visits?"
    assert texts["W1"] == "Was the personal adviser involved in this audit?"
    child = [t for t in texts.values() if re.search(r"\b(child|mother|father|parents?)\b", t)]
    assert child == []


def test_areas_and_the_overall_grade_have_a_descriptor_for_each_grade(tools: Tools) -> None:
    for tool in tools.values():
        assert [(d.section, d.grade) for d in tool.descriptors] == [
            (section, grade) for section in (*AREAS, Section.OVERALL) for grade in BAND_GRADES
        ]
        assert all(d.text for d in tool.descriptors)


def test_descriptors_are_the_domains(tools: Tools) -> None:
    texts = {(tool.code, d.section, d.grade): d.text for tool in tools.values() for d in tool.descriptors}
    assert texts["cin_cp", Section.VISITS, Grade.OUTSTANDING] == (
        "All in time, or more often as risk rose; the child trusts the worker; "
        "direct work traced into decisions; both parents engaged"
    )
    assert texts["leaving_care", Section.VISITS, Grade.OUTSTANDING] == (
        "All in time, or more often as risk rose; the young person trusts the worker; "
        "direct work traced into decisions; those who matter to them engaged"
    )
    document = (TOOLS_DIR.parent.parent / "docs" / "domain.md").read_text(encoding="utf-8")
    for (tool, section, _grade), text in texts.items():
        if tool == "cla" and section != Section.OVERALL:
            assert text in document


def test_practice_questions_always_need_an_answer(tools: Tools) -> None:
    for tool in tools.values():
        needless = [q.code for q in tool.questions if q.kind in PRACTICE_KINDS and not q.required]
        assert needless == []


def test_answers_that_are_not_practice_questions(tools: Tools) -> None:
    other = {q.code: (q.kind, q.required) for q in tools["cla"].questions if q.kind not in PRACTICE_KINDS}
    assert other == {
        "H1": (QuestionKind.CHOICES, False),
        "H2": (QuestionKind.CHOICE, True),
        "H3": (QuestionKind.NUMBER, False),
        "H4": (QuestionKind.CHOICE, True),
        "H5": (QuestionKind.TEXT, False),
        "M12_stage": (QuestionKind.CHOICE, False),
        "M14": (QuestionKind.CHOICE, True),
        "F1": (QuestionKind.CHOICES, False),
        "F1_outcome": (QuestionKind.CHOICE, True),
        "F2": (QuestionKind.CHOICES, False),
        **{f"F{n}": (QuestionKind.CHOICE, False) for n in range(3, 10)},
        "F10": (QuestionKind.TEXT, False),
        "W1": (QuestionKind.CHOICE, True),
        "W2": (QuestionKind.CHOICE, True),
        "W3": (QuestionKind.DATE, False),
        "W4": (QuestionKind.TEXT, True),
        "W5": (QuestionKind.CHOICE, True),
        "W6": (QuestionKind.CHOICE, True),
        "O1": (QuestionKind.TEXT, True),
        "O2": (QuestionKind.CHOICE, True),
    }


def test_options_that_measures_rely_on(tools: Tools) -> None:
    questions = {q.code: q for q in tools["cla"].questions}
    values = {
        code: [value for value, _ in questions[code].options["choices"]]
        for code in ("P3", "P6", "F1_outcome", "F2", "F3", "W1", "W5")
    }
    assert values == {
        "P3": ["specific", "measurable", "achievable", "relevant", "timed"],
        "P6": ["mother", "father"],
        "F1_outcome": ["feedback", "no_reply", "declined", "not_tried", "not_appropriate"],
        "F2": ["child", "mother", "father", "carer", "other"],
        "F3": ["yes", "partly", "no", "not_asked"],
        "W1": ["took_part", "invited", "declined", "left", "not_invited"],
        "W5": ["yes", "no"],
    }
    assert questions["V1"].options == {"count_labels": ["Visits made on time", "Visits due"]}
    assert questions["V8"].options == {
        "note_label": "Which direct work tool was used?",
        "note_required_for": ["yes"],
        "ages": {"min_age": 0},
    }
    needs_all = {q.code for tool in tools.values() for q in tool.questions if q.options.get("yes_needs_all")}
    assert needs_all == {"P3", "V14"}


def test_answers_that_need_their_note(tools: Tools) -> None:
    noted = {
        q.code: q.options.get("note_required_for", [])
        for q in tools["cla"].questions
        if "note_label" in q.options
    }
    assert noted == {
        "V8": ["yes"],
        "A7": [],
        "A8": ["yes"],
        "F1_outcome": ["not_tried", "not_appropriate"],
        "W5": ["yes"],
        "O2": ["yes"],
    }


GOOD_QUESTION = """
[[questions]]
code = "V1"
section = "visits"
kind = "practice"
text = "Was it so?"
help = "Look here."
"""

CHOICE = (
    GOOD_QUESTION.replace('"practice"', '"choice"')
    + """
[questions.choices]
a = "A"
[questions.choices_only]
"""
)


@pytest.mark.parametrize(
    ("broken", "sentence"),
    [
        (GOOD_QUESTION.replace('help = "Look here."', ""), "V1: lacks help"),
        (GOOD_QUESTION + 'order = "3"', "V1: has unknown keys: order"),
        (GOOD_QUESTION.replace('"visits"', '"visit"'), "V1: has the unknown section visit"),
        (GOOD_QUESTION.replace('"practice"', '"yes_no"'), "V1: has the unknown kind yes_no"),
        (GOOD_QUESTION + 'pathways = ["cin", "adoption"]', "V1: has an unknown pathway"),
        (GOOD_QUESTION.replace('"practice"', '"choice"'), "V1: has no choices"),
        (GOOD_QUESTION + '[questions.choices]\na = "A"', "V1: has choices that its kind does not take"),
        (GOOD_QUESTION.replace('"practice"', '"practice_count"'), "V1: does not label its two numbers"),
        (GOOD_QUESTION + 'count_labels = ["a", "b"]', "V1: labels numbers that its kind does not take"),
        (
            GOOD_QUESTION + 'note_label = "Why?"\nnote_required_for = ["maybe"]',
            "V1: needs a note for an answer it does not have",
        ),
        (GOOD_QUESTION + 'note_required_for = ["yes"]', "V1: needs a note that it does not ask for"),
        (GOOD_QUESTION + "yes_needs_all = true", "V1: has no parts for a yes to need"),
        (GOOD_QUESTION + "required = false", "V1: is a practice question, which is always required"),
        (GOOD_QUESTION + "ages = 16", "V1: says wrongly at which ages it is asked"),
        (GOOD_QUESTION + "ages = { age = 16 }", "V1: says wrongly at which ages it is asked"),
        (GOOD_QUESTION + "ages = { min_age = true }", "V1: says wrongly at which ages it is asked"),
        (
            GOOD_QUESTION + "[questions.choices_only]\nyes = { min_age = 1 }",
            "V1: says wrongly to whom a choice is offered",
        ),
        (CHOICE + "b = { min_age = 1 }", "V1: says wrongly to whom a choice is offered"),
        (CHOICE + 'a = { pathways = ["adoption"] }', "V1: says wrongly to whom a choice is offered"),
        (CHOICE + 'a = { pathways = "cin" }', "V1: says wrongly to whom a choice is offered"),
        (GOOD_QUESTION + GOOD_QUESTION, "V1: is there twice"),
        (GOOD_QUESTION.replace("it so", "{whoever} so"), "V1: has an unknown placeholder"),
        (GOOD_QUESTION.replace('code = "V1"', ""), "a question without a code: lacks"),
        ("[[questions]", "^questions.toml: "),
    ],
)
def test_a_broken_question_is_refused_by_file_and_code(tmp_path: Path, broken: str, sentence: str) -> None:
    folder = tmp_path / "tools"
    shutil.copytree(TOOLS_DIR, folder)
    (folder / "questions.toml").write_text(broken, encoding="utf-8")
    with pytest.raises(ValueError, match=sentence) as refusal:
        read_tools(folder)
    assert str(refusal.value).startswith("questions.toml")


def test_the_question_that_the_refusals_break_is_accepted_whole(tmp_path: Path) -> None:
    folder = tmp_path / "tools"
    shutil.copytree(TOOLS_DIR, folder)
    (folder / "questions.toml").write_text(GOOD_QUESTION, encoding="utf-8")
    assert [question.code for question in read_tools(folder)[0].questions] == ["V1"]


@pytest.mark.parametrize(
    ("name", "old", "new", "sentence"),
    [
        ("tools.toml", '"front_door"', '"adoption"', "tools.toml, cin_cp: has an unknown pathway"),
        (
            "descriptors.toml",
            "inadequate = ",
            "poor = ",
            "descriptors.toml, visits: has no text for inadequate",
        ),
    ],
)
def test_a_broken_tool_or_descriptor_is_refused(
    tmp_path: Path, name: str, old: str, new: str, sentence: str
) -> None:
    folder = tmp_path / "tools"
    shutil.copytree(TOOLS_DIR, folder)
    text = (folder / name).read_text(encoding="utf-8")
    (folder / name).write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(ValueError, match=f"^{sentence}"):
        read_tools(folder)


def test_the_domain_document_names_every_code(tools: Tools) -> None:
    document = (TOOLS_DIR.parent.parent / "docs" / "domain.md").read_text(encoding="utf-8")
    named = set(re.findall(r"\b[HVASPMFWO]\d+(?:_[a-z]+)?\b", document))
    missing = {code for codes in QUESTION_SET.values() for code in codes} - named
    assert missing == set()
