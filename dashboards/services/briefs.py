"""Writing, reviewing and publishing a learning brief (docs/domain.md, section 10)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from actions.models import Finding, Theme
from audits.models import Audit, ExportRecord
from audits.services.access import record_export
from core.dates import london_date
from core.errors import RuleViolation
from dashboards.brief import MOST_POINTS, BriefContents, BriefSection
from dashboards.documents import identifiers_in
from dashboards.enums import PointKind, ReportStatus
from dashboards.models import BriefPoint, BriefVersion, LearningBrief
from dashboards.moves import check_report_move, refusal
from dashboards.names import named_in
from dashboards.permissions import can_read_briefs, can_review_brief, can_write_briefs
from dashboards.selectors.briefs import names_of_workers_and_teams
from dashboards.services.written import locked, move, record, reopen, take_back
from dashboards.signals import brief_published, brief_returned, brief_sent

ONLY_WRITERS = "The QA lead and the Principal Social Worker write learning briefs."
ONLY_ANOTHER = (
    "The QA lead or the Principal Social Worker publishes a brief, and never one that they sent themselves."
)
NEEDS = {
    PointKind.FOUND: "Say at least one thing that audits found.",
    PointKind.GOOD: "Say at least once what good looks like.",
}


class StaleBrief(Exception):
    """The brief was saved somewhere else since it was opened; `brief` is what is saved."""

    def __init__(self, brief: LearningBrief) -> None:
        super().__init__(str(brief))
        self.brief = brief


@dataclass(frozen=True)
class Point:
    """One point: where it stands, its words, and what it was chosen from, by the name of BriefPoint's field."""

    kind: str
    words: str
    source: Mapping[str, Theme | Finding | Audit] = field(default_factory=dict)


@transaction.atomic
def start_brief(title: str, *, by: User, at: datetime | None = None) -> LearningBrief:
    """Begin a brief. Its reference counts the briefs of the year, such as BRIEF-2026-03.

    Raises:
        RuleViolation: `by` may not.

    """
    if not can_write_briefs(by):
        raise RuleViolation(ONLY_WRITERS)
    at = at or timezone.now()
    year = f"BRIEF-{london_date(at).year}-"
    last = LearningBrief.objects.select_for_update().filter(reference__startswith=year).first()
    number = int(last.reference.removeprefix(year)) + 1 if last else 1
    brief = LearningBrief.objects.create(reference=f"{year}{number:02d}", title=title.strip())
    record(brief, "", by=by, at=at)
    return brief


@transaction.atomic
def save_brief(brief: LearningBrief, *, title: str, opening: str, version: int, by: User) -> LearningBrief:
    """Save the title and the opening of a draft; `version` is that of the brief when it was opened.

    Raises:
        RuleViolation: `by` may not, or it is no draft.
        StaleBrief: it was saved since. Nothing has changed.

    """
    current = _draft(brief, version, by=by)
    current.title, current.opening = title.strip(), opening.strip()
    current.save(update_fields=("title", "opening"))
    return current


@transaction.atomic
def add_point(brief: LearningBrief, point: Point, *, by: User, version: int | None = None) -> BriefPoint:
    """Add a point to a draft. Taking the same theme, finding or nomination twice is once.

    Raises:
        RuleViolation: `by` may not, it is no draft, the words are missing, or there is no room under the heading.
        StaleBrief: it was saved since it was opened, where `version` says how it was.

    """
    current = _draft(brief, version, by=by)
    if point.source and (there := current.points.filter(**point.source).first()):
        return there
    _check_point(current, point)
    return BriefPoint.objects.create(
        brief=current, kind=point.kind, words=point.words.strip(), **dict(point.source)
    )


@transaction.atomic
def change_point(point: BriefPoint, *, kind: str, words: str, version: int, by: User) -> BriefPoint:
    """Put a point of a draft in other words, or under another heading.

    Raises:
        RuleViolation: `by` may not, it is no draft, the words are missing, or there is no room under the heading.
        StaleBrief: the brief was saved since it was opened.

    """
    current = _draft(point.brief, version, by=by)
    if kind != point.kind:
        _check_point(current, Point(kind, words))
    if not words.strip():
        raise RuleViolation("Write the point in a sentence or two.")
    point.kind, point.words = kind, words.strip()
    point.save(update_fields=("kind", "words"))
    return point


@transaction.atomic
def remove_point(point: BriefPoint, *, by: User) -> None:
    """Take a point out of a draft.

    Raises:
        RuleViolation: `by` may not, or it is no draft.

    """
    _draft(point.brief, None, by=by)
    point.delete()


@transaction.atomic
def send_brief(brief: LearningBrief, *, by: User, at: datetime | None = None) -> LearningBrief:
    """Send a draft for review. From now on nobody changes its words.

    Effects, in order: who sent it is kept; the move is recorded; brief_sent is sent.

    Raises:
        RuleViolation: `by` may not, it is no draft, something is missing, or it names a child, a worker or a team.

    """
    at = at or timezone.now()
    current = locked(brief)
    if not can_write_briefs(by):
        raise RuleViolation(ONLY_WRITERS)
    check_report_move(current.status, ReportStatus.IN_REVIEW, "brief")
    _check(current)
    current.sent_by = by
    move(current, ReportStatus.IN_REVIEW, by=by, at=at)
    brief_sent.send(LearningBrief, brief=current, at=at)
    return current


