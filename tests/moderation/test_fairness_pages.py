"""The queue, earned exemptions, agreement and calibration as pages."""

from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from accounts.enums import Role
from accounts.models import User
from audits.enums import Grade
from core.shares import Ratio
from moderation.agreement import Lean
from moderation.models import (
    CalibrationGrade,
    EarnedExemption,
    ModerationCase,
    ModerationSettings,
    Panel,
    Tabling,
)
from moderation.selectors import (
    agreement_by_section,
    coverage,
    decided_lines,
    leans,
    overall_agreement_by,
    reasons_given,
)
from moderation.services.calibration import sweep_calibrations
from moderation.services.selection import select_for_moderation
from moderation.standing_facts import decided_overall
from tests.conftest import AssertQueries, ClientFor
from tests.factories.accounts import MembershipFactory, auditor
from tests.factories.audits import moment, submitted_audit
from tests.factories.fairness import (
    calibration,
    closed_panel,
    decide_again,
    decided_audit,
    earned_exemption,
    earning_auditor,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("time_machine_at")]

YEAR = (date(2026, 4, 1), date(2027, 3, 31))
QUEUE = "/moderation/"


def waiting(by: User, submitted_on: date = date(2026, 11, 20), **facts: object) -> ModerationCase:
    case = select_for_moderation(submitted_audit(**{"by": by, "submitted_on": submitted_on, **facts}))
    assert case is not None
    return case


def text_of(response: object) -> str:
    return " ".join(response.content.decode().split())  # type: ignore[attr-defined]


class TestQueue:
    def test_the_longest_waiting_first_with_why_and_how_long(self, qa_client: Client, asha: User) -> None:
        late = waiting(asha, date(2026, 11, 2), overall=Grade.INADEQUATE)
        in_time = waiting(asha)
        response = qa_client.get(QUEUE)
        assert [line.case for line in response.context["lines"]] == [late, in_time]
        first, second = response.context["lines"]
        assert (first.days, first.is_late, first.due_on) == (17, True, date(2026, 11, 23))
        assert (second.days, second.is_late) == (3, False)
        assert first.reasons == ["No exemption", "Overall Inadequate", "One of the auditor's first"]
        assert "Too long" in text_of(response)

    def test_fifteen_days_are_in_time_and_a_council_may_choose_fewer(
        self, qa_client: Client, asha: User
    ) -> None:
        waiting(asha, date(2026, 11, 4))
        assert qa_client.get(QUEUE).context["lines"][0].is_late is False
        assert len(qa_client.get(QUEUE, {"late": "yes"}).context["lines"]) == 0
        ModerationSettings.objects.create(pk=1, moderate_within=14)
        assert qa_client.get(QUEUE).context["lines"][0].is_late is True
        assert len(qa_client.get(QUEUE, {"late": "yes"}).context["lines"]) == 1

    def test_tabs_and_filters_are_in_the_address(self, qa_client: Client, asha: User) -> None:
        to_table = waiting(asha, overall=Grade.INADEQUATE)
        tabled, carried = waiting(asha), waiting(asha)
        esme = auditor("Esme Exempt")
        earned_exemption(esme, starts_on=date(2026, 9, 1))
        ModerationSettings.objects.create(pk=1, first_audits=0)
        lot = waiting(esme)
        panel = closed_panel(date(2026, 10, 14))
        for case, status in ((tabled, "tabled"), (carried, "carried_over")):
            Tabling.objects.create(
                panel=panel, audit=case.audit, auditor=asha, status=status, tabled_at=moment(panel.meets_on)
            )

        def shown(**query: str) -> set[ModerationCase]:
            return {line.case for line in qa_client.get(QUEUE, query).context["lines"]}

        assert shown() == {to_table, carried}
        assert shown(show="tabled") == {tabled}
        assert shown(show="returned") == set()
        assert shown(show="draw") == {lot}
        assert shown(reason="inadequate") == {to_table}
        assert shown(reason="disputed") == set()
        assert shown(pathway="cla") == set()
        assert shown(reason="nonsense", show="nonsense") == {to_table, carried}
        assert [tab["count"] for tab in qa_client.get(QUEUE).context["tabs"]] == [2, 1, 0, 1]
        page = text_of(qa_client.get(QUEUE))
        assert "carried over 1 time" in page
        assert "on the table of PANEL-2026-10" in text_of(qa_client.get(QUEUE, {"show": "tabled"}))

    def test_it_takes_the_same_queries_for_one_and_for_three(
        self, qa_client: Client, asha: User, assert_queries: AssertQueries
    ) -> None:
        waiting(asha)
        with assert_queries(6):
            qa_client.get(QUEUE)
        waiting(asha), waiting(auditor("Bo Auditor"))
        with assert_queries(6):
            qa_client.get(QUEUE)

    def test_twenty_five_are_a_page_and_what_was_chosen_stays(self, qa_client: Client, asha: User) -> None:
        cases = [waiting(asha) for _ in range(26)]
        first = qa_client.get(QUEUE, {"reason": "not_exempt"})
        assert [line.case for line in first.context["lines"]] == cases[:25]
        assert "reason=not_exempt&amp;page=2" in first.text or "page=2&amp;reason=not_exempt" in first.text
        second = qa_client.get(QUEUE, {"reason": "not_exempt", "page": "2"})
        assert [line.case for line in second.context["lines"]] == cases[25:]


