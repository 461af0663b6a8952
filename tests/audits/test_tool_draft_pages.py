"""The pages on which a tool is changed, approved, previewed, and taken out and in as a file."""

import html
import json
import re
from io import StringIO
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from accounts.enums import Role
from accounts.models import User
from audits.asks import AGE_LIMITS
from audits.enums import Pathway, QuestionKind, ToolStatus
from audits.models import AuditSection, GradeDescriptor, Question, Tool, ToolInForce, ToolVersion
from audits.services.tool_approval import propose_version
from audits.services.tool_drafts import create_tool, remove_question, start_draft
from audits.tool_facts import tool_file_of, tool_question_of
from audits.tool_files import KNOWN_KEYS, question_of, read_tools
from audits.tool_forms import ASKED_HERE, QuestionForm, initial_of
from audits.tool_toml import write_tool
from tests.conftest import AssertQueries, ClientFor
from tests.factories.accounts import person

pytestmark = pytest.mark.django_db


def text_of(page: str) -> str:
    return html.unescape(" ".join(re.sub(r"<[^>]+>", " ", page).split()))


def at(name: str, *more: str, code: str = "cla", number: int = 2) -> str:
    return reverse(f"tools:{name}", args=(code, number, *more))


@pytest.fixture
def draft(quentin: User) -> ToolVersion:
    return start_draft(Tool.objects.get(code="cla"), by=quentin)


@pytest.fixture
def proposal(draft: ToolVersion, quentin: User) -> ToolVersion:
    remove_question(draft, "V6", by=quentin)
    return propose_version(draft, change_note="Shorter.", by=quentin)


def codes_on(version: ToolVersion, section: str = "visits") -> list[str]:
    return list(Question.objects.filter(version=version, section=section).values_list("code", flat=True))


NEW_QUESTION = {
    "code": "V20",
    "text": "Was the home warm?",
    "help": "Look at the record.",
    "kind": "choice",
    "choices": "yes: Yes, it was\nno: No",
    "note_label": "Why not?",
    "note_required_for": "no",
    "required": "on",
}


def test_the_whole_way_from_a_copy_to_a_published_version(qa_client: Client, psw_client: Client) -> None:
    start = qa_client.post(reverse("tools:draft_start", args=["cla"]))
    assert start["Location"] == at("draft_edit")
    assert qa_client.post(at("question_add", "visits"), NEW_QUESTION)["Location"] == at(
        "draft_section", "visits"
    )
    qa_client.post(at("question_move", "V20"), {"direction": "up"})
    draft = ToolVersion.objects.get(number=2)
    assert codes_on(draft)[-2:] == ["V20", "V13"]
    sent = qa_client.post(at("draft_propose"), {"change_note": "The home matters."})
    assert sent["Location"] == at("tool_version_detail")
    page = text_of(psw_client.get(at("version_decide")).text)
    assert "Added: V20 Was the home warm?" in page
    assert "The home matters." in page
    decided = psw_client.post(at("version_decide"), {"decision": "approve"}, follow=True)
    assert "Child looked after, version 2 is published." in text_of(decided.text)
    assert ToolInForce.objects.get(pathway="cla").version == draft


def test_a_refused_question_keeps_what_was_typed(qa_client: Client, draft: ToolVersion) -> None:
    page = qa_client.post(at("question_add", "visits"), {**NEW_QUESTION, "choices": ""})
    assert page.status_code == 200
    assert "V20: has no choices" in text_of(page.text)
    assert 'value="Was the home warm?"' in page.text
    assert "V20" not in codes_on(draft)


def test_a_refused_code_is_told_and_nothing_is_lost(qa_client: Client, draft: ToolVersion) -> None:
    page = qa_client.post(at("question_add", "plans"), {**NEW_QUESTION, "code": "V14", "kind": "text"})
    assert "V14" in text_of(page.text)
    assert 'value="Was the home warm?"' in page.text
    assert codes_on(draft, "plans")[-1] == "P15"


@pytest.mark.parametrize("code", [tool.code for tool in read_tools()])
def test_saving_a_question_unchanged_changes_nothing(code: str, qa_client: Client, quentin: User) -> None:
    """The form holds all of each shipped question."""
    version = start_draft(Tool.objects.get(code=code), by=quentin)
    for row in Question.objects.filter(version=version):
        saved = tool_question_of(row)
        initial = {
            key: value
            for key, value in initial_of(saved).items()
            if value not in (False, "", None) or value == 0
        }
        form = QuestionForm(initial, version=version, section=row.section, saved=saved)
        assert form.is_valid(), (row.code, form.errors)
        assert question_of(form.row()) == saved


