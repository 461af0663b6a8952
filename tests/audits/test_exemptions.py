"""Exemptions and grace periods (docs/domain.md, section 6)."""

from datetime import UTC, date, datetime

import pytest
import time_machine
from django.db.utils import IntegrityError
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User
from audits.enums import AllocationStatus, ExemptionKind, ExemptionStatus
from audits.exempting import is_exempt_in, months_touched
from audits.models import Allocation, Exemption, ProgrammeSettings
from audits.round_facts import auditors_for
from audits.services import exemptions
from audits.services.exemptions import decide_exemption, end_exemption, request_exemption
from core.dates import Quarter
from core.errors import RuleViolation
from dashboards.selectors.audits import returns_by_quarter
from notifications.models import Message
from tests.audits.test_round_pages import text_of
from tests.conftest import AssertQueries, ClientFor
from tests.factories.accounts import UserFactory, auditor
from tests.factories.audits import AllocationFactory, AuditFactory, ExemptionFactory, submitted_audit

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("time_machine_at")]

DECEMBER = date(2026, 12, 1)
FIRST, LAST = date(2026, 12, 1), date(2026, 12, 31)
TODAY = date(2026, 11, 25)


def ask(auditor: User, by: User | None = None, **facts: object) -> Exemption:
    details = {"kind": ExemptionKind.LEAVE, "reason": "Away.", "starts_on": FIRST, "ends_on": LAST, **facts}
    return request_exemption(auditor, by=by or auditor, **details)  # type: ignore[arg-type]