class TestEarnedPages:
    def test_a_proposal_is_granted_on_its_page(self, qa_client: Client, asha: User) -> None:
        earning_auditor(asha, months=tuple(date(2026, month, 1) for month in range(4, 10)))
        proposal = earned_exemption(asha, starts_on=date(2026, 11, 24), status="proposed")
        assert proposal in qa_client.get(reverse("fairness:earned_list")).context["page_obj"]
        url = reverse("fairness:earned_detail", args=(proposal.pk,))
        response = qa_client.post(url, {"decision": "grant", "note": ""}, follow=True)
        assert "Granted. Asha Auditor is being told by mail." in text_of(response)
        proposal.refresh_from_db()
        assert (proposal.status, proposal.review_on) == ("granted", date(2027, 11, 25))

    def test_a_refusal_loses_nothing_typed(self, qa_client: Client, asha: User) -> None:
        proposal = earned_exemption(asha, starts_on=date(2026, 11, 24), status="proposed")
        url = reverse("fairness:earned_detail", args=(proposal.pk,))
        response = qa_client.post(url, {"decision": "grant", "note": "She is careful."})
        assert "The numbers no longer earn it." in text_of(response)
        assert "She is careful." in text_of(response)

    def test_it_is_ended_with_a_reason(self, psw_client: Client, asha: User) -> None:
        exemption = earned_exemption(asha, starts_on=date(2026, 9, 1))
        url = reverse("fairness:earned_detail", args=(exemption.pk,))
        assert "Answer “Why does it end today?”" in text_of(psw_client.post(url, {"reason": ""}))
        psw_client.post(url, {"reason": "Moved to another service."})
        page = text_of(psw_client.get(reverse("fairness:earned_list")))
        assert "Moved to another service." in page

    def test_ones_own_is_read_and_not_decided(self, client_for: ClientFor, quentin: User) -> None:
        MembershipFactory(user=quentin, role=Role.AUDITOR)
        proposal = earned_exemption(quentin, starts_on=date(2026, 11, 24), status="proposed")
        client, url = client_for(quentin), reverse("fairness:earned_detail", args=(proposal.pk,))
        page = client.get(url)
        assert page.context["form"] is None
        assert "somebody else decides" in text_of(page)
        assert client.post(url, {"decision": "grant"}).status_code == 404

    def test_the_register_takes_the_same_queries_for_one_and_for_three(
        self, qa_client: Client, asha: User, assert_queries: AssertQueries
    ) -> None:
        def one_more(name: str) -> None:
            over = earned_exemption(auditor(name), starts_on=date(2026, 9, 1))
            EarnedExemption.objects.filter(pk=over.pk).update(
                status="ended", ended_on=date(2026, 10, 1), ended_because="Its time is over."
            )
            earned_exemption(over.auditor, starts_on=date(2026, 11, 1))

        one_more("Ann Auditor")
        with assert_queries(5):
            qa_client.get(reverse("fairness:earned_list"))
        one_more("Bea Auditor"), one_more("Cem Auditor")
        with assert_queries(5):
            qa_client.get(reverse("fairness:earned_list"))

    def test_the_register_shows_what_waits_first_and_twenty_five_a_page(self, qa_client: Client) -> None:
        over = earned_exemption(auditor("Ann Auditor"), starts_on=date(2026, 9, 1))
        EarnedExemption.objects.filter(pk=over.pk).update(
            status="ended", ended_on=date(2026, 10, 1), ended_because="Its time is over."
        )
        later, sooner = (
            earned_exemption(auditor(f"In force since {month}"), starts_on=date(2026, month, 1))
            for month in (8, 5)
        )
        waiting = [
            earned_exemption(auditor(f"Waiting {n}"), starts_on=date(2026, 11, n), status="proposed")
            for n in range(1, 24)
        ]
        first = qa_client.get(reverse("fairness:earned_list"))
        assert list(first.context["page_obj"]) == [*waiting, sooner, later]
        assert "23 wait for a decision, 2 are in force." in text_of(first)
        second = qa_client.get(reverse("fairness:earned_list"), {"page": "2"})
        assert list(second.context["page_obj"]) == [over]


