"""Is the loop closing? At a glance, with what is different for children."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from accounts.http import SignedInRequest
from actions.loop_facts import FEWEST_SHOWN, MONTHS, loop_of
from actions.models import Action
from actions.navigation import tabs_of
from actions.permissions import can_open_tracker, can_track_actions
from audits.selectors import closures

IMPACTS_SHOWN = 10


def loop(request: SignedInRequest) -> HttpResponse:
    """The figures of what one may see; the words about children only for who answers for them."""
    if not can_open_tracker(request.user):
        raise Http404
    today = timezone.localdate()
    rows = Action.objects.visible_to(request.user)
    tracks = can_track_actions(request.user)
    told = rows if tracks else rows.answered_by(request.user)
    context = {
        "tabs": tabs_of(request.user, "actions:loop"),
        "loop": loop_of(rows, on=today, closures=closures(), is_suppressed=not tracks),
        "months": MONTHS,
        "fewest_shown": FEWEST_SHOWN,
        "impacts": told.closed()
        .exclude(impact="")
        .select_related("team")
        .order_by("-done_at", "-pk")[:IMPACTS_SHOWN],
    }
    return render(request, "actions/loop.html", context)
