"""A year in the life of the demonstration council, written by the product's own moves."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Protocol

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone

from accounts.enums import Role
from accounts.models import User
from accounts.people_import import import_people
from actions.services.escalation import escalate_overdue
from actions.services.tracker import send_tracker
from audits.annex_a import read_caseload
from audits.completeness import GivenAnswer, SectionContent
from audits.demo.annex_a_workbook import annex_a_workbook
from audits.enums import AREAS, HANDED_IN, AllocationStatus, AuditStatus, Section
from audits.grading import SHIPPED, FromDates, ceiling_on, facts_from, facts_of_areas
from audits.models import (
    Allocation,
    Answer,
    Audit,
    AuditDates,
    AuditEvent,
    AuditMove,
    AuditSection,
    Question,
    Round,
    ToolVersion,
)
from audits.querysets import AllocationQuerySet
from audits.selectors import ANSWERED_BY_FAMILY_LOG, asked_of
from audits.services.caseload import apply_import, preview_import
from audits.services.reminders import send_reminders
from audits.services.rounds import draw_round, publish_round, swap_auditor
from audits.timescale_facts import Proposal
from config.demo.activities import hand_in_activities
from config.demo.authors import Author
from config.demo.briefs import write_briefs
from config.demo.concerns import raise_two_concerns, tell_of_inadequate_audits
from config.demo.council import PASSWORD, council, people_csv, sign_ins
from config.demo.dates import FileDates, answered_by_dates
from config.demo.fairness import show_fairness
from config.demo.follow_up import Follower
from config.demo.involvement import Involved, Involvement, save_involved
from config.demo.ledger import Steward
from config.demo.moves import Decider
from config.demo.owed import managed_teams, show_what_is_owed
from config.demo.panels import Convenor
from config.demo.paths import show_what_follows
from config.demo.reaudits import Reauditing, begin_what_follows
from config.demo.reports import write_reports
from config.demo.times import working_hour
from config.demo.tools import propose_a_tool
from config.demo.tracker import bring_in_the_past
from core.dates import add_months, add_working_days
from core.errors import RuleViolation
from dashboards.services.roll_up import roll_up_due_quarters
from notifications.enums import MessageStatus
from notifications.models import Message

CHILDREN_AT_SCALE_1 = 1600
CJAS_AT_SCALE_1 = 28
MONTHS_BETWEEN_IMPORTS = 3
DAYS_OF_REMINDERS = 45
MONTHS_OPEN = 2
"""Last month is still coming in, and this one."""
MONTHS_IN_FULL = 2
"""In the last months auditors enter the dates of the file and log whom they asked; before, there were no such pages."""
RETURNED = {8: 0.35, 12: 0.5}
"""The share of audits that came back, by calendar month; elsewhere two in three did."""
USUALLY_RETURNED = 0.68
LIFT_OF_REAUDITS = 20
REAUDITS_RETURNED = 0.95
FIELDS_WRITTEN = ("status", "tool_version", "started_at", "submitted_at", "feedback_by_person")


class Progress(Protocol):
    """Told what is being made, in words."""

    def __call__(self, line: str, /) -> None: ...


@dataclass(frozen=True)
class Seeded:
    """What was made, in numbers."""

    children: int
    rounds: int
    submitted: int


@transaction.atomic
def make_council(  # noqa: PLR0915 - a story told in order
    *, scale: float, seed: int, months: int, at: datetime, progress: Progress
) -> Seeded:
    """Make the council as it stands at the moment `at`, after `months` months of audits.

    Args:
        scale: 1 is a council of 1,600 open children and 28 audits a month; smaller and larger in proportion.
        seed: the same seed, scale, months and moment give the same council.
    """
    rng = random.Random(seed)  # noqa: S311 - a story, not a secret
    today = timezone.localdate(at)
    this_month = today.replace(day=1)
    opened_on = add_months(this_month, -months - 2)
    progress("People, teams and roles")
    import_people(people_csv(council(rng)), on=opened_on)
    User.objects.update(password=make_password(PASSWORD))
    visitors = dict(sign_ins(today))
    qa_lead = visitors[Role.QA_LEAD]
    children = max(40, round(CHILDREN_AT_SCALE_1 * scale))

    def bring_in_the_caseload(as_at: date) -> None:
        progress(f"The caseload as at {as_at:%-d %B %Y}")
        workbook = annex_a_workbook(children=children, seed=seed, as_at=as_at)
        preview = preview_import(read_caseload(workbook, as_at), by=qa_lead)
        applied_at = min(at, timezone.make_aware(datetime.combine(as_at, time(17))))
        apply_import(preview, by=qa_lead, many_closings_accepted=True, at=applied_at)

    bring_in_the_caseload(opened_on)
    cjas = max(3, round(CJAS_AT_SCALE_1 * scale))
    first = add_months(this_month, -months)
    steward = Steward(seed, qa_lead=qa_lead, at=at)
    reauditing = Reauditing(seed, qa_lead=qa_lead, psw=visitors[Role.PSW], at=at)
    published = []
    for number in range(months + 1):
        month = add_months(first, number)
        if number and number % MONTHS_BETWEEN_IMPORTS == 0:
            bring_in_the_caseload(add_months(month, -1))
        progress(f"The round of {month:%B %Y}")
        drawn_at = working_hour(rng, add_months(month, -1) + timedelta(days=3))
        steward.excuse_from(month, before=drawn_at)
        drawn = draw_round(month, by=qa_lead, cjas=cjas, seed=rng.getrandbits(31), at=drawn_at)
        if month == this_month:
            _give_one_to(drawn, visitors[Role.TEAM_MANAGER], by=qa_lead)
        issued_at = drawn_at + timedelta(days=2)
        published.append(publish_round(drawn, by=qa_lead, at=issued_at))
        _mails_went_out(issued_at)
        steward.look_after(published[-1])
        hand_in_activities(published[-1], seed=seed, at=at)
        lift = round(18 * number / max(months, 1))
        in_full = number > months - MONTHS_IN_FULL
        Writer(rng, lift=lift, at=at, in_full=in_full).write(drawn.allocations.filter(audits_again=None))
        reauditing.give_out(published[-1], issued_at=issued_at)
        again = random.Random(f"{seed} {month}")  # noqa: S311 - a story, not a secret
        Writer(again, lift=LIFT_OF_REAUDITS, at=at, in_full=in_full, are_reaudits=True).write(
            drawn.allocations.exclude(audits_again=None)
        )
        begin_what_follows(drawn)
    bring_in_the_caseload(today - timedelta(days=2))
    draw_round(add_months(this_month, 1), by=qa_lead, cjas=cjas, seed=rng.getrandbits(31), at=at)
    for round_ in published[:-MONTHS_OPEN]:
        steward.close(round_)
    steward.leave_one_waiting(published[-1])
    progress("What was returned, final and void")
    decider = Decider(qa_lead=qa_lead, psw=visitors[Role.PSW], at=at)
    decider.look_into(published[-MONTHS_OPEN])
    progress("The moderation panels")
    Convenor(seed, qa_lead=qa_lead, psw=visitors[Role.PSW], at=at).hold_since(add_months(first, 1))
    decider.propose_to_reopen_one(published[0])
    show_fairness(seed=seed, qa_lead=qa_lead, at=at, mails_went_out=_mails_went_out)
    progress("What followed from the audits")
    began = working_hour(rng, add_months(first, -1))
    bring_in_the_past(managed_teams(at), by=qa_lead, at=began)
    show_what_follows(seed=seed, qa_lead=qa_lead, psw=visitors[Role.PSW], at=at)
    propose_a_tool(qa_lead=qa_lead, at=at - timedelta(days=1))
    progress("What was done about what the audits found")
    Follower(seed, qa_lead=qa_lead, psw=visitors[Role.PSW], at=at).follow()
    show_what_is_owed(visitors, at=at)
    progress("The quarters that are frozen, and their reports")
    roll_up_due_quarters(at=at)
    write_reports(qa_lead=qa_lead, psw=visitors[Role.PSW], at=at)
    write_briefs(qa_lead=qa_lead, psw=visitors[Role.PSW], at=at)
    progress("The reminders of the last weeks")
    tell_of_inadequate_audits(at=at, mails_went_out=_mails_went_out)
    raise_two_concerns(seed=seed, at=at, mails_went_out=_mails_went_out)
    _remind(today, at=at)
    _mails_went_out(at)
    return Seeded(
        children=children,
        rounds=Round.objects.count(),
        submitted=Audit.objects.submitted().count(),
    )


def _remind(today: date, *, at: datetime) -> None:
    """Each morning of the last weeks before the moment `at` what was due was said."""
    for days in reversed(range(DAYS_OF_REMINDERS)):
        morning = timezone.make_aware(datetime.combine(today - timedelta(days=days), time(8)))
        if morning < at:
            send_reminders(at=morning)
            send_tracker(at=morning)
            escalate_overdue(at=morning)
            _mails_went_out(morning)


def _mails_went_out(at: datetime) -> None:
    """What waits in the outbox was sent at that moment; a demonstration mails nobody."""
    waiting = Message.objects.filter(status=MessageStatus.QUEUED)
    waiting.update(status=MessageStatus.SENT, queued_at=at, due_at=at, sent_at=at)


class Writer:
    """Writes audits as far as their auditors had come by the moment `at`; nearly all re-audits, and in time."""

    def __init__(
        self,
        rng: random.Random,
        *,
        lift: int,
        at: datetime,
        in_full: bool,
        are_reaudits: bool = False,
    ) -> None:
        self.rng = rng
        self.are_reaudits = are_reaudits
        self.in_full = in_full
        self.file_dates = FileDates()
        self.involvement = Involvement(at=at)
        self.author = Author(rng, lift)
        self.at = at
        self.questions: dict[int, list[Question]] = {}
        self.versions: dict[str, ToolVersion] = {}
        for version in ToolVersion.objects.published():
            self.questions[version.pk] = list(Question.objects.filter(version=version))
            self.versions |= {row.pathway: version for row in version.in_force.all()}

    def write(self, allocations: AllocationQuerySet) -> None:
        """Write those of them that stand."""
        given = allocations.filter(status=AllocationStatus.ALLOCATED)
        audits = Audit.objects.filter(allocation__in=given).select_related("allocation__round").order_by("pk")
        sections: list[AuditSection] = []
        answers: list[Answer] = []
        moves: list[AuditMove] = []
        dates: list[AuditDates] = []
        events: list[AuditEvent] = []
        involved: list[Involved] = []
        for audit in audits:
            finished_at = self._finished_at(audit.allocation)
            if finished_at is None and self.rng.random() < 0.5:
                continue
            started_at = (finished_at or self.at) - timedelta(days=self.rng.randint(1, 6), hours=2)
            audit.status = AuditStatus.SUBMITTED if finished_at else AuditStatus.IN_PROGRESS
            audit.tool_version = self.versions[audit.pathway]
            audit.started_at, audit.submitted_at = started_at, finished_at
            audit.feedback_by_person = self.in_full
            grades = self.author.grades()
            proposals: Mapping[str, Proposal] = {}
            logged: Mapping[str, GivenAnswer] = {}
            if self.in_full:
                on = timezone.localdate(started_at)
                found, happened, proposals = self.file_dates.of(audit, on, grades)
                dates.append(found)
                events += happened
                involved.append(self.involvement.of(audit, on, grades, self._questions(audit)))
                logged = involved[-1].answers
            for row, written in self._pages(audit, started_at.date(), grades, proposals, logged):
                sections.append(row)
                answers += written
            auditor_id = audit.allocation.auditor_id
            steps = [(AuditStatus.ALLOCATED, AuditStatus.IN_PROGRESS, started_at)]
            if finished_at:
                steps.append((AuditStatus.IN_PROGRESS, AuditStatus.SUBMITTED, finished_at))
            moves += [
                AuditMove(audit=audit, from_status=before, to_status=after, by_id=auditor_id, at=moment)
                for before, after, moment in steps
            ]
        Audit.objects.bulk_update(audits, FIELDS_WRITTEN)
        AuditSection.objects.bulk_create(sections)
        Answer.objects.bulk_create(answers, batch_size=500)
        AuditMove.objects.bulk_create(moves)
        AuditDates.objects.bulk_create(dates)
        AuditEvent.objects.bulk_create(events, batch_size=500)
        save_involved(involved)

    def _finished_at(self, allocation: Allocation) -> datetime | None:
        """When the audit was submitted: two in three in time, some late, some not at all, none after today."""
        month = allocation.round.month
        usual = RETURNED.get(month.month, USUALLY_RETURNED)
        if self.rng.random() > (REAUDITS_RETURNED if self.are_reaudits else usual):
            return None
        if self.are_reaudits:
            days = self.rng.choice((-2, -1, -1, 0, 1))
        else:
            days = self.rng.choices((-self.rng.randint(0, 12), self.rng.randint(1, 9)), (72, 28))[0]
        at = working_hour(self.rng, add_working_days(allocation.due_on, days))
        return at if at < self.at else None

    def _questions(self, audit: Audit) -> list[Question]:
        """The questions that the audit's tool asks of its child. No query."""
        return [
            question
            for question in self.questions[audit.tool_version_id or 0]
            if question.is_asked(audit.pathway, audit.age, audit.disability)
        ]

    def _pages(
        self,
        audit: Audit,
        on: date,
        grades: dict[Section, str],
        proposals: Mapping[str, Proposal],
        logged: Mapping[str, GivenAnswer],
    ) -> list[tuple[AuditSection, list[Answer]]]:
        """Every page of a submitted audit; the first few of one in progress.

        What was logged is answered by the log, on pages that nobody has written yet, too.
        """
        finished = audit.status == AuditStatus.SUBMITTED
        written = len(Section) if finished else self.rng.randint(1, 5)
        pages: list[tuple[AuditSection, list[Answer]]] = []
        given: dict[str, GivenAnswer] = {}
        for number, section in enumerate(Section):
            questions = [question for question in self._questions(audit) if question.section == section]
            if section == Section.FEEDBACK and logged:
                questions = [question for question in questions if question.code in ANSWERED_BY_FAMILY_LOG]
            if number >= written:
                answered = [question for question in questions if question.code in logged]
                complete = section == Section.FEEDBACK and bool(logged)
                row = AuditSection(
                    audit=audit, section=section, version=1 if answered else 0, is_complete=complete
                )
                pages.append((row, _answers(audit, answered, SectionContent(answers=logged))))
                continue
            content = self.author.content(section, grades, asked_of(audit, questions), on)
            content = answered_by_dates(content, proposals, f"{audit.allocation.reference} {section}")
            content = replace(content, answers={**content.answers, **logged})
            at = working_hour(self.rng, on)
            pages.append((_row(audit, section, content, at), _answers(audit, questions, content)))
            given |= content.answers
        self._keep_to_ceilings(audit, [row for row, _ in pages], given)
        return pages

    def _keep_to_ceilings(
        self, audit: Audit, rows: list[AuditSection], given: dict[str, GivenAnswer]
    ) -> None:
        """Write the ceilings beside the grades as the service does, and the reason of whoever graded above one."""
        facts = facts_from(given, FromDates(), pathway=audit.pathway, concern_raised=False)
        facts |= facts_of_areas(row.grade for row in rows if row.section in AREAS)
        for row in rows:
            if row.is_complete and (ceiling := ceiling_on(row.section, facts, SHIPPED)):
                row.ceiling, row.ceiling_reason = ceiling.grade, ceiling.reason
                row.override_reason = self.author.words("override") if row.overrides_ceiling else ""
            if row.section == Section.PROCESS and "W5" in given and given["W5"].value == "yes":
                row.override_reason = self.author.words("no_concern")