class TestAgreementSelectors:
    @pytest.fixture
    def bo(self, asha: User) -> User:
        """Asha is confirmed once and moved down once; Bo is moved up."""
        bo = auditor("Bo Auditor")
        decided_audit(asha, month=date(2026, 9, 1))
        decided_audit(
            asha,
            month=date(2026, 10, 1),
            final=Grade.INADEQUATE,
            finals={"plans": Grade.REQUIRES_IMPROVEMENT, "visits": Grade.NOT_APPLICABLE},
        )
        decided_audit(bo, month=date(2026, 10, 1), overall=Grade.REQUIRES_IMPROVEMENT, final=Grade.GOOD)
        decided_audit(bo, month=date(2026, 3, 1))
        submitted_audit(by=bo, month=date(2026, 10, 1))
        return bo

    def test_by_area(self, bo: User) -> None:
        found = agreement_by_section(decided_lines(*YEAR))
        assert list(found) == ["visits", "assessments", "supervision", "plans", "meetings", "overall"]
        assert (found["plans"].agreed, found["plans"].down) == (Ratio(2, 3), Ratio(1, 3))
        assert (found["visits"].agreed, found["visits"].applicability_changed) == (Ratio(2, 2), 1)
        overall = found["overall"]
        assert (overall.agreed, overall.up, overall.down) == (Ratio(1, 3), Ratio(1, 3), Ratio(1, 3))
        assert overall.two_step == Ratio(1, 3)
        assert overall.mean_shift == pytest.approx(-1 / 3)

    def test_by_auditor_and_month_of_allocation(self, asha: User, bo: User) -> None:
        by_auditor = overall_agreement_by(decided_lines(*YEAR), "decision__auditor")
        assert {pk: found.agreed for pk, found in by_auditor.items()} == {
            asha.pk: Ratio(1, 2),
            bo.pk: Ratio(0, 1),
        }
        one_month = decided_lines(date(2026, 9, 1), date(2026, 9, 30))
        assert agreement_by_section(one_month)["overall"].agreed == Ratio(1, 1)

    def test_leans_count_an_audit_once(self, asha: User, bo: User) -> None:
        assert leans(*YEAR) == {asha.pk: Lean(up=0, down=1), bo.pk: Lean(up=1, down=0)}
        assert leans(*YEAR, auditor=bo) == {bo.pk: Lean(up=1, down=0)}

    def test_reasons_are_counted_over_all_areas(self, bo: User) -> None:
        assert reasons_given(decided_lines(*YEAR)) == {"evidence": 4}

    def test_coverage(self, bo: User) -> None:
        found = coverage(*YEAR)
        assert (found.of_all, found.of_due, found.returned) == (Ratio(3, 4), Ratio(3, 4), 0)

    def test_an_audit_decided_twice_counts_once_with_its_last_decision(self, asha: User, bo: User) -> None:
        reopened = Tabling.objects.get(audit__allocation__round__month=date(2026, 9, 1)).audit
        decide_again(reopened, closed_on=date(2026, 11, 10), final=Grade.REQUIRES_IMPROVEMENT)
        lines = decided_lines(*YEAR)
        overall = agreement_by_section(lines)["overall"]
        assert (overall.pairs, overall.agreed, overall.down) == (3, Ratio(0, 3), Ratio(2, 3))
        assert overall_agreement_by(lines, "decision__auditor")[asha.pk].down == Ratio(2, 2)
        assert leans(*YEAR)[asha.pk] == Lean(up=0, down=2)
        assert coverage(*YEAR).moderated == 3
        assert [one.steps for one in decided_overall([asha.pk])[asha.pk]] == [-2, -1]

    def test_until_the_second_panel_closes_the_first_decision_counts(self, asha: User, bo: User) -> None:
        reopened = Tabling.objects.get(audit__allocation__round__month=date(2026, 9, 1)).audit
        decide_again(reopened, closed_on=date(2026, 12, 9), final=Grade.REQUIRES_IMPROVEMENT)
        Panel.objects.filter(month=date(2026, 12, 1)).update(
            status="meeting", closed_at=None, readable_until=None
        )
        assert agreement_by_section(decided_lines(*YEAR))["overall"].agreed == Ratio(1, 3)

    def test_what_is_taken_back_or_still_meeting_does_not_count(self, bo: User) -> None:
        Tabling.objects.filter(audit__allocation__round__month=date(2026, 9, 1)).update(
            status="tabled", decision=None
        )
        assert agreement_by_section(decided_lines(*YEAR))["overall"].pairs == 2
        panel = closed_panel(date(2026, 11, 10))
        panel.status, panel.closed_at, panel.readable_until = "meeting", None, None
        panel.save()
        assert agreement_by_section(decided_lines(*YEAR))["overall"].pairs == 0


