"""The audit's pages as an auditor uses them, and as the wrong person meets them."""

import re
from datetime import date
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from audits.enums import AREAS, AuditStatus, Grade, Section
from audits.models import Answer, Audit, AuditSection, Child, Question
from audits.selectors import asked_of_each_person
from audits.services.audits import start_audit
from audits.services.moves import finalise_audit, propose_reopening
from tests.audits.test_audit_services import VISITS, write_all
from tests.conftest import AssertQueries, ClientFor
from tests.factories.audits import (
    AllocationFactory,
    AuditFactory,
    ChildFactory,
    QuestionFactory,
    started_audit,
    submitted_audit,
)

pytestmark = pytest.mark.django_db

POST = {"grade": "good", "evidence": "Six of six.", "difference": "She talks.", "version": "0"}


def page(audit: Audit, name: str, *args: str) -> str:
    return reverse(f"audits:{name}", args=(audit.allocation.reference, *args))


def text_of(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def test_the_whole_way_from_start_to_submitted(
    time_machine_at: None, asha: User, auditor_client: Client
) -> None:
    """Through the shipped tool: every question of a child in need answered, on every page, to the end."""
    audit = AuditFactory(allocation=AllocationFactory(auditor=asha, reference="CJA-2026-11-001"))
    assert "Start the audit" in auditor_client.get(page(audit, "audit_detail")).text
    auditor_client.post(page(audit, "audit_start"))
    asked = {"on_0": "3", "on_1": "11", "on_2": "2026", "how": "in_person", "token": str(uuid4())}
    auditor_client.post(page(audit, "worker_log"), {**asked, "outcome": "took_part"})
    told = {"on_0": "3", "on_1": "11", "on_2": "2026", "text": "She is reliable.", "version": "0"}
    auditor_client.post(page(audit, "worker_feedback"), told)
    auditor_client.post(page(audit, "family_log"), {**asked, "person": "mother", "outcome": "feedback"})
    auditor_client.post(page(audit, "family_person", "mother"), {"version": "0", "F10__note": "She listens."})
    for section in Section:
        data = full_answers(audit, section)
        response = auditor_client.post(page(audit, "section_edit", section), data)
        assert response.status_code == 302, text_of(response.text)
    response = auditor_client.get(page(audit, "audit_check"))
    assert "Submit the audit" in response.text
    response = auditor_client.post(page(audit, "audit_check"), follow=True)
    assert "You have submitted CJA-2026-11-001. Thank you." in text_of(response.text)
    assert re.search(r"Submitted by Asha Auditor on \d+ \w+ \d{4} at \d\d:\d\d", text_of(response.text))
    audit.refresh_from_db()
    assert audit.status == AuditStatus.SUBMITTED
    questions = Question.objects.filter(version=audit.tool_version_id)
    assert Answer.objects.filter(audit=audit).count() == sum(
        question.is_asked(audit.pathway, audit.age, audit.disability)
        and question not in asked_of_each_person(questions)
        for question in questions
    )


def full_answers(audit: Audit, section: Section) -> dict[str, object]:
    audit.refresh_from_db()
    version = AuditSection.objects.get(audit=audit, section=section).version
    data: dict[str, object] = {"version": str(version), "state": "completed"}
    if section in (*AREAS, Section.OVERALL):
        data |= POST
    for question in Question.objects.filter(version=audit.tool_version_id, section=section):
        choices = question.asked.choices
        match question.kind:
            case "practice_count":
                answer: dict[str, object] = {"": "yes", "__counted": "5", "__counted_of": "5"}
            case "practice_letters":
                answer = {"": "yes", "__selected": [value for value, _ in choices]}
            case "practice":
                answer = {"": "yes"}
            case "choice":
                answer = {"": "no" if question.code == "W5" else choices[0][0]}
            case "choices":
                answer = {"__selected": [choices[0][0]]}
            case "number":
                answer = {"__counted": "3"}
            case "date":
                answer = {"__dated_on_0": "3", "__dated_on_1": "11", "__dated_on_2": "2026"}
            case _:
                answer = {}
        data |= {f"{question.code}{part}": value for part, value in answer.items()}
        data.setdefault(f"{question.code}__note", "In her own words.")
    return data


def test_a_draft_saves_with_blanks_and_the_next_page_opens(asha: User, auditor_client: Client) -> None:
    audit = started_audit(asha)
    response = auditor_client.post(
        page(audit, "section_edit", "visits"), {"version": "0", "evidence": "Half a"}
    )
    assert response.url == page(audit, "section_edit", "assessments")
    assert AuditSection.objects.get(audit=audit, section="visits").evidence == "Half a"
    response = auditor_client.post(page(audit, "section_edit", "plans"), {"version": "0", "later": "yes"})
    assert response.url == page(audit, "audit_detail")


def test_called_complete_too_early_the_page_says_what_is_missing_and_keeps_everything(
    asha: User, auditor_client: Client
) -> None:
    QuestionFactory()
    audit = started_audit(asha)
    url = page(audit, "section_edit", "visits")
    response = auditor_client.post(url, {**POST, "difference": "", "state": "completed"})
    seen = text_of(response.text)
    assert "Error: Visits" in response.text
    assert "Answer V4: Was the child seen alone?" in seen
    assert "Write what is different for this child because of this work" in seen
    assert "Your answers are saved as a draft" in seen
    assert "Six of six." in response.text
    complete = {**POST, "V4": "yes", "state": "completed", "version": "1"}
    assert auditor_client.post(url, complete).url == page(audit, "section_edit", "assessments")
    assert AuditSection.objects.get(audit=audit, section="visits").is_complete


def test_a_number_that_cannot_be_keeps_what_was_typed(asha: User, auditor_client: Client) -> None:
    QuestionFactory(code="V1", kind="practice_count", options={"count_labels": ["Made on time", "Due"]})
    audit = started_audit(asha)
    response = auditor_client.post(
        page(audit, "section_edit", "visits"),
        {**POST, "V1": "yes", "V1__counted": "7", "V1__counted_of": "5"},
    )
    assert "V1: 7 is more than the 5 there were" in text_of(response.text)
    assert "Six of six." in response.text
    assert not Answer.objects.exists()


def test_a_stale_tab_gets_both_texts_and_may_then_save_its_own(asha: User, auditor_client: Client) -> None:
    audit = started_audit(asha)
    url = page(audit, "section_edit", "visits")
    auditor_client.post(url, POST)
    response = auditor_client.post(url, {**POST, "evidence": "Five of six.", "grade": "requires_improvement"})
    assert response.status_code == 409
    seen = text_of(response.text)
    assert "Evidence for the grade Saved Six of six. Typed by you now Five of six." in seen
    assert "Grade Saved Good Typed by you now Requires improvement" in seen
    version = re.search(r'name="version" value="(\d+)"', response.text)
    assert version is not None
    again = auditor_client.post(
        url, {**POST, "evidence": "Five of six.", "grade": "requires_improvement", "version": version[1]}
    )
    assert again.status_code == 302
    assert AuditSection.objects.get(audit=audit, section="visits").evidence == "Five of six."


@pytest.mark.parametrize("version", ["", "x", "-3", "9" * 20, "9" * 5_000])
def test_a_version_that_is_none_is_a_stale_tab_and_never_an_error(
    version: str, asha: User, auditor_client: Client
) -> None:
    audit = started_audit(asha)
    url = page(audit, "section_edit", "visits")
    auditor_client.post(url, POST)
    response = auditor_client.post(url, {**POST, "evidence": "Other.", "version": version})
    assert response.status_code == 409
    assert AuditSection.objects.get(audit=audit, section="visits").evidence == "Six of six."


def test_a_tab_left_open_over_the_submission_keeps_its_text_on_the_page(
    asha: User, auditor_client: Client
) -> None:
    audit = started_audit(asha)
    write_all(audit, asha)
    auditor_client.post(page(audit, "audit_check"))
    response = auditor_client.post(
        page(audit, "section_edit", "visits"), {**POST, "evidence": "A late thought.", "version": "1"}
    )
    assert response.status_code == 409
    assert "This audit was submitted and can only be read." in text_of(response.text)
    assert "A late thought." in response.text
    assert AuditSection.objects.get(audit=audit, section="visits").evidence == VISITS.evidence


def test_text_of_twenty_thousand_words_saves(asha: User, auditor_client: Client) -> None:
    audit = started_audit(asha)
    words = "perspicacity\r\n" * 14_000
    auditor_client.post(page(audit, "section_edit", "visits"), {**POST, "evidence": words})
    assert AuditSection.objects.get(audit=audit, section="visits").evidence == words.replace("\r\n", "\n")


@pytest.mark.parametrize("hostile", ["\x00", "<script>alert(1)</script>", "{{ 7|add:7 }}", "￾", "💚" * 300])
def test_hostile_text_is_kept_or_refused_and_never_run(
    hostile: str, asha: User, auditor_client: Client
) -> None:
    audit = started_audit(asha)
    url = page(audit, "section_edit", "visits")
    response = auditor_client.post(url, {**POST, "evidence": hostile, "V4": hostile, "grade": hostile})
    assert response.status_code in {200, 302}
    shown = auditor_client.get(url).text
    assert "<script>alert" not in shown
    assert "14" not in AuditSection.objects.get(audit=audit, section="visits").evidence


def test_an_unfinished_audit_says_what_to_complete_and_cannot_be_submitted(
    asha: User, auditor_client: Client
) -> None:
    audit = started_audit(asha)
    write_all(audit, asha)
    AuditSection.objects.filter(audit=audit, section="plans").update(is_complete=False)
    seen = text_of(auditor_client.get(page(audit, "audit_check")).text)
    assert "You cannot submit yet" in seen
    assert "Complete Plans and planning" in seen
    assert "Submit the audit" not in seen
    response = auditor_client.post(page(audit, "audit_check"))
    assert response.status_code == 409
    assert "Not submitted yet. Complete Plans and planning. Your answers are saved." in text_of(response.text)


def test_a_submitted_audit_has_no_way_to_change_it(asha: User, auditor_client: Client) -> None:
    audit = submitted_audit(by=asha)
    assert auditor_client.get(page(audit, "section_edit", "visits")).url == page(audit, "audit_detail")
    assert auditor_client.get(page(audit, "audit_check")).url == page(audit, "audit_detail")
    shown = auditor_client.get(page(audit, "audit_detail")).text
    main = shown[shown.index("<main") : shown.index("</main>")]
    assert "<form" not in main
    assert "Change" not in text_of(main)


PAGES = [("audit_detail", ()), ("audit_check", ()), ("section_edit", ("visits",))]


@pytest.mark.parametrize("who", ["quentin", "priya", "meera", "sanjay", "bella", "sid", "stella"])
def test_a_draft_is_its_auditors_alone(
    who: str, asha: User, client_for: ClientFor, request: pytest.FixtureRequest
) -> None:
    audit = started_audit(asha)
    client = client_for(request.getfixturevalue(who))
    assert [client.get(page(audit, name, *args)).status_code for name, args in PAGES] == [404, 404, 404]
    assert client.post(page(audit, "audit_start")).status_code == 404
    assert client.post(page(audit, "audit_check")).status_code == 404
    assert client.post(page(audit, "section_edit", "visits"), POST).status_code == 404
    assert audit.allocation.reference not in client.get(reverse("audits:audit_list")).text


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("asha", 200),
        ("quentin", 200),
        ("priya", 200),
        ("meera", 404),
        ("sanjay", 404),
        ("bella", 404),
        ("stella", 404),
    ],
)
def test_a_submitted_audit_is_read_by_its_auditor_the_qa_lead_and_the_psw(
    who: str, status: int, asha: User, client_for: ClientFor, request: pytest.FixtureRequest
) -> None:
    audit = submitted_audit(by=asha)
    client = client_for(request.getfixturevalue(who))
    assert client.get(page(audit, "audit_detail")).status_code == status
    listed = audit.allocation.reference in client.get(reverse("audits:audit_list")).text
    assert listed == (status == 200)


