"""A child at risk now: raised, answered by somebody with a name, escalated when nobody does, read by few."""

from __future__ import annotations

import re
import uuid
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from accounts.enums import JobRole, Role
from accounts.models import User
from audits.enums import ConcernMoveKind, ConcernStatus
from audits.models import ConcernMove, ConcernSettings, ConcernTold, ImmediateConcern
from audits.services.concerns import (
    Telephoned,
    acknowledge_concern,
    close_concern,
    raise_concern,
    sweep_concerns,
)
from audits.tasks import sweep_concerns as sweep_task
from audits.work import work_of
from core.errors import RuleViolation
from notifications.emails import render
from notifications.models import Message
from tests.conftest import AssertQueries, ClientFor
from tests.factories.accounts import MembershipFactory, TeamFactory, person
from tests.factories.audits import ChildFactory, started_audit, submitted_audit

pytestmark = pytest.mark.django_db

AT = datetime(2026, 11, 25, 14, 0, tzinfo=UTC)
RISK = "Her mother's partner is back in the house tonight."
WORDS = {"risk": RISK, "reached": "reached", "telephoned": "Duty social worker at 14:20"}


@pytest.fixture
def lena(db: None) -> User:
    """Lena, the assistant director of the service of the North team."""
    someone = person("Lena Leader", job_role=JobRole.ASSISTANT_DIRECTOR)
    MembershipFactory(user=someone, role=Role.SENIOR_LEADER, service=TeamFactory(name="North").service)
    return someone


def concern_of(by: User, *, reference: str = "5694372", at: datetime = AT) -> ImmediateConcern:
    """A concern about a child of the North team."""
    ChildFactory(reference=reference, team=TeamFactory(name="North"))
    return raise_concern(
        reference, risk=RISK, telephoned=Telephoned(reached_nobody=True), by=by, key=uuid.uuid4(), at=at
    )


def told(kind: str) -> list[str]:
    return sorted(Message.objects.filter(kind=kind).values_list("recipient__name", flat=True))


def moves_of(concern: ImmediateConcern) -> list[tuple[str, str | None]]:
    return [(move.kind, move.by.name if move.by else None) for move in concern.moves.select_related("by")]


class TestRaising:
    def test_the_two_managers_of_the_child_are_told_at_once(
        self, asha: User, meera: User, sanjay: User, quentin: User
    ) -> None:
        concern = concern_of(asha)
        assert told("audits.concern_raised") == [meera.name, sanjay.name]
        assert [(row.person, row.told_as) for row in concern.told.order_by("person__name")] == [
            (meera, "team_manager"),
            (sanjay, "service_manager"),
        ]
        assert moves_of(concern) == [("raise", "Asha Auditor")]

    def test_where_the_team_has_neither_the_qa_lead_and_the_psw_are(
        self, asha: User, quentin: User, priya: User
    ) -> None:
        concern_of(asha)
        assert told("audits.concern_raised") == [priya.name, quentin.name]

    def test_so_they_are_of_a_child_whom_the_caseload_does_not_know(
        self, asha: User, meera: User, quentin: User, priya: User
    ) -> None:
        concern = raise_concern(
            "none", risk=RISK, telephoned=Telephoned("Police"), by=asha, key=uuid.uuid4(), at=AT
        )
        assert concern.team is None
        assert told("audits.concern_raised") == [priya.name, quentin.name]

    def test_a_manager_who_raises_it_is_not_told_of_it(self, meera: User, sanjay: User) -> None:
        concern_of(meera)
        assert told("audits.concern_raised") == [sanjay.name]

    def test_somebody_who_no_longer_signs_in_is_not_told(self, asha: User, meera: User, sanjay: User) -> None:
        meera.is_active = False
        meera.save()
        concern_of(asha)
        assert told("audits.concern_raised") == [sanjay.name]

    def test_the_same_form_twice_is_one_concern_and_one_mail_each(self, asha: User, meera: User) -> None:
        key, child = uuid.uuid4(), ChildFactory(team=TeamFactory(name="North"))
        made = [
            raise_concern(child.reference, risk=RISK, telephoned=Telephoned("Police"), by=asha, key=key)
            for _ in range(2)
        ]
        assert made[0] == made[1]
        assert (ImmediateConcern.objects.count(), ConcernMove.objects.count(), Message.objects.count()) == (
            1,
            1,
            1,
        )

    def test_twin_another_form_is_another_concern(self, asha: User, meera: User) -> None:
        for _ in range(2):
            raise_concern("1", risk=RISK, telephoned=Telephoned("Police"), by=asha, key=uuid.uuid4())
        assert ImmediateConcern.objects.count() == 2

    def test_mail_says_nothing_of_the_child_or_the_risk(self, asha: User, meera: User, quentin: User) -> None:
        concern = concern_of(asha)
        sweep_concerns(at=AT + timedelta(hours=1))
        acknowledge_concern(concern, response="I am on my way there.", by=meera)
        kinds = set()
        for message in Message.objects.select_related("recipient"):
            kinds.add(message.kind)
            mail = render(message)
            words = " ".join((mail.subject, str(mail.body), str(mail.alternatives[0][0])))
            assert f"/concern/CON-{concern.pk}/" in words
            assert [text for text in (concern.child_reference, RISK, "on my way") if text in words] == []
        assert kinds == {"audits.concern_raised", "audits.concern_escalated", "audits.concern_acknowledged"}

    @pytest.mark.parametrize(
        "broken",
        [
            {"risk": ""},
            {"child_reference": ""},
            {"telephoned": ""},
            {"telephoned": "Police", "reached_nobody": True},
            {"status": ConcernStatus.ACKNOWLEDGED},
            {"status": ConcernStatus.CLOSED},
        ],
    )
    def test_the_database_refuses_what_makes_no_sense(self, broken: dict[str, object], asha: User) -> None:
        fields = {
            "child_reference": "1",
            "risk": RISK,
            "telephoned": "Police",
            "raised_by": asha,
            "raised_at": AT,
        }
        ImmediateConcern.objects.create(**fields)
        with pytest.raises(IntegrityError), transaction.atomic():
            ImmediateConcern.objects.create(**(fields | {"key": uuid.uuid4()} | broken))


