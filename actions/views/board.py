"""What is on the Improvement Board's list: numbers and references, nothing of a child."""

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from accounts.http import SignedInRequest
from actions.enums import EscalationStep
from actions.models import Action
from actions.navigation import tabs_of
from actions.permissions import can_see_board_list
from actions.selectors import due_of
from audits.selectors import closures

PER_PAGE = 25


def board_list(request: SignedInRequest) -> HttpResponse:
    """Actions that every step of the ladder has left undone, the oldest first."""
    if not can_see_board_list(request.user):
        raise Http404
    rows = Action.objects.visible_to(request.user).to_be_done().at_step(EscalationStep.BOARD)
    rows = rows.select_related("team__service").order_by("due_on", "reference")
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    today, closed = timezone.localdate(), closures()
    context = {
        "tabs": tabs_of(request.user, "actions:board_list"),
        "page_obj": page,
        "rows": [(action, due_of(action, today, closed)) for action in page],
    }
    return render(request, "actions/board_list.html", context)
