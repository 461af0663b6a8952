"""Dip samples and observations are handed in once, by whoever was given them (docs/domain.md, section 6)."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.db.utils import IntegrityError
from django.test import Client
from django.utils import timezone

from accounts.models import User
from audits.enums import RoundStatus, WithdrawalReason
from audits.ledger_facts import ledger_of
from audits.models import ActivityRecord, Allocation
from audits.services.activities import ActivityContent, hand_in_activity
from audits.services.ledger import (
    close_round,
    excuse_allocation,
    extend_allocation,
    reallocate_allocation,
    withdraw_allocation,
)
from core.errors import RuleViolation
from tests.audits.test_round_pages import text_of
from tests.conftest import AssertQueries, ClientFor
from tests.factories.accounts import auditor
from tests.factories.audits import (
    ActivityRecordFactory,
    AllocationFactory,
    DipSampleFactory,
    ObservationFactory,
    RoundFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("time_machine_at")]

TODAY = date(2026, 11, 25)
READ = ActivityContent(
    held_on=TODAY,
    looked_at="Chronologies of six files.",
    good="Four are up to date.",
    better="Two stop in the spring.",
    files_read=6,
)
SEEN = replace(READ, looked_at="One supervision.", setting="supervision", files_read=None)
TYPED = {
    "held_on_0": "24",
    "held_on_1": "11",
    "held_on_2": "2026",
    "files_read": "6",
    "looked_at": "Chronologies of six files.\r\nOne team.",
    "good": "Four are up to date.",
    "better": "Two stop in the spring.",
}


@pytest.fixture
def dip(asha: User) -> Allocation:
    made: Allocation = DipSampleFactory(auditor=asha, reference="DIP-2026-11-001")
    return made


@pytest.fixture
def observation(asha: User) -> Allocation:
    made: Allocation = ObservationFactory(auditor=asha, reference="OBS-2026-11-001")
    return made


class TestHandIn:
    def test_it_is_met_from_then_on(self, dip: Allocation, asha: User, quentin: User) -> None:
        assert list(Allocation.objects.outstanding()) == [dip]
        record = hand_in_activity(dip, READ, by=asha)
        assert (record.held_on, record.files_read, record.handed_in_at.date()) == (TODAY, 6, TODAY)
        assert list(Allocation.objects.outstanding()) == []
        [given] = ledger_of(Allocation.objects.all())
        assert (given.line.returned, given.line.outstanding, given.line.balances) == (1, 0, True)
        moves: tuple[Callable[[], object], ...] = (
            lambda: excuse_allocation(dip, by=quentin, reason="Ill."),
            lambda: withdraw_allocation(dip, because=WithdrawalReason.OTHER, note="Ill.", by=quentin),
            lambda: extend_allocation(dip, due_on=date(2026, 12, 7), by=quentin, reason="Court."),
            lambda: reallocate_allocation(dip, to=auditor("Nora Next"), by=quentin, reason="Ill."),
        )
        for move in moves:
            with pytest.raises(
                RuleViolation, match="DIP-2026-11-001 was submitted. What was submitted stays"
            ):
                move()

    def test_twice_the_same_is_once_and_other_words_are_refused(
        self, observation: Allocation, asha: User
    ) -> None:
        record = hand_in_activity(observation, SEEN, by=asha)
        assert hand_in_activity(observation, SEEN, by=asha) == record
        with pytest.raises(RuleViolation, match="was handed in on 25 November 2026 and can only be read"):
            hand_in_activity(observation, replace(SEEN, good="Nothing."), by=asha)
        assert ActivityRecord.objects.get().good == SEEN.good

    def test_only_its_auditor_and_never_an_audit_of_a_child(self, dip: Allocation, quentin: User) -> None:
        audit = AllocationFactory()
        for allocation, by in ((dip, quentin), (audit, audit.auditor)):
            with pytest.raises(RuleViolation, match="Only the auditor who was given a dip sample"):
                hand_in_activity(allocation, READ, by=by)

    def test_not_what_no_longer_stands_or_is_in_a_draft(
        self, dip: Allocation, asha: User, quentin: User
    ) -> None:
        excuse_allocation(dip, by=quentin, reason="Ill.")
        with pytest.raises(RuleViolation, match="has been excused. Nothing more is owed"):
            hand_in_activity(dip, READ, by=asha)
        december = RoundFactory(month=date(2026, 12, 1), status=RoundStatus.DRAFT)
        drafted = DipSampleFactory(round=december, auditor=asha, status="proposed")
        with pytest.raises(RuleViolation, match="is in a draft"):
            hand_in_activity(drafted, READ, by=asha)

    def test_until_the_month_is_closed_however_late(self, asha: User, quentin: User) -> None:
        october = RoundFactory(month=date(2026, 10, 1))
        late, never = DipSampleFactory.create_batch(2, round=october, auditor=asha)
        hand_in_activity(late, READ, by=asha)
        close_round(october, by=quentin)
        with pytest.raises(RuleViolation, match="October 2026 is closed, so DIP-TEST-.* can no longer"):
            hand_in_activity(never, READ, by=asha)
        assert hand_in_activity(late, READ, by=asha) == late.activity_record
        assert list(Allocation.objects.outstanding()) == [never]

    @pytest.mark.parametrize(
        ("changed", "sentence"),
        [
            ({"held_on": TODAY + timedelta(days=1)}, "cannot be in the future"),
            ({"looked_at": ""}, "Say what you looked at"),
            ({"good": ""}, "what was good"),
            ({"better": ""}, "what has to be better"),
            ({"files_read": 0}, "how many files you read, from 1 to 50"),
            ({"files_read": 51}, "how many files you read"),
            ({"files_read": None}, "how many files you read"),
            ({"setting": "court"}, "how many files you read"),
        ],
    )
    def test_what_is_missing_or_cannot_be(
        self, dip: Allocation, asha: User, changed: dict[str, object], sentence: str
    ) -> None:
        with pytest.raises(RuleViolation, match=sentence):
            hand_in_activity(dip, replace(READ, **changed), by=asha)  # type: ignore[arg-type]  # wrong on purpose
        assert not ActivityRecord.objects.exists()

    @pytest.mark.parametrize("changed", [{"setting": ""}, {"setting": "elsewhere"}, {"files_read": 3}])
    def test_an_observation_says_where(
        self, observation: Allocation, asha: User, changed: dict[str, object]
    ) -> None:
        with pytest.raises(RuleViolation, match="Say where you observed practice"):
            hand_in_activity(observation, replace(SEEN, **changed), by=asha)  # type: ignore[arg-type]  # wrong on purpose

    def test_today_is_londons(self, dip: Allocation, asha: User) -> None:
        """Half past midnight in London in summer is the day before in UTC."""
        at = datetime(2026, 6, 30, 23, 30, tzinfo=UTC)
        first_of_july = replace(READ, held_on=date(2026, 7, 1))
        assert hand_in_activity(dip, first_of_july, by=asha, at=at).held_on == date(2026, 7, 1)


@pytest.mark.parametrize(
    "wrong",
    [
        {"looked_at": ""},
        {"good": ""},
        {"better": ""},
        {"files_read": 0},
        {"files_read": 51},
        {"files_read": None},
        {"setting": "court"},
        {"files_read": None, "setting": "elsewhere"},
    ],
)
def test_the_database_refuses_what_says_nothing(dip: Allocation, wrong: dict[str, object]) -> None:
    with pytest.raises(IntegrityError):
        ActivityRecordFactory(allocation=dip, **wrong)


class TestPages:
    def test_from_my_work_to_the_list(
        self, dip: Allocation, auditor_client: Client, qa_client: Client
    ) -> None:
        url = "/programme/activities/DIP-2026-11-001/"
        assert url in auditor_client.get("/").text
        assert "How many files did you read?" in text_of(auditor_client.get(url).text)
        answer = auditor_client.post(url, TYPED, follow=True)
        assert answer.redirect_chain == [(url, 302)]
        page = text_of(answer.text)
        assert "DIP-2026-11-001 is handed in. The QA lead can read it now." in page
        assert "Files read 6 What was looked at Chronologies of six files. One team." in page
        assert ActivityRecord.objects.get().looked_at == "Chronologies of six files.\nOne team."
        work = text_of(auditor_client.get("/").text)
        assert "Nothing is waiting for you" in work
        assert "DIP-2026-11-001 Dip sample handed in on 25 November 2026" in work
        auditor_client.post(url, TYPED)
        assert ActivityRecord.objects.count() == 1
        assert "Two stop in the spring." in qa_client.get("/programme/activities/").text
        assert "Handed in" in text_of(qa_client.get("/programme/2026-11/DIP-2026-11-001/").text)
        assert "DIP-2026-11-001 Asha Auditor, handed in" in text_of(qa_client.get("/programme/2026-11/").text)
        for address in (
            "/programme/",
            "/programme/2026-11/",
            "/programme/ledger/",
            "/programme/2026-11/ledger/",
        ):
            assert "/programme/activities/" in qa_client.get(address).text

    def test_what_is_refused_keeps_what_was_typed(self, dip: Allocation, auditor_client: Client) -> None:
        url = "/programme/activities/DIP-2026-11-001/"
        page = auditor_client.post(url, TYPED | {"held_on_0": "26", "files_read": "51", "better": ""}).text
        assert "The day must be today or in the past" in page
        assert "How many files did you read? must be 50 or less" in page
        assert "Say what has to be better" in page
        assert "Four are up to date." in page
        assert "4000 characters or fewer" in auditor_client.post(url, TYPED | {"good": "x" * 4001}).text
        auditor_client.post(url, TYPED)
        page = auditor_client.post(url, TYPED | {"good": "Much was good."}).text
        assert "was handed in on 25 November 2026 and can only be read" in page
        assert "Much was good." in page

    def test_an_observation_asks_where(self, observation: Allocation, auditor_client: Client) -> None:
        url = "/programme/activities/OBS-2026-11-001/"
        assert "Answer “Where did you observe practice?”" in auditor_client.post(url, TYPED).text
        page = text_of(auditor_client.post(url, TYPED | {"setting": "home_visit"}, follow=True).text)
        assert "Where Home visit What was observed Chronologies of six files." in page

    def test_what_is_owed_no_more_leads_to_what_became_of_it(
        self, dip: Allocation, auditor_client: Client, quentin: User
    ) -> None:
        excuse_allocation(dip, by=quentin, reason="Ill.")
        answer = auditor_client.get("/programme/activities/DIP-2026-11-001/", follow=True)
        assert answer.redirect_chain == [("/programme/2026-11/DIP-2026-11-001/", 302)]
        assert "DIP-2026-11-001 has been excused." in text_of(answer.text)
        page = auditor_client.post("/programme/activities/DIP-2026-11-001/", TYPED).text
        assert "has been excused" in page
        assert "Four are up to date." in page

    def test_who_reads_it(
        self, dip: Allocation, asha: User, meera: User, sanjay: User, bella: User, client_for: ClientFor
    ) -> None:
        """The team manager who is no line manager of the auditor sees that it was handed in and not what it says."""
        url, obligation = "/programme/activities/DIP-2026-11-001/", "/programme/2026-11/DIP-2026-11-001/"
        User.objects.filter(pk=asha.pk).update(line_manager=sanjay)
        assert client_for(sanjay).get(url).status_code == 404
        ActivityRecordFactory(allocation=dip)
        for person, reads in ((asha, True), (sanjay, True), (meera, False), (bella, False)):
            assert client_for(person).get(url).status_code == (200 if reads else 404)
            page = client_for(person).get(obligation).text
            assert "Handed in" in page
            assert ("Read what was handed in" in page) is reads
        assert client_for(sanjay).post(url, TYPED).status_code == 404

    def test_the_list_by_month_and_kind(self, qa_client: Client, assert_queries: AssertQueries) -> None:
        october = RoundFactory(month=date(2026, 10, 1))
        ActivityRecordFactory(allocation__reference="DIP-2026-11-001")
        url = "/programme/activities/"
        qa_client.get(url)
        with assert_queries(4):
            qa_client.get(url)
        ActivityRecordFactory(
            allocation=ObservationFactory(reference="OBS-2026-11-001"), files_read=None, setting="court"
        )
        ActivityRecordFactory(
            allocation__reference="DIP-2026-10-001",
            allocation__round=october,
            handed_in_at=timezone.now() - timedelta(days=20),
        )
        with assert_queries(4):
            page = qa_client.get(url).text
        shown = ["OBS-2026-11-001", "DIP-2026-11-001", "DIP-2026-10-001"]
        assert sorted(shown, key=page.index) == shown
        for query, found in (
            ("?month=2026-10-01", shown[2:]),
            ("?kind=observation", shown[:1]),
            ("?month=2026-11-01&kind=dip_sample", shown[1:2]),
            ("?month=nonsense&kind=cja", shown),
        ):
            page = qa_client.get(url + query).text
            assert [reference for reference in shown if reference in page] == found


def at_once(run: Callable[[], object], times: int) -> None:
    def once() -> None:
        try:
            run()
        finally:
            connection.close()

    threads = [threading.Thread(target=once) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@pytest.mark.services
@pytest.mark.django_db(transaction=True)
def test_a_double_click_is_once(dip: Allocation, asha: User) -> None:
    records: list[ActivityRecord] = []
    at_once(lambda: records.append(hand_in_activity(dip, READ, by=asha)), times=4)
    assert len(records) == 4
    assert set(records) == {ActivityRecord.objects.get()}