class TestAnswering:
    def test_a_named_person_takes_it_on_and_its_raiser_is_told(self, asha: User, meera: User) -> None:
        concern = acknowledge_concern(concern_of(asha), response="I am going there.", by=meera, at=AT)
        assert (concern.status, concern.acknowledged_by, concern.acknowledged_at) == (
            "acknowledged",
            meera,
            AT,
        )
        assert told("audits.concern_acknowledged") == [asha.name]
        assert moves_of(concern) == [("raise", asha.name), ("acknowledge", meera.name)]

    def test_the_same_click_twice_changes_nothing(self, asha: User, meera: User) -> None:
        concern = concern_of(asha)
        for _ in range(2):
            acknowledge_concern(concern, response="I am going there.", by=meera)
        assert ConcernMove.objects.filter(kind=ConcernMoveKind.ACKNOWLEDGE).count() == 1
        assert Message.objects.filter(kind="audits.concern_acknowledged").count() == 1

    def test_the_second_person_hears_who_was_first(self, asha: User, meera: User, sanjay: User) -> None:
        concern = concern_of(asha)
        acknowledge_concern(concern, response="I am going there.", by=meera)
        with pytest.raises(RuleViolation, match="Meera Manager has acknowledged this concern already"):
            acknowledge_concern(concern, response="Me too.", by=sanjay)
        concern.refresh_from_db()
        assert concern.response == "I am going there."

    def test_nobody_acknowledges_their_own(self, meera: User) -> None:
        concern = concern_of(meera)
        with pytest.raises(RuleViolation, match="Somebody else has to acknowledge"):
            acknowledge_concern(concern, response="Fine.", by=meera)
        with pytest.raises(IntegrityError), transaction.atomic():
            ImmediateConcern.objects.filter(pk=concern.pk).update(
                status="acknowledged", acknowledged_by=meera, acknowledged_at=AT, response="Fine."
            )

    def test_it_is_closed_with_what_came_of_it(self, asha: User, meera: User, sanjay: User) -> None:
        concern = concern_of(asha)
        with pytest.raises(RuleViolation, match="Nobody has acknowledged"):
            close_concern(concern, outcome="Safe.", by=meera)
        acknowledge_concern(concern, response="I am going there.", by=meera)
        with pytest.raises(RuleViolation, match="Somebody else has to close"):
            close_concern(concern, outcome="Safe.", by=asha)
        closed = close_concern(concern, outcome="She sleeps at her aunt's.", by=sanjay)
        assert (closed.status, closed.closed_by, closed.outcome) == (
            "closed",
            sanjay,
            "She sleeps at her aunt's.",
        )
        close_concern(concern, outcome="She sleeps at her aunt's.", by=sanjay)
        with pytest.raises(RuleViolation, match="Sanjay Service has closed"):
            close_concern(concern, outcome="Other.", by=meera)
        assert [kind for kind, _ in moves_of(concern)] == ["raise", "acknowledge", "close"]