def test_the_page_asks_for_everything_that_a_file_may_say_of_a_question() -> None:
    assert set(ASKED_HERE) == set(KNOWN_KEYS) - {"code", "section"}
    assert set(QuestionForm.base_fields) >= {"choices_only", *AGE_LIMITS} | set(ASKED_HERE) - {
        "ages",
        "count_labels",
    }


def test_whom_a_choice_is_offered_to_is_said_on_the_page(qa_client: Client, draft: ToolVersion) -> None:
    page = qa_client.get(at("question_edit", "H1"))
    saved = page.context["form"].initial
    assert saved["choices_only"].splitlines()[0] == "plo: cin, cp, cla, front_door"
    given = {key: value for key, value in saved.items() if value not in (False, None)}
    given["choices_only"] = "unborn: cin, up to age -1\nehcp: from age 5"
    assert qa_client.post(at("question_edit", "H1"), given).status_code == 302
    row = Question.objects.get(version=draft, code="H1")
    assert row.options["choices_only"] == {
        "unborn": {"pathways": ["cin"], "max_age": -1},
        "ehcp": {"min_age": 5},
    }
    assert "Offered to some only: Unborn: Child in need; only before birth" in text_of(
        qa_client.get(at("draft_section", "header")).text
    )


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("moon: cla", "“moon” is none of the choices above"),
        ("plo: mars", "Line 1: “mars” is no pathway and no age. Write it like cla, or from age 16"),
        ("plo: from age 99", "H1: says wrongly to whom a choice is offered"),
    ],
)
def test_an_offer_that_cannot_be_is_refused_and_kept(
    typed: str, sentence: str, qa_client: Client, draft: ToolVersion
) -> None:
    saved = qa_client.get(at("question_edit", "H1")).context["form"].initial
    given = {key: value for key, value in saved.items() if value not in (False, None)}
    page = qa_client.post(at("question_edit", "H1"), {**given, "choices_only": typed})
    assert page.status_code == 200
    assert page.context["form"].errors == {"choices_only": [sentence]}
    assert typed in page.text


def test_a_question_is_changed_on_its_page(qa_client: Client, draft: ToolVersion) -> None:
    page = qa_client.get(at("question_edit", "V6"))
    assert 'name="code"' not in page.text
    given = {"text": "Was it plain?", "help": "", "kind": "practice", "code": "V99"}
    assert qa_client.post(at("question_edit", "V6"), given)["Location"] == at("draft_section", "visits")
    saved = Question.objects.get(version=draft, code="V6")
    assert (saved.text, saved.help, saved.kind) == ("Was it plain?", "", QuestionKind.PRACTICE)


def test_removing_says_which_measures_miss_it(qa_client: Client, draft: ToolVersion) -> None:
    page = text_of(qa_client.get(at("question_remove", "W1")).text)
    assert "the share of audits in which the social worker took part" in page
    assert "W1" in codes_on(draft, "process")
    qa_client.post(at("question_remove", "W1"))
    assert "W1" not in codes_on(draft, "process")


def test_measures_are_not_lost_without_a_tick(qa_client: Client, draft: ToolVersion, quentin: User) -> None:
    remove_question(draft, "V6", by=quentin)
    page = qa_client.post(at("draft_propose"), {"change_note": "Shorter."})
    assert "Tick “Those measures may lose their question”" in text_of(page.text)
    assert "Shorter." in page.text
    draft.refresh_from_db()
    assert draft.status == ToolStatus.DRAFT
    qa_client.post(at("draft_propose"), {"change_note": "Shorter.", "losses_meant": "on"})
    draft.refresh_from_db()
    assert draft.status == ToolStatus.PROPOSED