def _row(audit: Audit, section: Section, content: SectionContent, at: datetime) -> AuditSection:
    return AuditSection(
        audit=audit,
        section=section,
        grade=content.grade,
        final_grade=content.grade if audit.status in HANDED_IN else "",
        evidence=content.evidence,
        difference=content.difference,
        not_applicable_reason=content.not_applicable_reason,
        is_complete=True,
        version=1,
        saved_at=at,
    )


def _answers(audit: Audit, questions: list[Question], content: SectionContent) -> list[Answer]:
    return [
        Answer(
            audit=audit,
            question=question,
            value=given.value,
            not_applicable_reason=given.not_applicable_reason,
            note=given.note,
            selected=list(given.selected),
            counted=given.counted,
            counted_of=given.counted_of,
            dated_on=given.dated_on,
            override_reason=given.override_reason,
        )
        for question in questions
        if (given := content.answers.get(question.code))
    ]


def _give_one_to(drawn: Round, auditor: User, *, by: User) -> None:
    """See that this auditor has an audit in the round, so that who signs in as them has something to write."""
    if drawn.allocations.filter(auditor=auditor).exists():
        return
    for allocation in drawn.allocations.order_by("reference"):
        try:
            swap_auditor(allocation, auditor=auditor, by=by, reason="to even out the year.")
        except RuleViolation:
            continue
        return
