"""Who reads what, and what they record."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from audits.enums import AREAS, BAND_GRADES, GRADED_SECTIONS, Grade, Section
from audits.models import AuditSection
from core.errors import RuleViolation
from moderation.enums import (
    PAPERS_OUT,
    READ,
    FormQuality,
    PanelStatus,
    ReadingStatus,
    Reason,
    SeatStatus,
)
from moderation.models import (
    Panel,
    Reading,
    ReadingDifference,
    ReadingGrade,
    Tabling,
)
from moderation.panel_facts import seating_of, told_elsewhere
from moderation.signals import readings_given
from moderation.verdicts import differences

NOT_YOURS = "This reading is somebody else's, or is no longer asked for."
NO_LONGER_BLIND = (
    "Another page shows you who wrote this audit or its grades by now, so your reading would not be blind. "
    "Somebody else reads it. Thank you for what you did."
)


class StaleReading(Exception):
    """The reading was saved in another tab since this one was opened. Nothing was changed."""

    def __init__(self, reading: Reading) -> None:
        super().__init__(f"reading {reading.pk} is at version {reading.version}")
        self.reading = reading


@dataclass(frozen=True)
class GradeGiven:
    """What a moderator writes of one section: reasons and narrative are for a grade that differs."""

    grade: str = ""
    note: str = ""
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True)
class ReadingContent:
    """A reading as it is written: by section what is given, and the quality of the form apart from the grades."""

    given: Mapping[str, GradeGiven] = field(default_factory=dict)
    form_quality: str = ""
    form_note: str = ""


def share_out_readings(panel: Panel, *, at: datetime) -> Counter[int]:
    """Give each audit on the table its reader, where none is reading it; loads are kept even.

    Called inside the caller's transaction, the panel locked. Readings that have been begun stay.

    Returns:
        How many readings were given, by person, that they did not have before.

    """
    tablings = list(
        panel.tablings.on_the_table().select_related(
            "audit__allocation__auditor", "audit__allocation__child", "panel"
        )
    )
    seating = seating_of(panel, tablings)
    seats = {member.person_id: member for member in panel.members.coming()}
    standing = {
        (reading.tabling_id, reading.moderator_id): reading
        for reading in Reading.objects.standing().filter(tabling__in=tablings)
    }
    wanted = {
        (tabling.pk, reader): seating.because[tabling.audit.allocation.reference, reader]
        for tabling in tablings
        for reader in seating.readers[tabling.audit.allocation.reference]
    }
    Reading.objects.filter(
        pk__in=[
            reading.pk
            for pair, reading in standing.items()
            if pair not in wanted and reading.status == ReadingStatus.TO_DO
        ]
    ).update(status=ReadingStatus.WITHDRAWN)
    auditors = {tabling.pk: tabling.auditor_id for tabling in tablings}
    given = Reading.objects.bulk_create(
        Reading(
            tabling_id=tabling,
            member=seats[reader],
            moderator_id=reader,
            auditor_id=auditors[tabling],
            because=because,
            assigned_at=at,
        )
        for (tabling, reader), because in wanted.items()
        if (tabling, reader) not in standing
    )
    return Counter(reading.moderator_id for reading in given)


def share_out_again(panel: Panel, *, at: datetime) -> None:
    """After a change to the table or the seats of a panel whose papers are out, see that each audit has its reader.

    Called inside the caller's transaction, the panel locked. readings_given is sent where somebody has new ones, by
    which they are told; before the papers are out nothing happens.
    """
    if panel.status == PanelStatus.RELEASED and (given := share_out_readings(panel, at=at)):
        readings_given.send(Panel, panel=panel, given=given, at=at)


@transaction.atomic
def save_reading(reading: Reading, content: ReadingContent, *, version: int, by: User) -> Reading:
    """Keep what is written so far; blanks stay blanks.

    Effects, in order: the version goes up by one; the grades and notes are saved. Saving the same again from an older
    page changes nothing.

    Raises:
        StaleReading: another save came first and said something else.
        RuleViolation: the reading is not this person's, or is recorded or over.

    """
    current = _locked(reading, by=by)
    if current.status != ReadingStatus.TO_DO:
        raise RuleViolation(_why_not(current))
    if current.version != version:
        if content_of(current) == _without_reasons(content):
            return current
        raise StaleReading(current)
    return _save(current, content)


@transaction.atomic
def record_reading(
    reading: Reading, content: ReadingContent, *, version: int, by: User, at: datetime | None = None
) -> Reading:
    """Record one's own grades; from now on they do not change. The same again is once.

    Effects, in order: what is written is saved; where the panel is not blind each difference from the auditor has its
    reasons recorded with it; the reading is complete, or, at a blind panel with differences, waits for their reasons,
    and its reader sees the auditor's grades from now on.

    Raises:
        StaleReading: another save came first and said something else.
        RuleViolation: not this person's, over, a grade or the quality of the form is missing, a blind reading of an
            audit whose auditor or grades another page has told them since the papers came out, or, where the panel
            is not blind, a difference has no reason or narrative.

    """
    at = at or timezone.now()
    current = _locked(reading, by=by)
    if current.status in READ and content_of(current) == _without_reasons(content):
        return current
    if current.status != ReadingStatus.TO_DO:
        raise RuleViolation(_why_not(current))
    if current.version != version and content_of(current) != _without_reasons(content):
        raise StaleReading(current)
    is_blind = current.tabling.panel.is_blind
    if is_blind and told_elsewhere(by, [current.tabling.audit]):
        raise RuleViolation(NO_LONGER_BLIND)
    if missing := missing_from(content, auditor_grades(current.tabling), is_blind=is_blind):
        raise RuleViolation(f"Not recorded yet. {' '.join(missing.values())}")
    _save(current, content)
    differing = differing_grades(current)
    if not is_blind:
        _explain(current, differing, content)
    current.status = ReadingStatus.RECORDED if is_blind and differing else ReadingStatus.COMPLETE
    current.recorded_at = at
    current.save(update_fields=("status", "recorded_at"))
    return current


@transaction.atomic
def explain_reading(reading: Reading, *, given: Mapping[str, GradeGiven], by: User) -> Reading:
    """Give the reasons for each difference from the auditor, after a blind reading. Twice is once.

    Args:
        given: by section, the reasons and the narrative (`note`).

    Raises:
        RuleViolation: not this person's, not recorded yet, or a difference has no reason or narrative.

    """
    current = _locked(reading, by=by)
    if current.status == ReadingStatus.COMPLETE:
        return current
    if current.status != ReadingStatus.RECORDED:
        raise RuleViolation(_why_not(current))
    differing = differing_grades(current)
    missing = [sentence for section in differing if (sentence := _unexplained(section, given.get(section)))]
    if missing:
        raise RuleViolation(f"Not recorded yet. {' '.join(missing)}")
    _explain(current, differing, ReadingContent(given))
    current.status = ReadingStatus.COMPLETE
    current.save(update_fields=("status",))
    return current


def auditor_sections(tabling: Tabling) -> dict[str, AuditSection]:
    """The sections that the auditor graded, in order, with the ceiling on each. One query."""
    rows = AuditSection.objects.filter(audit=tabling.audit_id, section__in=GRADED_SECTIONS)
    found = {row.section: row for row in rows.defer("evidence", "difference")}
    return {
        section: found[section] for section in GRADED_SECTIONS if section in found and found[section].grade
    }


def auditor_grades(tabling: Tabling) -> dict[str, str]:
    """The auditor's own grades by graded section, in order. One query."""
    return {section: row.grade for section, row in auditor_sections(tabling).items()}


