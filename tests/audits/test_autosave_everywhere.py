"""The promise of autosave on each other page on which an auditor writes at length (docs/adr/0009)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import resolve, reverse

from accounts.models import User
from audits.enums import AuditStatus, FamilyMember, Section
from audits.models import Audit, AuditSection, FamilyAnswer, ProposedAction, WorkerFeedback
from audits.selectors import carry_on_at
from audits.services.audits import start_audit
from tests.audits.test_involvement_services import ask_the_questions, logged_family
from tests.conftest import ClientFor
from tests.factories.accounts import TeamFactory, team_manager
from tests.factories.audits import AllocationFactory, AuditFactory, started_audit

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("time_machine_at")]

TOKEN = "00000000-0000-4000-8000-000000000001"
MORNING = datetime(2026, 11, 25, 14, 2, tzinfo=UTC)
STALE = "Not saved: this page was saved somewhere else after you opened it, perhaps in another tab."


@dataclass(frozen=True)
class Place:
    """A page that saves itself: its addresses, what a browser sends beside the text, and what is saved."""

    audit: Audit
    page: str
    script: str
    sent: dict[str, str]
    field: str
    kept: Callable[[], str]

    def typed(self, text: str, **given: str | int) -> dict[str, str | int]:
        return {**self.sent, self.field: text, **given}


def address(audit: Audit, name: str, *more: object) -> str:
    return reverse(f"audits:{name}", args=(audit.allocation.reference, *more))


def what_the_mother_said(asha: User) -> Place:
    ask_the_questions()
    audit = started_audit(asha)
    logged_family(audit, asha, FamilyMember.MOTHER, "feedback")
    return Place(
        audit,
        address(audit, "family_person", "mother"),
        address(audit, "family_person_autosave", "mother"),
        {"version": "0"},
        "F10__note",
        lambda: "".join(FamilyAnswer.objects.filter(question__code="F10").values_list("note", flat=True)),
    )


def what_the_worker_was_told(asha: User) -> Place:
    ask_the_questions()
    audit = started_audit(asha)
    return Place(
        audit,
        address(audit, "worker_feedback"),
        address(audit, "worker_feedback_autosave"),
        {"version": "0", "on_0": "3", "on_1": "11", "on_2": "2026"},
        "text",
        lambda: "".join(WorkerFeedback.objects.values_list("text", flat=True)),
    )


def whole_action() -> dict[str, str]:
    owner = team_manager("Omar Owner", TeamFactory(name="South"))
    return {"owner": str(owner.pk), "priority": "p2", "why": "Nobody saw him.", "success": "He is seen."}


def an_action_to_add(asha: User) -> Place:
    audit = started_audit(asha)
    return Place(
        audit,
        address(audit, "action_add"),
        address(audit, "action_add_autosave"),
        {**whole_action(), "version": "0", "token": TOKEN},
        "what",
        lambda: "".join(
            [
                *(begun.typed["what"] for begun in audit.begun_actions.all()),
                *audit.proposed_actions.values_list("what", flat=True),
            ]
        ),
    )


def an_action_that_is_there(asha: User) -> Place:
    place = an_action_to_add(asha)
    client = Client()
    client.force_login(asha)
    client.post(place.page, place.typed("."))
    action = place.audit.proposed_actions.get()
    ProposedAction.objects.update(version=0)
    return Place(
        place.audit,
        address(place.audit, "action_edit", action.pk),
        address(place.audit, "action_edit_autosave", action.pk),
        {**place.sent, "due_on_0": "27", "due_on_1": "11", "due_on_2": "2026"},
        "what",
        lambda: ProposedAction.objects.get().what.removeprefix("."),
    )


@pytest.fixture(
    params=[what_the_mother_said, what_the_worker_was_told, an_action_to_add, an_action_that_is_there]
)
def place(request: pytest.FixtureRequest, asha: User) -> Place:
    place: Place = request.param(asha)
    return place


def test_the_page_asks_the_script_to_save_it(place: Place, auditor_client: Client) -> None:
    shown = auditor_client.get(place.page).text
    assert f'data-autosave="{place.script}"' in shown
    assert f'data-sign-in="{reverse("account_login")}"' in shown
    assert "app/autosave.js" in shown
    assert 'name="version"' in shown


def test_what_is_typed_is_saved_with_the_time(place: Place, asha: User, client_for: ClientFor) -> None:
    """By the clock of London, also in summer time."""
    with time_machine.travel(datetime(2027, 7, 1, 13, 2, tzinfo=UTC), tick=False):
        sent = place.typed(
            "Half a sent", **{"due_on_2": "2027", "due_on_1": "7"} if "due_on_1" in place.sent else {}
        )
        response = client_for(asha).post(place.script, sent)
    assert (response.status_code, response.json()) == (
        200,
        {"version": 1, "sentence": "Saved 14:02", "remark": ""},
    )
    assert place.kept() == "Half a sent"


def test_a_save_whose_answer_was_lost_is_no_conflict_with_oneself(
    place: Place, auditor_client: Client
) -> None:
    answers = [auditor_client.post(place.script, place.typed("Once.")) for _ in range(2)]
    assert [answer.json()["version"] for answer in answers] == [1, 1]
    assert auditor_client.post(place.page, place.typed("Once.")).status_code == 302


def test_of_two_tabs_the_second_is_told_and_shown_both_texts(place: Place, auditor_client: Client) -> None:
    auditor_client.post(place.script, place.typed("From the other tab."))
    refused = auditor_client.post(place.script, place.typed("From this tab."))
    assert (refused.status_code, refused.json()) == (409, {"sentence": STALE, "stale": True})
    both = auditor_client.post(place.page, place.typed("From this tab."))
    assert both.status_code == 409
    assert both.context["differences"]
    assert {(each.saved, each.typed) for each in both.context["differences"]} == {
        ("From the other tab.", "From this tab.")
    }
    assert "data-autosave=" not in both.text  # nothing replaces what is saved before its writer has chosen
    assert place.kept() == "From the other tab."
    chosen = auditor_client.post(place.page, place.typed("From this tab.", version=1))
    assert (chosen.status_code, place.kept()) == (302, "From this tab.")


def test_what_cannot_be_saved_is_named_and_what_was_there_stays(place: Place, auditor_client: Client) -> None:
    auditor_client.post(place.script, place.typed("Sound."))
    sent = place.typed("a\0b", version=1)
    response = auditor_client.post(place.script, sent)
    if place.page.endswith("/add/"):  # which keeps anything, and leaves out what no text can hold
        assert (response.json()["remark"], place.kept()) == ("", "ab")
        return
    assert response.json()["remark"] == "Not saved yet: Null characters are not allowed."
    assert place.kept() == "Sound."


@pytest.mark.parametrize("version", ["", "x", "-1", "9" * 50])
def test_a_post_that_does_not_say_what_it_replaces_replaces_nothing(
    version: str, place: Place, auditor_client: Client
) -> None:
    auditor_client.post(place.script, place.typed("Sound."))
    assert auditor_client.post(place.script, place.typed("Other.", version=version)).status_code == 409
    assert place.kept() == "Sound."


def test_signed_out_it_says_so_and_saves_nothing(place: Place) -> None:
    for answer in (Client().get(place.script), Client().post(place.script, place.typed("Typed."))):
        assert (answer.status_code, answer.json()) == (401, {"sentence": "You have been signed out."})
    assert place.kept() == ""


def test_without_a_script_what_was_typed_outlives_the_session(place: Place) -> None:
    kept = Client().post(place.page, place.typed("‘Every’ <character> & more. 💚"))
    assert kept.status_code == 401
    assert 'value="‘Every’ &lt;character&gt; &amp; more. 💚"' in kept.text


def test_saving_for_31_minutes_without_a_click_signs_out(
    place: Place, asha: User, client_for: ClientFor
) -> None:
    answers = []
    with time_machine.travel(MORNING, tick=False) as clock:
        client = client_for(asha)
        assert client.get(place.page).status_code == 200
        for version, minutes in enumerate((0, 10, 10, 11)):
            clock.shift(timedelta(minutes=minutes))
            answers.append(client.post(place.script, place.typed(f"{version}", version=version)).status_code)
    assert answers == [200, 200, 200, 401]


def test_twin_without_the_mark_saving_would_keep_the_session_alive(
    place: Place, asha: User, client_for: ClientFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resolve(place.script).func, "leaves_session_alone", False)
    answers = []
    with time_machine.travel(MORNING, tick=False) as clock:
        client = client_for(asha)
        for version, minutes in enumerate((0, 20, 20)):
            clock.shift(timedelta(minutes=minutes))
            sent = place.typed(f"{version}", version=version)
            answers.append(client.post(place.script, sent).status_code)
    assert answers == [200, 200, 200]


@pytest.mark.parametrize("who", ["quentin", "priya", "meera", "stella"])
def test_nobody_else_saves_or_gets_a_token(
    who: str, place: Place, client_for: ClientFor, request: pytest.FixtureRequest
) -> None:
    client = client_for(request.getfixturevalue(who))
    typed = place.typed("Not mine.")
    assert [client.get(place.script).status_code, client.post(place.script, typed).status_code] == [404, 404]
    assert place.kept() == ""


def test_once_submitted_it_is_refused_with_a_sentence_and_the_text_stays_on_the_page(
    place: Place, auditor_client: Client
) -> None:
    Audit.objects.filter(pk=place.audit.pk).update(
        status=AuditStatus.SUBMITTED, submitted_at="2026-11-25T09:00Z"
    )
    refused = auditor_client.post(place.script, place.typed("Too late."))
    assert (refused.status_code, refused.json()["stale"]) == (409, False)
    assert refused.json()["sentence"].startswith("Not saved. This audit was submitted and can only be read.")
    plain = auditor_client.post(place.page, place.typed("Too late."))
    assert "Too late." in plain.text
    assert "This audit was submitted and can only be read." in plain.text
    assert place.kept() == ""


def test_feedback_of_somebody_who_gave_none_is_refused_and_no_person_is_not_found(
    asha: User, auditor_client: Client
) -> None:
    place = what_the_mother_said(asha)
    father = address(place.audit, "family_person_autosave", "father")
    refused = auditor_client.post(father, place.typed("Words."))
    assert (refused.status_code, refused.json()["sentence"]) == (
        409,
        "Not saved. Father: log first that they gave feedback.",
    )
    nobody = address(place.audit, "family_person_autosave", "nobody")
    assert auditor_client.post(nobody, place.typed("Words.")).status_code == 404


def test_saving_what_the_worker_was_told_leaves_the_page_of_the_process_alone_unless_the_day_changes(
    asha: User, auditor_client: Client
) -> None:
    """A tab with that page open would be stale for nothing."""
    place = what_the_worker_was_told(asha)
    process = AuditSection.objects.filter(audit=place.audit, section=Section.PROCESS)
    versions = []
    for version, sent in enumerate(
        (place.typed("One."), place.typed("One, two."), place.typed("One, two.", on_0="4"))
    ):
        auditor_client.post(place.script, {**sent, "version": version})
        versions.append(process.get().version)
    assert versions == [1, 1, 2]


@pytest.mark.parametrize(("outcome", "words"), [("no_reply", "Continue with"), ("feedback", "Begin with")])
def test_right_after_the_start_one_begins_at_the_first_section(
    outcome: str, words: str, asha: User, auditor_client: Client
) -> None:
    """Asking the family before the start answers questions of a page on which nobody has been."""
    audit = AuditFactory(allocation=AllocationFactory(auditor=asha))
    logged_family(audit, asha, "mother", outcome)
    start_audit(audit, by=asha)
    overview = auditor_client.get(address(audit, "audit_detail")).text
    assert f"{words} About the child" in overview
    assert "Continue where you left off" not in overview
    assert address(audit, "section_edit", "header") in auditor_client.get("/").text


def test_logging_a_contact_with_the_worker_is_no_place_where_one_left_off(asha: User) -> None:
    ask_the_questions()
    audit = started_audit(asha)
    save = AuditSection.objects.filter(audit=audit, section=Section.VISITS)
    save.update(saved_at=MORNING, version=1)
    client = Client()
    client.force_login(asha)
    client.post(
        address(audit, "worker_log"),
        {
            "on_0": "3", "on_1": "11", "on_2": "2026", "how": "video", "outcome": "invited",
            "token": TOKEN,
        },
    )  # fmt: skip
    at = carry_on_at(AuditSection.objects.filter(audit=audit))
    assert at is not None
    assert (at.section, audit.worker_contacts.count()) == (Section.VISITS, 1)
