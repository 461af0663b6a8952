"""Bringing in the audits that the council made with its form service before (docs/past-audits.md)."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import Team, User
from audits.enums import (
    AREAS,
    AllocationStatus,
    AuditStatus,
    Disability,
    Grade,
    NotApplicableReason,
    PracticeAnswer,
    QuestionKind,
    RoundStatus,
    Section,
    Sex,
    ToolStatus,
)
from audits.forms_export import FormMapping, FormsExport, PastAudit
from audits.models import (
    Allocation,
    Answer,
    Audit,
    AuditMove,
    AuditSection,
    Child,
    ImportedAudit,
    Question,
    Round,
    Tool,
    ToolVersion,
    ToolVersionMove,
)
from core.dates import LONDON, last_day_of_month, last_working_day_of_month
from core.mapped_rows import Imported
from core.text import fold

TOOL_CODE = "past-forms"
TOOL_NAME = "Past forms (imported)"
SECTION_OF_LETTER = {
    "V": Section.VISITS,
    "A": Section.ASSESSMENTS,
    "S": Section.SUPERVISION,
    "P": Section.PLANS,
    "M": Section.MEETINGS,
    "F": Section.FEEDBACK,
    "W": Section.PROCESS,
}
WORKER_INVOLVED = "W1"
WORKER_CHOICES = (("took_part", "Took part"), ("no", "Did not take part"))
"""What the forms' yes and no say of the social worker; the word that measures count comes first."""


@dataclass
class PastAuditsImported(Imported):
    """Besides: the people and teams that were made for it."""

    people_created: list[str] = field(default_factory=list)
    teams_created: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        return super().as_json() | {
            "people_created": self.people_created,
            "teams_created": self.teams_created,
        }


@transaction.atomic
def import_past_audits(
    export: FormsExport, *, by: User | None, dry_run: bool = False, at: datetime | None = None
) -> PastAuditsImported:
    """Bring in past audits, in one transaction, which a dry run undoes at its end. Twice is once.

    Effects: months, teams and auditors that are not known are made, auditors as inactive people who cannot sign in;
    a child that is not known is made as one that has left the caseload, without a birth date; each audit is final,
    with its auditor's grades, and marked as imported. Nobody is told.

    A row that was imported before is unchanged where it says the same, and rejected where it says something else.
    """
    writer = _Writer(export.mapping, by=by, at=at or timezone.now())
    writer.outcome.rejected += export.rejected
    writer.write(export.audits)
    transaction.set_rollback(dry_run)
    return writer.outcome


