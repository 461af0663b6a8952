"""What the database itself refuses."""

from datetime import date

import pytest
from django.db import IntegrityError, transaction

from audits.enums import Grade, Section
from audits.models import Allocation, Audit, AuditSection
from tests.factories.audits import AllocationFactory, AuditFactory, submitted_audit

pytestmark = pytest.mark.django_db


def refused(constraint: str, change: dict[str, object], rows: object) -> None:
    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        rows.update(**change)  # type: ignore[attr-defined]
    assert constraint in str(refusal.value)


def test_a_completed_area_keeps_its_grade_evidence_and_difference() -> None:
    audit = submitted_audit()
    visits = AuditSection.objects.filter(audit=audit, section=Section.VISITS)
    for column in ("grade", "evidence", "difference"):
        refused("audit_section_complete_has_evidence", {column: ""}, visits)


def test_an_area_is_not_applicable_only_with_a_reason() -> None:
    audit = submitted_audit(assessments=Grade.NOT_APPLICABLE)
    refused(
        "audit_section_complete_has_evidence",
        {"not_applicable_reason": ""},
        AuditSection.objects.filter(audit=audit, section=Section.ASSESSMENTS),
    )


def test_the_overall_grade_is_never_not_applicable() -> None:
    audit = submitted_audit()
    overall = AuditSection.objects.filter(audit=audit, section=Section.OVERALL)
    refused("audit_section_grade_fits", {"grade": Grade.NOT_APPLICABLE, "is_complete": False}, overall)


def test_a_page_without_grades_has_none() -> None:
    audit = submitted_audit()
    refused(
        "audit_section_grade_fits",
        {"grade": Grade.GOOD},
        AuditSection.objects.filter(audit=audit, section=Section.FEEDBACK),
    )


def test_an_audit_that_started_names_its_tool_and_a_submitted_one_its_moment() -> None:
    submitted_audit()
    refused("audit_submitted_has_moment", {"submitted_at": None}, Audit.objects.all())
    refused("audit_started_has_tool", {"tool_version": None}, Audit.objects.all())


def test_a_child_has_one_open_allocation_in_a_round() -> None:
    first = AllocationFactory()
    with pytest.raises(IntegrityError), transaction.atomic():
        AllocationFactory(round=first.round, child=first.child)


def test_the_due_date_never_moves_before_the_first() -> None:
    allocation = AuditFactory().allocation
    refused(
        "allocation_due_never_earlier",
        {"due_on": date(2026, 11, 1)},
        Allocation.objects.filter(pk=allocation.pk),
    )
