"""A year of moderation panels, held by the product's own moves; one to come is being read, one is being asked."""

import random
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from accounts.models import User
from audits.enums import BAND_GRADES, GRADED_SECTIONS, Grade
from audits.models import Audit
from config.demo.fairness import select_submitted, settle_exemptions
from core.dates import add_months
from core.errors import RuleViolation
from moderation.enums import FormQuality, Reason, SeatPart, SeatStatus
from moderation.models import ModerationSettings, Outcome, Panel, PanelMember, Reading, Tabling
from moderation.panel_facts import gaps_of
from moderation.permissions import can_decide, can_decide_reply
from moderation.selectors import awaiting_panel
from moderation.services.decisions import Line, decide_audit
from moderation.services.outcomes import acknowledge_outcome, decide_reply, reply_to_outcome
from moderation.services.panels import (
    close_panel,
    convene_panel,
    make_panels_ahead,
    plan_panel,
    release_panel,
    start_meeting,
)
from moderation.services.readings import (
    GradeGiven,
    ReadingContent,
    auditor_grades,
    record_reading,
    save_reading,
)
from moderation.services.seats import answer_invitation, propose_members
from moderation.services.tablings import table_audits

MOST_AUDITS = 24
LEFT_UNDECIDED = 2
EXEMPTION_AUDITS = 4
"""Of 60 auditors hardly anybody has six audits moderated in a year; this council asks for four."""
DAYS_PROPOSALS_WAIT = 30
"""What was earned since then is still to be granted."""
DAYS_UNREAD = 25
"""Before that everybody has read what the panel said."""
WHY = {
    Reason.TIMESCALE: "Two visits were more than a week late and the record does not say why.",
    Reason.OUTDATED: "The plan is from before the change of placement and was not updated.",
    Reason.NOT_REFLECTIVE: "Supervision lists tasks; it does not ask what life is like for the child.",
    Reason.DOCUMENTATION: "The record of the core group is missing, so progress cannot be judged.",
    Reason.DIRECT_WORK: "Wishes and feelings are reported by adults; no direct work is recorded.",
    Reason.EVIDENCE: "The evidence describes what was planned rather than what changed.",
    Reason.SCRUTINY: "Two reviews noted the same delay and nobody challenged it.",
    Reason.DESCRIPTOR: "The work is sound and the difference for the child is not sustained yet.",
}
MEETS_AT = time(10)