class _Writer:
    """Writes the rows that hold, each kind of record in one query."""

    def __init__(self, mapping: FormMapping, *, by: User | None, at: datetime) -> None:
        self.mapping = mapping
        self.by = by
        self.at = at
        self.outcome = PastAuditsImported()

    def write(self, rows: Iterable[PastAudit]) -> None:
        known = ImportedAudit.objects.filter(source=self.mapping.source)
        new = self.outcome.new_of(
            rows, known=dict(known.values_list("external_id", "digest")), kept="past audits"
        )
        rounds = self._rounds({row.month for row in new})
        teams, people = self._teams(new), self._people(new)
        children = self._children(new, teams)
        taken = set(
            Allocation.objects.filter(
                round__in=rounds.values(), status__in=(AllocationStatus.ALLOCATED, AllocationStatus.PROPOSED)
            ).values_list("round__month", "child__reference")
        )
        kept = []
        for row in new:
            if rounds[row.month].status == RoundStatus.DRAFT:
                self.outcome.reject(
                    row, f"is of {row.month:%B %Y}, whose draw is a draft: publish or discard it first"
                )
            elif (row.month, row.child) in taken:
                self.outcome.reject(row, f"is the second audit of child {row.child} in {row.month:%B %Y}")
            else:
                taken.add((row.month, row.child))
                kept.append(row)
        if kept:
            self._write_audits(kept, rounds, teams, people, children)
        self.outcome.created = len(kept)

    def _rounds(self, months: set[date]) -> dict[date, Round]:
        known = Round.objects.in_bulk(months, field_name="month")
        made = []
        for month in sorted(months - known.keys()):
            began = datetime.combine(month, time(), LONDON)
            made.append(
                Round(
                    month=month,
                    status=RoundStatus.CLOSED,
                    seed=0,
                    cjas_wanted=1,
                    due_on=last_working_day_of_month(month),
                    drawn_at=began,
                    published_at=began,
                    closed_at=self.at,
                    closed_by=self.by,
                )
            )
        return known | {round_.month: round_ for round_ in Round.objects.bulk_create(made)}

    def _teams(self, rows: list[PastAudit]) -> dict[str, Team]:
        teams = {fold(team.name): team for team in Team.objects.all()}
        wanted = {fold(row.team): row.team for row in rows}
        names = [wanted[folded] for folded in sorted(wanted.keys() - teams.keys())]
        made = Team.objects.bulk_create(Team(name=name) for name in names)
        self.outcome.teams_created = names
        return teams | {fold(team.name): team for team in made}

    def _people(self, rows: list[PastAudit]) -> dict[str, User]:
        wanted = {row.auditor_email: row.auditor_name for row in rows}
        known: dict[str, User] = User.objects.in_bulk(list(wanted), field_name="email")
        for email in sorted(wanted.keys() - known.keys()):
            known[email] = User.objects.create_user(email, wanted[email], is_active=False)
            self.outcome.people_created.append(email)
        return known

    def _children(self, rows: list[PastAudit], teams: dict[str, Team]) -> dict[str, Child]:
        latest = {row.child: row for row in sorted(rows, key=lambda row: row.month)}
        known = Child.objects.in_bulk(list(latest), field_name="reference")
        made = Child.objects.bulk_create(
            Child(
                reference=row.child,
                sex=Sex.NOT_STATED,
                disability=Disability.NOT_KNOWN,
                pathway=row.pathway,
                team=teams[fold(row.team)],
                closed_on=last_day_of_month(row.month),
            )
            for reference, row in sorted(latest.items())
            if reference not in known
        )
        return known | {child.reference: child for child in made}

    def _write_audits(
        self,
        rows: list[PastAudit],
        rounds: dict[date, Round],
        teams: dict[str, Team],
        people: dict[str, User],
        children: dict[str, Child],
    ) -> None:
        version = self._tool_version()
        questions = {question.code: question for question in Question.objects.filter(version=version)}
        numbers = self._first_numbers(rounds)
        allocations = []
        for row in rows:
            numbers[row.month] += 1
            allocations.append(
                Allocation(
                    reference=f"CJA-{row.month:%Y-%m}-F{numbers[row.month]:03d}",
                    round=rounds[row.month],
                    status=AllocationStatus.ALLOCATED,
                    auditor=people[row.auditor_email],
                    child=children[row.child],
                    pathway=row.pathway,
                    team=teams[fold(row.team)],
                    because=f"Brought in from the form service, where its ID is {row.external_id}.",
                    first_due_on=rounds[row.month].due_on,
                    due_on=rounds[row.month].due_on,
                )
            )
        Allocation.objects.bulk_create(allocations)
        audits = Audit.objects.bulk_create(
            Audit(
                allocation=allocation,
                status=AuditStatus.SUBMITTED,
                tool_version=version,
                pathway=row.pathway,
                team=teams[fold(row.team)],
                sex=Sex.NOT_STATED,
                disability=Disability.NOT_KNOWN,
                started_at=row.started_at,
                submitted_at=row.submitted_at,
                feedback_by_person=False,
            )
            for row, allocation in zip(rows, allocations, strict=True)
        )
        pairs = list(zip(rows, audits, strict=True))
        ImportedAudit.objects.bulk_create(
            ImportedAudit(
                audit=audit,
                source=self.mapping.source,
                external_id=row.external_id,
                digest=row.digest,
                imported_at=self.at,
                imported_by=self.by,
            )
            for row, audit in pairs
        )
        AuditSection.objects.bulk_create(section for row, audit in pairs for section in _sections(audit, row))
        Answer.objects.bulk_create(
            answer for row, audit in pairs for answer in _answers(audit, row, questions)
        )
        AuditMove.objects.bulk_create(move for row, audit in pairs for move in _moves(audit, row, people))
        for audit in audits:  # last, since the database adds nothing to a final audit
            audit.status, audit.finalised_at = AuditStatus.FINALISED, audit.submitted_at
        Audit.objects.bulk_update(audits, ("status", "finalised_at"), batch_size=200)

    def _first_numbers(self, rounds: dict[date, Round]) -> Counter[date]:
        """How many imported audits each month has already."""
        counted = Allocation.objects.filter(round__in=rounds.values(), audit__imported__isnull=False)
        return Counter(counted.values_list("round__month", flat=True))

    def _tool_version(self) -> ToolVersion:
        """The version of the tool for past forms that asks what the mapping names; a new one where there is none.

        The tool serves no pathway, so that nobody is ever given it to write.
        """
        tool, _ = Tool.objects.get_or_create(code=TOOL_CODE, defaults={"name": TOOL_NAME})
        asked = {(code, words[:300]) for code, words in self.mapping.question_words.items()}
        versions = list(tool.versions.prefetch_related("questions").order_by("number"))
        for version in versions:
            if {(question.code, question.text) for question in version.questions.all()} == asked:
                return version
        made: ToolVersion = tool.versions.create(number=len(versions) + 1)
        Question.objects.bulk_create(
            Question(
                version=made,
                section=SECTION_OF_LETTER.get(code[:1], Section.HEADER),
                code=code,
                order=order,
                text=words[:300],
                kind=QuestionKind.CHOICE if code == WORKER_INVOLVED else QuestionKind.PRACTICE,
                options={"choices": WORKER_CHOICES} if code == WORKER_INVOLVED else {},
            )
            for order, (code, words) in enumerate(self.mapping.question_words.items(), start=1)
        )
        for older in versions:
            if older.status == ToolStatus.PUBLISHED:
                self._move(older, ToolStatus.SUPERSEDED)
        made.published_at = self.at
        self._move(made, ToolStatus.PUBLISHED)
        return made

    def _move(self, version: ToolVersion, to_status: ToolStatus) -> None:
        before, version.status = version.status, to_status
        version.save(update_fields=("status", "published_at"))
        ToolVersionMove.objects.create(
            version=version,
            from_status=before,
            to_status=to_status,
            at=self.at,
            reason="For audits brought in from the form service.",
        )


