"""My work: what the person owes, most urgent first, and what they finished lately."""

from datetime import timedelta

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from accounts.http import SignedInRequest
from audits.enums import AuditStatus, RoundStatus
from audits.models import Audit, Round
from audits.permissions import can_publish_round
from audits.selectors import closures
from audits.wording import due_in_words

FINISHED_WITHIN = timedelta(days=31)


def my_work(request: SignedInRequest) -> HttpResponse:
    """The front page for everybody."""
    today, closed = timezone.localdate(), closures()
    own = Audit.objects.visible_to(request.user).filter(allocation__auditor=request.user)
    own = own.select_related("allocation__child", "team")
    owed = own.exclude(status=AuditStatus.SUBMITTED).order_by("allocation__due_on", "allocation__reference")
    finished = own.filter(submitted_at__gte=timezone.now() - FINISHED_WITHIN).order_by("-submitted_at")
    context = {
        "owed": [
            {
                "audit": audit,
                "due": due_in_words(audit.allocation.due_on, today, closed),
                "late": audit.allocation.due_on < today,
            }
            for audit in owed
        ],
        "to_publish": Round.objects.filter(status=RoundStatus.DRAFT)
        if can_publish_round(request.user)
        else [],
        "finished": finished,
    }
    return render(request, "audits/my_work.html", context)
