"""What a page still needs."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from audits.completeness import AskedQuestion, Asks, GivenAnswer, Missing, SectionContent, missing_from

ALONE = AskedQuestion("V4", "Was the child seen alone?", "practice")
ON_TIME = AskedQuestion("V1", "Were visits on time?", "practice_count", count_labels=("on time", "due"))
SMART = AskedQuestion(
    "P3", "Is the plan SMART?", "practice_letters", choices=(("s", "S"), ("m", "M")), yes_needs_all=True
)
CONCERN = AskedQuestion(
    "W5",
    "Is there an immediate concern?",
    "choice",
    choices=(("yes", "Yes"), ("no", "No")),
    note_label="What is the concern?",
    note_required_for=("yes",),
)
GRADED = SectionContent(grade="good", evidence="The record of 3 May.", difference="He sleeps.")


def fields(section: str, question: AskedQuestion, answer: GivenAnswer) -> list[str]:
    content = replace(GRADED, answers={question.code: answer})
    return [gap.field for gap in missing_from(section, [question], content)]


def test_a_graded_area_needs_answers_grade_evidence_and_difference_in_the_page_order() -> None:
    assert missing_from("visits", [ALONE], SectionContent()) == [
        Missing("V4", "Answer V4: Was the child seen alone?"),
        Missing("grade", "Choose the grade for this area"),
        Missing("evidence", "Write the evidence for the grade"),
        Missing("difference", "Write what is different for this child because of this work"),
    ]


def test_blanks_are_not_evidence() -> None:
    content = replace(GRADED, evidence=" \n\t")
    assert [gap.field for gap in missing_from("plans", [], content)] == ["evidence"]


def test_a_whole_area_that_is_not_applicable_needs_its_reason_only() -> None:
    assert [
        gap.field for gap in missing_from("assessments", [ALONE], SectionContent(grade="not_applicable"))
    ] == ["not_applicable_reason"]
    with_reason = SectionContent(grade="not_applicable", not_applicable_reason="Not due.")
    assert missing_from("assessments", [ALONE], with_reason) == []


def test_the_overall_grade_is_never_not_applicable() -> None:
    content = SectionContent(grade="not_applicable", not_applicable_reason="Whatever.")
    assert [gap.field for gap in missing_from("overall", [], content)] == ["grade"]


def test_overall_needs_no_difference_and_an_ungraded_page_no_grade() -> None:
    assert missing_from("overall", [], replace(GRADED, difference="")) == []
    assert missing_from("feedback", [], SectionContent()) == []


def test_not_applicable_needs_a_reason() -> None:
    assert fields("visits", ALONE, GivenAnswer("not_applicable")) == ["V4.reason"]
    assert fields("visits", ALONE, GivenAnswer("not_applicable", "age")) == []


def test_a_count_needs_both_numbers_unless_there_is_nothing_to_count() -> None:
    assert fields("visits", ON_TIME, GivenAnswer("partly", counted=4)) == ["V1.counted_of"]
    assert fields("visits", ON_TIME, GivenAnswer("yes", counted=0, counted_of=0)) == []
    assert fields("visits", ON_TIME, GivenAnswer("not_evidenced")) == []


def test_smart_is_yes_only_with_every_letter() -> None:
    assert fields("plans", SMART, GivenAnswer("yes", selected=("s",))) == ["P3.selected"]
    assert fields("plans", SMART, GivenAnswer("yes", selected=("s", "m"))) == []
    assert fields("plans", SMART, GivenAnswer("partly", selected=("s",))) == []


def test_a_note_is_needed_for_the_answers_that_ask_for_it() -> None:
    assert fields("process", CONCERN, GivenAnswer("yes")) == ["W5.note"]
    assert (
        fields("process", CONCERN, GivenAnswer("yes", note="She is alone at night; told both managers."))
        == []
    )
    assert fields("process", CONCERN, GivenAnswer("no")) == []


def test_an_optional_question_may_stay_empty_and_each_kind_knows_its_answer() -> None:
    for kind, answer in {
        "text": GivenAnswer(note="Warm words."),
        "number": GivenAnswer(counted=0),
        "choices": GivenAnswer(selected=("a",)),
        "choice": GivenAnswer(value="a"),
    }.items():
        question = AskedQuestion("H1", "Something?", kind)
        assert fields("header", question, GivenAnswer())[:1] == ["H1"]
        assert fields("header", replace(question, required=False), GivenAnswer())[:1] != ["H1"]
        assert "H1" not in fields("header", question, answer)


@given(st.sampled_from(["visits", "plans", "overall", "process"]), st.text(max_size=20), st.text(max_size=20))
def test_nothing_is_missing_only_where_every_rule_holds(section: str, grade: str, evidence: str) -> None:
    content = SectionContent(grade=grade, evidence=evidence, difference=evidence)
    gaps = {gap.field for gap in missing_from(section, [], content)}
    graded = section != "process"
    assert ("evidence" in gaps) == (graded and not evidence.strip())
    assert ("grade" in gaps) == (graded and not grade)


AGES = st.none() | st.integers(-1, 25)
LIMITS = st.none() | st.integers(-1, 18)
ASKS = st.builds(
    Asks,
    pathways=st.sampled_from([(), ("cin",), ("cin", "cp")]),
    min_age=LIMITS,
    max_age=LIMITS,
    max_age_unless_disabled=LIMITS,
)


@given(ASKS, st.sampled_from(["cin", "cp", "cla"]), AGES, st.sampled_from(["yes", "no", "not_known"]))
def test_a_condition_only_ever_leaves_out(asks: Asks, pathway: str, age: int | None, disability: str) -> None:
    asked = asks.of(pathway, age, disability)
    assert Asks().of(pathway, age, disability)
    assert asked <= (not asks.pathways or pathway in asks.pathways)
    if age is not None:
        assert asked <= (asks.min_age is None or asks.min_age <= age)
        assert asked <= (asks.max_age is None or age <= asks.max_age)
    if asked:
        assert asks.of(pathway, None, disability)
        assert asks.of(pathway, age, "yes")


def test_a_choice_that_cannot_apply_is_not_offered_and_the_others_keep_their_order() -> None:
    flags = AskedQuestion(
        "H1",
        "Which apply?",
        "choices",
        choices=(("plo", "PLO"), ("unborn", "Unborn"), ("ehcp", "EHCP")),
        choices_only={"unborn": Asks(pathways=("cin",), max_age=-1), "ehcp": Asks(min_age=0)},
    )
    offered = {
        age: [value for value, _ in flags.offered_to("cin", age, "no").choices] for age in (-1, 0, None)
    }
    assert offered == {-1: ["plo", "unborn"], 0: ["plo", "ehcp"], None: ["plo", "unborn", "ehcp"]}
    assert [value for value, _ in flags.offered_to("cla", -1, "no").choices] == ["plo"]
