"""Saving while somebody writes: what the script is told, and what it can never do."""

import json
from datetime import UTC, date, datetime, timedelta
from http import HTTPStatus
from time import perf_counter
from typing import Any

import pytest
import time_machine
from django import forms
from django.conf import settings as django_settings
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import User
from audits.completeness import GivenAnswer
from audits.enums import AllocationStatus, Section
from audits.forms import LARGEST_COUNT, LONGEST_TEXT, SectionForm
from audits.models import Answer, Audit, AuditSection, WorkerContact, WorkerFeedback
from audits.selectors import contents_of, page_of
from audits.services.audits import StaleSection, autosave_section, save_section, start_audit, submit_audit
from core.errors import RuleViolation
from core.forms import DateField
from core.middleware import IdleSessionMiddleware
from tests.audits.test_audit_services import VISITS, write_all
from tests.conftest import AssertQueries, ClientFor
from tests.factories.audits import (
    AllocationFactory,
    AuditFactory,
    QuestionFactory,
    started_audit,
)

pytestmark = pytest.mark.django_db

TYPED = {"version": "0", "grade": "good", "evidence": "Six of six.", "difference": "She talks.", "V4": "yes"}
MORNING = datetime(2026, 11, 25, 14, 2, tzinfo=UTC)


def address(audit: Audit, section: str = "visits") -> str:
    return reverse("audits:section_autosave", args=(audit.allocation.reference, section))


def visits_of(audit: Audit) -> AuditSection:
    return AuditSection.objects.get(audit=audit, section=Section.VISITS)


def test_what_is_typed_is_saved_with_the_time_in_london(asha: User, auditor_client: Client) -> None:
    QuestionFactory()
    audit = started_audit(asha)
    with time_machine.travel(datetime(2026, 7, 1, 13, 2, tzinfo=UTC), tick=False):
        client = Client()
        client.force_login(asha)
        response = client.post(address(audit), TYPED)
        assert (response.status_code, response.json()) == (
            200, {"version": 1, "sentence": "Saved 14:02", "remark": ""},
        )  # fmt: skip
    page = page_of(audit, Section.VISITS)
    assert (page.row.evidence, page.content.answers) == ("Six of six.", {"V4": GivenAnswer("yes")})
    assert page.row.saved_at == datetime(2026, 7, 1, 13, 2, tzinfo=UTC)


def test_the_address_for_scripts_never_completes_a_section(asha: User, auditor_client: Client) -> None:
    audit = started_audit(asha)
    auditor_client.post(address(audit), {**TYPED, "state": "completed"})
    assert not visits_of(audit).is_complete


def test_a_complete_section_stays_so_while_nothing_is_missing_from_it(
    asha: User, auditor_client: Client
) -> None:
    QuestionFactory()
    audit = started_audit(asha)
    save_section(audit, Section.VISITS, VISITS, version=0, complete=True, by=asha)
    response = auditor_client.post(address(audit), {**TYPED, "version": "1", "state": "draft"})
    assert response.json()["remark"] == ""
    assert visits_of(audit).is_complete


def test_a_complete_section_that_loses_something_is_a_draft_again_and_says_so(
    asha: User, auditor_client: Client
) -> None:
    QuestionFactory()
    audit = started_audit(asha)
    save_section(audit, Section.VISITS, VISITS, version=0, complete=True, by=asha)
    response = auditor_client.post(address(audit), {**TYPED, "version": "1", "evidence": ""})
    assert response.json()["remark"] == (
        "This section is a draft again until you complete it: Write the evidence for the grade."
    )
    assert not visits_of(audit).is_complete
    response = auditor_client.post(address(audit), {**TYPED, "version": "2"})
    assert (response.json()["remark"], visits_of(audit).is_complete) == ("", False)