def test_a_submitted_audit_is_never_called_late(asha: User, qa_client: Client) -> None:
    due_on = date(2025, 11, 28)
    audit = submitted_audit(by=asha, allocation={"due_on": due_on, "first_due_on": due_on})
    seen = text_of(qa_client.get(page(audit, "audit_detail")).text)
    assert "Deadline 28 November 2025 About the child" in seen


def test_the_reader_of_a_submitted_audit_cannot_write_it(asha: User, qa_client: Client) -> None:
    audit = submitted_audit(by=asha)
    response = qa_client.post(page(audit, "section_edit", "visits"), {**POST, "version": "1"})
    assert response.status_code == 404
    assert AuditSection.objects.get(audit=audit, section="visits").evidence != POST["evidence"]


def test_an_audit_that_does_not_exist_answers_as_one_that_may_not_be_seen(
    asha: User, stranger_client: Client
) -> None:
    hidden = stranger_client.get(page(started_audit(asha), "audit_detail"))
    missing = stranger_client.get(reverse("audits:audit_detail", args=("CJA-1999-01-001",)))
    assert (hidden.status_code, text_of(hidden.text)) == (missing.status_code, text_of(missing.text))


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_costs_the_same_for_one_audit_and_for_three(
    rows: int, asha: User, auditor_client: Client, assert_queries: AssertQueries
) -> None:
    for number in range(rows):
        submitted_audit(by=asha, month=date(2026, 9 + number, 1))
    with assert_queries(4):  # roles, counts, page count, page
        auditor_client.get(reverse("audits:audit_list"))


