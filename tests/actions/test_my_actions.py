"""My actions: what a manager sees, updates in place, and never loses."""

from __future__ import annotations

from datetime import date

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Team, User
from actions.enums import ActionStatus, Verification
from actions.models import Action, ActionMove
from actions.services.progress import complete_action, start_action
from actions.services.verification import return_action
from audits.enums import ActionPriority
from audits.work import work_of
from tests.conftest import AssertQueries, ClientFor
from tests.factories.accounts import TeamFactory, team_manager
from tests.factories.actions import ActionFactory
from tests.factories.audits import ChildFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("time_machine_at")]

PAGE = "/actions/"


@pytest.fixture
def north(db: None) -> Team:
    team: Team = TeamFactory(name="North")
    return team


def owed(owner: User, team: Team, due_on: date = date(2026, 12, 1), **fields: object) -> Action:
    made: Action = ActionFactory(team=team, owner=owner, first_due_on=due_on, **fields)
    return made


def shown(client: Client, url: str = PAGE) -> list[str]:
    return [card.action.reference for card in client.get(url).context["cards"]]


def sent(action: Action, **typed: str) -> dict[str, str]:
    """The form of one action as a browser posts it."""
    own = {f"{action.reference}-{name}": value for name, value in typed.items()}
    return {"action": action.reference, f"{action.reference}-version": str(action.version)} | own


class TestTheList:
    def test_what_hurts_first_is_first(self, manager_client: Client, meera: User, north: Team) -> None:
        soon = owed(meera, north, date(2026, 11, 27))
        late = owed(meera, north, date(2026, 11, 20))
        later = owed(meera, north, date(2026, 11, 4))
        safety = owed(meera, north, date(2026, 11, 25), priority=ActionPriority.P0)
        wanted = [safety.reference, later.reference, late.reference, soon.reference]
        assert shown(manager_client) == wanted

    def test_what_the_team_owes_is_there_and_what_others_owe_is_not(
        self, manager_client: Client, sanjay: User, north: Team
    ) -> None:
        of_team = owed(sanjay, north)
        owed(team_manager("Tara South", TeamFactory(name="South")), TeamFactory(name="South"))
        assert shown(manager_client) == [of_team.reference]

    def test_tabs_have_numbers_and_filters_stay_in_the_address(
        self, manager_client: Client, meera: User, north: Team
    ) -> None:
        owed(meera, north, date(2026, 11, 20), priority=ActionPriority.P1)
        owed(meera, north, date(2026, 11, 27))
        complete_action(owed(meera, north), by=meera, evidence="Seen.")
        page = manager_client.get(f"{PAGE}?priority=p1&show=overdue")
        tabs = {tab["label"]: (tab["count"], tab["url"]) for tab in page.context["shows"]}
        assert tabs["Overdue"] == (1, "?show=overdue&priority=p1")
        assert (tabs["To do"][0], tabs["Done"][0]) == (1, 0)
        page = manager_client.get(f"{PAGE}?show=done")
        assert [tab["count"] for tab in page.context["shows"]] == [2, 1, 1, 0, 1, 0]

    def test_nothing_owed_says_what_comes(self, manager_client: Client) -> None:
        assert "appears here" in manager_client.get(PAGE).content.decode()

    def test_the_26th_is_on_the_second_page(self, manager_client: Client, meera: User, north: Team) -> None:
        made = [owed(meera, north, date(2026, 12, 1)) for _ in range(26)]
        assert shown(manager_client, f"{PAGE}?page=2") == [made[-1].reference]

    @pytest.mark.parametrize("query", ["?team=x", "?priority=p9", "?show=%00", "?page=-4", "?team=999999"])
    def test_a_query_that_means_nothing_is_no_error(self, query: str, manager_client: Client) -> None:
        assert manager_client.get(PAGE + query).status_code == 200

    @pytest.mark.parametrize("rows", [1, 3])
    def test_it_costs_the_same_for_one_and_for_three(
        self, rows: int, manager_client: Client, meera: User, north: Team, assert_queries: AssertQueries
    ) -> None:
        for _ in range(rows):
            start_action(owed(meera, north, child=ChildFactory(team=north)), by=meera)
        with assert_queries(6):
            manager_client.get(PAGE)