class TestAgreementPages:
    def test_the_year_by_name_for_those_who_run_moderation(self, qa_client: Client, asha: User) -> None:
        for _ in range(2):
            decided_audit(asha, month=date(2026, 9, 1), final=Grade.REQUIRES_IMPROVEMENT)
        page = qa_client.get(reverse("fairness:agreement_year"))
        assert [line.label for line in page.context["page_obj"]] == ["Asha Auditor"]
        assert "0 of 2" in text_of(page)
        assert page.context["reasons"] == [("Evidence does not match the grade", 2)]
        assert "Too few to say" in text_of(page)

    def test_a_lean_is_named_only_when_it_is_supported(self, qa_client: Client, asha: User) -> None:
        for month in range(4, 9):
            decided_audit(asha, month=date(2026, month, 1), final=Grade.REQUIRES_IMPROVEMENT)
        url = reverse("fairness:agreement_year")
        assert qa_client.get(url).context["leaning"] == []
        decided_audit(asha, month=date(2026, 9, 1), final=Grade.REQUIRES_IMPROVEMENT)
        assert [line.lean.direction for line in qa_client.get(url).context["leaning"]] == ["lenient"]

    def test_an_auditor_sees_their_own_and_how_far_it_is_to_an_exemption(
        self, auditor_client: Client, asha: User
    ) -> None:
        for month in (8, 9, 10):
            decided_audit(asha, month=date(2026, month, 1))
        decided_audit(asha, month=date(2026, 10, 1), final=Grade.REQUIRES_IMPROVEMENT)
        decided_audit(auditor("Bo Auditor"), month=date(2026, 10, 1))
        page = auditor_client.get(reverse("fairness:agreement_mine"))
        assert page.context["overall"].agreed == Ratio(3, 4)
        months = [(line.label, line.agreement.agreed) for line in page.context["months"]]
        assert months == [
            ("August 2026", Ratio(1, 1)),
            ("September 2026", Ratio(1, 1)),
            ("October 2026", Ratio(1, 2)),
        ]
        pathways = [(line.label, line.agreement.agreed) for line in page.context["pathways"]]
        assert pathways == [("Child in need", Ratio(3, 4))]
        assert "4 of 6 moderated, 3 confirmed" in text_of(page)
        assert "Bo Auditor" not in text_of(page)

    def test_another_year_is_in_the_address_and_nonsense_is_this_year(
        self, auditor_client: Client, asha: User
    ) -> None:
        decided_audit(asha, month=date(2026, 3, 1))
        url = reverse("fairness:agreement_mine")
        assert auditor_client.get(url, {"year": "2025-26"}).context["overall"].pairs == 1
        assert auditor_client.get(url, {"year": "x"}).context["overall"].pairs == 0

    def test_the_same_queries_for_one_decision_and_for_three(
        self, qa_client: Client, auditor_client: Client, asha: User, assert_queries: AssertQueries
    ) -> None:
        decided_audit(asha, month=date(2026, 9, 1))
        for name in ("Bo Auditor", "Bea Auditor"):
            with assert_queries(11):
                qa_client.get(reverse("fairness:agreement_year"))
            with assert_queries(11):
                auditor_client.get(reverse("fairness:agreement_mine"))
            decided_audit(asha, month=date(2026, 10, 1), final=Grade.INADEQUATE)
            decided_audit(auditor(name), month=date(2026, 8, 1), final=Grade.INADEQUATE)