def test_descriptors_and_pathways_have_their_pages(qa_client: Client, draft: ToolVersion) -> None:
    texts = {"outstanding": "A", "good": "B", "requires_improvement": "C", "inadequate": ""}
    page = qa_client.post(at("draft_descriptors", "visits"), texts)
    assert "Enter inadequate" in text_of(page.text)
    assert qa_client.post(at("draft_descriptors", "visits"), {**texts, "inadequate": "D"}).status_code == 302
    assert dict(draft.descriptors.filter(section="visits").values_list("grade", "text"))["inadequate"] == "D"
    assert qa_client.get(at("draft_descriptors", "header")).status_code == 404
    assert qa_client.get(at("draft_section", "moon")).status_code == 404
    page = qa_client.post(at("draft_pathways"), {"pathways": ["cin"]})
    assert "V5 is asked on no pathway that would be left" not in text_of(page.text)
    assert qa_client.post(at("draft_pathways"), {"pathways": ["cla", "leaving_care"]}).status_code == 302
    draft.refresh_from_db()
    assert draft.pathways == ["cla", "leaving_care"]


def test_a_version_that_is_no_draft_says_why_on_its_pages(qa_client: Client, proposal: ToolVersion) -> None:
    for url in (at("draft_edit"), at("question_add", "visits"), at("draft_edit", number=1)):
        response = qa_client.get(url)
        assert response.status_code == 409
    assert "waits for approval and cannot be changed" in text_of(qa_client.get(at("draft_edit")).text)
    assert "is published and never changes" in text_of(qa_client.get(at("draft_edit", number=1)).text)


def test_the_psw_returns_it_with_a_reason(psw_client: Client, proposal: ToolVersion) -> None:
    page = psw_client.post(at("version_decide"), {"decision": "return", "reason": ""})
    assert "Say what has to change, for the QA lead." in text_of(page.text)
    psw_client.post(at("version_decide"), {"decision": "return", "reason": "Keep V6."})
    proposal.refresh_from_db()
    assert proposal.status == ToolStatus.DRAFT
    assert "Keep V6." in text_of(psw_client.get(at("tool_version_detail")).text)


def test_the_qa_lead_takes_it_back(qa_client: Client, proposal: ToolVersion) -> None:
    assert "Take it back to change it" in qa_client.get(at("tool_version_detail")).text
    assert qa_client.post(at("version_take_back"))["Location"] == at("draft_edit")


def test_who_proposed_it_does_not_find_the_page_that_decides(client_for: ClientFor) -> None:
    both = person("Bo Both", Role.QA_LEAD, Role.PSW)
    draft = remove_question(start_draft(Tool.objects.get(code="cla"), by=both), "V6", by=both)
    propose_version(draft, change_note="Shorter.", by=both)
    client = client_for(both)
    assert client.get(at("version_decide")).status_code == 404
    assert "Approve or return" not in client.get(at("tool_version_detail")).text


def test_taking_a_pathway_over_needs_a_tick(psw_client: Client, quentin: User) -> None:
    shared = ToolVersion.objects.get(tool__code="cin_cp")
    made = create_tool(
        code="front_door", name="Front door", pathways=[Pathway.FRONT_DOOR], copy_of=shared, by=quentin
    )
    propose_version(made, change_note="Our own.", by=quentin)
    url = at("version_decide", code="front_door", number=1)
    page = psw_client.post(url, {"decision": "approve"})
    assert "Front door or assessment is served by Child in need and child protection" in text_of(page.text)
    assert ToolInForce.objects.get(pathway="front_door").version == shared
    assert psw_client.post(url, {"decision": "approve", "take_over": "on"}).status_code == 302
    assert ToolInForce.objects.get(pathway="front_door").version == made


def test_a_new_tool_is_made_on_its_page(qa_client: Client) -> None:
    given = {"name": "Front door", "code": "cla", "pathways": ["front_door"], "copy_of": ""}
    page = qa_client.post(reverse("tools:tool_new"), given)
    assert "The code cla is taken" in text_of(page.text)
    made = qa_client.post(reverse("tools:tool_new"), {**given, "code": "front_door"})
    assert made["Location"] == at("draft_edit", code="front_door", number=1)
    version = ToolVersion.objects.get(tool__code="front_door")
    assert (version.pathways, version.questions.count()) == (["front_door"], 0)


def test_a_discarded_draft_is_read_only(qa_client: Client, draft: ToolVersion) -> None:
    assert "Discard the draft" in qa_client.get(at("draft_discard")).text
    assert qa_client.post(at("draft_discard"))["Location"] == at("tool_version_detail")
    draft.refresh_from_db()
    assert draft.status == ToolStatus.DISCARDED
    assert "Start a new version" in qa_client.get(at("tool_version_detail")).text


