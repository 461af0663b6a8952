"""Writing, reviewing and publishing a report (docs/domain.md, section 10)."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from audits.models import ExportRecord
from audits.services.access import record_export
from core.dates import london_date
from core.errors import RuleViolation
from dashboards.composing import Words
from dashboards.documents import WorkingCopy, period_named, working_copy
from dashboards.enums import ReportEdition, ReportFile, ReportStatus
from dashboards.figures import Period, quarters_of
from dashboards.models import ReportDocument, ReportSection, ReportVersion
from dashboards.moves import check_report_move, refusal
from dashboards.parts import PART_BY_KEY, PART_KEYS
from dashboards.permissions import can_review_report, can_write_reports
from dashboards.services.written import locked, move, record, reopen, take_back
from dashboards.signals import report_published, report_returned, report_sent

ONLY_WRITERS = "The QA lead and the Principal Social Worker write the reports."
ONLY_ANOTHER = "The Principal Social Worker reviews a report, and never one that they sent themselves."


class StaleSection(Exception):
    """The part was saved somewhere else since it was opened; `section` holds what is saved."""

    def __init__(self, section: ReportSection) -> None:
        super().__init__(str(section))
        self.section = section


@transaction.atomic
def start_report(period: Period, *, by: User, at: datetime | None = None) -> ReportDocument:
    """Begin the report of a quarter or a year. Beginning it twice is once.

    Effects: the document, its empty parts, and the move that begins it.

    Raises:
        RuleViolation: `by` may not.

    """
    if not can_write_reports(by):
        raise RuleViolation(ONLY_WRITERS)
    document, is_new = ReportDocument.objects.get_or_create(period=str(period))
    if is_new:
        ReportSection.objects.bulk_create(ReportSection(document=document, key=key) for key in PART_KEYS)
        record(document, "", by=by, at=at or timezone.now())
    return document


@transaction.atomic
def save_section(
    document: ReportDocument, key: str, words: Words, *, version: int, by: User
) -> ReportSection:
    """Save the words of one part of a draft.

    Args:
        version: that of the part when it was opened.

    Raises:
        RuleViolation: `by` may not, or the report is no draft.
        StaleSection: it was saved since. Nothing has changed.

    """
    current = locked(document)
    if not can_write_reports(by):
        raise RuleViolation(ONLY_WRITERS)
    if current.status != ReportStatus.DRAFT:
        raise RuleViolation(refusal(current.status))
    section = current.sections.get(key=key)
    required = words.required.strip() if PART_BY_KEY[key].is_area else ""
    saved = current.sections.filter(key=key, version=version).update(
        narrative=words.narrative.strip(), required=required, version=version + 1
    )
    if not saved:
        raise StaleSection(section)
    section.refresh_from_db()
    return section


@transaction.atomic
def send_report(document: ReportDocument, *, by: User, at: datetime | None = None) -> ReportDocument:
    """Send a draft for review. From now on nobody changes its words.

    Effects, in order: who sent it is kept; the move is recorded; report_sent is sent.

    Raises:
        RuleViolation: `by` may not, it is no draft, or its words name a figure that is not there.

    """
    at = at or timezone.now()
    current = locked(document)
    if not can_write_reports(by):
        raise RuleViolation(ONLY_WRITERS)
    check_report_move(current.status, ReportStatus.IN_REVIEW)
    _check_fields(working_copy(period_named(current.period), current, at=at))
    current.sent_by = by
    move(current, ReportStatus.IN_REVIEW, by=by, at=at)
    report_sent.send(ReportDocument, document=current, at=at)
    return current


@transaction.atomic
def return_report(
    document: ReportDocument, *, reason: str, by: User, at: datetime | None = None
) -> ReportDocument:
    """Make a report in review a draft again: the reviewer returns it, or whoever sent it takes it back.

    Effects, in order: the move is recorded with the reason; when it was returned, report_returned is sent.

    Raises:
        RuleViolation: `by` may not, it is not in review, or there is no reason.

    """
    at = at or timezone.now()
    current = locked(document)
    if not can_review_report(by, current) and not (can_write_reports(by) and current.sent_by_id == by.pk):
        raise RuleViolation(ONLY_ANOTHER)
    sent_by = take_back(current, reason=reason, by=by, at=at)
    if sent_by != by:
        report_returned.send(ReportDocument, document=current, sent_by=sent_by, at=at)
    return current


@transaction.atomic
def publish_report(document: ReportDocument, *, by: User, at: datetime | None = None) -> ReportVersion:
    """Publish a report in review: its words and its figures are kept as they are at this moment, for good.

    Effects, in order: the version is kept, whole and for the Board; the move is recorded; report_published is sent.

    Raises:
        RuleViolation: `by` may not or sent it, it is not in review, its period goes on, or its words name a figure that
            is not there.

    """
    at = at or timezone.now()
    current = locked(document)
    if not can_review_report(by, current) or current.sent_by is None:
        raise RuleViolation(
            ONLY_ANOTHER if current.status == ReportStatus.IN_REVIEW else refusal(current.status)
        )
    check_report_move(current.status, ReportStatus.PUBLISHED)
    period = period_named(current.period)
    last_day = quarters_of(period)[-1].last_day
    if london_date(at) <= last_day:
        raise RuleViolation(
            f"{period} goes on until {last_day:%-d %B %Y}. Publish its report after that day."
        )
    copy = working_copy(period, current, at=at)
    _check_fields(copy)
    number = current.versions.count() + 1
    standing = f"Version {number}, published on {london_date(at):%-d %B %Y}"
    version = ReportVersion.objects.create(
        document=current,
        number=number,
        contents=copy.contents(ReportEdition.WHOLE, standing).as_json(),
        board_contents=copy.contents(ReportEdition.BOARD, standing).as_json(),
        sent_by=current.sent_by,
        published_by=by,
        published_at=at,
    )
    move(current, ReportStatus.PUBLISHED, by=by, at=at)
    report_published.send(ReportVersion, version=version)
    return version


@transaction.atomic
def correct_report(
    document: ReportDocument, *, reason: str, by: User, at: datetime | None = None
) -> ReportDocument:
    """Make a published report a draft again, for its next version. What was published stays as it is.

    Effects: nobody has sent it; the move is recorded with the reason.

    Raises:
        RuleViolation: `by` may not, it is not published, or there is no reason.

    """
    current = locked(document)
    if not can_write_reports(by):
        raise RuleViolation(ONLY_WRITERS)
    reopen(current, reason=reason, by=by, at=at or timezone.now())
    return current


def record_report_export(
    period: Period, *, number: int, edition: ReportEdition, file: ReportFile, reason: str, by: User
) -> ExportRecord:
    """Write down that somebody saves a report, and why, before they get it. `number` is 0 for what is a draft.

    Raises:
        RuleViolation: `by` may not, or there is no reason.

    """
    if not can_write_reports(by):
        raise RuleViolation("The QA lead and the Principal Social Worker save reports as files.")
    standing = f"version {number}" if number else "draft"
    return record_export(
        f"Report {period}, {standing}",
        as_format=file,
        filters=f"edition={edition}",
        rows=0,
        reason=reason,
        by=by,
    )


def _check_fields(copy: WorkingCopy) -> None:
    blocking = [problem for problem in copy.problems if problem.is_blocking]
    if blocking:
        raise RuleViolation(f"{blocking[0].part.heading}: {blocking[0].sentence}")