class TestCalibrationPages:
    def test_prepare_check_open_grade_and_see_the_spread(
        self, qa_client: Client, auditor_client: Client, asha: User, quentin: User
    ) -> None:
        audit = submitted_audit()
        response = qa_client.post(
            reverse("fairness:calibration_prepare"),
            {"title": "A child in need", "source": audit.allocation.reference.lower()},
            follow=True,
        )
        exercise = response.context["exercise"]
        detail = reverse("fairness:calibration_detail", args=(exercise.reference,))
        assert auditor_client.get(detail).status_code == 404
        for text in exercise.texts.all():
            edit = reverse("fairness:calibration_text_edit", args=(exercise.reference, text.section))
            qa_client.post(
                edit, {"words": "The child was seen.", "is_checked": "on", "reference_grade": "good"}
            )
        opening = reverse("fairness:calibration_open", args=(exercise.reference,))
        qa_client.post(opening, {"closes_on_0": "2", "closes_on_1": "12", "closes_on_2": "2026"})
        page = auditor_client.get(detail)
        assert audit.allocation.reference not in text_of(page)
        assert "The child was seen." in text_of(page)
        given = {text.section: "requires_improvement" for text in exercise.texts.all()}
        assert "Your grades are kept." in text_of(auditor_client.post(detail, given, follow=True))
        assert CalibrationGrade.objects.filter(person=asha).count() == 6
        assert "1 of 2 have graded all of it." in text_of(qa_client.get(detail))
        sweep_calibrations(at=moment(date(2026, 12, 3)))
        results = auditor_client.get(detail)
        assert results.context["lines"][0]["counts"] == [
            ("Outstanding", 0),
            ("Good", 0),
            ("Requires improvement", 1),
            ("Inadequate", 0),
        ]
        assert "Good, given by 0 of 1" in text_of(results)

    def test_a_missing_grade_is_said_and_nothing_typed_is_lost(
        self, auditor_client: Client, quentin: User
    ) -> None:
        exercise = calibration(quentin, at=moment(date(2026, 11, 20)), closes_on=date(2026, 12, 4))
        detail = reverse("fairness:calibration_detail", args=(exercise.reference,))
        page = text_of(auditor_client.post(detail, {"visits": "good", "visits_why": "Seen alone."}))
        assert "Select your grade for Overall" in page
        assert "Seen alone." in page

    def test_between_its_last_day_and_the_sweep_nothing_is_shown(
        self, auditor_client: Client, quentin: User
    ) -> None:
        exercise = calibration(quentin, at=moment(date(2026, 11, 9)), closes_on=date(2026, 11, 24))
        detail = reverse("fairness:calibration_detail", args=(exercise.reference,))
        assert "Grading is over" in text_of(auditor_client.get(detail))
        assert auditor_client.post(detail, {"visits": "good"}).status_code == 409

    def test_the_list_takes_the_same_queries_for_one_and_for_three(
        self, auditor_client: Client, quentin: User, assert_queries: AssertQueries
    ) -> None:
        url, at = reverse("fairness:calibration_list"), moment(date(2026, 11, 20))
        calibration(quentin, at=at, closes_on=date(2026, 12, 4))
        with assert_queries(3):
            auditor_client.get(url)
        for days in (1, 2):
            calibration(quentin, at=at, closes_on=date(2026, 12, 4) + timedelta(days=days))
        with assert_queries(3):
            auditor_client.get(url)


class TestSettings:
    def test_they_are_saved_and_must_make_sense(self, qa_client: Client) -> None:
        url = reverse("fairness_settings_edit")
        form = qa_client.get(url).context["form"]
        values = {name: form[name].value() for name in form.fields}
        assert "cannot be among" in text_of(qa_client.post(url, {**values, "exemption_changes": 7}))
        assert qa_client.post(url, {**values, "spot_check_percent": 30}).status_code == 302
        assert ModerationSettings.current().spot_check_percent == 30
