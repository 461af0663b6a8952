"""What changed between two versions of a tool, and what measures would miss."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from audits.enums import Grade, Pathway, Section
from audits.tool_diff import Wording, changes_between, losses, losses_without
from audits.tool_files import ToolFile, read_tools

TOOLS = {tool.code: tool for tool in read_tools()}
CLA = TOOLS["cla"]
VISITS = [question.code for question in CLA.questions if question.section == Section.VISITS]


def ordered(tool: ToolFile, codes: list[str]) -> ToolFile:
    """The tool with the questions of Visits in that order, and those left out removed."""
    by_code = {question.code: question for question in tool.questions}
    others = [question for question in tool.questions if question.section != Section.VISITS]
    return replace(tool, questions=(*(by_code[code] for code in codes), *others))


def test_the_same_has_not_changed() -> None:
    assert changes_between(CLA, CLA).is_empty


def test_everything_that_changed_is_named_once() -> None:
    v6 = next(question for question in CLA.questions if question.code == "V6")
    new = replace(v6, code="V20", text="Was it kind?")
    after = replace(
        CLA,
        pathways=(Pathway.CLA, Pathway.LEAVING_CARE),
        questions=tuple(
            replace(question, text="Was it clear?") if question.code == "V6" else question
            for question in (*CLA.questions, new)
            if question.code != "V7"
        ),
        descriptors=tuple(
            replace(one, text="Better.") if (one.section, one.grade) == (Section.PLANS, Grade.GOOD) else one
            for one in CLA.descriptors
        ),
    )
    changes = changes_between(CLA, after)
    assert (changes.pathways_added, changes.pathways_removed) == ((Pathway.LEAVING_CARE,), ())
    visits, plans = changes.sections
    assert [question.code for question in visits.added] == ["V20"]
    assert [question.code for question in visits.removed] == ["V7"]
    assert [(change.question.code, change.wordings) for change in visits.changed] == [
        ("V6", (Wording("Question", v6.text, "Was it clear?"),))
    ]
    assert visits.moved == ()
    assert [(one.what, one.after) for one in plans.descriptors] == [("Good", "Better.")]


@given(st.integers(0, len(VISITS) - 1), st.integers(0, len(VISITS) - 1))
def test_one_question_that_moved_is_one_that_moved(taken: int, put: int) -> None:
    codes = list(VISITS)
    codes.insert(put, codes.pop(taken))
    moved = [one.code for page in changes_between(CLA, ordered(CLA, codes)).sections for one in page.moved]
    if codes == VISITS:
        assert moved == []
    elif abs(taken - put) == 1:
        assert len(moved) == 1
        assert moved[0] in {VISITS[taken], VISITS[put]}
    else:
        assert moved == [VISITS[taken]]


@given(st.permutations(VISITS))
def test_those_that_did_not_move_kept_their_order(codes: list[str]) -> None:
    moved = {one.code for page in changes_between(CLA, ordered(CLA, codes)).sections for one in page.moved}
    assert [code for code in codes if code not in moved] == [code for code in VISITS if code not in moved]


@given(st.sets(st.sampled_from(VISITS)))
def test_removing_moves_nothing(removed: set[str]) -> None:
    after = ordered(CLA, [code for code in VISITS if code not in removed])
    pages = changes_between(CLA, after).sections
    assert {one.code for page in pages for one in page.removed} == removed
    assert [page.moved for page in pages if page.moved] == []


def test_a_practice_question_takes_its_measures_along() -> None:
    assert [(loss.code, loss.pathways, loss.needed_for) for loss in losses_without(CLA, "V6")] == [
        ("V6", (Pathway.CLA,), "its own measures: yes, and not evidenced on record")
    ]


def test_what_is_relied_on_is_named_with_what_for() -> None:
    assert [loss.needed_for for loss in losses_without(CLA, "W1")] == [
        "the share of audits in which the social worker took part"
    ]
    assert losses_without(CLA, "H1") == []


def test_an_answer_that_is_counted_is_missed() -> None:
    def without_took_part(tool: ToolFile) -> ToolFile:
        return replace(
            tool,
            questions=tuple(
                replace(
                    one,
                    options={
                        **one.options,
                        "choices": [pair for pair in one.options["choices"] if pair[0] != "took_part"],
                    },
                )
                if one.code == "W1"
                else one
                for one in tool.questions
            ),
        )

    missed = losses({Pathway.CLA: CLA}, without_took_part(CLA))
    assert [(loss.code, loss.needed_for) for loss in missed] == [
        (
            "W1",
            "the share of audits in which the social worker took part, which counts the answer “Took part”",
        )
    ]


def test_a_pathway_that_changes_tools_misses_what_the_new_one_does_not_ask() -> None:
    front_door = replace(CLA, code="front_door", pathways=(Pathway.FRONT_DOOR,), questions=CLA.questions[:3])
    missed = losses({Pathway.FRONT_DOOR: TOOLS["cin_cp"]}, front_door)
    assert {loss.pathways for loss in missed} == {(Pathway.FRONT_DOOR,)}
    assert {"V6", "W1", "F1_outcome"} <= {loss.code for loss in missed}


def test_a_pathway_that_nobody_served_misses_nothing() -> None:
    assert losses({}, CLA) == []