@transaction.atomic
def return_brief(brief: LearningBrief, *, reason: str, by: User, at: datetime | None = None) -> LearningBrief:
    """Make a brief in review a draft again: the reviewer returns it, or whoever sent it takes it back.

    Raises:
        RuleViolation: `by` may not, it is not in review, or there is no reason.

    """
    at = at or timezone.now()
    current = locked(brief)
    if not can_write_briefs(by):
        raise RuleViolation(ONLY_WRITERS)
    sent_by = take_back(current, reason=reason, by=by, at=at)
    if sent_by != by:
        brief_returned.send(LearningBrief, brief=current, sent_by=sent_by, at=at)
    return current


@transaction.atomic
def publish_brief(brief: LearningBrief, *, by: User, at: datetime | None = None) -> BriefVersion:
    """Publish a brief in review: the page is kept as it is, for good.

    Effects, in order: the version is kept; the move is recorded; brief_published is sent.

    Raises:
        RuleViolation: `by` may not or sent it, it is not in review, or it names a child, a worker or a team.

    """
    at = at or timezone.now()
    current = locked(brief)
    check_report_move(current.status, ReportStatus.PUBLISHED, "brief")
    if not can_review_brief(by, current) or current.sent_by is None:
        raise RuleViolation(ONLY_ANOTHER)
    _check(current)
    number = current.versions.count() + 1
    standing = f"{current.reference}, version {number}, {london_date(at):%-d %B %Y}"
    version = BriefVersion.objects.create(
        brief=current,
        number=number,
        contents=contents_of_brief(current, standing).as_json(),
        sent_by=current.sent_by,
        published_by=by,
        published_at=at,
    )
    move(current, ReportStatus.PUBLISHED, by=by, at=at)
    brief_published.send(BriefVersion, version=version)
    return version


@transaction.atomic
def correct_brief(
    brief: LearningBrief, *, reason: str, by: User, at: datetime | None = None
) -> LearningBrief:
    """Make a published brief a draft again, for its next version. What was published stays as it is.

    Raises:
        RuleViolation: `by` may not, it is not published, or there is no reason.

    """
    current = locked(brief)
    if not can_write_briefs(by):
        raise RuleViolation(ONLY_WRITERS)
    reopen(current, reason=reason, by=by, at=at or timezone.now())
    return current


def contents_of_brief(brief: LearningBrief, standing: str) -> BriefContents:
    """The page as it stands now. One query."""
    points = list(brief.points.all())
    sections = (
        BriefSection(kind.label, tuple(point.words for point in points if point.kind == kind))
        for kind in PointKind
    )
    return BriefContents(
        brief.title, brief.opening, standing, tuple(section for section in sections if section.points)
    )


def names_in_brief(brief: LearningBrief) -> list[str]:
    """References, children, people and teams that the brief names: none of them may stand in it. Five queries."""
    text = "\n".join([brief.title, brief.opening, *(point.words for point in brief.points.all())])
    return named_in(text, [*identifiers_in(text), *names_of_workers_and_teams()])


def record_brief_export(version: BriefVersion, *, as_format: str, by: User) -> ExportRecord:
    """Write down that somebody saves a published brief. It is made to be passed on: no reason is asked.

    Raises:
        RuleViolation: `by` may not.

    """
    if not can_read_briefs(by):
        raise RuleViolation("Learning briefs are for everybody who audits, manages or leads.")
    return record_export(
        f"Learning brief {version.brief.reference}, version {version.number}",
        as_format=as_format,
        filters="",
        rows=0,
        reason="A published brief, to be passed on",
        by=by,
    )


def _check(brief: LearningBrief) -> None:
    kinds = set(brief.points.values_list("kind", flat=True))
    for kind, sentence in NEEDS.items():
        if kind not in kinds:
            raise RuleViolation(sentence)
    if names := names_in_brief(brief):
        raise RuleViolation(f"A brief names no child, worker or team. Take out: {', '.join(names[:5])}.")


def _check_point(brief: LearningBrief, point: Point) -> None:
    if not point.words.strip():
        raise RuleViolation("Write the point in a sentence or two.")
    kind = PointKind(point.kind)
    if brief.points.filter(kind=kind).count() >= MOST_POINTS[kind]:
        raise RuleViolation(
            f"{kind.label}: {MOST_POINTS[kind]} points are as many as the page holds. Take one out first."
        )


def _draft(brief: LearningBrief, version: int | None, *, by: User) -> LearningBrief:
    """The brief, locked, still a draft and as it was opened; its version is counted on."""
    current = locked(brief)
    if not can_write_briefs(by):
        raise RuleViolation(ONLY_WRITERS)
    if current.status != ReportStatus.DRAFT:
        raise RuleViolation(refusal(current.status, "brief"))
    opened = current.version if version is None else version
    if not LearningBrief.objects.filter(pk=current.pk, version=opened).update(version=opened + 1):
        raise StaleBrief(current)
    current.version = opened + 1
    return current
