"""Drafts of audit tools and their approval: what may be done, by whom, and what the database itself refuses."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from accounts.enums import Role
from accounts.models import User
from audits.enums import Grade, Pathway, Section, ToolStatus
from audits.models import (
    Answer,
    AuditMove,
    GradeDescriptor,
    Question,
    Tool,
    ToolInForce,
    ToolVersion,
    ToolVersionMove,
)
from audits.moves import TOOL_MOVES, check_tool_move
from audits.own_work import tools_to_approve
from audits.services.audits import start_audit
from audits.services.tool_approval import propose_version, publish_version, return_version
from audits.services.tool_drafts import (
    add_question,
    change_descriptors,
    change_pathways,
    change_question,
    create_tool,
    discard_draft,
    import_tool,
    move_question,
    remove_question,
    start_draft,
)
from audits.tool_facts import proposal_of, tool_file_of
from audits.tool_files import read_tools
from audits.tool_toml import read_tool, write_tool
from core.errors import RuleViolation
from dashboards.selectors.questions import practice_questions
from notifications.models import Message
from tests.factories.accounts import person
from tests.factories.audits import AuditFactory, QuestionFactory

pytestmark = pytest.mark.django_db

V6 = {
    "code": "V6",
    "section": "visits",
    "kind": "practice",
    "text": "Was the purpose of each visit plain?",
    "help": "Look at the plan.",
}
NEW = {**V6, "code": "V20", "text": "Was the home warm?"}


def tool(code: str = "cla") -> Tool:
    return Tool.objects.get(code=code)


def changed_draft(quentin: User, code: str = "cla") -> ToolVersion:
    """A draft in which one question reads otherwise."""
    draft = start_draft(tool(code), by=quentin)
    change_question(draft, "V6", V6, by=quentin)
    return draft


def proposed(quentin: User, code: str = "cla") -> ToolVersion:
    return propose_version(changed_draft(quentin, code), change_note="Plainer words.", by=quentin)


def published(quentin: User, priya: User, code: str = "cla") -> ToolVersion:
    return publish_version(proposed(quentin, code), by=priya)


def moves_of(version: ToolVersion) -> list[tuple[str, str, User | None, str]]:
    return [(move.from_status, move.to_status, move.by, move.reason) for move in version.moves.all()]


def codes_on(version: ToolVersion, section: str = "visits") -> list[str]:
    return list(Question.objects.filter(version=version, section=section).values_list("code", flat=True))


class TestDrafting:
    def test_a_draft_is_a_copy_of_the_newest_version(self, quentin: User) -> None:
        draft = start_draft(tool(), by=quentin)
        first = ToolVersion.objects.get(tool=tool(), number=1)
        assert (draft.number, draft.status, draft.pathways) == (2, ToolStatus.DRAFT, ["cla"])
        assert tool_file_of(draft) == tool_file_of(first)
        assert moves_of(draft) == [("", "draft", quentin, "Copied from version 1")]

    def test_a_tool_has_one_draft_at_a_time(self, quentin: User) -> None:
        start_draft(tool(), by=quentin)
        with pytest.raises(
            RuleViolation, match=r"version 2 is still open \(draft\)\. A tool has one draft at a time"
        ):
            start_draft(tool(), by=quentin)
        with pytest.raises(IntegrityError), transaction.atomic():
            ToolVersion.objects.create(tool=tool(), number=3)

    def test_a_discarded_draft_makes_room_and_keeps_its_number(self, quentin: User) -> None:
        draft = changed_draft(quentin)
        discard_draft(draft, by=quentin)
        assert discard_draft(draft, by=quentin).status == ToolStatus.DISCARDED
        again = start_draft(tool(), by=quentin)
        assert (again.number, Question.objects.get(version=again, code="V6").text) == (
            3,
            "Was the purpose of each visit clear and tied to the plan?",
        )

    @pytest.mark.parametrize("who", ["priya", "asha", "bella", "sid", "meera"])
    def test_only_the_qa_lead_drafts(self, who: str, quentin: User, request: pytest.FixtureRequest) -> None:
        other: User = request.getfixturevalue(who)
        draft = start_draft(tool(), by=quentin)
        shipped = read_tools()[0]
        attempts: list[Callable[[], Any]] = [
            lambda: start_draft(tool("leaving_care"), by=other),
            lambda: create_tool(code="mine", name="Mine", pathways=[Pathway.CLA], by=other),
            lambda: import_tool(shipped, by=other),
            lambda: change_pathways(draft, [Pathway.CLA], by=other),
            lambda: add_question(draft, NEW, by=other),
            lambda: change_question(draft, "V6", V6, by=other),
            lambda: remove_question(draft, "V6", by=other),
            lambda: move_question(draft, "V6", up=True, by=other),
            lambda: change_descriptors(draft, Section.VISITS, {Grade.GOOD: "Good."}, by=other),
            lambda: discard_draft(draft, by=other),
            lambda: propose_version(draft, change_note="New.", by=other),
        ]
        before = write_tool(tool_file_of(draft))
        for attempt in attempts:
            with pytest.raises(RuleViolation, match="Only the QA lead makes and changes drafts"):
                attempt()
        assert write_tool(tool_file_of(draft)) == before
        assert (Tool.objects.count(), ToolVersion.objects.count()) == (3, 4)

    @pytest.mark.parametrize("status", ["proposed", "published", "superseded", "discarded"])
    def test_only_a_draft_is_changed(self, status: str, quentin: User, priya: User) -> None:
        version = {
            "proposed": lambda: proposed(quentin),
            "published": lambda: published(quentin, priya),
            "superseded": lambda: published(quentin, priya).tool.versions.get(number=1),
            "discarded": lambda: discard_draft(start_draft(tool(), by=quentin), by=quentin),
        }[status]()
        assert version.status == status
        before = write_tool(tool_file_of(version))
        attempts: list[Callable[[], Any]] = [
            lambda: change_pathways(version, [Pathway.CIN], by=quentin),
            lambda: add_question(version, NEW, by=quentin),
            lambda: change_question(version, "V6", V6, by=quentin),
            lambda: remove_question(version, "V6", by=quentin),
            lambda: move_question(version, "V6", up=True, by=quentin),
            lambda: change_descriptors(version, Section.VISITS, {Grade.GOOD: "Good."}, by=quentin),
        ]
        for attempt in attempts:
            with pytest.raises(RuleViolation, match="new version|Take it back"):
                attempt()
        version.refresh_from_db()
        assert write_tool(tool_file_of(version)) == before

    def test_questions_are_added_at_the_end_moved_and_removed(self, quentin: User) -> None:
        draft = start_draft(tool(), by=quentin)
        add_question(draft, NEW, by=quentin)
        assert codes_on(draft)[-2:] == ["V13", "V20"]
        move_question(draft, "V20", up=True, by=quentin)
        assert codes_on(draft)[-2:] == ["V20", "V13"]
        move_question(draft, "V13", up=False, by=quentin)
        move_question(draft, "V1", up=True, by=quentin)
        assert (codes_on(draft)[0], codes_on(draft)[-1]) == ("V1", "V13")
        move_question(draft, "V20", up=False, by=quentin)
        remove_question(draft, "V13", by=quentin)
        remove_question(draft, "V13", by=quentin)
        assert codes_on(draft)[-2:] == ["V12", "V20"]

    def test_a_question_that_is_gone_says_so(self, quentin: User) -> None:
        draft = start_draft(tool(), by=quentin)
        with pytest.raises(RuleViolation, match="V99 is no longer in this draft"):
            change_question(draft, "V99", V6, by=quentin)

    @pytest.mark.parametrize(
        ("row", "sentence"),
        [
            ({**NEW, "code": "V6"}, "V6 is in this draft already"),
            ({**NEW, "code": "lower"}, "lower: a code is capital letters and a number"),
            ({**NEW, "kind": "choice"}, "V20: has no choices"),
            ({**NEW, "pathways": ["cin"]}, "V20: choose pathways that this tool is for"),
            ({**NEW, "code": "P15", "section": "visits"}, "P15 is in this draft already"),
            ({**NEW, "code": "V14"}, "V14 is a question of Visits of the kind .* in Leaving care, version 1"),
        ],
    )
    def test_a_question_that_cannot_be_is_refused(
        self, row: dict[str, Any], sentence: str, quentin: User
    ) -> None:
        draft = start_draft(tool(), by=quentin)
        with pytest.raises(RuleViolation, match=sentence):
            add_question(draft, row, by=quentin)

    def test_a_code_keeps_its_kind_and_its_page(self, quentin: User) -> None:
        draft = start_draft(tool(), by=quentin)
        with pytest.raises(RuleViolation, match="V6 is a question of Visits of the kind “Yes, partly, no"):
            change_question(draft, "V6", {**V6, "kind": "text"}, by=quentin)
        change_question(draft, "V6", {**V6, "section": "plans"}, by=quentin)
        assert Question.objects.get(version=draft, code="V6").section == "visits"
        remove_question(draft, "V6", by=quentin)
        with pytest.raises(RuleViolation, match="V6 is a question of Visits"):
            add_question(draft, {**V6, "section": "plans"}, by=quentin)
        assert add_question(draft, V6, by=quentin).code == "V6"

    def test_a_new_code_is_free_to_change_until_it_is_approved(self, quentin: User, priya: User) -> None:
        draft = start_draft(tool(), by=quentin)
        add_question(draft, NEW, by=quentin)
        change_question(draft, "V20", {**NEW, "kind": "text", "required": True}, by=quentin)
        publish_version(propose_version(draft, change_note="More.", by=quentin), by=priya)
        following = start_draft(tool(), by=quentin)
        with pytest.raises(RuleViolation, match="V20 is a question of Visits of the kind “Words”"):
            change_question(following, "V20", NEW, by=quentin)

    def test_the_tool_of_past_forms_holds_no_code_and_is_not_copied(self, quentin: User) -> None:
        past = ToolVersion.objects.create(
            tool=Tool.objects.create(code="past", name="Past forms"),
            number=1,
            status=ToolStatus.PUBLISHED,
            published_at="2026-01-01T12:00Z",
        )
        QuestionFactory(version=past, section="plans", code="V20", text="Old?", kind="text")
        add_question(start_draft(tool(), by=quentin), NEW, by=quentin)
        with pytest.raises(RuleViolation, match="Past forms keeps audits from before this service"):
            start_draft(past.tool, by=quentin)

    def test_descriptors_are_changed_and_never_empty(self, quentin: User) -> None:
        draft = start_draft(tool(), by=quentin)
        change_descriptors(draft, Section.VISITS, {Grade.GOOD: "Seen and heard."}, by=quentin)
        with pytest.raises(RuleViolation, match="Visits: the descriptor for Good is empty"):
            change_descriptors(draft, Section.VISITS, {Grade.GOOD: " "}, by=quentin)
        row = GradeDescriptor.objects.get(version=draft, section="visits", grade="good")
        assert row.text == "Seen and heard."

    def test_a_question_is_never_left_without_a_pathway(self, quentin: User) -> None:
        draft = start_draft(tool("cin_cp"), by=quentin)
        change_pathways(draft, [Pathway.CP, Pathway.CIN], by=quentin)
        assert draft.tool.versions.get(number=2).pathways == ["cin", "cp"]
        h5 = Question.objects.get(version=draft, code="H5")
        assert h5.pathways == ["cp"]
        with pytest.raises(RuleViolation, match="H5 is asked on no pathway that would be left"):
            change_pathways(draft, [Pathway.CIN], by=quentin)
        with pytest.raises(RuleViolation, match="Choose one pathway at least"):
            change_pathways(draft, [], by=quentin)


class TestApproval:
    def test_two_people_publish_and_the_one_before_is_superseded(self, quentin: User, priya: User) -> None:
        version = proposed(quentin)
        assert (version.status, version.proposed_by) == (ToolStatus.PROPOSED, quentin)
        publish_version(version, by=priya)
        version.refresh_from_db()
        first = version.tool.versions.get(number=1)
        assert (version.status, version.published_by) == (ToolStatus.PUBLISHED, priya)
        assert ToolInForce.objects.get(pathway="cla").version == version
        assert moves_of(version)[1:] == [
            ("draft", "proposed", quentin, "Plainer words."),
            ("proposed", "published", priya, ""),
        ]
        assert moves_of(first) == [("published", "superseded", priya, "Version 2 followed")]

    def test_approving_twice_is_approving_once(self, quentin: User, priya: User) -> None:
        version = proposed(quentin)
        publish_version(version, by=priya)
        publish_version(version, by=priya)
        assert ToolVersionMove.objects.filter(to_status="published").count() == 1

    def test_nobody_approves_their_own_whatever_roles_they_hold(self, priya: User) -> None:
        both = person("Bo Both", Role.QA_LEAD, Role.PSW)
        version = proposed(both)
        with pytest.raises(RuleViolation, match="never one that they proposed themselves"):
            publish_version(version, by=both)
        with pytest.raises(IntegrityError), transaction.atomic():
            ToolVersion.objects.filter(pk=version.pk).update(
                status="published", published_at=version.proposed_at, published_by=both
            )
        assert publish_version(version, by=priya).published_by == priya

    @pytest.mark.parametrize("who", ["quentin", "asha", "bella", "sid"])
    def test_only_the_psw_approves(self, who: str, quentin: User, request: pytest.FixtureRequest) -> None:
        version = proposed(quentin)
        with pytest.raises(RuleViolation, match="The Principal Social Worker approves"):
            publish_version(version, by=request.getfixturevalue(who))
        version.refresh_from_db()
        assert version.status == ToolStatus.PROPOSED

    def test_a_returned_version_is_a_draft_again(self, quentin: User, priya: User) -> None:
        version = proposed(quentin)
        with pytest.raises(RuleViolation, match="Say what has to change"):
            return_version(version, reason=" ", by=priya)
        return_version(version, reason="V6 says less now.", by=priya)
        version.refresh_from_db()
        assert (version.status, version.proposed_by, version.proposed_at) == (ToolStatus.DRAFT, None, None)
        assert moves_of(version)[-1] == ("proposed", "draft", priya, "V6 says less now.")
        assert propose_version(version, change_note="Better.", by=quentin).status == ToolStatus.PROPOSED

    def test_others_return_nothing(self, quentin: User, asha: User) -> None:
        with pytest.raises(RuleViolation, match="returns a version"):
            return_version(proposed(quentin), reason="No.", by=asha)

    def test_every_move_that_the_table_does_not_have_is_refused(self) -> None:
        for before, after in ((a, b) for a in ToolStatus for b in ToolStatus):
            if after in TOOL_MOVES[before]:
                check_tool_move("It", before, after)
            else:
                with pytest.raises(RuleViolation, match="^It "):
                    check_tool_move("It", before, after)

    def test_a_draft_without_a_note_or_a_change_stays(self, quentin: User) -> None:
        draft = start_draft(tool(), by=quentin)
        with pytest.raises(RuleViolation, match="Say what has changed"):
            propose_version(draft, change_note=" ", by=quentin)
        with pytest.raises(RuleViolation, match="Nothing has changed"):
            propose_version(draft, change_note="None.", by=quentin)

    def test_a_tool_that_is_not_whole_is_not_proposed(self, quentin: User) -> None:
        draft = create_tool(code="front_door", name="Front door", pathways=[Pathway.FRONT_DOOR], by=quentin)
        with pytest.raises(RuleViolation, match="a tool asks one question at least"):
            propose_version(draft, change_note="New.", by=quentin)
        add_question(draft, V6, by=quentin)
        with pytest.raises(RuleViolation, match="Visits: has no descriptor for Outstanding"):
            propose_version(draft, change_note="New.", by=quentin)

    def test_no_pathway_is_left_without_a_tool(self, quentin: User) -> None:
        draft = changed_draft(quentin, "cin_cp")
        change_pathways(draft, [Pathway.CIN, Pathway.CP], by=quentin)
        with pytest.raises(RuleViolation, match="Front door or assessment would have no tool"):
            propose_version(draft, change_note="Without the front door.", by=quentin)

    def test_a_pathway_is_taken_over_only_when_that_is_said(self, quentin: User, priya: User) -> None:
        shared = ToolVersion.objects.get(tool__code="cin_cp")
        draft = create_tool(
            code="front_door", name="Front door", pathways=[Pathway.FRONT_DOOR], copy_of=shared, by=quentin
        )
        assert "H5" not in codes_on(draft, "header")
        propose_version(draft, change_note="A tool of its own.", by=quentin)
        assert proposal_of(draft).taken_over == [(Pathway.FRONT_DOOR, shared)]
        with pytest.raises(RuleViolation, match="Front door or assessment is served by Child in need"):
            publish_version(draft, by=priya)
        publish_version(draft, by=priya, take_over=True)
        assert dict(ToolInForce.objects.values_list("pathway", "version__tool__code")) == {
            "cin": "cin_cp",
            "cp": "cin_cp",
            "cla": "cla",
            "leaving_care": "leaving_care",
            "front_door": "front_door",
        }
        shared.refresh_from_db()
        assert shared.status == ToolStatus.PUBLISHED
        assert start_draft(shared.tool, by=quentin).pathways == ["cin", "cp"]

    def test_a_tool_that_serves_nothing_any_more_is_superseded(self, quentin: User, priya: User) -> None:
        cla = ToolVersion.objects.get(tool__code="cla")
        draft = create_tool(code="ours", name="Ours", pathways=[Pathway.CLA], copy_of=cla, by=quentin)
        propose_version(draft, change_note="Ours.", by=quentin)
        publish_version(draft, by=priya, take_over=True)
        cla.refresh_from_db()
        assert cla.status == ToolStatus.SUPERSEDED
        assert moves_of(cla) == [("published", "superseded", priya, "Ours took over")]
        back = propose_version(start_draft(cla.tool, by=quentin), change_note="Back.", by=quentin)
        publish_version(back, by=priya, take_over=True)
        assert ToolInForce.objects.get(pathway="cla").version == back

    def test_two_drafts_with_one_new_code_are_settled_by_who_comes_first(
        self, quentin: User, priya: User
    ) -> None:
        first, second = changed_draft(quentin), changed_draft(quentin, "leaving_care")
        add_question(first, NEW, by=quentin)
        add_question(second, {**NEW, "kind": "text"}, by=quentin)
        propose_version(first, change_note="New.", by=quentin)
        propose_version(second, change_note="New.", by=quentin)
        publish_version(first, by=priya)
        with pytest.raises(
            RuleViolation, match="V20 is a question of Visits .* in Child looked after, version 2"
        ):
            publish_version(second, by=priya)

    def test_the_database_has_one_published_version_a_tool(self, quentin: User) -> None:
        version = proposed(quentin)
        with pytest.raises(IntegrityError), transaction.atomic():
            ToolVersion.objects.filter(pk=version.pk).update(
                status="published", published_at=version.proposed_at
            )


class TestAudits:
    def test_a_started_audit_keeps_its_version_and_new_ones_take_the_new(
        self, quentin: User, priya: User, asha: User
    ) -> None:
        first = ToolVersion.objects.get(tool__code="cla")

        def started() -> Any:
            return start_audit(AuditFactory(allocation__auditor=asha, pathway="cla"), by=asha)

        before = started()
        second = published(quentin, priya)
        after = started()
        before.refresh_from_db()
        assert (before.tool_version, after.tool_version) == (first, second)
        assert AuditMove.objects.count() == 2

    def test_a_question_is_one_measure_across_its_versions(self, quentin: User, priya: User) -> None:
        published(quentin, priya)
        words = [question.text for question in practice_questions() if question.code == "V6"]
        assert len(words) == 1
        cin_cp = published(quentin, priya, "cin_cp")
        assert [q.text for q in practice_questions() if q.code == "V6"] == [
            Question.objects.get(version=cin_cp, code="V6").text
        ]

    def test_an_answer_to_a_superseded_question_stays(self, quentin: User, priya: User, asha: User) -> None:
        first = ToolVersion.objects.get(tool__code="cla")
        audit = start_audit(AuditFactory(allocation__auditor=asha, pathway="cla"), by=asha)
        question = Question.objects.get(version=first, code="V6")
        Answer.objects.create(audit=audit, question=question, value="yes")
        published(quentin, priya)
        assert Answer.objects.get(question__code="V6").question == question


class TestFiles:
    def test_a_file_with_a_known_code_is_a_new_draft(self, quentin: User) -> None:
        written = write_tool(tool_file_of(ToolVersion.objects.get(tool__code="cla")))
        made = import_tool(read_tool(written.encode()), by=quentin)
        assert (made.tool.code, made.number, made.status) == ("cla", 2, ToolStatus.DRAFT)
        assert write_tool(tool_file_of(made)) == written
        assert moves_of(made) == [("", "draft", quentin, "Imported from a file")]

    def test_a_file_with_a_new_code_is_a_new_tool(self) -> None:
        content = read_tool(
            write_tool(tool_file_of(ToolVersion.objects.get(tool__code="cla")))
            .replace('code = "cla"', 'code = "ours"')
            .encode()
        )
        made = import_tool(content, by=None)
        assert (made.tool.code, made.tool.name, made.number) == ("ours", "Child looked after", 1)
        assert moves_of(made) == [("", "draft", None, "Imported from a file")]

    @pytest.mark.parametrize(
        ("old", "new", "sentence"),
        [
            (
                'name = "Child looked after"',
                'name = "Ours"',
                "name: the tool cla is called Child looked after",
            ),
            ('kind = "practice_count"', 'kind = "text"', "V1: labels numbers|V1 is a question"),
            (
                'code = "V6"\nsection = "visits"',
                'code = "V6"\nsection = "plans"',
                "V6 is a question of Visits",
            ),
        ],
    )
    def test_a_refused_file_changes_nothing(self, old: str, new: str, sentence: str, quentin: User) -> None:
        written = write_tool(tool_file_of(ToolVersion.objects.get(tool__code="cla")))
        assert old in written
        with pytest.raises(RuleViolation, match=sentence):
            import_tool(read_tool(written.replace(old, new).encode()), by=quentin)
        assert (Tool.objects.count(), ToolVersion.objects.count()) == (3, 3)

    def test_a_file_does_not_push_a_draft_aside(self, quentin: User) -> None:
        changed_draft(quentin)
        content = tool_file_of(ToolVersion.objects.get(tool__code="cla", number=1))
        with pytest.raises(RuleViolation, match="A tool has one draft at a time"):
            import_tool(content, by=quentin)

    @pytest.mark.parametrize(
        ("code", "name", "sentence"),
        [
            ("Front Door", "Front door", "A tool's code is small letters"),
            ("new", "Front door", "A tool's code is small letters"),
            ("fd", "", "name is empty"),
            ("cla", "Front door", "The code cla is taken"),
        ],
    )
    def test_a_new_tool_needs_a_code_and_a_name(
        self, code: str, name: str, sentence: str, quentin: User
    ) -> None:
        with pytest.raises(RuleViolation, match=sentence):
            create_tool(code=code, name=name, pathways=[Pathway.CIN], by=quentin)
        with pytest.raises(RuleViolation, match="Choose one pathway at least"):
            create_tool(code="ours", name="Ours", pathways=[], by=quentin)
        assert Tool.objects.count() == 3


class TestTelling:
    def test_the_psw_is_told_and_has_it_under_my_work(self, quentin: User, priya: User) -> None:
        today = date(2026, 11, 25)
        assert tools_to_approve(priya, today) == []
        proposed(quentin)
        (message,) = Message.objects.all()
        assert (message.kind, message.recipient) == ("audits.tool_proposed", priya)
        (item,) = tools_to_approve(priya, today)
        assert (item.title, item.url) == (
            "Approve or return Child looked after, version 2",
            "/setup/tools/cla/2/decide/",
        )
        assert tools_to_approve(quentin, today) == []

    def test_somebody_with_both_roles_is_not_asked_to_approve_their_own(self) -> None:
        both = person("Bo Both", Role.QA_LEAD, Role.PSW)
        proposed(both)
        assert tools_to_approve(both, date(2026, 11, 25)) == []
        assert Message.objects.count() == 0

    def test_the_qa_lead_is_told_each_time(self, quentin: User, priya: User) -> None:
        version = proposed(quentin)
        return_version(version, reason="Less.", by=priya)
        propose_version(version, change_note="Less.", by=quentin)
        publish_version(version, by=priya)
        told = Message.objects.order_by("pk").values_list("kind", "recipient__name", "context__published")
        assert sorted(told, key=str) == sorted(
            [
                ("audits.tool_proposed", priya.name, False),
                ("audits.tool_decided", quentin.name, False),
                ("audits.tool_proposed", priya.name, False),
                ("audits.tool_decided", quentin.name, True),
            ],
            key=str,
        )

    def test_taking_back_tells_nobody(self, quentin: User, priya: User) -> None:
        return_version(proposed(quentin), reason="Taken back to change it", by=quentin)
        assert list(Message.objects.values_list("kind", flat=True)) == ["audits.tool_proposed"]

    @pytest.mark.parametrize("count", [1, 3])
    def test_my_work_costs_the_same_for_one_and_three(
        self, count: int, quentin: User, priya: User, assert_queries: Callable[[int], Any]
    ) -> None:
        for code in ("cla", "cin_cp", "leaving_care")[:count]:
            proposed(quentin, code)
        with assert_queries(2):  # roles, versions
            assert len(tools_to_approve(User.objects.get(pk=priya.pk), date(2026, 11, 25))) == count
