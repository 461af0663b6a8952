"""Children, rounds, allocations and audits at each status."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime, time
from typing import Any

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from accounts.models import User
from audits.enums import (
    AREAS,
    AllocationKind,
    AllocationStatus,
    AuditStatus,
    Disability,
    ExemptionKind,
    Grade,
    Pathway,
    QuestionKind,
    RoundStatus,
    Section,
    Sex,
    ToolStatus,
)
from audits.guards import GUARDS
from audits.models import (
    ActivityRecord,
    Allocation,
    Audit,
    AuditSection,
    Child,
    Exemption,
    GradeDescriptor,
    Holding,
    Question,
    Round,
    Tool,
    ToolInForce,
    ToolVersion,
)
from core.dates import last_working_day_of_month
from core.guards import drop_guards, install_guards
from tests.factories.accounts import TeamFactory, UserFactory, auditor


class ChildFactory(DjangoModelFactory[Child]):
    class Meta:
        model = Child

    reference = factory.Sequence(lambda n: str(7_000_000 + n))
    birth_year = 2015
    birth_month = 6
    sex = Sex.FEMALE
    disability = Disability.NO
    pathway = Pathway.CIN
    team = factory.SubFactory("tests.factories.accounts.TeamFactory")


class HoldingFactory(DjangoModelFactory[Holding]):
    class Meta:
        model = Holding

    child = factory.SubFactory(ChildFactory)
    team = factory.SelfAttribute("child.team")
    pathway = factory.SelfAttribute("child.pathway")
    starts_on = date(2024, 1, 1)


class RoundFactory(DjangoModelFactory[Round]):
    class Meta:
        model = Round
        django_get_or_create = ("month",)

    month = date(2026, 11, 1)
    status = RoundStatus.PUBLISHED
    seed = 1
    cjas_wanted = 25
    due_on = factory.LazyAttribute(lambda round_: last_working_day_of_month(round_.month))
    drawn_at = factory.LazyFunction(timezone.now)
    published_at = factory.LazyAttribute(lambda r: None if r.status == RoundStatus.DRAFT else r.drawn_at)


class AllocationFactory(DjangoModelFactory[Allocation]):
    class Meta:
        model = Allocation

    round = factory.SubFactory(RoundFactory)
    reference = factory.Sequence(lambda n: f"CJA-TEST-{n:05d}")
    status = AllocationStatus.ALLOCATED
    auditor = factory.SubFactory(UserFactory)
    child = factory.SubFactory(ChildFactory)
    pathway = factory.LazyAttribute(lambda a: a.child.pathway)
    team = factory.LazyAttribute(lambda a: a.child.team)
    first_due_on = factory.LazyAttribute(lambda a: a.round.due_on)
    due_on = factory.LazyAttribute(lambda a: a.first_due_on)


class DipSampleFactory(AllocationFactory):
    reference = factory.Sequence(lambda n: f"DIP-TEST-{n:05d}")
    kind = AllocationKind.DIP_SAMPLE
    child = None
    team = None
    pathway = ""


class ObservationFactory(DipSampleFactory):
    reference = factory.Sequence(lambda n: f"OBS-TEST-{n:05d}")
    kind = AllocationKind.OBSERVATION


class ActivityRecordFactory(DjangoModelFactory[ActivityRecord]):
    """What was handed in of a dip sample."""

    class Meta:
        model = ActivityRecord

    allocation = factory.SubFactory(DipSampleFactory)
    held_on = date(2026, 11, 18)
    looked_at = "Chronologies of five files."
    files_read = 5
    good = "All five are up to date."
    better = "Two do not say what the events mean."
    handed_in_at = factory.LazyFunction(timezone.now)


class ExemptionFactory(DjangoModelFactory[Exemption]):
    """A request that waits for a decision."""

    class Meta:
        model = Exemption

    auditor = factory.SubFactory(UserFactory)
    kind = ExemptionKind.LEAVE
    reason = "Two weeks away."
    starts_on = date(2026, 12, 1)
    ends_on = date(2026, 12, 31)
    requested_by = factory.SelfAttribute("auditor")
    requested_at = factory.LazyFunction(timezone.now)


class ToolFactory(DjangoModelFactory[Tool]):
    class Meta:
        model = Tool
        django_get_or_create = ("code",)

    code = "every-pathway"
    name = "Every pathway"


class ToolVersionFactory(DjangoModelFactory[ToolVersion]):
    """A small published tool that takes every pathway over from the shipped ones; factories of questions add to it."""

    class Meta:
        model = ToolVersion
        django_get_or_create = ("tool", "number")

    tool = factory.SubFactory(ToolFactory)
    number = 2
    status = ToolStatus.PUBLISHED
    pathways = factory.LazyFunction(lambda: list(Pathway.values))
    published_at = factory.LazyFunction(timezone.now)

    @classmethod
    def _create(cls, model_class: type[ToolVersion], *args: Any, **kwargs: Any) -> ToolVersion:
        if kwargs["status"] != ToolStatus.PUBLISHED:
            return super()._create(model_class, *args, **kwargs)
        before = ToolVersion.objects.published().filter(tool=kwargs["tool"]).exclude(number=kwargs["number"])
        before.update(status=ToolStatus.SUPERSEDED)
        version: ToolVersion = super()._create(model_class, *args, **kwargs)
        ToolInForce.objects.bulk_create(
            [ToolInForce(pathway=pathway, version=version) for pathway in version.pathways],
            update_conflicts=True,
            unique_fields=["pathway"],
            update_fields=["version"],
        )
        return version


class AuditFactory(DjangoModelFactory[Audit]):
    """An audit that is allocated and not started."""

    class Meta:
        model = Audit

    allocation = factory.SubFactory(AllocationFactory)
    status = AuditStatus.ALLOCATED
    pathway = factory.LazyAttribute(lambda a: a.allocation.pathway)
    team = factory.LazyAttribute(lambda a: a.allocation.team)
    age = 11
    sex = Sex.FEMALE
    disability = Disability.NO


def moment(day: date) -> datetime:
    """Noon in London on that day."""
    return timezone.make_aware(datetime.combine(day, time(12)))


def submitted_audit(
    *,
    month: date = date(2026, 11, 1),
    overall: str = Grade.GOOD,
    submitted_on: date | None = None,
    by: User | None = None,
    allocation: dict[str, Any] | None = None,
    **grades: str,
) -> Audit:
    """A submitted audit of that month with the overall grade, and each area's grade (Good where not given)."""
    round_ = RoundFactory(month=month)
    made: Allocation = AllocationFactory(round=round_, auditor=by or auditor_of_tests(), **(allocation or {}))
    at = moment(submitted_on or made.first_due_on)
    audit: Audit = AuditFactory(
        allocation=made,
        status=AuditStatus.SUBMITTED,
        tool_version=ToolVersionFactory(),
        started_at=at,
        submitted_at=at,
    )
    AuditSection.objects.bulk_create(
        _complete_section(
            audit, section, overall if section == Section.OVERALL else grades.get(section, Grade.GOOD)
        )
        for section in Section
    )
    return audit


