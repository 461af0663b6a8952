"""The advice beside a grade: shown, never chosen for anybody. A grade above it has its reason, which the panel sees."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from audits.completeness import GivenAnswer, SectionContent
from audits.enums import AREAS, AuditStatus, Grade, Section
from audits.grading_facts import advice_on, ceiling_of, ceilings_in_force
from audits.models import Audit, AuditSection, CeilingChange
from audits.services.audits import autosave_section, save_section, submit_audit
from audits.services.ceilings import change_ceiling
from audits.services.concerns import Telephoned, raise_concern
from core.errors import RuleViolation
from tests.audits.test_audit_services import write_all
from tests.conftest import ClientFor
from tests.factories.audits import GradeDescriptorFactory, QuestionFactory, started_audit, submitted_audit

pytestmark = pytest.mark.django_db

POST = {"grade": "good", "evidence": "Six of six.", "difference": "She talks.", "state": "completed"}
WHY = "The gap fell in the week of the flood, and the school saw her every day."


def text_of(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html.partition("<main")[2]).split())


def url_of(audit: Audit, section: str) -> str:
    return reverse("audits:section_edit", args=(audit.allocation.reference, section))


def row_of(audit: Audit, section: str) -> AuditSection:
    return AuditSection.objects.get(audit=audit, section=section)


@pytest.fixture
def audit(asha: User) -> Audit:
    """In progress; the tool asks about the assessment and about an immediate concern."""
    QuestionFactory(code="A1", section=Section.ASSESSMENTS, order=1, text="Is there a current assessment?")
    QuestionFactory(
        code="W5",
        section=Section.PROCESS,
        order=2,
        kind="choice",
        text="Is there an immediate concern?",
        options={"choices": [["yes", "Yes"], ["no", "No"]]},
    )
    return started_audit(asha)


def save(audit: Audit, section: Section, by: User, *, complete: bool = True, **content: Any) -> Any:
    answers = content.pop("answers", {})
    given = {"evidence": "Seen.", "difference": "She talks.", **content}
    return save_section(
        audit,
        section,
        SectionContent(answers=answers, **given),
        version=row_of(audit, section).version,
        complete=complete,
        by=by,
    )


def no_assessment(audit: Audit, by: User, **content: Any) -> Any:
    """The page of assessments, of which none is on file: at most Inadequate."""
    return save(audit, Section.ASSESSMENTS, by, answers={"A1": GivenAnswer("no")}, **content)


class TestReasonInWriting:
    def test_above_the_ceiling_the_page_is_complete_only_with_a_reason(
        self, audit: Audit, asha: User
    ) -> None:
        saved = no_assessment(audit, asha, grade=Grade.GOOD)
        assert [gap.field for gap in saved.missing] == ["override_reason"]
        assert not row_of(audit, "assessments").is_complete
        saved = no_assessment(audit, asha, grade=Grade.GOOD, override_reason=WHY)
        row = row_of(audit, "assessments")
        assert (saved.missing, row.is_complete, row.ceiling, row.override_reason) == (
            (),
            True,
            "inadequate",
            WHY,
        )
        assert row.ceiling_reason == "there is no assessment although one was due"
        assert row.overrides_ceiling

    def test_a_reason_of_blanks_is_none(self, audit: Audit, asha: User) -> None:
        assert no_assessment(audit, asha, grade=Grade.GOOD, override_reason=" \n").missing

    def test_at_the_ceiling_no_reason_is_needed(self, audit: Audit, asha: User) -> None:
        assert no_assessment(audit, asha, grade=Grade.INADEQUATE).missing == ()
        assert not row_of(audit, "assessments").overrides_ceiling

    def test_not_applicable_is_above_nothing(self, audit: Audit, asha: User) -> None:
        saved = no_assessment(audit, asha, grade=Grade.NOT_APPLICABLE, not_applicable_reason="None was due.")
        assert saved.missing == ()

    def test_a_draft_needs_no_reason(self, audit: Audit, asha: User) -> None:
        assert no_assessment(audit, asha, grade=Grade.GOOD, complete=False).missing == ()

    def test_the_database_refuses_a_complete_page_above_its_ceiling_without_one(
        self, audit: Audit, asha: User
    ) -> None:
        no_assessment(audit, asha, grade=Grade.GOOD, override_reason=WHY)
        rows = AuditSection.objects.filter(audit=audit, section=Section.ASSESSMENTS)
        with pytest.raises(IntegrityError, match="audit_section_override_has_reason"), transaction.atomic():
            rows.update(override_reason="")
        rows.update(override_reason="", grade=Grade.INADEQUATE)

    def test_autosave_takes_the_page_back_to_a_draft_when_the_reason_goes(
        self, audit: Audit, asha: User
    ) -> None:
        no_assessment(audit, asha, grade=Grade.GOOD, override_reason=WHY)
        row = row_of(audit, "assessments")
        content = SectionContent(
            grade=Grade.GOOD, evidence="Seen.", difference="She talks.", answers={"A1": GivenAnswer("no")}
        )
        questions = list(audit.tool_version.questions.filter(code="A1"))  # type: ignore[union-attr]
        saved = autosave_section(audit, Section.ASSESSMENTS, questions, content, version=row.version, by=asha)
        assert [gap.field for gap in saved.missing] == ["override_reason"]
        assert not row_of(audit, "assessments").is_complete


class TestSubmitting:
    def test_what_areas_say_of_the_whole_is_reckoned_anew_at_the_end(self, asha: User) -> None:
        """Overall was written first; then an area became Inadequate."""
        audit = started_audit(asha)
        write_all(audit, asha)
        save(audit, Section.PLANS, asha, grade=Grade.INADEQUATE)
        with pytest.raises(RuleViolation, match="Write why you grade Overall above what the service advises"):
            submit_audit(audit, by=asha)
        audit.refresh_from_db()
        assert audit.status == AuditStatus.IN_PROGRESS
        save(audit, Section.OVERALL, asha, grade=Grade.GOOD, override_reason=WHY)
        submit_audit(audit, by=asha)
        row = row_of(audit, "overall")
        assert (row.ceiling, row.ceiling_reason, row.overrides_ceiling) == (
            "requires_improvement",
            "an area is Inadequate",
            True,
        )
        assert list(Audit.objects.overriding_a_ceiling()) == [audit]

    def test_twin_without_an_override_moderation_finds_nothing(self, asha: User) -> None:
        audit = started_audit(asha)
        write_all(audit, asha)
        submit_audit(audit, by=asha)
        assert list(Audit.objects.overriding_a_ceiling()) == []

    @pytest.mark.parametrize("ceiling", ["", *(grade.value for grade in Grade)])
    @pytest.mark.parametrize("grade", list(Grade))
    def test_the_rows_and_the_queries_agree_on_what_overrides(self, grade: str, ceiling: str) -> None:
        audit = submitted_audit()
        AuditSection.objects.filter(audit=audit, section=Section.VISITS).update(
            grade=grade, ceiling=ceiling, override_reason=WHY, not_applicable_reason="Why."
        )
        assert Audit.objects.overriding_a_ceiling().exists() == row_of(audit, "visits").overrides_ceiling

    def test_a_concern_that_was_raised_caps_the_whole(self, asha: User, quentin: User) -> None:
        audit = started_audit(asha)
        write_all(audit, asha)
        raise_concern(
            audit.allocation.audited_child.reference,
            risk="She is alone.",
            telephoned=Telephoned("Police"),
            by=asha,
            key=uuid.uuid4(),
            audit=audit,
        )
        with pytest.raises(RuleViolation, match="Overall above"):
            submit_audit(audit, by=asha)


class TestConcernOfW5:
    def test_yes_asks_for_the_concern_or_a_reason(self, audit: Audit, asha: User, quentin: User) -> None:
        yes = {"W5": GivenAnswer("yes")}
        assert [gap.field for gap in save(audit, Section.PROCESS, asha, answers=yes).missing] == [
            "override_reason"
        ]
        assert save(audit, Section.PROCESS, asha, answers=yes, override_reason="Police know.").missing == ()
        assert save(audit, Section.PROCESS, asha, answers=yes).missing
        raise_concern(
            audit.allocation.audited_child.reference,
            risk="She is alone.",
            telephoned=Telephoned("Police"),
            by=asha,
            key=uuid.uuid4(),
            audit=audit,
        )
        assert save(audit, Section.PROCESS, asha, answers=yes).missing == ()

    def test_no_asks_for_nothing(self, audit: Audit, asha: User) -> None:
        assert save(audit, Section.PROCESS, asha, answers={"W5": GivenAnswer("no")}).missing == ()

    def test_a_reason_goes_with_the_yes_that_it_was_for(self, audit: Audit, asha: User) -> None:
        yes, no = {"W5": GivenAnswer("yes")}, {"W5": GivenAnswer("no")}
        reason = "Police know."
        assert save(audit, Section.PROCESS, asha, answers=yes, override_reason=reason).section.override_reason
        assert (
            save(audit, Section.PROCESS, asha, answers=no, override_reason=reason).section.override_reason
            == ""
        )

    def test_the_page_says_so_and_submitting_too(
        self, audit: Audit, asha: User, auditor_client: Client
    ) -> None:
        write_all(audit, asha)
        save(audit, Section.PROCESS, asha, answers={"W5": GivenAnswer("yes")}, override_reason="Police know.")
        AuditSection.objects.filter(audit=audit, section=Section.PROCESS).update(override_reason="")
        page = auditor_client.get(url_of(audit, "process"))
        assert f'href="/concern/?audit={audit.allocation.reference}"' in page.text
        assert "it has not been raised from this audit yet" in text_of(page.text)
        assert "If you have not raised the concern, why not?" in text_of(page.text)
        check = auditor_client.get(reverse("audits:audit_check", args=(audit.allocation.reference,)))
        assert "Raise the immediate concern that you answered Yes to in W5" in text_of(check.text)


class TestPage:
    def test_the_advice_is_shown_and_nothing_is_chosen(
        self, audit: Audit, asha: User, auditor_client: Client
    ) -> None:
        no_assessment(audit, asha, grade="", complete=False)
        page = auditor_client.get(url_of(audit, "assessments"))
        assert "At most Inadequate because there is no assessment although one was due." in text_of(page.text)
        assert re.findall(r'name="grade"[^>]*\bchecked', page.text) == []
        assert "Why do you grade above" not in page.text

    def test_without_javascript_the_reason_is_asked_when_the_page_is_called_complete(
        self, audit: Audit, auditor_client: Client
    ) -> None:
        url = url_of(audit, "assessments")
        refused = auditor_client.post(url, {**POST, "A1": "no", "version": "0"})
        assert "Write why you grade above what the service advises" in text_of(refused.text)
        assert 'name="override_reason"' in refused.text
        assert "At most Inadequate" in text_of(refused.text)
        done = auditor_client.post(url, {**POST, "A1": "no", "version": "1", "override_reason": WHY})
        assert done.status_code == 302
        assert row_of(audit, "assessments").override_reason == WHY

    def test_saving_for_the_advice_comes_back_to_it(self, audit: Audit, auditor_client: Client) -> None:
        url = url_of(audit, "assessments")
        answer = auditor_client.post(url, {"A1": "no", "version": "0", "again": "yes"})
        assert answer["Location"] == f"{url}#grade-advice"
        assert row_of(audit, "assessments").version == 1

    def test_ticked_lines_suggest_a_band_and_stay_ticked(self, audit: Audit, auditor_client: Client) -> None:
        for grade, text in (
            ("good", "In time; balanced"),
            ("outstanding", "Incisive; current; it changed things"),
        ):
            GradeDescriptorFactory(version=audit.tool_version, section="assessments", grade=grade, text=text)
        url = url_of(audit, "assessments")
        auditor_client.post(
            url,
            {"A1": "yes", "version": "0", "again": "yes", "met_lines": ["good.1", "good.2", "outstanding.3"]},
        )
        page = auditor_client.get(url)
        assert row_of(audit, "assessments").met_lines == ["good.1", "good.2", "outstanding.3"]
        assert "Suggested: Good You ticked 1 of 3 lines of Outstanding, 2 of 2 of Good." in text_of(page.text)
        assert re.findall(r'value="([a-z]+\.\d)"\s+checked', page.text) == [
            "outstanding.3",
            "good.1",
            "good.2",
        ]
        assert re.findall(r'name="grade"[^>]*\bchecked', page.text) == []

    @pytest.mark.parametrize("hostile", ["good.0", "good", "great.1", "good.100", "💚", "\x00", "good.1\n"])
    def test_a_line_that_cannot_be_is_refused_and_never_a_fault(
        self, hostile: str, audit: Audit, auditor_client: Client
    ) -> None:
        answer = auditor_client.post(url_of(audit, "assessments"), {"version": "0", "met_lines": [hostile]})
        assert answer.status_code == 200
        assert row_of(audit, "assessments").met_lines == []

    def test_overall_shows_the_areas_and_what_they_allow(self, asha: User, auditor_client: Client) -> None:
        audit = started_audit(asha)
        write_all(audit, asha)
        save(audit, Section.PLANS, asha, grade=Grade.INADEQUATE)
        save(audit, Section.VISITS, asha, grade="", complete=False)
        seen = text_of(auditor_client.get(url_of(audit, "overall")).text)
        assert "Visits Not graded yet Assessments Good" in seen
        assert "Plans and planning Inadequate Meetings and reviews Good" in seen
        assert "At most Requires improvement because an area is Inadequate." in seen

    def test_readers_see_the_grade_the_ceiling_and_the_reason(
        self, audit: Audit, asha: User, qa_client: Client
    ) -> None:
        write_all(audit, asha)
        no_assessment(audit, asha, grade=Grade.GOOD, override_reason=WHY)
        save(audit, Section.PROCESS, asha, answers={"W5": GivenAnswer("no")})
        submit_audit(audit, by=asha)
        seen = text_of(qa_client.get(f"/audits/{audit.allocation.reference}/").text)
        assert (
            "The service advised at most Inadequate because there is no assessment although one was due."
            in seen
        )
        assert f"Why above what the service advised {WHY}" in seen


class TestCouncilsCeilings:
    def test_a_change_holds_from_its_day(self, quentin: User) -> None:
        today = timezone.localdate()
        later = today + timedelta(days=7)
        change_ceiling(
            "no_plan", is_on=True, grade="inadequate", starts_on=later, reason="Board.", by=quentin
        )
        change_ceiling(
            "concern", is_on=False, grade="inadequate", starts_on=later, reason="Board.", by=quentin
        )
        now = {one.code: one.grade for one in ceilings_in_force(today)}
        then = {one.code: one.grade for one in ceilings_in_force(later)}
        assert (now["no_plan"], now["concern"]) == ("requires_improvement", "inadequate")
        assert then == {
            **{code: grade for code, grade in now.items() if code != "concern"},
            "no_plan": "inadequate",
        }

    def test_the_newest_that_has_begun_holds(self, quentin: User) -> None:
        today = timezone.localdate()
        for grade in ("inadequate", "good"):
            change_ceiling("no_plan", is_on=True, grade=grade, starts_on=today, reason="Board.", by=quentin)
        assert {one.code: one.grade for one in ceilings_in_force(today)}["no_plan"] == "good"

    def test_nothing_is_changed_backwards_or_by_others(self, quentin: User, asha: User) -> None:
        yesterday = timezone.localdate() - timedelta(days=1)
        for by, day in ((quentin, yesterday), (asha, timezone.localdate())):
            with pytest.raises(RuleViolation):
                change_ceiling("no_plan", is_on=True, grade="good", starts_on=day, reason="So.", by=by)
        assert not CeilingChange.objects.exists()

    def test_one_that_is_off_advises_nothing(self, audit: Audit, asha: User, quentin: User) -> None:
        content = SectionContent(answers={"A1": GivenAnswer("no")})
        assert ceiling_of(audit, Section.ASSESSMENTS, content) is not None
        change_ceiling(
            "no_assessment",
            is_on=False,
            grade="inadequate",
            starts_on=timezone.localdate(),
            reason="Board.",
            by=quentin,
        )
        assert ceiling_of(audit, Section.ASSESSMENTS, content) is None
        assert advice_on(audit, Section.ASSESSMENTS, content, {}).ceiling_label == ""

    def test_the_page_changes_one_and_keeps_what_was(self, qa_client: Client) -> None:
        url = reverse("ceilings:ceiling_edit", args=("no_plan",))
        day = timezone.localdate()
        dated = {"starts_on_0": day.day, "starts_on_1": day.month, "starts_on_2": day.year}
        refused = qa_client.post(url, {"state": "on", "reason": "Board.", **dated})
        assert "Choose the grade that it caps at" in refused.text
        past = qa_client.post(url, {"state": "off", "reason": "Board.", **dated, "starts_on_2": day.year - 1})
        assert "Enter today or a later day" in past.text
        done = qa_client.post(url, {"state": "off", "reason": "The Board decided.", **dated}, follow=True)
        assert "No current plan Plans and planning Switched off" in text_of(done.text)
        assert "switched off, by Quentin Lead" in text_of(qa_client.get(url).text)
        assert qa_client.get(reverse("ceilings:ceiling_edit", args=("nothing",))).status_code == 404


def test_each_area_and_overall_has_advice_and_the_others_have_none(asha: User, client_for: ClientFor) -> None:
    audit = started_audit(asha)
    client = client_for(asha)
    with_advice = [
        section.value
        for section in Section
        if "Advice on the grade" in client.get(url_of(audit, section)).text
    ]
    assert with_advice == [*(area.value for area in AREAS), "overall"]


def test_readers_see_which_lines_hold_and_what_they_suggest(asha: User, qa_client: Client) -> None:
    """Beside the grade, which nobody changed: every line of Good holds, and the ceiling stands at what it caps."""
    audit = submitted_audit(by=asha)
    version = audit.tool_version
    assert version is not None
    for grade, text in (("outstanding", "All in time; trusts"), ("good", "In time; seen alone")):
        GradeDescriptorFactory(version=version, section="visits", grade=grade, text=text)
    rows = AuditSection.objects.filter(audit=audit, section="visits")
    rows.update(met_lines=["good.1", "good.2", "outstanding.2"], grade="outstanding")
    for name in ("audit_detail", "audit_print"):
        page = text_of(qa_client.get(reverse(f"audits:{name}", args=(audit.allocation.reference,))).text)
        assert "Lines of the descriptors that hold The auditor ticked these. They suggest Good" in page
        assert "Outstanding: trusts Good: In time Good: seen alone" in page
        assert page.count("Lines of the descriptors that hold") == 1
    rows.update(ceiling="requires_improvement", ceiling_reason="there is a gap", override_reason=WHY)
    page = text_of(qa_client.get(reverse("audits:audit_detail", args=(audit.allocation.reference,))).text)
    assert "They suggest Requires improvement" in page