class TestPreview:
    def test_it_is_the_page_of_the_pathway_and_cannot_be_saved(self, psw_client: Client) -> None:
        front_door = psw_client.get(at("tool_preview", "front_door", "visits", code="cin_cp", number=1)).text
        child_protection = psw_client.get(at("tool_preview", "cp", "visits", code="cin_cp", number=1)).text
        assert ('name="V5"' in front_door, 'name="V5"' in child_protection) == (False, True)
        main = child_protection[child_protection.index("<main") : child_protection.index("</main>")]
        assert re.findall(r"<form|type=\"submit\"|name=\"state\"|name=\"version\"", main) == []
        assert 'name="grade"' in main
        posted = psw_client.post(at("tool_preview", "cp", "visits", code="cin_cp", number=1), {"V5": "yes"})
        assert posted.status_code == 405
        assert AuditSection.objects.count() == 0

    def test_it_offers_the_choices_of_the_pathway_and_says_at_which_ages_a_question_is_asked(
        self, qa_client: Client
    ) -> None:
        header = qa_client.get(at("tool_preview", "cla", "header", number=1)).text
        offered = ("placed_with_parents", "unborn")
        assert [f'value="{choice}"' in header for choice in offered] == [True, False]
        plans = text_of(qa_client.get(at("tool_preview", "cla", "plans", number=1)).text)
        assert "Asked at ages: from 16." in plans

    def test_what_logs_answer_is_told_apart_from_what_is_asked(self, qa_client: Client) -> None:
        page = qa_client.get(at("tool_preview", "cla", "feedback", number=1))
        assert set(page.context["form"].questions) == {f"F{number}" for number in range(3, 11)}
        feedback = text_of(page.text)
        assert "The log answers: F1. Whom did you try" in feedback
        assert "F2. Who gave feedback?" in feedback
        process = text_of(qa_client.get(at("tool_preview", "cla", "process", number=1)).text)
        assert (
            "The log of how the social worker was involved says here what to answer to W1 and W3." in process
        )
        visits = text_of(qa_client.get(at("tool_preview", "cla", "visits", number=1)).text)
        assert "Where the dates of the file were entered, they propose the answer to V1." in visits

    def test_every_page_of_every_pathway_is_shown(self, qa_client: Client) -> None:
        for row in ToolInForce.objects.select_related("version__tool"):
            for section in ("header", "feedback", "process", "overall"):
                url = at("tool_preview", row.pathway, section, code=row.version.tool.code, number=1)
                assert qa_client.get(url).status_code == 200

    def test_what_it_does_not_have_is_not_found(self, qa_client: Client) -> None:
        for pathway, section in (("cin", "visits"), ("cla", "moon"), ("moon", "visits")):
            assert qa_client.get(at("tool_preview", pathway, section, number=1)).status_code == 404


class TestFiles:
    def upload(self, client: Client, content: bytes) -> str:
        file = SimpleUploadedFile("tool.toml", content)
        response = client.post(reverse("tools:tool_import"), {"file": file}, follow=True)
        assert response.status_code == 200
        return text_of(response.text)

    def test_what_is_exported_comes_in_again_as_it_was(self, qa_client: Client) -> None:
        exported = qa_client.get(at("tool_export", number=1))
        assert exported["Content-Disposition"] == 'attachment; filename="cla-version-1.toml"'
        page = self.upload(qa_client, exported.content)
        assert "Child looked after, version 2 is a draft." in page
        assert qa_client.get(at("tool_export")).content == exported.content
        self.upload(qa_client, exported.content)
        assert ToolVersion.objects.filter(tool__code="cla").count() == 2

    @pytest.mark.parametrize(
        ("content", "sentence"),
        [
            (b"", "The file is empty"),
            (b"\x00\xff\xfe", "The file is not text"),
            (b"x" * 600_000, "The file is larger than 500 kB"),
            (b"a = " + b"[" * 50_000, "nested too deeply"),
            (b'<script>alert("1")</script>', "The file is not TOML"),
            (b"code = 1", "code is not a text"),
        ],
    )
    def test_a_hostile_file_gets_a_sentence(self, content: bytes, sentence: str, qa_client: Client) -> None:
        assert sentence in self.upload(qa_client, content)
        assert ToolVersion.objects.count() == 3

    def test_no_file_is_asked_for(self, qa_client: Client) -> None:
        assert "Select audit tool" in text_of(qa_client.post(reverse("tools:tool_import"), {}).text)

    def test_the_commands_do_the_same(self, tmp_path: Path) -> None:
        file, out = tmp_path / "cla.toml", StringIO()
        call_command("export_tool", "cla", out=file, stderr=StringIO())
        call_command("export_tool", "cla", "--number", "1", stdout=out)
        assert file.read_text() == out.getvalue()
        printed = StringIO()
        call_command("import_tool", file, "--dry-run", "--json", stdout=printed)
        assert json.loads(printed.getvalue()) == {
            "tool": "cla",
            "number": 2,
            "questions": 99,
            "dry_run": True,
        }
        assert ToolVersion.objects.count() == 3
        for _ in range(2):
            call_command("import_tool", file, stdout=StringIO())
        assert ToolVersion.objects.filter(tool__code="cla").count() == 2

    def test_the_commands_refuse_in_a_sentence(self, tmp_path: Path) -> None:
        with pytest.raises(CommandError, match="cannot be read: No such file or directory"):
            call_command("import_tool", tmp_path / "none.toml")
        (tmp_path / "empty.toml").write_bytes(b"")
        with pytest.raises(CommandError, match="The file is empty"):
            call_command("import_tool", tmp_path / "empty.toml")
        with pytest.raises(CommandError, match="There is no such version"):
            call_command("export_tool", "cla", "--number", "9")
        with pytest.raises(CommandError, match="cannot be written"):
            call_command("export_tool", "cla", "--out", tmp_path)