def audit_at(status: AuditStatus, by: User, **allocation: Any) -> Audit:
    """An audit of this auditor at that status, brought there without a service: for what is refused and who reads."""
    if status == AuditStatus.ALLOCATED:
        allocated: Audit = AuditFactory(allocation=AllocationFactory(auditor=by, **allocation))
        return allocated
    if status == AuditStatus.IN_PROGRESS:
        return started_audit(by, **allocation)
    audit = submitted_audit(by=by, allocation=allocation)
    audit.status = status
    audit.finalised_at = audit.submitted_at if status == AuditStatus.FINALISED else None
    audit.save(update_fields=("status", "finalised_at"))
    if status == AuditStatus.VOID:
        audit.allocation.status = AllocationStatus.WITHDRAWN
        audit.allocation.save(update_fields=("status",))
    return audit


def submitted_audits(month: date, grades: Iterable[Mapping[str, str]]) -> list[Audit]:
    """Many submitted audits of that month in a few queries, each with its grades (Good where not given)."""
    rows = list(grades)
    round_ = RoundFactory(month=month)
    team, by, tool_version = TeamFactory(), auditor_of_tests(), ToolVersionFactory()
    at = moment(round_.due_on)
    children = Child.objects.bulk_create(ChildFactory.build_batch(len(rows), team=team))
    allocations = Allocation.objects.bulk_create(
        AllocationFactory.build(round=round_, auditor=by, child=child) for child in children
    )
    audits = Audit.objects.bulk_create(
        AuditFactory.build(
            allocation=allocation,
            status=AuditStatus.SUBMITTED,
            tool_version=tool_version,
            started_at=at,
            submitted_at=at,
        )
        for allocation in allocations
    )
    AuditSection.objects.bulk_create(
        _complete_section(audit, section, row.get(section, Grade.GOOD))
        for audit, row in zip(audits, rows, strict=True)
        for section in Section
    )
    return audits