class TestUpdating:
    def test_begun_on_the_page_and_back_to_the_same_page(
        self, manager_client: Client, meera: User, north: Team
    ) -> None:
        action = owed(meera, north)
        answer = manager_client.post(f"{PAGE}?show=soon", sent(action, move="start"))
        assert (answer.status_code, answer["Location"]) == (302, f"{PAGE}?show=soon")
        action.refresh_from_db()
        assert action.status == ActionStatus.IN_PROGRESS

    @pytest.mark.parametrize(
        ("typed", "status"),
        [
            ({"move": "note", "note": "Waiting for school."}, ActionStatus.OPEN),
            (
                {"move": "complete", "evidence": "Plan of 20 November.", "impact": "He knows."},
                ActionStatus.DONE,
            ),
            (
                {
                    "move": "extend",
                    "due_on_0": "8",
                    "due_on_1": "12",
                    "due_on_2": "2026",
                    "longer_reason": "Review moved.",
                },
                ActionStatus.OPEN,
            ),
            ({"move": "ask_cancel", "cancel_reason": "Moved away."}, ActionStatus.CANCEL_ASKED),
        ],
    )
    def test_each_update(
        self, typed: dict[str, str], status: str, manager_client: Client, meera: User, north: Team
    ) -> None:
        action = owed(meera, north)
        for _ in range(2):  # a double click
            assert manager_client.post(PAGE, sent(action, **typed)).status_code == 302
        action.refresh_from_db()
        assert action.status == status
        assert action.moves.count() == 1

    @pytest.mark.parametrize(
        ("typed", "sentence"),
        [
            ({}, "Say how it stands"),
            ({"move": "note"}, "Say how it stands"),
            ({"move": "complete", "impact": "He knows what happens."}, "Say what shows that it is done"),
            ({"move": "extend", "longer_reason": "Review moved."}, "Enter the day until which you need"),
            ({"move": "ask_cancel"}, "Say why it is no longer needed"),
        ],
    )
    def test_what_is_missing_is_said_at_that_action_and_what_was_typed_stays(
        self, typed: dict[str, str], sentence: str, manager_client: Client, meera: User, north: Team
    ) -> None:
        action, other = owed(meera, north), owed(meera, north)
        page = manager_client.post(PAGE, sent(action, **typed))
        assert page.status_code == 200
        bound = {card.action: card.form.is_bound for card in page.context["cards"]}
        assert bound == {action: True, other: False}
        html = page.content.decode()
        assert "Error: My actions" in html
        assert sentence in html
        for value in [value for name, value in typed.items() if name != "move"]:
            assert value in html
        assert ActionMove.objects.count() == 0

    def test_somebody_was_quicker_and_the_next_click_goes_through(
        self, manager_client: Client, meera: User, quentin: User, north: Team
    ) -> None:
        action = owed(meera, north)
        typed = sent(action, move="complete", evidence="Plan of 20 November.")
        start_action(action, by=quentin)
        page = manager_client.post(PAGE, typed)
        html = page.content.decode()
        assert "was changed by somebody else" in html
        assert "Plan of 20 November." in html
        (card,) = page.context["cards"]
        again = typed | {f"{action.reference}-version": str(card.form["version"].value())}
        assert manager_client.post(PAGE, again).status_code == 302
        action.refresh_from_db()
        assert action.status == ActionStatus.DONE

    def test_a_refusal_of_the_service_is_said_there(
        self, manager_client: Client, meera: User, north: Team
    ) -> None:
        typed = {"due_on_0": "5", "due_on_1": "12", "due_on_2": "2026", "longer_reason": "Later."}
        page = manager_client.post(PAGE, sent(owed(meera, north), move="extend", **typed))
        assert "5 December 2026 is not a working day" in page.content.decode()

    def test_somebody_elses_action_is_not_there(
        self, manager_client: Client, north: Team, client_for: ClientFor
    ) -> None:
        tara = team_manager("Tara South", TeamFactory(name="South"))
        action = owed(tara, TeamFactory(name="South"))
        assert manager_client.post(PAGE, sent(action, move="start")).status_code == 404
        action.refresh_from_db()
        assert action.status == ActionStatus.OPEN