@pytest.mark.parametrize("rows", [1, 3])
def test_my_work_costs_the_same_for_one_audit_and_for_three(
    rows: int, asha: User, auditor_client: Client, assert_queries: AssertQueries
) -> None:
    for number in range(rows):
        started_audit(asha)
        submitted_audit(by=asha, month=date(2026, 9 + number, 1))
    # roles, closures, owed, pages, others, concerns, 4 of moderation, actions, finished audits and other kinds
    with assert_queries(13):
        auditor_client.get(reverse("my_work"))


def test_reading_an_audit_keeps_to_its_budget(
    asha: User, auditor_client: Client, assert_queries: AssertQueries
) -> None:
    audit = AuditFactory(allocation=AllocationFactory(auditor=asha), feedback_by_person=False)
    start_audit(audit, by=asha)
    write_all(audit, asha)
    Audit.objects.update(status=AuditStatus.SUBMITTED, submitted_at="2026-11-20T12:00Z")
    with assert_queries(
        9
    ):  # roles, audit, answers, pages, logs of worker and family, family, actions, re-audit
        auditor_client.get(page(audit, "audit_detail"))


def test_reading_a_final_audit_keeps_to_its_budget(
    asha: User, quentin: User, qa_client: Client, assert_queries: AssertQueries
) -> None:
    audit = submitted_audit(by=asha)
    finalise_audit(audit, grades={}, by=quentin)
    propose_reopening(audit, by=quentin, reason="The school wrote.")
    with assert_queries(11):  # those eight, the last move, and who read it
        read = qa_client.get(page(audit, "audit_detail"))
    assert "The school wrote." in text_of(read.text)