def _complete_section(audit: Audit, section: Section, grade: str) -> AuditSection:
    if section not in (*AREAS, Section.OVERALL):
        return AuditSection(audit=audit, section=section, is_complete=True, version=1)
    return AuditSection(
        audit=audit,
        section=section,
        grade=grade,
        final_grade=grade,
        evidence="" if grade == Grade.NOT_APPLICABLE else "The record of 3 November shows it.",
        difference="" if grade == Grade.NOT_APPLICABLE else "She sleeps through the night.",
        not_applicable_reason="Not due in the window." if grade == Grade.NOT_APPLICABLE else "",
        is_complete=True,
        version=1,
    )


def auditor_of_tests() -> User:
    """One auditor for tests that do not care who wrote the audit."""
    return User.objects.filter(email="asha.auditor@council.example").first() or auditor("Asha Auditor")


class QuestionFactory(DjangoModelFactory[Question]):
    class Meta:
        model = Question
        django_get_or_create = ("version", "code")

    version = factory.SubFactory(ToolVersionFactory)
    section = Section.VISITS
    code = "V4"
    order = 1
    text = "Was the child seen alone?"
    kind = QuestionKind.PRACTICE

    @classmethod
    def _create(cls, model_class: type[Question], *args: Any, **kwargs: Any) -> Question:
        with added_past_the_guard("published_questions_added"):
            question: Question = super()._create(model_class, *args, **kwargs)
        return question


class GradeDescriptorFactory(DjangoModelFactory[GradeDescriptor]):
    class Meta:
        model = GradeDescriptor

    version = factory.SubFactory(ToolVersionFactory)
    section = Section.VISITS
    grade = Grade.GOOD
    text = "In time."

    @classmethod
    def _create(cls, model_class: type[GradeDescriptor], *args: Any, **kwargs: Any) -> GradeDescriptor:
        with added_past_the_guard("published_descriptors_added"):
            descriptor: GradeDescriptor = super()._create(model_class, *args, **kwargs)
        return descriptor


@contextmanager
def added_past_the_guard(name: str) -> Iterator[None]:
    """Lets tests add to their small published tool what the database refuses to everybody else."""
    guards = [guard for guard in GUARDS if guard.name == name]
    drop_guards(guards)
    yield
    install_guards(guards)


def started_audit(by: User | None = None, **allocation: Any) -> Audit:
    """An audit in progress with nothing written yet, under the small tool of tests."""
    made: Allocation = AllocationFactory(auditor=by or auditor_of_tests(), **allocation)
    audit: Audit = AuditFactory(
        allocation=made,
        status=AuditStatus.IN_PROGRESS,
        tool_version=ToolVersionFactory(),
        started_at=timezone.now(),
    )
    AuditSection.objects.bulk_create(AuditSection(audit=audit, section=section) for section in Section)
    return audit