class TestNoChange:
    def test_the_same_note_on_those_ticked(self, manager_client: Client, meera: User, north: Team) -> None:
        one, two, three = (owed(meera, north) for _ in range(3))
        typed = {"since": "No change since 3 November.", "chosen": [one.reference, three.reference]}
        for _ in range(2):  # a double click
            assert manager_client.post(PAGE, typed).status_code == 302
        noted = ActionMove.objects.filter(reason="No change since 3 November.")
        assert sorted(move.action.reference for move in noted.select_related("action")) == [
            one.reference,
            three.reference,
        ]
        assert two.moves.count() == 0

    def test_nothing_ticked_keeps_the_words_and_leads_to_the_first_box(
        self, manager_client: Client, meera: User, north: Team
    ) -> None:
        owed(meera, north)
        html = manager_client.post(PAGE, {"since": "No change since 3 November."}).content.decode()
        assert "Tick at least one action above" in html
        assert "No change since 3 November." in html
        assert 'href="#id_chosen_0"' in html
        assert 'id="id_chosen_0"' in html

    def test_somebody_elses_cannot_be_ticked(self, manager_client: Client, meera: User, north: Team) -> None:
        owed(meera, north)
        south = TeamFactory(name="South")
        theirs = owed(team_manager("Tara South", south), south)
        typed = {"since": "No change.", "chosen": [theirs.reference]}
        assert manager_client.post(PAGE, typed).status_code == 200
        assert theirs.moves.count() == 0


class TestOneAction:
    def test_its_page_shows_the_history_and_the_forms_by_permission(
        self, meera: User, quentin: User, sanjay: User, north: Team, client_for: ClientFor
    ) -> None:
        action = owed(meera, north, child=ChildFactory(team=north, reference="7712345"))
        complete_action(action, by=meera, evidence="Plan.")
        return_action(action, by=quentin, reason="The family has not seen it.")
        offered = {}
        for person in (meera, quentin, sanjay):
            page = client_for(person).get(f"/actions/{action.reference}/")
            offered[person.name] = [one["name"] for one in page.context["offered"]]
            assert [event.title for event in page.context["history"]] == ["Completed", "Returned"]
        assert offered == {
            "Meera Manager": ["update"],
            "Quentin Lead": ["update", "assign", "pause"],
            "Sanjay Service": [],
        }

    def test_whose_child_it_is(
        self, meera: User, sanjay: User, quentin: User, north: Team, client_for: ClientFor
    ) -> None:
        action = owed(meera, north, child=ChildFactory(team=north, reference="7712345"))
        sees = {
            person.name: "7712345" in client_for(person).get(f"/actions/{action.reference}/").content.decode()
            for person in (meera, sanjay, quentin)
        }
        assert sees == {"Meera Manager": True, "Sanjay Service": False, "Quentin Lead": True}

    def test_verified_there_by_another(self, meera: User, north: Team, qa_client: Client) -> None:
        action = owed(meera, north)
        done = complete_action(action, by=meera, evidence="Plan.")
        name = f"check-{action.reference}"
        typed = {"form": "check", f"{name}-version": str(done.version), f"{name}-decision": "verify"}
        for _ in range(2):
            assert qa_client.post(f"/actions/{action.reference}/", typed).status_code == 302
        action.refresh_from_db()
        assert action.status == ActionStatus.VERIFIED
        assert action.moves.filter(kind="verify").count() == 1

    def test_another_owner_a_pause_and_a_decision(
        self, meera: User, north: Team, qa_client: Client, psw_client: Client
    ) -> None:
        action = owed(meera, north)
        tara = team_manager("Tara South", TeamFactory(name="South"))
        url = f"/actions/{action.reference}/"
        qa_client.post(
            url,
            {
                "form": "pause",
                "pause-version": "0",
                "pause-until_0": "9",
                "pause-until_1": "12",
                "pause-until_2": "2026",
                "pause-reason": "Court on the 8th.",
            },
        )
        typed = {"assign-version": "0", "assign-owner": str(tara.pk), "assign-reason": "Moved team."}
        qa_client.post(url, {"form": "assign"} | typed)
        action.refresh_from_db()
        assert (action.owner, action.pauses.get().until) == (tara, date(2026, 12, 9))
        name = action.reference
        typed = {f"{name}-version": "1", f"{name}-move": "ask_cancel", f"{name}-cancel_reason": "Gone."}
        qa_client.post(url, {"form": "update"} | typed)
        typed = {"decide-version": "2", "decide-decision": "approve", "decide-reason": "Closed."}
        assert qa_client.post(url, {"form": "decide"} | typed).status_code == 302  # asked for it themselves
        action.refresh_from_db()
        assert action.status == ActionStatus.CANCEL_ASKED
        psw_client.post(url, {"form": "decide"} | typed)
        action.refresh_from_db()
        assert action.status == ActionStatus.CANCELLED

    @pytest.mark.parametrize("form", ["", "nonsense", "check\0"])
    def test_a_form_that_does_not_exist(self, form: str, meera: User, north: Team, qa_client: Client) -> None:
        url = f"/actions/{owed(meera, north).reference}/"
        assert qa_client.post(url, {"form": form}).status_code == 404