def content_of(reading: Reading) -> ReadingContent:
    """What is saved of a reading, without reasons. One query."""
    return ReadingContent(
        {
            row.section: GradeGiven(row.grade, row.note)
            for row in reading.grades.all()
            if row.grade or row.note
        },
        reading.form_quality,
        reading.form_note,
    )


def differing_grades(reading: Reading) -> dict[str, tuple[str, str]]:
    """By section, the auditor's grade and the moderator's, where they differ. Two queries."""
    own = {row.section: row.grade for row in ReadingGrade.objects.filter(reading=reading)}
    return differences(auditor_grades(reading.tabling), own)


def missing_from(content: ReadingContent, auditor: Mapping[str, str], *, is_blind: bool) -> dict[str, str]:
    """What a reading still needs before it can be recorded: a sentence by section, "form_quality" among them."""
    missing: dict[str, str] = {}
    for section in GRADED_SECTIONS:
        given = content.given.get(section, GradeGiven())
        grades = (*BAND_GRADES, Grade.NOT_APPLICABLE) if section in AREAS else BAND_GRADES
        if given.grade not in grades:
            missing[section] = f"Give {section.label} a grade."
        elif is_blind:
            if not given.note.strip():
                missing[section] = f"{section.label}: say what the grade rests on."
        elif given.grade != auditor[section] and (why := _unexplained(section, given)):
            missing[section] = why
    if content.form_quality not in FormQuality.values:
        missing["form_quality"] = "Say how well the form is filled in."
    return missing