class Convenor:
    """Holds the panels of the months gone by and prepares the next two."""

    def __init__(self, seed: int, *, qa_lead: User, psw: User, at: datetime) -> None:
        self.rng = random.Random(seed + 5)  # noqa: S311 - a story, not a secret
        self.qa_lead, self.psw, self.at, self.seed = qa_lead, psw, at, seed

    def hold_since(self, first: date) -> None:
        """The panels from that month on: the past ones to their outcomes, the next read blind, the one after asked."""
        ModerationSettings.objects.create(pk=1, exemption_audits=EXEMPTION_AUDITS)
        month, today = first, timezone.localdate(self.at)
        while month <= today:
            make_panels_ahead(at=timezone.make_aware(datetime.combine(month, time(4))))
            month = add_months(month, 1)
        panels = Panel.objects.filter(month__gte=first).order_by("month")
        for panel in panels.filter(meets_on__lt=today):
            self._hold(panel)
        coming = list(panels.filter(meets_on__gt=today)[:2])
        self._leave_a_reply_waiting()
        for panel, is_released in zip(coming, (True, False), strict=False):
            self._prepare(panel, is_released=is_released)

    def _hold(self, panel: Panel) -> None:
        met_at = self._moment(panel.meets_on)
        if not self._table(panel, before=met_at - timedelta(days=9)):
            return
        self._convene(panel, at=met_at - timedelta(days=9))
        self._answer(panel, at=met_at - timedelta(days=7))
        panel = release_panel(panel, by=self.qa_lead, at=met_at - timedelta(days=6))
        for reading in self._readings(panel):
            if self.rng.random() < 0.93:
                self._record(reading, at=met_at - timedelta(days=2))
        coming = set(panel.members.coming().values_list("pk", flat=True))
        here = {seat for seat in coming if self.rng.random() < 0.9}
        try:
            start_meeting(panel, attended=here, by=self.qa_lead, at=met_at)
        except RuleViolation:
            start_meeting(panel, attended=coming, by=self.qa_lead, at=met_at)
        on_the_table = list(panel.tablings.on_the_table().order_by("pk"))
        if add_months(panel.month, 1) > timezone.localdate(self.at):
            on_the_table = on_the_table[:-LEFT_UNDECIDED]  # the last panel ran out of time
        for number, tabling in enumerate(on_the_table):
            if self.rng.random() < 0.96:
                self._decide(tabling, at=met_at + timedelta(minutes=6 * number))
        close_panel(panel, by=self.qa_lead, at=met_at + timedelta(hours=3))
        told_at = min(met_at + timedelta(days=1), self.at)
        grants = told_at < self.at - timedelta(days=DAYS_PROPOSALS_WAIT)
        settle_exemptions(self.seed, psw=self.psw, grants=grants, at=told_at)
        for outcome in Outcome.objects.filter(decision__tabling__panel=panel).select_related(
            "auditor", "decision__tabling"
        ):
            self._follow_up(outcome, at=met_at + timedelta(days=self.rng.randint(1, 4)))

    def _prepare(self, panel: Panel, *, is_released: bool) -> None:
        plan_panel(
            panel,
            meets_on=panel.meets_on,
            meets_at=MEETS_AT,
            place="Committee room 2, Town Hall",
            is_blind=is_released,
            by=self.qa_lead,
        )
        asked_at = self.at - timedelta(days=5)
        has_audits = is_released and self._table(panel, before=self.at)
        self._convene(panel, at=asked_at)
        if not has_audits:
            return
        self._answer(panel, at=asked_at + timedelta(days=2))
        panel = release_panel(panel, by=self.qa_lead, at=asked_at + timedelta(days=3))
        for number, reading in enumerate(self._readings(panel)):
            if number % 2:
                self._record(reading, at=self.at - timedelta(days=1))

    def _table(self, panel: Panel, *, before: datetime) -> bool:
        select_submitted(before)
        queue = awaiting_panel().order_by().values("audit")
        waiting = Audit.objects.filter(pk__in=queue, submitted_at__lt=before).order_by("submitted_at", "pk")
        audits = list(
            waiting.exclude(moves__at__gte=before)[:MOST_AUDITS]
        )  # one that came back is for a later panel
        if panel.meets_on > timezone.localdate(self.at):
            audits = audits[: max(1, len(audits) // 2)]  # the rest is still to be tabled
        table_audits(panel, audits=audits, by=self.qa_lead, at=before)
        return bool(audits)

    def _convene(self, panel: Panel, *, at: datetime) -> None:
        propose_members(panel, by=None, at=at)
        convene_panel(panel, by=self.qa_lead, at=at)

    def _answer(self, panel: Panel, *, at: datetime) -> None:
        """Most accept; a moderator declines only where those left, with the next reserve, still make a panel (R4)."""
        while waiting := panel.members.filter(status=SeatStatus.INVITED).select_related("person").first():
            declines = self.rng.random() < 0.2 and self._can_spare(waiting, panel)
            answer_invitation(waiting, accept=not declines, by=waiting.person, at=at)

    def _can_spare(self, member: PanelMember, panel: Panel) -> bool:
        seats = panel.members.select_related("person__auditor_profile")
        asked = seats.filter(status__in=(SeatStatus.INVITED, SeatStatus.ACCEPTED)).exclude(pk=member.pk)
        reserve = (
            seats.filter(part=SeatPart.RESERVE, status=SeatStatus.PROPOSED).order_by("position", "pk").first()
        )
        if member.part != SeatPart.MODERATOR or reserve is None:
            return False
        reserve.part = SeatPart.MODERATOR
        return not gaps_of(panel, [*asked, reserve], on=panel.meets_on)

    def _readings(self, panel: Panel) -> list[Reading]:
        rows = Reading.objects.standing().filter(tabling__panel=panel).order_by("pk")
        return list(rows.select_related("moderator", "tabling__panel"))

    def _record(self, reading: Reading, *, at: datetime) -> None:
        own = self._second_look(auditor_grades(reading.tabling))
        given = {
            section: GradeGiven(line.choice, line.narrative or "What the record shows agrees.", line.reasons)
            for section, line in own.items()
        }
        content = ReadingContent(given, self.rng.choice(FormQuality.values))
        save_reading(reading, content, version=0, by=reading.moderator)
        record_reading(reading, content, version=1, by=reading.moderator, at=at)

    def _second_look(self, auditor: dict[str, str]) -> dict[str, Line]:
        """The auditor's grades as somebody else gives them: now and then a step lower, seldom one higher."""
        return {section: self._looked_at(auditor[section]) for section in GRADED_SECTIONS}

    def _looked_at(self, grade: str) -> Line:
        chance = self.rng.random()
        if grade == Grade.NOT_APPLICABLE or 0.16 <= chance < 0.97:
            return Line(grade)
        place = BAND_GRADES.index(Grade(grade)) + (1 if chance < 0.16 else -1)
        if not 0 <= place < len(BAND_GRADES):
            return Line(grade)
        reason = self.rng.choice(list(WHY))
        return Line(BAND_GRADES[place], (reason,), WHY[reason])

    def _decide(self, tabling: Tabling, *, at: datetime) -> None:
        by = next((person for person in (self.qa_lead, self.psw) if can_decide(person, tabling)), None)
        if by is None:
            return
        auditor = auditor_grades(tabling)
        reading = tabling.readings.recorded().prefetch_related("grades__difference").first()
        lines = {section: Line(grade) for section, grade in auditor.items()}
        if reading:
            for row in reading.grades.all():
                if row.grade != auditor[row.section] and self.rng.random() < 0.85:
                    difference = row.difference
                    lines[row.section] = Line(row.grade, tuple(difference.reasons), difference.narrative)
        decide_audit(tabling, lines=lines, version=0, by=by, at=at)

    def _follow_up(self, outcome: Outcome, *, at: datetime) -> None:
        is_old = self.at - at > timedelta(days=DAYS_UNREAD)
        if at >= self.at or (self.rng.random() > 0.85 and not is_old):
            return
        if self.rng.random() < 0.06 and not outcome.is_return:
            text = "The later record was written after the window closed. Please look at it again."
            reply = reply_to_outcome(outcome, text=text, by=outcome.auditor, at=at)
            by = next((who for who in (self.psw, self.qa_lead) if can_decide_reply(who, reply)), None)
            if by:
                answer = "The panel saw this record. What it shows came after the period that is graded."
                decide_reply(reply, is_upheld=False, answer=answer, by=by, at=at + timedelta(days=2))
            return
        acknowledge_outcome(outcome, by=outcome.auditor, at=at)

    def _leave_a_reply_waiting(self) -> None:
        """The latest outcome that the Principal Social Worker may judge has a reply to be decided."""
        rows = Outcome.objects.filter(reply__isnull=True).exclude(decision__by=self.psw)
        open_to_reply = rows.exclude(auditor=self.psw).select_related("auditor", "decision__tabling")
        outcome = next((row for row in open_to_reply.order_by("-told_at", "-pk") if not row.is_return), None)
        if outcome:
            text = (
                "The visit of 3 September is on the brother's file. It shows that the child was seen alone."
            )
            reply_to_outcome(outcome, text=text, by=outcome.auditor, at=self.at - timedelta(days=1))

    def _moment(self, day: date) -> datetime:
        return timezone.make_aware(datetime.combine(day, MEETS_AT))