class TestVerificationQueue:
    QUEUE = "/actions/verification/"

    def test_it_says_why_each_is_there_and_the_urgent_ones_are_first(
        self, meera: User, north: Team, qa_client: Client
    ) -> None:
        for priority in (ActionPriority.P2, ActionPriority.P1, ActionPriority.P0):
            action = owed(meera, north, priority=priority)
            complete_action(action, by=meera, evidence="Plan.")
        Action.objects.filter(priority=ActionPriority.P2).update(verification="sampled")
        page = qa_client.get(self.QUEUE)
        shown_now = [card["action"].priority for card in page.context["cards"]]
        assert shown_now == [ActionPriority.P0, ActionPriority.P1, ActionPriority.P2]
        html = page.content.decode()
        assert html.count("its priority is always verified") == 2
        assert html.count("drawn in the sample") == 1

    def test_returned_there_with_a_reason(self, meera: User, north: Team, qa_client: Client) -> None:
        action = owed(meera, north, priority=ActionPriority.P1)
        done = complete_action(action, by=meera, evidence="Plan.")
        name = f"check-{action.reference}"
        typed = {
            "action": action.reference,
            f"{name}-version": str(done.version),
            f"{name}-decision": "return",
        }
        assert "Say what is missing" in qa_client.post(self.QUEUE, typed).content.decode()
        typed[f"{name}-reason"] = "The family has not seen it."
        assert qa_client.post(self.QUEUE, typed).status_code == 302
        action.refresh_from_db()
        assert action.status == ActionStatus.RETURNED

    def test_ones_own_has_no_form_and_a_post_of_it_is_refused(
        self, quentin: User, north: Team, qa_client: Client
    ) -> None:
        action = owed(quentin, north, priority=ActionPriority.P1)
        complete_action(action, by=quentin, evidence="Plan.")
        (card,) = qa_client.get(self.QUEUE).context["cards"]
        assert (card["form"], card["is_own"]) == (None, True)
        name = f"check-{action.reference}"
        typed = {"action": action.reference, f"{name}-version": "1", f"{name}-decision": "verify"}
        assert "never who owns it or completed it" in qa_client.post(self.QUEUE, typed).content.decode()

    @pytest.mark.parametrize("rows", [1, 3])
    def test_it_costs_the_same_for_one_and_for_three(
        self, rows: int, meera: User, north: Team, qa_client: Client, assert_queries: AssertQueries
    ) -> None:
        for _ in range(rows):
            complete_action(owed(meera, north, priority=ActionPriority.P1), by=meera, evidence="Plan.")
        with assert_queries(4):
            qa_client.get(self.QUEUE)

    def test_what_was_closed_in_the_tracker_used_before_has_a_list_of_its_own(
        self, meera: User, north: Team, qa_client: Client
    ) -> None:
        closed = ActionFactory(
            team=north,
            owner=meera,
            status=ActionStatus.DONE,
            done_at=timezone.now(),
            evidence="In the tracker.",
            verification=Verification.BEFORE,
        )
        counts = {tab["label"]: tab["count"] for tab in qa_client.get(self.QUEUE).context["shows"]}
        assert counts == {
            "To verify": 0,
            "Cancellations to decide": 0,
            "Closed before": 1,
            "Done and not drawn": 0,
        }
        (card,) = qa_client.get(self.QUEUE, {"show": "before"}).context["cards"]
        assert card["action"] == closed


class TestMyWork:
    def test_what_is_pressing_one_by_one_and_the_rest_in_a_line(self, meera: User, north: Team) -> None:
        owed(meera, north, date(2027, 1, 29))
        late = [owed(meera, north, date(2026, 11, 20)) for _ in range(7)]
        urgent = owed(meera, north, date(2026, 12, 20), priority=ActionPriority.P0)
        items = work_of(meera, timezone.localdate())
        assert [item.title for item in items] == [
            f"Follow up {urgent.reference}",
            *(f"Follow up {action.reference}" for action in late[:4]),
            "3 more actions to follow up",
        ]
        assert [item.is_urgent for item in items] == [True] + [False] * 5

    def test_the_qa_lead_hears_what_waits_but_not_of_their_own(
        self, meera: User, quentin: User, north: Team
    ) -> None:
        for owner in (meera, quentin):
            complete_action(owed(owner, north, priority=ActionPriority.P1), by=owner, evidence="Plan.")
        assert [item.title for item in work_of(quentin, timezone.localdate())] == [
            "Verify 1 completed action"
        ]