def test_what_cannot_be_saved_is_named_and_everything_else_is_saved(
    asha: User, auditor_client: Client
) -> None:
    QuestionFactory()
    QuestionFactory(code="V1", kind="practice_count", options={"count_labels": ["Made on time", "Due"]})
    audit = started_audit(asha)
    counted = {**TYPED, "V1": "partly", "V1__counted": "5", "V1__counted_of": "6"}
    auditor_client.post(address(audit), counted)
    wrong = {
        **counted, "version": "1", "V1__counted": "7", "evidence": "Seven of six?", "difference": "a\0b",
    }  # fmt: skip
    response = auditor_client.post(address(audit), wrong)
    assert response.status_code == 200
    assert response.json()["remark"] == (
        "Not saved yet: Null characters are not allowed; V1: 7 is more than the 6 there were."
    )
    page = page_of(audit, Section.VISITS)
    assert page.content.answers["V1"] == GivenAnswer("partly", counted=5, counted_of=6)
    assert (page.row.evidence, page.row.difference) == ("Seven of six?", "She talks.")


def test_a_grade_that_is_none_keeps_the_grade_and_its_reason(asha: User, auditor_client: Client) -> None:
    audit = started_audit(asha)
    kept = {**TYPED, "grade": "not_applicable", "not_applicable_reason": "Not due."}
    auditor_client.post(address(audit), kept)
    auditor_client.post(address(audit), {**kept, "version": "1", "grade": "superb"})
    row = visits_of(audit)
    assert (row.grade, row.not_applicable_reason) == ("not_applicable", "Not due.")


def test_a_save_that_arrived_and_was_not_heard_of_is_answered_the_same_again(
    asha: User, auditor_client: Client
) -> None:
    QuestionFactory()
    audit = started_audit(asha)
    answers = [auditor_client.post(address(audit), TYPED).json() for _ in range(2)]
    assert [answer["version"] for answer in answers] == [1, 1]


def test_another_tabs_save_is_not_overwritten(asha: User, auditor_client: Client) -> None:
    audit = started_audit(asha)
    auditor_client.post(address(audit), TYPED)
    response = auditor_client.post(address(audit), {**TYPED, "evidence": "Five."})
    assert (response.status_code, response.json()) == (
        409,
        {
            "sentence": "Not saved: this page was saved somewhere else after you opened it, perhaps in another tab.",
            "stale": True,
        },
    )
    assert visits_of(audit).evidence == "Six of six."


@pytest.mark.parametrize("version", [None, "", "x", "-1", "9" * 5_000])
def test_a_post_that_does_not_say_what_it_replaces_replaces_nothing(
    version: str | None, asha: User, auditor_client: Client
) -> None:
    audit = started_audit(asha)
    typed = {**TYPED, "version": version} if version is not None else {"evidence": "Other."}
    assert auditor_client.post(address(audit), typed).status_code == 409
    assert visits_of(audit).version == 0


def test_completing_what_ones_own_autosave_saved_is_no_conflict(asha: User, auditor_client: Client) -> None:
    """The answer to the save was lost, so the page still has the version from before it."""
    QuestionFactory()
    audit = started_audit(asha)
    auditor_client.post(address(audit), TYPED)
    plain = reverse("audits:section_edit", args=(audit.allocation.reference, "visits"))
    assert auditor_client.post(plain, {**TYPED, "state": "completed"}).status_code == 302
    assert visits_of(audit).is_complete


def test_a_submitted_audit_is_not_saved_any_more(asha: User, auditor_client: Client) -> None:
    audit = started_audit(asha)
    write_all(audit, asha)
    submit_audit(audit, by=asha)
    response = auditor_client.post(address(audit), {**TYPED, "version": "1"})
    assert (response.status_code, response.json()["stale"]) == (409, False)
    assert response.json()["sentence"].startswith("Not saved. This audit was submitted and can only be read.")
    assert visits_of(audit).evidence == VISITS.evidence


@pytest.mark.parametrize("who", ["quentin", "priya", "meera", "sanjay", "bella", "sid", "stella"])
def test_nobody_else_saves_or_gets_a_token(
    who: str, asha: User, client_for: ClientFor, request: pytest.FixtureRequest
) -> None:
    audit = started_audit(asha)
    client = client_for(request.getfixturevalue(who))
    missing = reverse("audits:section_autosave", args=("CJA-1999-01-001", "visits"))
    for url in (address(audit), missing):
        assert [client.get(url).status_code, client.post(url, TYPED).status_code] == [404, 404]
    assert visits_of(audit).version == 0


