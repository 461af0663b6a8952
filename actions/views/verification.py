"""What was done and waits for somebody to look, and the cancellations that wait for a decision."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import urlencode

from accounts.http import SignedInRequest
from actions.enums import ActionStatus, Verification
from actions.forms import CheckForm
from actions.models import Action
from actions.navigation import tabs_of
from actions.permissions import can_track_actions, can_verify_action
from actions.selectors import due_of
from actions.views.moving import moved
from audits.selectors import closures
from core.typed import keeps_typed

PER_PAGE = 25
TO_VERIFY = Q(status=ActionStatus.DONE, verification__in=(Verification.ALWAYS, Verification.SAMPLED))
SHOWS = {
    "verify": ("To verify", TO_VERIFY),
    "cancellations": ("Cancellations to decide", Q(status=ActionStatus.CANCEL_ASKED)),
    "before": ("Closed before", Q(status=ActionStatus.DONE, verification=Verification.BEFORE)),
    "not_drawn": ("Done and not drawn", Q(status=ActionStatus.DONE, verification=Verification.NOT_DRAWN)),
}


@keeps_typed
def verification(request: SignedInRequest) -> HttpResponse:
    """The queue: immediate safety and statutory breaches first, then what was drawn, the longest waiting first."""
    if not can_track_actions(request.user):
        raise Http404
    rows = Action.objects.visible_to(request.user)
    counts = rows.order_by().aggregate(
        **{name: Count("pk", filter=which) for name, (_, which) in SHOWS.items()}
    )
    show = request.GET.get("show", "")
    show = show if show in SHOWS else "verify"
    rows = rows.filter(SHOWS[show][1]).select_related("team", "owner", "child", "completed_by")
    paginator = Paginator(rows.order_by("priority", "done_at", "pk"), PER_PAGE)
    paginator.count = counts[show]
    page = paginator.get_page(request.GET.get("page"))
    actions = list(page)

    sent = _sent(request)
    if sent is not None and (action := moved(sent, by=request.user)):
        messages.success(request, f"{action}: {action.get_status_display().lower()}.")
        return redirect(request.get_full_path())
    if sent is not None and sent.action not in actions:
        actions = [sent.action, *actions]
    today, closed = timezone.localdate(), closures()
    context = {
        "tabs": tabs_of(request.user, "actions:verification"),
        "shows": [
            {
                "label": label,
                "url": f"?{urlencode({'show': name})}",
                "current": name == show,
                "count": counts[name],
            }
            for name, (label, _) in SHOWS.items()
        ],
        "show": show,
        "page_obj": page,
        "cards": [
            {
                "action": action,
                "due": due_of(action, today, closed),
                "form": _form_of(request, action, sent),
                "is_own": not can_verify_action(request.user, action),
            }
            for action in actions
        ],
        "forms": [sent] if sent is not None else [],
    }
    return render(request, "actions/verification.html", context)


def _sent(request: SignedInRequest) -> CheckForm | None:
    if "action" not in request.POST:
        return None
    visible = Action.objects.visible_to(request.user)
    action = get_object_or_404(visible, reference=request.POST["action"].replace("\0", ""))
    return CheckForm(request.POST, action=action)


def _form_of(request: SignedInRequest, action: Action, sent: CheckForm | None) -> Any:
    if sent is not None and sent.action == action:
        return sent
    is_done = action.status == ActionStatus.DONE
    return CheckForm(action=action) if is_done and can_verify_action(request.user, action) else None