def _sections(audit: Audit, row: PastAudit) -> Iterable[AuditSection]:
    for section in Section:
        written: dict[str, str] = {}
        if section in AREAS:
            grade = row.grades[section]
            written = {
                "grade": grade,
                "evidence": row.evidence.get(section, ""),
                "not_applicable_reason": (
                    "Not applicable in the form." if grade == Grade.NOT_APPLICABLE else ""
                ),
            }
        elif section == Section.OVERALL:
            written = {"grade": row.overall_grade, "evidence": row.overall_rationale}
        yield AuditSection(
            audit=audit, section=section, final_grade=written.get("grade", ""), version=1, **written
        )


def _answers(audit: Audit, row: PastAudit, questions: dict[str, Question]) -> Iterable[Answer]:
    for code, value in row.answers.items():
        if code == WORKER_INVOLVED:
            if value in (PracticeAnswer.YES, PracticeAnswer.NO, PracticeAnswer.PARTLY):
                took_part = value != PracticeAnswer.NO
                yield Answer(
                    audit=audit, question=questions[code], value=WORKER_CHOICES[0 if took_part else 1][0]
                )
            continue
        not_applicable = value == PracticeAnswer.NOT_APPLICABLE
        yield Answer(
            audit=audit,
            question=questions[code],
            value=value,
            not_applicable_reason=NotApplicableReason.OTHER if not_applicable else "",
        )


def _moves(audit: Audit, row: PastAudit, people: dict[str, User]) -> Iterable[AuditMove]:
    auditor = people[row.auditor_email]
    yield AuditMove(
        audit=audit,
        from_status=AuditStatus.ALLOCATED,
        to_status=AuditStatus.IN_PROGRESS,
        by=auditor,
        at=row.started_at,
    )
    yield AuditMove(
        audit=audit,
        from_status=AuditStatus.IN_PROGRESS,
        to_status=AuditStatus.SUBMITTED,
        by=auditor,
        at=row.submitted_at,
    )
    yield AuditMove(
        audit=audit,
        from_status=AuditStatus.SUBMITTED,
        to_status=AuditStatus.FINALISED,
        by=None,
        at=row.submitted_at,
        reason="Brought in from the form service.",
    )