def test_what_was_passed_on_what_is_not_started_and_what_is_no_page_are_not_found(
    asha: User, auditor_client: Client
) -> None:
    passed_on = started_audit(asha, status=AllocationStatus.REALLOCATED)
    not_started = AuditFactory(allocation=AllocationFactory(auditor=asha))
    urls = [address(passed_on), address(not_started), address(started_audit(asha), "nonsense")]
    assert [auditor_client.post(url, TYPED).status_code for url in urls] == [404, 404, 404]


def test_somebody_signed_out_is_told_the_same_whatever_the_address_names(asha: User) -> None:
    audit = started_audit(asha)
    missing = reverse("audits:section_autosave", args=("CJA-1999-01-001", "nonsense"))
    answers: list[HttpResponse] = []
    for url in (address(audit), missing):
        answers += [Client().get(url), Client().post(url, TYPED)]
    assert {answer.status_code for answer in answers} == {HTTPStatus.UNAUTHORIZED}
    assert {answer.content for answer in answers} == {b'{"sentence": "You have been signed out."}'}
    assert visits_of(audit).version == 0


def test_the_token_that_the_page_fetches_is_good_for_the_next_save(asha: User) -> None:
    audit = started_audit(asha)
    client = Client(enforce_csrf_checks=True)
    client.force_login(asha)
    assert client.post(address(audit), TYPED).status_code == 403
    token = client.get(address(audit)).json()["token"]
    saved = client.post(address(audit), TYPED, headers={"X-CSRFToken": token})
    assert saved.status_code == 200


def test_saving_by_script_for_31_minutes_without_a_click_signs_out(asha: User, client_for: ClientFor) -> None:
    audit = started_audit(asha)
    assert save_every_ten_minutes(audit, client_for(asha), asha) == [200, 200, 200, 401]


