"""Whom a panel lets read an audit, and whom it keeps from it (docs/access.md). audits/readers.py asks."""

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from audits.querysets import Person
from moderation.enums import PAPERS_OUT, READ, PanelStatus, ReadingStatus, SeatStatus
from moderation.models import Conflict, Reading, Tabling


def tabled_for(user: Person) -> Q | None:
    """Audits on the table of a panel that the person sits on, from release until some days after it closes.

    Never one in which they have a conflict of interest. At a blind panel only what they have read themselves, until
    the meeting; and never what they were to read and did not.
    """
    if not user.is_authenticated:
        return None
    own = Reading.objects.standing().filter(tabling=OuterRef("pk"), moderator=user.pk)
    papers_out = Q(panel__status__in=PAPERS_OUT) | Q(
        panel__status=PanelStatus.CLOSED, panel__readable_until__gt=timezone.now()
    )
    is_open = Q(panel__is_blind=False) | Q(Exists(own.filter(status__in=READ)))
    met = Q(panel__status__in=(PanelStatus.MEETING, PanelStatus.CLOSED)) & ~Exists(own)
    tablings = (
        Tabling.objects.filter(
            papers_out, panel__members__person=user.pk, panel__members__status=SeatStatus.ACCEPTED
        )
        .filter(is_open | met)
        .exclude(Exists(Conflict.objects.filter(tabling=OuterRef("pk"), person=user.pk)))
    )
    return Q(pk__in=tablings.values("audit"))


def read_blind_by(user: Person) -> Q:
    """Audits that a blind panel awaits this person's reading of: closed to them, whatever else they may see."""
    awaited = Reading.objects.filter(
        moderator=user.pk, status=ReadingStatus.TO_DO, tabling__panel__is_blind=True
    )
    return Q(pk__in=awaited.values("tabling__audit"))
