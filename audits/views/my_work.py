"""My work: what the person owes, most urgent first, and what they finished lately."""

from datetime import timedelta

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from accounts.enums import Role
from accounts.http import SignedInRequest
from accounts.roles import roles_of
from audits.models import ActivityRecord, Audit
from audits.selectors import closures
from audits.wording import due_in_words
from audits.work import work_of

FINISHED_WITHIN = timedelta(days=31)


def my_work(request: SignedInRequest) -> HttpResponse:
    """The front page for everybody."""
    today, closed, since = timezone.localdate(), closures(), timezone.now() - FINISHED_WITHIN
    finished = Audit.objects.visible_to(request.user).filter(
        allocation__auditor=request.user, submitted_at__gte=since
    )
    handed_in = ActivityRecord.objects.visible_to(request.user).filter(
        allocation__auditor=request.user, handed_in_at__gte=since
    )
    context = {
        "work": [
            {
                "item": item,
                "due": due_in_words(item.due_on, today, closed) if item.due_on else "",
                "late": item.due_on is not None and item.due_on < today,
            }
            for item in work_of(request.user, today)
        ],
        "may_ask_for_exemption": Role.AUDITOR in roles_of(request.user),
        "finished": finished.select_related("allocation__child").order_by("-submitted_at"),
        "handed_in": handed_in.select_related("allocation"),
    }
    return render(request, "audits/my_work.html", context)