def test_twin_without_the_guard_saving_keeps_a_session_alive(
    asha: User, client_for: ClientFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(IdleSessionMiddleware, "process_view", lambda *_: None)
    audit = started_audit(asha)
    assert save_every_ten_minutes(audit, client_for(asha), asha) == [200, 200, 200, 200]


def save_every_ten_minutes(audit: Audit, client: Client, by: User) -> list[int]:
    """Saves at 0, 10, 20 and 31 minutes after the last page was opened."""
    page = reverse("audits:section_edit", args=(audit.allocation.reference, "visits"))
    answers = []
    with time_machine.travel(MORNING, tick=False) as clock:
        client.force_login(by)
        assert client.get(page).status_code == 200
        for version, minutes in enumerate((0, 10, 10, 11)):
            clock.shift(timedelta(minutes=minutes))
            response = client.post(address(audit), {**TYPED, "version": version, "evidence": f"{version}"})
            answers.append(response.status_code)
    return answers


def test_autosave_keeps_to_its_budget(
    asha: User, auditor_client: Client, assert_queries: AssertQueries
) -> None:
    QuestionFactory()
    audit = started_audit(asha)
    with assert_queries(5):  # audit, questions, page with its lock, page, answers
        auditor_client.post(address(audit), TYPED)


def test_the_service_alone_refuses_others_and_stale_pages(asha: User, stella: User) -> None:
    audit = started_audit(asha)
    with pytest.raises(RuleViolation, match="Only the auditor who was given this audit can write it"):
        autosave_section(audit, Section.VISITS, [], VISITS, version=0, by=stella)
    autosave_section(audit, Section.VISITS, [], VISITS, version=0, by=asha)
    with pytest.raises(StaleSection):
        autosave_section(audit, Section.VISITS, [QuestionFactory()], VISITS, version=0, by=asha)


def everything_at_its_maximum(form: SectionForm) -> dict[str, Any]:
    """The longest text in every text, in a script of four bytes a character, the largest number in every number, and
    every box ticked.
    """
    data: dict[str, Any] = {"version": "0"}
    for name, field in form.fields.items():
        if isinstance(field.widget, forms.Textarea):
            data[name] = "💚" * LONGEST_TEXT
        elif isinstance(field, forms.IntegerField):
            data[name] = LARGEST_COUNT
        elif isinstance(field, forms.MultipleChoiceField):
            data[name] = [value for value, _ in field.choices]
        elif isinstance(field, forms.ChoiceField) and name != "state":
            values = [value for value, _ in field.choices if value]
            data[name] = "yes" if "yes" in values else values[0]
        elif isinstance(field, DateField):
            data |= {f"{name}_{part}": value for part, value in enumerate(("31", "12", "2026"))}
    return data


@pytest.mark.parametrize("how", ["by script", "by the button"])
def test_every_field_at_its_maximum_saves_on_every_page_and_the_audit_submits(
    how: str, asha: User, auditor_client: Client
) -> None:
    """Twenty thousand words and more in each text, ten seconds at the most for a page."""
    allocation = AllocationFactory(auditor=asha, pathway="cla")
    audit = start_audit(AuditFactory(allocation=allocation, feedback_by_person=False), by=asha)
    WorkerContact.objects.create(audit=audit, on=date(2026, 11, 3), how="telephone", outcome="took_part")
    WorkerFeedback.objects.create(audit=audit, on=date(2026, 12, 31), text="Told.")
    slowest, texts = 0.0, 0
    for section in Section:
        plain = reverse("audits:section_edit", args=(audit.allocation.reference, section))
        data = everything_at_its_maximum(auditor_client.get(plain).context["form"])
        texts += sum(len(value) == LONGEST_TEXT for value in data.values() if isinstance(value, str))
        began = perf_counter()
        if how == "by script":
            answer = auditor_client.post(address(audit, section), data)
            assert (answer.status_code, answer.json()["remark"]) == (200, "")
            data["version"] = "1"
        response = auditor_client.post(plain, {**data, "state": "completed"})
        assert response.status_code == 302
        slowest = max(slowest, perf_counter() - began)
    assert slowest < 10
    assert texts > 20
    kept = [
        text
        for page in contents_of(audit)
        for text in (
            page.content.evidence,
            page.content.difference,
            *(answer.note for answer in page.content.answers.values()),
        )
        if text
    ]
    assert {len(text) for text in kept} == {LONGEST_TEXT}
    assert submit_audit(audit, by=asha).submitted_at is not None


def test_twenty_thousand_words_in_one_text(asha: User, auditor_client: Client) -> None:
    audit = started_audit(asha)
    words = " ".join(["perspica"] * 20_000)
    assert len(words) < LONGEST_TEXT
    assert auditor_client.post(address(audit), {**TYPED, "evidence": words}).status_code == 200
    assert visits_of(audit).evidence == words


def test_one_character_more_than_the_longest_is_named_and_not_cut(asha: User, auditor_client: Client) -> None:
    audit = started_audit(asha)
    response = auditor_client.post(address(audit), {**TYPED, "evidence": "x" * (LONGEST_TEXT + 1)})
    assert response.json()["remark"] == (
        "Not saved yet: What is the evidence for this grade? must be 200000 characters or fewer."
    )
    assert (visits_of(audit).evidence, visits_of(audit).difference) == ("", "She talks.")


HOSTILE = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    body=HOSTILE,
    fields=st.dictionaries(
        st.sampled_from([*TYPED, "V1__counted", "H1__selected", "V4__reason", "state"]) | st.text(max_size=8),
        st.text(max_size=30) | st.sampled_from(["\0", "9" * 5_000, "-1", "NaN", "💚"]),
        max_size=8,
    ),
    kind=st.sampled_from(
        ["application/json", "text/plain", "multipart/form-data", "multipart/form-data; boundary=x"]
    ),
)
def test_nothing_that_is_sent_is_a_fault(
    body: object, fields: dict[str, str], kind: str, asha: User, auditor_client: Client
) -> None:
    QuestionFactory()
    audit = Audit.objects.first() or started_audit(asha)
    deep = "[" * 10_000
    answers = [
        auditor_client.post(address(audit), fields),
        auditor_client.post(address(audit), json.dumps(body), content_type=kind),
        auditor_client.post(address(audit), deep, content_type="application/json"),
    ]
    assert [answer.status_code for answer in answers if answer.status_code not in {200, 400, 409}] == []


