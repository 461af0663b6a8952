"""The dates that auditors of the demonstration council found on files, and the answers that go with them."""

import random
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta

from audits.completeness import SectionContent
from audits.enums import ChildSeen, EventKind, Grade, Pathway, PlacementKind, Section
from audits.models import Audit, AuditDates, AuditEvent, ProgrammeSettings, TimescaleRule
from audits.timescale_facts import Proposal, Reckoning, kinds_on, rules_by_duty
from core.dates import NO_CLOSURES, add_months, add_working_days, is_working_day

LATE_SHARE = {
    Grade.OUTSTANDING: 0.0,
    Grade.GOOD: 0.06,
    Grade.REQUIRES_IMPROVEMENT: 0.25,
    Grade.INADEQUATE: 0.5,
}
WELL_LED = (Grade.OUTSTANDING, Grade.GOOD)
"""Where a manager agreed to each gap in visits."""

VISIT_EVERY = {Pathway.CLA: (33, 41), Pathway.CP: (9, 13), Pathway.CIN: (20, 26)}
"""Days from one visit to the next, when it is in time."""

WHY_OTHERWISE = (
    "One visit by the duty worker is recorded on the brother's file, which the dates do not show.",
    "The late one was put off because the child was in hospital. The manager agreed at the time.",
)
OTHERWISE_SHARE = 0.12


class FileDates:
    """What is on the file of one audit. Each audit has a source of chance of its own, so the rest of the year stays."""

    def __init__(self) -> None:
        self.rules = rules_by_duty(TimescaleRule.objects.order_by())
        self.settings = ProgrammeSettings.current()

    def of(
        self, audit: Audit, started_on: date, grades: Mapping[Section, str]
    ) -> tuple[AuditDates, list[AuditEvent], Mapping[str, Proposal]]:
        """The dates of one audit, not saved yet, and what they say to its questions."""
        rng = random.Random(audit.allocation.reference)  # noqa: S311 - a story, not a secret
        writer = _File(rng, audit, started_on, grades)
        dates = AuditDates(audit=audit, placement=writer.placement, version=1)
        events = [
            AuditEvent(audit=audit, kind=kind, on=on, seen=writer.seen() if kind == EventKind.VISIT else "")
            for kind, on in sorted(writer.events)
        ]
        found = Reckoning(
            audit.pathway,
            dates,
            events,
            rules=self.rules,
            closures=NO_CLOSURES,
            first=add_months(started_on, -self.settings.months_graded),
            last=started_on,
        ).result(months_without_supervision=self.settings.months_without_supervision)
        return dates, events, found.proposals


class _File:
    def __init__(self, rng: random.Random, audit: Audit, until: date, grades: Mapping[Section, str]) -> None:
        self.rng, self.until, self.grades = rng, until, grades
        self.pathway = Pathway(audit.pathway)
        self.kinds = kinds_on(self.pathway)
        self.placement = ""
        self.events: set[tuple[str, date]] = set()
        self.opened = until - timedelta(days=rng.randint(120, 340))
        if not is_working_day(self.opened):
            self.opened = add_working_days(self.opened, 1)
        self.add(EventKind.OPENED, self.opened)
        self._assessment()
        self._repeat(EventKind.SUPERVISION, self.opened, (23, 29), self._late(Section.SUPERVISION))
        if self.pathway == Pathway.CP:
            self._conferences()
        elif self.pathway == Pathway.CLA:
            self._care()
        elif self.pathway == Pathway.CIN:
            self._visits(self.opened)

    def add(self, kind: EventKind, on: date) -> None:
        if kind in self.kinds and on <= self.until:
            self.events.add((kind, on))

    def seen(self) -> str:
        return self.rng.choices((ChildSeen.ALONE, ChildSeen.SEEN, ChildSeen.NOT_SEEN), (60, 34, 6))[0]

    def _late(self, section: Section) -> float:
        grade = self.grades.get(section, "")
        return LATE_SHARE.get(Grade(grade), 0.1) if grade else 0.1

    def _assessment(self) -> None:
        days = self.rng.randint(25, 44)
        if self.rng.random() < self._late(Section.ASSESSMENTS):
            days += self.rng.randint(5, 20)
        self.add(EventKind.REFERRAL, self.opened)
        self.add(EventKind.ASSESSMENT, add_working_days(self.opened, days))

    def _conferences(self) -> None:
        icpc = add_working_days(self.opened, self.rng.randint(10, 15))
        self.add(EventKind.STRATEGY_DISCUSSION, self.opened)
        self.add(EventKind.ICPC, icpc)
        late = self._late(Section.MEETINGS)
        self._repeat(EventKind.CORE_GROUP, icpc, (10, 40), late)
        review = add_working_days(add_months(icpc, 3), -self.rng.randint(1, 4))
        while review <= self.until:
            self.add(EventKind.RCPC, review)
            review = add_working_days(add_months(review, 6), -self.rng.randint(1, 4))
        self._visits(icpc)

    def _care(self) -> None:
        self.placement = self.rng.choices(
            (PlacementKind.SHORT_OF_18, PlacementKind.TO_18, PlacementKind.CARE_ORDER), (60, 30, 10)
        )[0]
        self.add(EventKind.CARE_STARTED, self.opened)
        self.add(EventKind.PLACEMENT, self.opened)
        review = add_working_days(self.opened, self.rng.randint(14, 20))
        for months in (3, 6, 6):
            self.add(EventKind.IRO_CONTACT, add_working_days(review, -self.rng.randint(1, 5)))
            self.add(EventKind.REVIEW, review)
            self.add(EventKind.RAG, add_working_days(review, self.rng.randint(1, 6)))
            late = self.rng.random() < self._late(Section.MEETINGS)
            review = add_working_days(add_months(review, months), self.rng.randint(3, 12) if late else -2)
            if review > self.until:
                break
        self._visits(self.opened)

    def _visits(self, start: date) -> None:
        first = add_working_days(start, self.rng.randint(2, 4))
        self.add(EventKind.VISIT, first)
        gaps = self._repeat(EventKind.VISIT, first, VISIT_EVERY[self.pathway], self._late(Section.VISITS))
        if self.grades.get(Section.VISITS) in WELL_LED:
            for ended in gaps:
                self.add(EventKind.GAP_AGREED, add_working_days(ended, -2))

    def _repeat(self, kind: EventKind, start: date, every: tuple[int, int], late: float) -> list[date]:
        """Again and again until the audit; gives the days on which it came late."""
        came_late: list[date] = []
        day = start
        while day <= self.until:
            days = self.rng.randint(*every)
            is_late = self.rng.random() < late
            day += timedelta(days=days + (self.rng.randint(9, 24) if is_late else 0))
            if not is_working_day(day):
                day = add_working_days(day, -1)
            self.add(kind, day)
            if is_late:
                came_late.append(day)
        return came_late


def answered_by_dates(
    content: SectionContent, proposals: Mapping[str, Proposal], page: str
) -> SectionContent:
    """The page with the answers that the dates give; now and then the auditor's own, with a reason."""
    rng = random.Random(page)  # noqa: S311 - a story, not a secret
    answers = dict(content.answers)
    for code, proposal in proposals.items():
        given = answers.get(code)
        if given is None:
            continue
        if proposal.agrees_with(given) or rng.random() >= OTHERWISE_SHARE:
            answers[code] = replace(proposal.answer, note=given.note)
        else:
            answers[code] = replace(given, override_reason=rng.choice(WHY_OTHERWISE))
    return replace(content, answers=answers)