class TestEscalating:
    def test_after_thirty_minutes_the_assistant_director_the_qa_lead_and_the_psw_are_told_once(
        self, asha: User, meera: User, lena: User, quentin: User, priya: User
    ) -> None:
        concern = concern_of(asha)
        assert sweep_concerns(at=AT + timedelta(minutes=29, seconds=59)) == {"escalated": 0}
        assert told("audits.concern_escalated") == []
        assert sweep_concerns(at=AT + timedelta(minutes=30)) == {"escalated": 1}
        assert told("audits.concern_escalated") == [lena.name, priya.name, quentin.name]
        assert sweep_concerns(at=AT + timedelta(minutes=31)) == {"escalated": 0}
        assert moves_of(concern) == [("raise", asha.name), ("escalate", None)]

    def test_after_72_hours_off_it_is_one_mail_each(self, asha: User, lena: User, quentin: User) -> None:
        concern_of(asha)
        for hours in (72, 73, 74):
            sweep_concerns(at=AT + timedelta(hours=hours))
        assert told("audits.concern_escalated") == [lena.name, quentin.name]

    def test_what_was_acknowledged_is_not_escalated(self, asha: User, meera: User, quentin: User) -> None:
        acknowledge_concern(concern_of(asha), response="I am going there.", by=meera)
        assert sweep_concerns(at=AT + timedelta(hours=1)) == {"escalated": 0}

    def test_the_minutes_are_the_councils(self, asha: User, meera: User, quentin: User) -> None:
        ConcernSettings.objects.create(pk=1, escalate_after_minutes=10)
        concern_of(asha)
        assert sweep_task((AT + timedelta(minutes=10)).isoformat()) == {"escalated": 1}

    def test_it_is_never_told_to_who_raised_it(self, quentin: User, priya: User, meera: User) -> None:
        concern_of(quentin)
        sweep_concerns(at=AT + timedelta(hours=1))
        assert told("audits.concern_escalated") == [priya.name]

    def test_an_escalated_concern_is_still_acknowledged_by_whoever_can(
        self, asha: User, lena: User, quentin: User
    ) -> None:
        concern = concern_of(asha)
        sweep_concerns(at=AT + timedelta(hours=1))
        assert acknowledge_concern(concern, response="I have called her.", by=lena).acknowledged_by == lena


@pytest.fixture
def others(bella: User, sid: User, stella: User) -> list[User]:
    """People who have nothing to do with the North team's children, a manager of another team among them."""
    other = person("Other Manager")
    MembershipFactory(user=other, role=Role.TEAM_MANAGER, team=TeamFactory(name="South"))
    return [bella, sid, stella, other]


class TestWhoReads:
    @pytest.mark.usefixtures("meera", "sanjay", "lena", "quentin", "priya")
    def test_the_raiser_the_managers_the_leaders_of_the_service_the_qa_lead_and_the_psw(
        self, asha: User, others: list[User]
    ) -> None:
        concern_of(asha)
        everybody = User.objects.order_by("name")
        readers = [one.name for one in everybody if ImmediateConcern.objects.visible_to(one).exists()]
        assert readers == [
            "Asha Auditor",
            "Lena Leader",
            "Meera Manager",
            "Priya Principal",
            "Quentin Lead",
            "Sanjay Service",
        ]
        assert len(everybody) == len(readers) + len(others)

    def test_who_was_told_twice_sees_it_once(self, asha: User, quentin: User, priya: User) -> None:
        concern = concern_of(asha)
        sweep_concerns(at=AT + timedelta(hours=1))
        assert ConcernTold.objects.filter(person=priya).count() == 2
        assert list(ImmediateConcern.objects.visible_to(priya)) == [concern]
        assert [item.title for item in work_of(priya, AT.date()) if "CON" in item.title] == [
            f"Acknowledge CON-{concern.pk}: a child is at risk now"
        ]

    def test_it_is_the_first_thing_on_my_work_of_who_was_told_until_somebody_takes_it_on(
        self, asha: User, meera: User, sanjay: User
    ) -> None:
        concern = concern_of(asha)
        first = work_of(meera, AT.date())[0]
        assert (first.title, first.is_urgent) == (
            f"Acknowledge CON-{concern.pk}: a child is at risk now",
            True,
        )
        acknowledge_concern(concern, response="I am going there.", by=sanjay)
        assert work_of(meera, AT.date()) == []
        assert [item.title for item in work_of(sanjay, AT.date())] == [
            f"Close CON-{concern.pk} once the child is safe"
        ]
        assert work_of(asha, AT.date()) == []