def test_saving_a_page_keeps_to_its_budget(
    asha: User, auditor_client: Client, assert_queries: AssertQueries
) -> None:
    QuestionFactory()
    audit = started_audit(asha)
    url = page(audit, "section_edit", "visits")
    with assert_queries(11):
        auditor_client.post(url, {**POST, "V4": "yes"})


def test_submitting_keeps_to_its_budget(
    asha: User, auditor_client: Client, assert_queries: AssertQueries
) -> None:
    audit = started_audit(asha)
    write_all(audit, asha)
    with assert_queries(21):  # 12 for the audit, 2 for moderation, 7 for what follows: findings and hand-off
        auditor_client.post(page(audit, "audit_check"))


def test_the_list_is_called_by_what_it_holds(auditor_client: Client, qa_client: Client) -> None:
    url = reverse("audits:audit_list")
    assert re.findall(
        r"<h1[^>]*>\s*(?:<span.*?</span>)?\s*(.*?)\s*</h1>", auditor_client.get(url).text, re.DOTALL
    ) == ["Your audits"]
    assert "Every submitted audit, and your own." in text_of(qa_client.get(url).text)


def test_my_work_says_what_is_owed_and_what_was_finished(
    time_machine_at: None, asha: User, auditor_client: Client
) -> None:
    late = AllocationFactory(
        auditor=asha, reference="CJA-2026-10-007", due_on=date(2026, 10, 30), first_due_on=date(2026, 10, 30)
    )
    AuditFactory(allocation=late)
    AuditFactory(allocation=AllocationFactory(auditor=asha, reference="CJA-2026-11-014"))
    seen = text_of(auditor_client.get(reverse("my_work")).text)
    assert seen.index("CJA-2026-10-007") < seen.index("CJA-2026-11-014")
    assert "Late: was due Friday 30 October, 18 working days late" in seen
    assert "due Monday 30 November, in 3 working days" in seen


def test_a_childs_name_is_nowhere_because_it_is_held_nowhere() -> None:
    assert {field.name for field in Child._meta.get_fields()}.isdisjoint(
        {"name", "first_name", "surname", "address", "postcode", "birth_day", "date_of_birth"}
    )
    assert ChildFactory(reference="5694372").age_on(date(2026, 11, 21)) == 11


def test_grades_are_in_order_of_severity_and_none_is_chosen(asha: User, auditor_client: Client) -> None:
    shown = auditor_client.get(page(started_audit(asha), "section_edit", "visits")).text
    values = re.findall(r'name="grade"[^>]*value="(\w+)"', shown) or re.findall(
        r'value="(\w+)"[^>]*name="grade"', shown
    )
    assert values == [grade.value for grade in Grade]
    assert "checked" not in shown


def test_saving_the_same_page_twice_by_double_click_is_no_conflict(
    asha: User, auditor_client: Client
) -> None:
    audit = started_audit(asha)
    url = page(audit, "section_edit", "visits")
    assert [auditor_client.post(url, POST).status_code for _ in range(2)] == [302, 302]
    assert AuditSection.objects.get(audit=audit, section="visits").version == 1


def test_the_page_of_an_audit_not_yet_started_sends_nobody_astray(asha: User, auditor_client: Client) -> None:
    audit = AuditFactory(allocation=AllocationFactory(auditor=asha))
    assert auditor_client.get(page(audit, "section_edit", "visits")).url == page(audit, "audit_detail")
    assert auditor_client.get(page(started_audit(asha), "section_edit", "nonsense")).status_code == 404