def test_of_two_who_change_a_question_the_second_sees_both_texts(
    qa_client: Client, draft: ToolVersion
) -> None:
    url = at("question_edit", "V6")
    opened = qa_client.get(url).context["form"]
    typed = {name: value for name, value in opened.initial.items() if value not in (None, False)}
    assert qa_client.post(url, {**typed, "text": "Was it planned?"}).status_code == 302
    response = qa_client.post(url, {**typed, "text": "Was it useful?"})
    assert response.status_code == 409
    assert "Saved Was it planned? Typed by you now Was it useful?" in text_of(response.text)
    assert Question.objects.get(version=draft, code="V6").text == "Was it planned?"
    again = {**typed, "text": "Was it useful?", "opened": response.context["form"]["opened"].value()}
    assert qa_client.post(url, again).status_code == 302
    assert Question.objects.get(version=draft, code="V6").text == "Was it useful?"
    assert qa_client.post(url, again).status_code == 302  # a double click says the same


def test_of_two_who_describe_a_grade_the_second_sees_both_texts(
    qa_client: Client, draft: ToolVersion
) -> None:
    url = at("draft_descriptors", "visits")
    typed = dict(qa_client.get(url).context["form"].initial)
    assert qa_client.post(url, {**typed, "good": "All in time."}).status_code == 302
    response = qa_client.post(url, {**typed, "good": "Mostly in time."})
    assert response.status_code == 409
    assert "Saved All in time. Typed by you now Mostly in time." in text_of(response.text)
    saved = GradeDescriptor.objects.get(version=draft, section="visits", grade="good")
    assert saved.text == "All in time."
    again = {**typed, "good": "Mostly in time.", "opened": response.context["form"]["opened"].value()}
    assert qa_client.post(url, again).status_code == 302


def test_words_of_a_file_are_shown_as_words(qa_client: Client, draft: ToolVersion) -> None:
    Question.objects.filter(version=draft, code="V6").update(text="<b>{{ settings }}</b>?")
    for url in (at("draft_section", "visits"), at("tool_changes"), at("tool_version_detail")):
        page = qa_client.get(url).text
        assert "&lt;b&gt;{{ settings }}&lt;/b&gt;?" in page
        assert "<b>{{" not in page


@pytest.mark.parametrize("code", ["cla", "leaving_care"])
def test_pages_cost_the_same_whatever_the_length(
    code: str, qa_client: Client, quentin: User, assert_queries: AssertQueries
) -> None:
    start_draft(Tool.objects.get(code=code), by=quentin)
    with assert_queries(4):  # roles, version, questions, descriptors
        qa_client.get(at("draft_edit", code=code))
    with assert_queries(4):
        qa_client.get(at("draft_section", "visits", code=code))
    with assert_queries(8):  # roles, version, in force, the one before, and two for each of the two compared
        qa_client.get(at("tool_changes", code=code))


def test_export_holds_what_the_database_holds(qa_client: Client, draft: ToolVersion) -> None:
    assert qa_client.get(at("tool_export")).content.decode() == write_tool(tool_file_of(draft))
