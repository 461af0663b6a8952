"""The people of the council: who they are, which roles they hold, and how they get in."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.views.decorators.http import require_POST, require_safe

from accounts.enums import TEAM_ROLES, Pathway, Role
from accounts.forms import (
    AuditorProfileForm,
    ConfirmForm,
    CouncilRoleForm,
    EndRoleForm,
    PeopleFilterForm,
    PersonForm,
    ServiceRoleForm,
    TeamRoleForm,
)
from accounts.http import SignedInRequest
from accounts.models import AuditorProfile, Membership, User
from accounts.querysets import UserQuerySet
from accounts.selectors import people_with_roles
from accounts.services import (
    add_person,
    change_auditor_profile,
    change_person,
    deactivate_person,
    end_role,
    grant_role,
    reactivate_person,
    send_password_link,
)
from accounts.views.moves import attempt, for_those_who_manage_people

PER_PAGE = 25
ROLE_FORMS = {
    "team": (TeamRoleForm, "in a team"),
    "service": (ServiceRoleForm, "in a service"),
    "council": (CouncilRoleForm, "in the council"),
}
"""Where the role is held, as the address says it: the form, and the words."""


def person_of(request: SignedInRequest, pk: int) -> User:
    people: UserQuerySet = User.objects.visible_to(request.user)
    return get_object_or_404(people.select_related("line_manager"), pk=pk)


@for_those_who_manage_people
@require_safe
def person_list(request: SignedInRequest) -> HttpResponse:
    """Everybody, by name: searched by name or address, filtered by role and team of today."""
    form = PeopleFilterForm(request.GET)
    people = people_with_roles(User.objects.visible_to(request.user), timezone.localdate())
    if form.is_valid():
        people = filtered(people, form.cleaned_data)
    page = Paginator(people, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "accounts/person_list.html", {"form": form, "page_obj": page})


def filtered(people: UserQuerySet, wanted: dict[str, Any]) -> UserQuerySet:
    """The people that the valid filter form asks for; a role in a team and the team mean that very role."""
    roles = Membership.objects.on(timezone.localdate())
    role, team = wanted["role"], wanted["team"]
    if wanted["show"] != "all":
        people = people.filter(is_active=wanted["show"] != "deactivated")
    if team and role in TEAM_ROLES:
        people = people.holding_one_of(roles.filter(team=team, role=role))
    else:
        people = people.holding_one_of(roles.filter(team=team)) if team else people
        people = people.holding_one_of(roles.filter(role=role)) if role else people
    return people.matching(wanted["q"])


@for_those_who_manage_people
def person_add(request: SignedInRequest) -> HttpResponse:
    form = PersonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        person = attempt(form, add_person, **form.cleaned_data)
        if person:
            messages.success(
                request,
                f"{person.name} has been added. They get a mail with a link to set a password. "
                "Now give them their roles.",
            )
            return redirect("accounts:person_detail", person.pk)
    return render(request, "accounts/person_add.html", {"form": form})


@for_those_who_manage_people
@require_safe
def person_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    """A person's details, the roles they hold or will hold, those they held, and their auditor profile."""
    person = person_of(request, pk)
    today = timezone.localdate()
    roles = person.memberships.select_related("team", "service", "granted_by", "ended_by")
    current = [role for role in roles if role.ends_on is None or role.ends_on > today]
    auditor = AuditorProfile.objects.filter(user=person).first()
    context = {
        "person": person,
        "details": details_of(person),
        "current": current,
        "past": [role for role in roles if role not in current],
        "auditor": auditor_details_of(auditor) if auditor else [],
    }
    return render(request, "accounts/person_detail.html", context)


def details_of(person: User) -> list[dict[str, str]]:
    """The rows of the summary list on a person's page."""
    return [
        {"key": "E-mail address", "value": person.email},
        {"key": "Job role", "value": person.get_job_role_display()},
        {"key": "Line manager", "value": person.line_manager.name if person.line_manager else "None"},
        {"key": "Password", "value": "Set" if person.has_usable_password() else "Not set yet"},
        {
            "key": "Last signed in",
            "value": date_format(person.last_login, "j F Y, H:i") if person.last_login else "Never",
        },
    ]


def auditor_details_of(profile: AuditorProfile) -> list[dict[str, str]]:
    """The rows of the summary list on an auditor's page."""
    pathways = [Pathway(pathway).label for pathway in profile.pathways]
    return [
        {"key": "Audits a month", "value": str(profile.monthly_capacity)},
        {"key": "Pathways they know", "value": "\n".join(pathways) or "None"},
        {"key": "Auditing since", "value": date_format(profile.auditing_since)},
    ]