class TestMonths:
    @pytest.mark.parametrize(
        ("first", "last", "exempt"),
        [
            (date(2026, 12, 1), date(2026, 12, 31), True),
            (date(2026, 12, 1), date(2026, 12, 14), False),  # 10 of 21 working days
            (date(2026, 12, 1), date(2026, 12, 15), True),
            (date(2026, 12, 24), date(2027, 1, 3), False),
            (date(2026, 11, 1), date(2026, 11, 30), False),
        ],
    )
    def test_more_than_half_of_the_working_days(self, first: date, last: date, *, exempt: bool) -> None:
        assert is_exempt_in(DECEMBER, [(first, last)]) is exempt

    def test_closures_are_no_working_days(self) -> None:
        half = [(date(2026, 12, 1), date(2026, 12, 14))]
        assert not is_exempt_in(DECEMBER, half)
        assert is_exempt_in(DECEMBER, half, frozenset({date(2026, 12, 23), date(2026, 12, 24)}))

    @given(st.dates(date(2026, 1, 1), date(2027, 12, 31)), st.integers(0, 400))
    def test_two_halves_are_one_whole(self, first: date, days: int) -> None:
        last = date.fromordinal(first.toordinal() + days)
        middle = date.fromordinal(first.toordinal() + days // 2)
        after = date.fromordinal(middle.toordinal() + 1)
        for month in months_touched([(first, last)]):
            whole = is_exempt_in(month, [(first, last)])
            assert is_exempt_in(month, [(first, middle), (after, last), (first, last)]) == whole


class TestRequest:
    def test_ones_own_twice_is_once(self, asha: User) -> None:
        assert ask(asha) == ask(asha)
        made = Exemption.objects.get()
        assert (made.status, made.requested_by, made.decided_by) == (ExemptionStatus.REQUESTED, asha, None)

    def test_by_line_manager_and_support_and_nobody_else(
        self, asha: User, bella: User, meera: User, sid: User
    ) -> None:
        asha.line_manager = UserFactory(name="Lena Line")
        asha.save()
        for person in (meera, sid):
            with pytest.raises(RuleViolation, match="You may ask for yourself"):
                ask(asha, person)
        assert ask(asha, asha.line_manager).requested_by == asha.line_manager
        assert ask(asha, bella, starts_on=date(2027, 2, 1), ends_on=date(2027, 2, 26)).requested_by == bella

    @pytest.mark.parametrize(
        ("facts", "sentence"),
        [
            ({"reason": " "}, "Give a reason"),
            ({"ends_on": date(2026, 11, 30)}, "must not come before"),
            ({"starts_on": date(2026, 11, 1), "ends_on": date(2026, 11, 24)}, "is over"),
            ({"ends_on": date(2027, 12, 1)}, "12 months at most"),
        ],
    )
    def test_refused(self, asha: User, facts: dict[str, object], sentence: str) -> None:
        with pytest.raises(RuleViolation, match=sentence):
            ask(asha, **facts)

    def test_no_auditor_and_no_overlap(self, asha: User, stella: User) -> None:
        with pytest.raises(RuleViolation, match="is not an auditor"):
            ask(stella)
        ask(asha)
        with pytest.raises(RuleViolation, match="already has one for some of these days"):
            ask(asha, starts_on=date(2026, 12, 31), ends_on=date(2027, 1, 5))


class TestDecide:
    def test_approved_keeps_the_month_free(self, asha: User, quentin: User) -> None:
        def facts() -> tuple[bool, int]:
            [one] = auditors_for(DECEMBER, ProgrammeSettings.current(), on=TODAY)
            return one.exempt, one.months_available

        made = ask(asha)
        assert facts() == (False, 9)
        decided = decide_exemption(made, approve=True, by=quentin)
        decide_exemption(made, approve=True, by=quentin)
        assert (decided.status, decided.decided_by) == (ExemptionStatus.APPROVED, quentin)
        assert facts() == (True, 8)
        assert [row.recipient for row in Message.objects.all()] == [asha]

    def test_it_excuses_what_is_named_and_the_return_rate_knows(self, asha: User, quentin: User) -> None:
        named, kept = (AuditFactory(allocation=AllocationFactory(auditor=asha)).allocation for _ in range(2))
        submitted_audit(by=asha)
        decide_exemption(ask(asha), approve=True, by=quentin, excuse=[named])
        assert Allocation.objects.get(pk=named.pk).status == AllocationStatus.EXCUSED
        assert named.moves.get().reason == "Exempt: Leave, 1 December 2026 to 31 December 2026"
        assert Allocation.objects.get(pk=kept.pk).status == AllocationStatus.ALLOCATED
        quarter = Quarter.of(date(2026, 11, 1))
        counts = returns_by_quarter(quarter, quarter)[quarter]
        assert (counts["allocated"], counts["excused"], counts["submitted"]) == (3, 1, 1)

    def test_somebody_elses_is_not_excused_with_it(self, asha: User, quentin: User) -> None:
        made, other = ask(asha), AllocationFactory()
        with pytest.raises(RuleViolation, match="is not Asha Auditor's"):
            decide_exemption(made, approve=True, by=quentin, excuse=[other])
        assert Exemption.objects.get().status == ExemptionStatus.REQUESTED

    def test_refused_with_a_note(self, asha: User, quentin: User, priya: User) -> None:
        made = ask(asha)
        with pytest.raises(RuleViolation, match="Say why"):
            decide_exemption(made, approve=False, by=quentin)
        decide_exemption(made, approve=False, by=quentin, note="Too many away.")
        with pytest.raises(RuleViolation, match="decided already: refused"):
            decide_exemption(made, approve=True, by=priya)

    def test_only_the_two_and_never_their_own(
        self, asha: User, bella: User, meera: User, priya: User, quentin: User
    ) -> None:
        own = ExemptionFactory(auditor=quentin)
        for person, made in ((bella, ask(asha)), (meera, ask(asha)), (asha, ask(asha)), (quentin, own)):
            with pytest.raises(RuleViolation, match="never on an exemption of their own"):
                decide_exemption(made, approve=True, by=person)
        assert decide_exemption(own, approve=True, by=priya).status == ExemptionStatus.APPROVED

    def test_without_the_guard_the_database_still_refuses(
        self, quentin: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The twin."""
        monkeypatch.setattr(exemptions, "can_decide_exemption", lambda *_: True)
        with pytest.raises(IntegrityError):
            decide_exemption(ExemptionFactory(auditor=quentin), approve=True, by=quentin)


class TestEnd:
    def test_ended_while_it_runs(self, asha: User, quentin: User) -> None:
        made = decide_exemption(ask(asha), approve=True, by=quentin)
        with time_machine.travel(datetime(2026, 12, 4, 9, tzinfo=UTC)):
            ended = end_exemption(made, by=quentin)
            end_exemption(made, by=quentin)
        assert (ended.status, ended.ends_on) == (ExemptionStatus.ENDED, date(2026, 12, 4))
        [one] = auditors_for(DECEMBER, ProgrammeSettings.current(), on=TODAY)
        assert not one.exempt

    def test_before_it_begins_it_is_refused_after_all(self, asha: User, quentin: User) -> None:
        made = decide_exemption(ask(asha), approve=True, by=quentin)
        assert end_exemption(made, by=quentin).status == ExemptionStatus.REFUSED

    def test_not_what_is_over_or_waiting(self, asha: User, bella: User, quentin: User) -> None:
        made = ask(asha)
        with pytest.raises(RuleViolation, match="approved and not over"):
            end_exemption(made, by=quentin)
        decide_exemption(made, approve=True, by=quentin)
        with pytest.raises(RuleViolation, match="never on an exemption"):
            end_exemption(made, by=bella)
        with (
            time_machine.travel(datetime(2027, 1, 4, 9, tzinfo=UTC)),
            pytest.raises(RuleViolation, match="not over"),
        ):
            end_exemption(made, by=quentin)


class TestPages:
    def test_from_the_request_to_the_decision(
        self, auditor_client: Client, qa_client: Client, asha: User
    ) -> None:
        row = AuditFactory(allocation=AllocationFactory(auditor=asha, reference="CJA-2026-11-001")).allocation
        assert 'href="/programme/exemptions/"' in auditor_client.get("/").text
        data = {"auditor": str(asha.pk), "kind": "leave", "reason": "Two weeks in Wales."}
        data |= {f"starts_on_{n}": part for n, part in enumerate(("16", "11", "2026"))}
        data |= {f"ends_on_{n}": part for n, part in enumerate(("18", "12", "2026"))}
        response = auditor_client.post("/programme/exemptions/request/", data, follow=True)
        assert "The QA lead or the Principal Social Worker decides." in text_of(response.text)
        page = response.redirect_chain[0][0]
        assert "Do you approve it?" not in response.text
        assert auditor_client.post(page, {"decision": "approve", "note": ""}).status_code == 404
        assert "Decide on the exemption of Asha Auditor" in text_of(qa_client.get("/").text)
        words = text_of(qa_client.get(page).text)
        assert "CJA-2026-11-001, child journey audit, due 30 November 2026" in words
        assert "Months without audits November 2026, December 2026" in words
        refused = qa_client.post(page, {"decision": "refuse", "note": ""})
        assert "Say why it is refused" in refused.text
        answer = {"decision": "approve", "note": "", "excuse": [str(row.pk)]}
        words = text_of(qa_client.post(page, answer, follow=True).text)
        assert "Asha Auditor is being told by mail." in words
        assert Allocation.objects.get().status == AllocationStatus.EXCUSED
        assert "Approved" in auditor_client.get("/programme/exemptions/").text
        words = text_of(qa_client.post(f"{page}end/", follow=True).text)
        assert "Asha Auditor can be given audits again." in words

    def test_reasons_are_private(self, client_for: ClientFor, asha: User, meera: User, bella: User) -> None:
        made = ask(asha)
        page = f"/programme/exemptions/{made.pk}/"
        colleague = auditor("Cora Colleague")
        for person, status in ((asha, 200), (bella, 200), (colleague, 404), (meera, 404)):
            client = client_for(person)
            assert client.get(page).status_code == status
            assert ("Asha" in text_of(client.get("/programme/exemptions/").text.split("<h1")[1])) == (
                status == 200
            )

    def test_nobody_decides_on_their_own(self, qa_client: Client, quentin: User) -> None:
        page = f"/programme/exemptions/{ExemptionFactory(auditor=quentin).pk}/"
        assert "Do you approve it?" not in qa_client.get(page).text
        assert qa_client.post(page, {"decision": "approve"}).status_code == 404
        assert qa_client.post(f"{page}end/").status_code == 404

    @pytest.mark.parametrize("rows", [1, 3])
    def test_queries(self, qa_client: Client, assert_queries: AssertQueries, rows: int) -> None:
        for n in range(rows):
            ExemptionFactory(auditor=auditor(f"Auditor {n}"))
            made = ExemptionFactory(auditor=auditor(f"Other {n}"))
            Exemption.objects.filter(pk=made.pk).update(
                status=ExemptionStatus.REFUSED,
                decided_by=User.objects.get(name="Quentin Lead"),
                decided_at=made.requested_at,
            )
        with assert_queries(5):
            qa_client.get("/programme/exemptions/")
        with assert_queries(5):
            qa_client.get(f"/programme/exemptions/{Exemption.objects.waiting().first().pk}/")