class TestPages:
    def test_the_instruction_and_the_numbers_come_before_anything_is_typed(
        self, stranger_client: Client
    ) -> None:
        ConcernSettings.objects.create(
            pk=1, instruction="Ring us at once.", telephones="Duty team: 01632 960 777"
        )
        page = stranger_client.get(reverse("concerns:concern_raise")).text
        assert page.index("Ring us at once.") < page.index("01632 960 777") < page.index("What is the risk?")

    def test_a_number_is_dialled_at_a_touch(self, stranger_client: Client) -> None:
        telephones = "Duty team: 01632 960 777\nAbroad: +44 (1632) 960-300\nAsk: 960 or the desk 2"
        ConcernSettings.objects.create(pk=1, instruction="Ring us.", telephones=telephones)
        page = stranger_client.get(reverse("concerns:concern_raise")).text
        assert re.findall(r'href="(tel:[^"]*)">([^<]*)<', page) == [
            ("tel:01632960777", "01632 960 777"),
            ("tel:+441632960300", "+44 (1632) 960-300"),
        ]
        assert "960 or the desk 2" in page

    def test_every_page_has_the_link_and_an_audits_page_names_the_audit(
        self, asha: User, auditor_client: Client
    ) -> None:
        reference = started_audit(asha).allocation.reference
        assert 'href="/concern/"' in auditor_client.get("/").text
        for page in ("", "visits/", "check/"):
            assert (
                f'href="/concern/?audit={reference}"'
                in auditor_client.get(f"/audits/{reference}/{page}").text
            )

    def test_from_an_audit_the_child_is_ticked_and_the_concern_belongs_to_the_audit(
        self, asha: User, meera: User, auditor_client: Client
    ) -> None:
        audit = started_audit(asha, child__team=TeamFactory(name="North"))
        reference = audit.allocation.reference
        page = auditor_client.get(f"/concern/?audit={reference}")
        assert page.context["form"]["child"].value() == reference
        key = page.context["form"]["key"].value()
        for _ in range(2):
            answer = auditor_client.post("/concern/", {**WORDS, "child": reference, "key": key}, follow=True)
        concern = ImmediateConcern.objects.get()
        assert (concern.audit, concern.child_reference) == (audit, audit.allocation.audited_child.reference)
        assert concern.telephoned == "Duty social worker at 14:20"
        assert "Meera Manager, Team manager" in answer.text
        assert "keep telephoning" in answer.text

    def test_an_audit_of_somebody_else_is_not_taken_from_the_address(
        self, priya: User, stranger_client: Client
    ) -> None:
        audit = submitted_audit()
        page = stranger_client.get(f"/concern/?audit={audit.allocation.reference}")
        assert audit.allocation.audited_child.reference not in page.text
        stranger_client.post(
            "/concern/", {**WORDS, "child": audit.allocation.reference, "child_reference": "77"}
        )
        assert [(one.audit, one.child_reference) for one in ImmediateConcern.objects.all()] == [(None, "77")]

    def test_a_reference_typed_by_hand_does_not_tell_whose_child_it_is(
        self, meera: User, stranger_client: Client
    ) -> None:
        ChildFactory(reference="5694372", team=TeamFactory(name="North"))
        answer = stranger_client.post("/concern/", {**WORDS, "child_reference": " 5694372 "}, follow=True)
        assert told("audits.concern_raised") == [meera.name]
        assert "The people who answer for this child are being told" in answer.text
        assert [word for word in ("Meera", "North") if word in answer.text.partition("<main")[2]] == []

    def test_when_nobody_could_be_told_the_page_says_so(self, stranger_client: Client) -> None:
        answer = stranger_client.post("/concern/", {**WORDS, "child_reference": "1"}, follow=True)
        assert "Nobody could be told by mail" in answer.text

    @pytest.mark.parametrize(
        ("left_out", "sentence"),
        [
            ({"child_reference": ""}, "Enter the child&#x27;s case reference"),
            ({"risk": ""}, "Say what the risk is"),
            ({"reached": ""}, "Say whether you reached somebody by telephone"),
            ({"telephoned": ""}, "Say whom you spoke to, and when"),
            ({"telephoned": "   "}, "Say whom you spoke to, and when"),
        ],
    )
    def test_what_is_missing_is_said_and_nothing_typed_is_lost(
        self, left_out: dict[str, str], sentence: str, stranger_client: Client
    ) -> None:
        answer = stranger_client.post("/concern/", {**WORDS, "child_reference": "1", **left_out})
        assert sentence in answer.text
        assert "Duty social worker at 14:20" in answer.text or "telephoned" in left_out
        assert not ImmediateConcern.objects.exists()

    def test_nobody_reached_is_an_answer(self, quentin: User, stranger_client: Client) -> None:
        stranger_client.post(
            "/concern/", {"child_reference": "1", "risk": RISK, "reached": "nobody", "key": "x"}
        )
        assert [(one.telephoned, one.reached_nobody) for one in ImmediateConcern.objects.all()] == [
            ("", True)
        ]

    def test_acknowledge_then_close_on_the_page(
        self, asha: User, meera: User, manager_client: Client
    ) -> None:
        url = reverse("concerns:concern_detail", args=(concern_of(asha).pk,))
        assert RISK.split("'", maxsplit=1)[0] in manager_client.get(url).text
        refused = manager_client.post(f"{url}acknowledge/", {"response": ""})
        assert "Say what you will do, and by when" in refused.text
        done = manager_client.post(f"{url}acknowledge/", {"response": "I go there."}, follow=True)
        assert "You have acknowledged CON-" in done.text
        done = manager_client.post(f"{url}close/", {"outcome": "Safe with her aunt."}, follow=True)
        assert "Safe with her aunt." in done.text

    def test_too_late_the_typed_answer_stays_on_the_page(
        self, asha: User, meera: User, sanjay: User, client_for: ClientFor
    ) -> None:
        concern = concern_of(asha)
        acknowledge_concern(concern, response="I am going there.", by=meera)
        url = reverse("concerns:concern_acknowledge", args=(concern.pk,))
        answer = client_for(sanjay).post(url, {"response": "I will ring the school."})
        assert "Meera Manager has acknowledged this concern already" in answer.text
        assert "I will ring the school." in answer.text

    def test_the_list_takes_as_many_queries_for_one_as_for_three(
        self, asha: User, meera: User, manager_client: Client, assert_queries: AssertQueries
    ) -> None:
        for count in (1, 2):
            for number in range(count):
                concern_of(asha, reference=f"9{count}{number}")
            with assert_queries(4):
                page = manager_client.get(reverse("concerns:concern_list"))
        assert len(page.context["page_obj"]) == 3

    def test_the_list_shows_nothing_to_who_may_read_nothing(
        self, asha: User, stranger_client: Client
    ) -> None:
        concern_of(asha)
        assert "No concerns here" in stranger_client.get(reverse("concerns:concern_list")).text

    def test_the_settings_are_saved_and_a_line_without_a_number_is_refused(self, qa_client: Client) -> None:
        url = reverse("concern_settings_edit")
        good = {
            "instruction": "Ring.",
            "telephones": "Duty: 01632 960 777\nPolice: 999",
            "escalate_after_minutes": "20",
            "review_within_days": "2",
            "plan_within_days": "5",
        }
        refused = qa_client.post(url, {**good, "telephones": "Duty: 01632 960 777\nthe police"})
        assert "Line 2: write whom it reaches, a colon and the number" in refused.text
        assert qa_client.post(url, {**good, "escalate_after_minutes": "0"}).status_code == 200
        qa_client.post(url, good)
        saved = ConcernSettings.current()
        assert saved.telephone_lines == [("Duty", "01632 960 777"), ("Police", "999")]
        assert saved.escalate_after_minutes == 20


def test_who_manages_the_team_on_the_london_day_is_told(asha: User, sanjay: User) -> None:
    """Five past midnight in London on 1 July, in British Summer Time, when it is still June by UTC."""
    since_july = person("July Manager")
    MembershipFactory(
        user=since_july,
        role=Role.TEAM_MANAGER,
        team=TeamFactory(name="North"),
        starts_on=date(2026, 7, 1),
    )
    concern_of(asha, at=datetime(2026, 6, 30, 23, 5, tzinfo=UTC))
    assert told("audits.concern_raised") == [since_july.name, sanjay.name]
