"""My work: what the person owes, most urgent first, and what they finished lately."""

from datetime import timedelta

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from accounts.enums import Role
from accounts.http import SignedInRequest
from accounts.roles import roles_of
from audits.enums import BEING_WRITTEN, AuditStatus, RoundStatus
from audits.models import Allocation, Audit, Exemption, Round
from audits.permissions import can_decide_exemptions, can_publish_round
from audits.selectors import closures
from audits.wording import due_in_words

FINISHED_WITHIN = timedelta(days=31)


def my_work(request: SignedInRequest) -> HttpResponse:
    """The front page for everybody."""
    today, closed = timezone.localdate(), closures()
    own = Audit.objects.visible_to(request.user).filter(allocation__auditor=request.user)
    own = own.select_related("allocation__child", "team")
    owed = own.filter(status__in=(AuditStatus.ALLOCATED, *BEING_WRITTEN)).order_by(
        "allocation__due_on", "allocation__reference"
    )
    finished = own.filter(submitted_at__gte=timezone.now() - FINISHED_WITHIN).order_by("-submitted_at")
    others = Allocation.objects.other_kinds().live().filter(auditor=request.user)
    prepares = can_publish_round(request.user)
    context = {
        "others": others.filter(round__status=RoundStatus.PUBLISHED).order_by("due_on", "reference"),
        "to_decide": Exemption.objects.waiting().exclude(auditor=request.user).select_related("auditor")
        if can_decide_exemptions(request.user)
        else [],
        "with_children_left": Round.objects.filter(status=RoundStatus.PUBLISHED)
        .filter(pk__in=Allocation.objects.child_has_left().values("round"))
        .order_by("month")
        if prepares
        else [],
        "may_ask_for_exemption": Role.AUDITOR in roles_of(request.user),
        "owed": [
            {
                "audit": audit,
                "due": due_in_words(audit.allocation.due_on, today, closed),
                "late": audit.allocation.due_on < today,
            }
            for audit in owed
        ],
        "to_publish": Round.objects.filter(status=RoundStatus.DRAFT) if prepares else [],
        "finished": finished,
    }
    return render(request, "audits/my_work.html", context)
