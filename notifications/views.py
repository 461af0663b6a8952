"""The page of messages that wait, failed or were given up, for those who look after the mail."""

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from notifications.enums import MessageStatus
from notifications.gate import gate_is_open
from notifications.models import Message
from notifications.permissions import can_look_after_messages
from notifications.querysets import MessageQuerySet
from notifications.services import resend_message, set_message_aside

PAGE_SIZE = 25

TABS: dict[str, tuple[str, Callable[[MessageQuerySet], MessageQuerySet]]] = {
    "given-up": ("Could not be sent", MessageQuerySet.dead),
    "retrying": ("Being tried again", MessageQuerySet.retrying),
    "waiting": ("Waiting", MessageQuerySet.waiting),
    "sent": ("Sent", MessageQuerySet.sent),
}
"""What the address calls it, its label, and its rows; the first is shown first, for it wants somebody."""


@require_safe
def message_list(request: HttpRequest) -> HttpResponse:
    """One tab of messages, newest first, with how many each of the others holds."""
    if not can_look_after_messages(request.user):
        raise Http404
    show = request.GET.get("show", "given-up")
    if show not in TABS:
        raise Http404
    visible = Message.objects.visible_to(request.user)
    queued = Q(status=MessageStatus.QUEUED)
    counts = visible.not_final().aggregate(
        given_up=Count("pk", filter=Q(status=MessageStatus.DEAD)),
        retrying=Count("pk", filter=queued & Q(attempts__gt=0)),
        waiting=Count("pk", filter=queued & Q(attempts=0)),
    )
    label, rows = TABS[show]
    shown = rows(visible).select_related("recipient").order_by("-queued_at", "pk")
    context = {
        "page_obj": Paginator(shown, PAGE_SIZE).get_page(request.GET.get("page")),
        "show": show,
        "label": label,
        "tabs": [
            {
                "label": tab_label,
                "url": f"?show={tab}",
                "current": tab == show,
                "count": counts.get(tab.replace("-", "_")),
            }
            for tab, (tab_label, _) in TABS.items()
        ],
        "gate_is_open": gate_is_open(),
        "now": timezone.now(),
    }
    return render(request, "notifications/message_list.html", context)


@require_POST
def message_resend(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Send a message again."""
    message = _get_message(request, pk)
    resend_message(message, by=_person(request))
    messages.success(request, f"The message to {message.recipient.name} is on its way again.")
    return redirect("notifications:message_list")


@require_POST
def message_set_aside(request: HttpRequest, pk: UUID) -> HttpResponse:
    """End a message without sending it."""
    message = _get_message(request, pk)
    set_message_aside(message, by=_person(request))
    messages.success(request, f"The message to {message.recipient.name} will not be sent.")
    return redirect("notifications:message_list")


def _get_message(request: HttpRequest, pk: UUID) -> Message:
    return get_object_or_404(Message.objects.visible_to(request.user).select_related("recipient"), pk=pk)


def _person(request: HttpRequest) -> User:
    """The person of the request, whom LoginRequiredMiddleware has let in."""
    if not isinstance(request.user, User):
        raise Http404
    return request.user