def test_a_question_that_does_not_apply_is_on_no_page_and_counts_nowhere(
    asha: User, auditor_client: Client
) -> None:
    unborn = AuditFactory(allocation=AllocationFactory(auditor=asha, pathway="cp"), age=-1)
    start_audit(unborn, by=asha)
    shown = auditor_client.get(
        reverse("audits:section_edit", args=(unborn.allocation.reference, "visits"))
    ).text
    assert "V4." not in shown
    assert "V5." in shown
    auditor_client.post(address(unborn), {**TYPED, "V6": "yes"})
    codes = set(Answer.objects.filter(audit=unborn).values_list("question__code", flat=True))
    assert {"V3", "V4", "V7", "V8", "V9"} & codes == set()
    assert "V6" in codes


@pytest.mark.parametrize(
    ("pathway", "age", "disability", "asked"),
    [
        ("cla", 15, "no", set()),
        ("cla", 16, "no", {"P15"}),
        ("leaving_care", 18, "no", {"P15"}),
        ("cin", 7, "no", {"V4", "V9"}),
        ("cin", 8, "no", {"V4"}),
        ("cin", 8, "yes", {"V4", "V9"}),
        ("cin", 8, "not_known", {"V4", "V9"}),
        ("cp", -1, "yes", set()),
        ("cp", 0, "no", {"V4", "V9"}),
    ],
)
def test_questions_that_hang_on_age(
    pathway: str, age: int, disability: str, asked: set[str], asha: User
) -> None:
    audit = AuditFactory(
        allocation=AllocationFactory(auditor=asha, pathway=pathway), age=age, disability=disability
    )
    audit = start_audit(audit, by=asha)
    codes = {question.code for page in contents_of(audit) for question in page.questions}
    of_interest = {"P15"} if pathway in {"cla", "leaving_care"} else {"V4", "V9"}
    assert codes & of_interest == asked


@pytest.mark.parametrize(
    ("pathway", "age", "flags"),
    [
        ("cin", 11, {"plo", "exploitation", "ehcp"}),
        ("cp", -1, {"plo", "unborn"}),
        ("cla", 11, {"plo", "exploitation", "uasc", "placed_with_parents", "ehcp"}),
        ("leaving_care", 18, {"exploitation", "uasc", "ehcp"}),
        ("front_door", 11, {"plo", "exploitation", "uasc", "ehcp"}),
    ],
)
def test_the_flags_are_those_that_can_apply(
    pathway: str, age: int, flags: set[str], asha: User, auditor_client: Client
) -> None:
    audit = AuditFactory(allocation=AllocationFactory(auditor=asha, pathway=pathway), age=age)
    start_audit(audit, by=asha)
    url = reverse("audits:section_edit", args=(audit.allocation.reference, "header"))
    form = auditor_client.get(url).context["form"]
    assert {value for value, _ in form.fields["H1__selected"].choices} == flags


def test_one_goes_on_where_one_left_off(asha: User, auditor_client: Client) -> None:
    audit = started_audit(asha)
    overview = reverse("audits:audit_detail", args=(audit.allocation.reference,))
    assert "Begin with About the child" in auditor_client.get(overview).text
    auditor_client.post(address(audit, "plans"), {"version": "0", "evidence": "Half a sentence"})
    shown = auditor_client.get(overview).text
    assert "Continue where you left off: Plans and planning" in shown
    assert "You have completed 0 of 9 sections." in shown
    assert 'value="0" max="9"' in " ".join(shown.split())
    at = AuditSection.objects.get(audit=audit, section="plans").saved_at
    assert at is not None
    work = auditor_client.get("/").text
    assert f"Carry on with {audit.allocation.reference}: Plans and planning" in work
    assert reverse("audits:section_edit", args=(audit.allocation.reference, "plans")) in work
    AuditSection.objects.filter(audit=audit, section="plans").update(
        is_complete=True, grade="good", evidence="x", difference="y"
    )
    assert "Continue with About the child" in auditor_client.get(overview).text


def test_the_browser_keeps_nothing_in_a_storage_of_its_own() -> None:
    script = (django_settings.BASE_DIR / "static/app/autosave.js").read_text(encoding="utf-8")
    for name in ("localStorage", "sessionStorage", "indexedDB", "caches", "serviceWorker", "document.cookie"):
        assert name not in script