def _unexplained(section: str, given: GradeGiven | None) -> str:
    """What the reasons for a difference lack, as a sentence; empty when nothing."""
    if (
        given is None
        or not given.note.strip()
        or not given.reasons
        or set(given.reasons) - set(Reason.values)
    ):
        return f"{Section(section).label}: your grade differs. Tick at least one reason and say why in words."
    return ""


def _explain(reading: Reading, differing: Mapping[str, tuple[str, str]], content: ReadingContent) -> None:
    rows = {row.section: row for row in ReadingGrade.objects.filter(reading=reading)}
    ReadingDifference.objects.bulk_create(
        ReadingDifference(
            reading_grade=rows[section],
            auditor_grade=auditor_grade,
            reasons=list(content.given[section].reasons),
            narrative=content.given[section].note.strip(),
        )
        for section, (auditor_grade, _) in differing.items()
    )


def _save(reading: Reading, content: ReadingContent) -> Reading:
    reading.version += 1
    reading.form_quality, reading.form_note = content.form_quality, content.form_note.strip()
    reading.save(update_fields=("version", "form_quality", "form_note"))
    ReadingGrade.objects.bulk_create(
        [
            ReadingGrade(reading=reading, section=section, grade=given.grade, note=given.note.strip())
            for section, given in content.given.items()
        ],
        update_conflicts=True,
        unique_fields=("reading", "section"),
        update_fields=("grade", "note"),
    )
    return reading


def _without_reasons(content: ReadingContent) -> ReadingContent:
    return ReadingContent(
        {
            section: GradeGiven(given.grade, given.note.strip())
            for section, given in content.given.items()
            if given.grade or given.note.strip()
        },
        content.form_quality,
        content.form_note.strip(),
    )


def _locked(reading: Reading, *, by: User) -> Reading:
    """The reading as it stands, locked, its seat and panel with it.

    Raises:
        RuleViolation: it is not this person's, or they no longer sit on the panel, or its papers are not out, or a
            conflict of interest has come up.

    """
    rows = Reading.objects.select_for_update(of=("self",)).select_related("member", "tabling__panel")
    current = rows.get(pk=reading.pk)
    if (
        current.moderator_id != by.pk
        or not by.is_active
        or current.member.status != SeatStatus.ACCEPTED
        or current.tabling.panel.status not in PAPERS_OUT
        or not Reading.objects.without_conflict().filter(pk=reading.pk).exists()
    ):
        raise RuleViolation(NOT_YOURS)
    return current


def _why_not(reading: Reading) -> str:
    if reading.status == ReadingStatus.MISSED:
        return "The panel has met. A reading can no longer be recorded."
    if reading.status == ReadingStatus.WITHDRAWN:
        return NOT_YOURS
    if reading.status in READ:
        return "This reading is recorded. Its grades no longer change."
    return "Record your own grades first."
