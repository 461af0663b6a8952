"""An action that is begun and not added yet: kept as it is typed, added by the button alone, never submitted."""

from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from audits.models import Audit, BegunAction, ProposedAction
from audits.selectors import contents_of
from audits.submission import needed_before_submit
from tests.audits.test_audit_services import write_all
from tests.factories.audits import started_audit

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("time_machine_at")]

TOKEN = UUID(int=1)
NOT_WHOLE = {
    "version": "0",
    "token": str(TOKEN),
    "what": "Meera visits him at",
    "due_on_0": "31",
    "due_on_1": "2",
}
REST = {"why": "Nobody saw him.", "success": "He says whom he rings.", "priority": "p1"}


def page(audit: Audit, name: str, *more: object) -> str:
    return reverse(f"audits:{name}", args=(audit.allocation.reference, *more))


def begun_by(client: Client, audit: Audit, **given: str) -> BegunAction:
    assert client.post(page(audit, "action_add_autosave"), {**NOT_WHOLE, **given}).status_code == 200
    return BegunAction.objects.get()


def test_it_stands_in_the_list_and_its_writer_carries_on_with_every_word(
    asha: User, meera: User, auditor_client: Client
) -> None:
    audit = started_audit(asha)
    begun_by(auditor_client, audit, owner=str(meera.pk), priority="p1")
    shown = auditor_client.get(page(audit, "action_list")).text
    assert "You began an action" in shown
    assert "Saved on 25 November 2026 at 10:00. It is not added yet." in shown
    assert "1 begun" in auditor_client.get(page(audit, "audit_detail")).text
    form = auditor_client.get(f"{page(audit, 'action_add')}?begun={TOKEN}").context["form"]
    assert [form[name].value() for name in ("what", "owner", "priority", "due_on", "version", "token")] == [
        "Meera visits him at", str(meera.pk), "p1", ["31", "2", ""], 1, str(TOKEN),
    ]  # fmt: skip


@pytest.mark.parametrize("token", ["nonsense", str(UUID(int=7)), ""])
def test_an_address_that_names_nothing_begun_opens_an_empty_form(
    token: str, asha: User, auditor_client: Client
) -> None:
    audit = started_audit(asha)
    begun_by(auditor_client, audit)
    form = auditor_client.get(f"{page(audit, 'action_add')}?begun={token}").context["form"]
    assert (form["what"].value(), form["version"].value()) == (None, 0)


def test_adding_it_takes_what_was_begun_away(asha: User, meera: User, auditor_client: Client) -> None:
    audit = started_audit(asha)
    begun_by(auditor_client, audit)
    whole = {**REST, "what": "Meera visits him.", "owner": str(meera.pk), "token": str(TOKEN), "version": "1"}
    assert auditor_client.post(page(audit, "action_add"), whole).url == page(audit, "action_list")
    assert (ProposedAction.objects.get().what, BegunAction.objects.count()) == ("Meera visits him.", 0)


def test_without_a_script_it_is_kept_by_its_button_and_by_a_post_that_is_not_whole(
    asha: User, auditor_client: Client
) -> None:
    audit = started_audit(asha)
    later = auditor_client.post(page(audit, "action_add"), {**NOT_WHOLE, "later": "yes"})
    assert later.url == page(audit, "action_list")
    refused = auditor_client.post(
        page(audit, "action_add"), {**NOT_WHOLE, "what": "Meera visits.", "version": "1"}
    )
    assert "Say how success will be seen" in refused.text
    assert (BegunAction.objects.get().typed["what"], refused.context["form"]["version"].value()) == (
        "Meera visits.",
        "2",
    )


def test_giving_it_up_twice_is_once_and_a_tab_that_is_left_open_says_so(
    asha: User, auditor_client: Client
) -> None:
    audit = started_audit(asha)
    begun_by(auditor_client, audit)
    for _ in range(2):
        gone = auditor_client.post(page(audit, "action_give_up", TOKEN))
        assert gone.url == page(audit, "action_list")
    refused = auditor_client.post(page(audit, "action_add_autosave"), {**NOT_WHOLE, "version": "1"})
    assert (refused.status_code, BegunAction.objects.count()) == (409, 0)
    assert "given up, perhaps in another tab. You can still add the action" in refused.json()["sentence"]


def test_a_second_tab_of_what_was_added_loses_nothing_and_can_add_one_more(
    asha: User, meera: User, auditor_client: Client
) -> None:
    audit = started_audit(asha)
    whole = {**REST, "what": "Meera visits him.", "owner": str(meera.pk), "token": str(TOKEN), "version": "0"}
    auditor_client.post(page(audit, "action_add"), whole)
    other = {**whole, "what": "Meera rings his school."}
    script = auditor_client.post(page(audit, "action_add_autosave"), other)
    assert (script.status_code, script.json()["stale"]) == (409, False)
    refused = auditor_client.post(page(audit, "action_add"), other)
    assert refused.status_code == 409
    assert "This action was added already" in refused.text
    assert "Meera rings his school." in refused.text
    form = refused.context["form"]
    again = auditor_client.post(
        page(audit, "action_add"),
        {**other, "token": form["token"].value(), "version": form["version"].value()},
    )
    assert again.status_code == 302
    assert sorted(ProposedAction.objects.values_list("what", flat=True)) == [
        "Meera rings his school.",
        "Meera visits him.",
    ]


def test_an_audit_is_not_submitted_over_it(asha: User, auditor_client: Client) -> None:
    audit = started_audit(asha)
    write_all(audit, asha)
    begun_by(auditor_client, audit)
    needs = [need.sentence for need in needed_before_submit(audit, contents_of(audit))]
    assert needs == ["Add the action that you began, or give it up"]
    auditor_client.post(page(audit, "action_give_up", TOKEN))
    assert needed_before_submit(audit, contents_of(audit)) == []


def test_while_a_changed_action_would_not_be_whole_it_stays_and_the_page_says_why(
    asha: User, meera: User, auditor_client: Client
) -> None:
    audit = started_audit(asha)
    whole = {**REST, "what": "Meera visits him.", "owner": str(meera.pk), "token": str(TOKEN), "version": "0"}
    auditor_client.post(page(audit, "action_add"), whole)
    script = page(audit, "action_edit_autosave", ProposedAction.objects.get().pk)
    late = {**whole, "version": "1", "due_on_0": "31", "due_on_1": "12", "due_on_2": "2026"}
    answer = auditor_client.post(script, late).json()
    assert (answer["version"], answer["sentence"]) == (1, "Not saved yet")
    assert answer["remark"].startswith("By its priority this is due by 2 December 2026. Say why it can wait")
    answer = auditor_client.post(script, {**late, "later_reason": "He is away."}).json()
    assert (answer["version"], answer["sentence"], answer["remark"]) == (2, "Saved 10:00", "")
    emptied = auditor_client.post(script, {**late, "later_reason": "He is away.", "what": "", "version": "2"})
    assert emptied.json()["remark"] == "Not saved yet: Say what shall be done."
    assert ProposedAction.objects.get().what == "Meera visits him."


def test_another_auditors_is_nobodys_to_give_up(
    asha: User, auditor_client: Client, qa_client: Client
) -> None:
    audit = started_audit(asha)
    begun_by(auditor_client, audit)
    assert qa_client.post(page(audit, "action_give_up", TOKEN)).status_code == 404
    assert BegunAction.objects.count() == 1
