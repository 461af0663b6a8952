"""The learning briefs of the demonstration council: one published, one being written."""

from datetime import datetime, timedelta

from accounts.models import User
from actions.models import Finding, Theme
from dashboards.enums import PointKind
from dashboards.services.briefs import Point, add_point, publish_brief, save_brief, send_brief, start_brief

FATHERS = (
    Point(
        PointKind.FOUND,
        "Many assessments name the father and do not say what he thinks. Where he lives elsewhere, his family is "
        "often missing from the plan as well.",
    ),
    Point(
        PointKind.FOUND,
        "“Could not be reached” stands in records after one telephone call in working hours.",
    ),
    Point(
        PointKind.GOOD,
        "A worker rang in the evening, sent a text that said what the call was about, and met the father where he "
        "worked. He became part of the plan for contact.",
    ),
    Point(
        PointKind.GOOD,
        "The genogram was drawn with the child, who named an uncle whom no record had. He now takes her to school.",
    ),
    Point(PointKind.NEXT, "Record how and when each parent was asked, and what he or she said."),
    Point(PointKind.NEXT, "Bring one file to your next supervision and look for the father in it."),
)
SUPERVISION = (
    Point(
        PointKind.FOUND,
        "Supervision is regular. It says what was done, and seldom what is different for the child.",
    ),
)


def write_briefs(*, qa_lead: User, psw: User, at: datetime) -> None:
    """One that the Principal Social Worker published last week, and a draft that still lacks what good looks like."""
    written_at = at - timedelta(days=9)
    brief = start_brief("Hearing fathers in assessments", by=qa_lead, at=written_at)
    save_brief(
        brief,
        title=brief.title,
        opening="Children ask where their father is in the story. Audits of the last quarters asked the same.",
        version=0,
        by=qa_lead,
    )
    for point in _with_its_theme(FATHERS):
        add_point(brief, point, by=qa_lead)
    send_brief(brief, by=qa_lead, at=written_at + timedelta(hours=2))
    publish_brief(brief, by=psw, at=at - timedelta(days=6))
    draft = start_brief("Supervision that looks at the child", by=qa_lead, at=at - timedelta(days=1))
    for point in SUPERVISION:
        add_point(draft, point, by=qa_lead)


def _with_its_theme(points: tuple[Point, ...]) -> list[Point]:
    """The first was chosen from its theme, the second from a finding of it, where the council has one."""
    theme = Theme.objects.get(code="fathers-voice")
    finding = Finding.objects.filter(tags__theme=theme).order_by("pk").first()
    first, second, *others = points
    return [
        Point(first.kind, first.words, {"theme": theme}),
        Point(second.kind, second.words, {"finding": finding} if finding else {}),
        *others,
    ]
