"""Teams and the services they belong to."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, F
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.forms import ServiceForm, TeamForm
from accounts.http import SignedInRequest
from accounts.models import Service, Team
from accounts.selectors import services_with_managers, teams_with_managers
from accounts.services import add_service, add_team, change_team, rename_service
from accounts.views.moves import attempt, for_those_who_manage_people

PER_PAGE = 25


@for_those_who_manage_people
@require_safe
def team_list(request: SignedInRequest) -> HttpResponse:
    """Every team: those that wait to be placed in a service first, then by service."""
    visible = Team.objects.visible_to(request.user)
    teams = visible.select_related("service").order_by(F("service__name").asc(nulls_first=True), "name")
    page = Paginator(teams_with_managers(teams, timezone.localdate()), PER_PAGE).get_page(
        request.GET.get("page")
    )
    context = {"page_obj": page, "unplaced": visible.unplaced().count()}
    return render(request, "accounts/team_list.html", context)


@for_those_who_manage_people
def team_add(request: SignedInRequest) -> HttpResponse:
    form = TeamForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        team = attempt(form, add_team, **form.cleaned_data)
        if team:
            messages.success(request, f"The team {team} has been added.")
            return redirect("accounts:team_list")
    return render(request, "accounts/team_add.html", {"form": form})


@for_those_who_manage_people
def team_edit(request: SignedInRequest, pk: int) -> HttpResponse:
    """Renames a team or places it in a service."""
    team = get_object_or_404(Team.objects.visible_to(request.user), pk=pk)
    form = TeamForm(request.POST or None, initial={"name": team.name, "service": team.service_id})
    if request.method == "POST" and form.is_valid():
        changed = attempt(form, change_team, team, **form.cleaned_data)
        if changed:
            messages.success(request, f"The team {changed} has been saved.")
            return redirect("accounts:team_list")
    return render(request, "accounts/team_edit.html", {"form": form})


@for_those_who_manage_people
@require_safe
def service_list(request: SignedInRequest) -> HttpResponse:
    """Every service, its manager and how many teams it has."""
    services = Service.objects.visible_to(request.user).annotate(team_count=Count("teams")).order_by("name")
    page = Paginator(services_with_managers(services, timezone.localdate()), PER_PAGE).get_page(
        request.GET.get("page")
    )
    return render(request, "accounts/service_list.html", {"page_obj": page})


@for_those_who_manage_people
def service_add(request: SignedInRequest) -> HttpResponse:
    form = ServiceForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        service = attempt(form, add_service, **form.cleaned_data)
        if service:
            messages.success(request, f"The service {service} has been added. Now place teams in it.")
            return redirect("accounts:service_list")
    return render(request, "accounts/service_add.html", {"form": form})


@for_those_who_manage_people
def service_edit(request: SignedInRequest, pk: int) -> HttpResponse:
    """Renames a service."""
    service = get_object_or_404(Service.objects.visible_to(request.user), pk=pk)
    form = ServiceForm(request.POST or None, initial={"name": service.name})
    if request.method == "POST" and form.is_valid():
        renamed = attempt(form, rename_service, service, **form.cleaned_data)
        if renamed:
            messages.success(request, f"The service is called {renamed} now.")
            return redirect("accounts:service_list")
    return render(request, "accounts/service_edit.html", {"form": form})