@for_those_who_manage_people
def person_edit(request: SignedInRequest, pk: int) -> HttpResponse:
    person = person_of(request, pk)
    given = {
        "name": person.name,
        "email": person.email,
        "job_role": person.job_role,
        "line_manager": person.line_manager.email if person.line_manager else "",
    }
    form = PersonForm(request.POST or None, initial=given)
    name = person.name
    if request.method == "POST" and form.is_valid():
        changed = attempt(form, change_person, person, **form.cleaned_data)
        if changed:
            messages.success(request, f"The details of {changed.name} have been changed.")
            return redirect("accounts:person_detail", pk)
    return render(request, "accounts/person_edit.html", {"form": form, "person": person, "name": name})


@for_those_who_manage_people
def person_deactivate(request: SignedInRequest, pk: int) -> HttpResponse:
    """Asks first, and says what deactivating does."""
    person = person_of(request, pk)
    form = ConfirmForm(request.POST)
    if request.method == "POST":
        deactivated = attempt(form, deactivate_person, person, by=request.user)
        if deactivated:
            messages.success(request, f"{person.name} can no longer sign in.")
            return redirect("accounts:person_detail", pk)
    return render(request, "accounts/person_deactivate.html", {"form": form, "person": person})


@for_those_who_manage_people
def person_reactivate(request: SignedInRequest, pk: int) -> HttpResponse:
    """Asks first, and shows which roles come back."""
    person = person_of(request, pk)
    if request.method == "POST":
        reactivate_person(person)
        messages.success(request, f"{person.name} can sign in again.")
        return redirect("accounts:person_detail", person.pk)
    roles = person.memberships.on(timezone.localdate()).select_related("team", "service")
    return render(request, "accounts/person_reactivate.html", {"person": person, "roles": roles})


@for_those_who_manage_people
@require_POST
def person_send_link(request: SignedInRequest, pk: int) -> HttpResponse:
    """Mails the person a link to set a password."""
    person = person_of(request, pk)
    send_password_link(person)
    messages.success(request, f"A mail with a link to set a password is on its way to {person.email}.")
    return redirect("accounts:person_detail", person.pk)


@for_those_who_manage_people
def role_grant(request: SignedInRequest, pk: int, held_in: str) -> HttpResponse:
    """Gives a role in a team, in a service or in the council as a whole."""
    person = person_of(request, pk)
    if held_in not in ROLE_FORMS:
        raise Http404
    form_class, where = ROLE_FORMS[held_in]
    form = form_class(request.POST or None)
    if request.method == "POST" and form.is_valid():
        granted = attempt(form, grant_role, person, by=request.user, **form.cleaned_data)
        if granted:
            messages.success(
                request, f"{person.name} has a new role from {date_format(granted.starts_on)}: {granted}."
            )
            if granted.role == Role.AUDITOR:
                return redirect("accounts:auditor_edit", person.pk)
            return redirect("accounts:person_detail", person.pk)
    return render(request, "accounts/role_grant.html", {"form": form, "person": person, "where": where})


@for_those_who_manage_people
def role_end(request: SignedInRequest, pk: int, membership: int) -> HttpResponse:
    """Takes a role away from a day on."""
    roles = Membership.objects.visible_to(request.user).select_related("user", "team", "service")
    role = get_object_or_404(roles, pk=membership, user=person_of(request, pk))
    form = EndRoleForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        ended = attempt(form, end_role, role, by=request.user, **form.cleaned_data)
        if ended:
            messages.success(
                request, f"The role ends on {date_format(form.cleaned_data['ends_on'])}: {ended}."
            )
            return redirect("accounts:person_detail", pk)
    return render(request, "accounts/role_end.html", {"form": form, "role": role})


@for_those_who_manage_people
def auditor_edit(request: SignedInRequest, pk: int) -> HttpResponse:
    """What allocation knows of an auditor."""
    person = person_of(request, pk)
    profile = get_object_or_404(AuditorProfile, user=person)
    given = {
        "monthly_capacity": profile.monthly_capacity,
        "pathways": profile.pathways,
        "auditing_since": profile.auditing_since,
    }
    form = AuditorProfileForm(request.POST or None, initial=given)
    if request.method == "POST" and form.is_valid():
        change_auditor_profile(person, **form.cleaned_data)
        messages.success(request, f"The auditor profile of {person.name} has been changed.")
        return redirect("accounts:person_detail", person.pk)
    return render(request, "accounts/auditor_edit.html", {"form": form, "person": person})
