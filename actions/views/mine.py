"""My actions: what a manager answers for, most pressing first, updated where it stands."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import urlencode

from accounts.http import SignedInRequest
from actions.enums import TO_BE_DONE, ActionStatus
from actions.forms import MyActionsFilterForm, NoChangeForm, UpdateForm, may_be_updated
from actions.models import Action
from actions.navigation import tabs_of
from actions.permissions import can_see_child_of, can_update_action
from actions.querysets import ActionQuerySet
from actions.selectors import (
    Due,
    Event,
    due_of,
    event_of,
    is_closed,
    is_due_soon,
    is_overdue,
    moves_with_people,
    teams_answered_by,
)
from actions.services.progress import note_no_change
from actions.views.moving import moved
from audits.selectors import closures
from core.errors import RuleViolation
from core.typed import keeps_typed

PER_PAGE = 25


@dataclass(frozen=True)
class Card:
    """One action of the page: `form` is None and `tick_id` empty where there is nothing for its owner to say."""

    action: Action
    due: Due
    history: list[Event]
    sees_child: bool
    form: UpdateForm | None
    tick_id: str
    is_ticked: bool


@keeps_typed
def my_actions(request: SignedInRequest) -> HttpResponse:
    """What the person owns and what the teams owe that they manage, with a form at each."""
    today = timezone.localdate()
    teams = teams_answered_by(request.user)
    filters = MyActionsFilterForm(request.GET, teams=teams)
    filters.is_valid()  # what is not valid filters nothing
    chosen = {name: value for name, value in filters.cleaned_data.items() if value}
    rows = Action.objects.answered_by(request.user).filter(**chosen)
    shows = _shows(today)
    counts = rows.order_by().aggregate(
        **{name: Count("pk", filter=which) for name, (_, which) in shows.items()}
    )
    show = request.GET.get("show", "")
    show = show if show in shows else "owed"
    paginator = Paginator(_in_order(rows.filter(shows[show][1]), show), PER_PAGE)
    paginator.count = counts[show]
    page = paginator.get_page(request.GET.get("page"))
    actions = list(page)

    sent = _sent(request)
    if sent is not None and (action := moved(sent, by=request.user)):
        messages.success(request, f"{action}: {action.get_status_display().lower()}. It is in its history.")
        return redirect(request.get_full_path())
    no_change = NoChangeForm(request.POST if "since" in request.POST else None, actions=actions)
    if no_change.is_valid() and _noted(no_change, request):
        return redirect(request.get_full_path())
    if sent is not None:
        sent.action.refresh_from_db(fields=("status", "version"))
        actions = _with(sent.action, actions)
    context = {
        "tabs": tabs_of(request.user, "actions:my_actions"),
        "shows": _tabs(shows, counts, show, chosen),
        "show": show,
        "filters": filters,
        "is_filtered": bool(chosen),
        "teams": teams,
        "page_obj": page,
        "cards": _cards(request, actions, sent, no_change, today),
        "no_change": no_change if any(action.status in TO_BE_DONE for action in actions) else None,
        "forms": [form for form in (sent, no_change) if form is not None],
    }
    return render(request, "actions/my_actions.html", context)


def _shows(today: date) -> dict[str, tuple[str, Q]]:
    return {
        "owed": ("To do", Q(status__in=TO_BE_DONE)),
        "overdue": ("Overdue", is_overdue(today)),
        "soon": ("Due in 7 days", is_due_soon(today)),
        "returned": ("Returned", Q(status=ActionStatus.RETURNED)),
        "done": ("Done", Q(status=ActionStatus.DONE)),
        "closed": ("Closed", is_closed()),
    }


def _in_order(rows: ActionQuerySet, show: str) -> ActionQuerySet:
    rows = rows.select_related("team", "owner", "child").prefetch_related(moves_with_people())
    return rows.order_by("-done_at", "-pk") if show in ("done", "closed") else rows.most_pressing_first()


def _tabs(
    shows: dict[str, tuple[str, Q]], counts: dict[str, int], show: str, chosen: dict[str, Any]
) -> list[dict[str, Any]]:
    return [
        {
            "label": label,
            "url": f"?{urlencode({'show': name, **chosen})}",
            "current": name == show,
            "count": counts[name],
        }
        for name, (label, _) in shows.items()
    ]


def _sent(request: SignedInRequest) -> UpdateForm | None:
    """The form of the one action that was sent, bound to what was typed."""
    if "action" not in request.POST:
        return None
    answered = Action.objects.answered_by(request.user).select_related("team", "owner", "child")
    action = get_object_or_404(answered, reference=request.POST["action"].replace("\0", ""))
    return UpdateForm(request.POST, action=action)


def _with(action: Action, actions: list[Action]) -> list[Action]:
    """The actions of the page; first the one whose form was refused, where it is no longer among them."""
    return actions if action in actions else [action, *actions]


def _noted(form: NoChangeForm, request: SignedInRequest) -> bool:
    try:
        noted = note_no_change(form.ticked, by=request.user, since=form.cleaned_data["since"])
    except RuleViolation as refusal:
        form.add_error(None, refusal.sentence)
        return False
    count = len(noted)
    messages.success(request, f"Noted on {count} action{'' if count == 1 else 's'}.")
    return True


def _cards(
    request: SignedInRequest,
    actions: Iterable[Action],
    sent: UpdateForm | None,
    no_change: NoChangeForm,
    today: date,
) -> list[Card]:
    closed, ticked = closures(), no_change["chosen"].value() or []
    cards = []
    for action in actions:
        form = None
        if sent is not None and sent.action == action:
            form = sent
        elif may_be_updated(action) and can_update_action(request.user, action):
            form = UpdateForm(action=action)
        cards.append(
            Card(
                action,
                due_of(action, today, closed),
                [event_of(move) for move in reversed(action.moves.all())],
                can_see_child_of(request.user, action),
                form,
                no_change.tick_id(action),
                action.reference in ticked,
            )
        )
    return cards
