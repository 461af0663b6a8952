"""Themes, the findings tagged with them, team actions and dip samples."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.http import SignedInRequest
from accounts.models import Team
from actions.enums import ProposalStatus
from actions.models import Action, DipSampleProposal, Finding, Theme
from actions.navigation import tabs_of
from actions.path_forms import (
    DecideForm,
    DipSampleForm,
    FindingFilterForm,
    TagForm,
    TeamActionForm,
    ThemeForm,
)
from actions.path_permissions import can_decide_dip_sample, can_tag_findings
from actions.recurrence import last_quarters
from actions.services.dip_samples import decide_dip_sample, propose_dip_sample
from actions.services.findings import raise_team_action, retire_theme, save_theme, tag_finding
from actions.services.raising import NewAction
from actions.theme_facts import themes_of_teams
from audits.selectors import action_owners_in_words, manager_of_team
from core.dates import Quarter
from core.errors import RuleViolation
from core.typed import keeps_typed

PER_PAGE = 25
MOST_CARRIED = 100


@require_safe
def theme_list(request: SignedInRequest) -> HttpResponse:
    """Every theme with how often it was found and in which teams it recurs."""
    if not can_tag_findings(request.user):
        raise Http404
    recurring: dict[int, list[Team]] = {}
    for row in themes_of_teams(None, timezone.localdate()):
        if row.is_recurring:
            recurring.setdefault(row.theme.pk, []).append(row.team)
    themes = Theme.objects.visible_to(request.user).with_findings().prefetch_related("rules")
    page = Paginator(themes.order_by("-is_in_use", "name"), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page_obj": page,
        "rows": [{"theme": theme, "teams": recurring.get(theme.pk, [])} for theme in page],
        "tabs": tabs_of(request.user, "paths:theme_list"),
    }
    return render(request, "actions/theme_list.html", context)


def theme_of(request: SignedInRequest, code: str) -> Theme:
    """The theme if this person looks after themes; anybody else gets the same 404."""
    return get_object_or_404(Theme.objects.visible_to(request.user), code=code)


@require_safe
def theme_detail(request: SignedInRequest, code: str) -> HttpResponse:
    """On how many children's files of each team it was found, by quarter; where it recurs; what is done about it."""
    theme = theme_of(request, code)
    today = timezone.localdate()
    quarters = last_quarters(Quarter.of(today))
    teams = themes_of_teams(None, today, theme=theme)
    page = Paginator(teams, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "theme": theme,
        "quarters": quarters,
        "page_obj": page,
        "rows": [
            {
                "row": row,
                "counts": [
                    {
                        "quarter": quarter,
                        "children": row.children[quarter],
                        "stands": quarter in row.stands_in,
                    }
                    for quarter in quarters
                ],
            }
            for row in page
        ],
        "rules": theme.rules.all(),
        "team_actions": Action.objects.visible_to(request.user)
        .filter(theme=theme)
        .select_related("owner", "team")
        .order_by("-opened_at")[:PER_PAGE],
        "dip_samples": DipSampleProposal.objects.visible_to(request.user)
        .filter(theme=theme)
        .select_related("team", "decided_by")
        .annotate(drawn=Count("children"))[:PER_PAGE],
        "crumbs": [("Themes", reverse("paths:theme_list"))],
    }
    return render(request, "actions/theme_detail.html", context)


def theme_add(request: SignedInRequest) -> HttpResponse:
    """A theme of the council's own."""
    if not can_tag_findings(request.user):
        raise Http404
    return _theme_form(request, None)


def theme_edit(request: SignedInRequest, code: str) -> HttpResponse:
    """Another name, other questions."""
    return _theme_form(request, theme_of(request, code))


def _theme_form(request: SignedInRequest, theme: Theme | None) -> HttpResponse:
    initial = {}
    if theme is not None:
        initial = {"name": theme.name, "questions": ", ".join(rule.question for rule in theme.rules.all())}
    form = ThemeForm(request.POST or None, initial=initial)
    if form.is_valid():
        try:
            saved = save_theme(theme, name=form.cleaned_data["name"], questions=form.codes(), by=request.user)
        except RuleViolation as refusal:
            form.add_error("name", refusal.sentence)
        else:
            messages.success(request, f"{saved} is saved.")
            return redirect("paths:theme_detail", saved.code)
    context = {
        "form": form,
        "heading": f"Change {theme}" if theme else "Add a theme",
        "intro": "Findings that have a theme already keep it.",
        "submit": "Save the theme",
        "crumbs": [("Themes", reverse("paths:theme_list"))],
    }
    return render(request, "actions/follow_form.html", context)


@require_POST
def theme_retire(request: SignedInRequest, code: str) -> HttpResponse:
    """Use it no longer, or again."""
    theme = theme_of(request, code)
    retire_theme(theme, by=request.user, is_in_use=not theme.is_in_use)
    messages.success(request, f"{theme} is {'used no longer' if theme.is_in_use else 'used again'}.")
    return redirect("paths:theme_detail", code)


@keeps_typed
def team_action(request: SignedInRequest, code: str, team: int) -> HttpResponse:
    """One action for a team about what was found on several children's files."""
    theme = theme_of(request, code)
    of_team = get_object_or_404(Team, pk=team)
    today = timezone.localdate()
    found = (
        Finding.objects.visible_to(request.user)
        .filter(themes=theme, audit__team=of_team, carried_by__isnull=True)
        .select_related("audit__allocation")
        .order_by("-audit__submitted_at", "pk")[:MOST_CARRIED]
    )
    manager = manager_of_team(of_team.pk, today)
    form = TeamActionForm(
        request.POST or None,
        found=found,
        owners=action_owners_in_words(today),
        initial={"owner": manager.pk if manager else "", "priority": "p2"},
    )
    if form.is_valid():
        given = form.cleaned_data
        chosen = list(given["findings"])
        content = NewAction(
            what=given["what"],
            why=f"{theme}: found {len(chosen)} times in audits of {of_team}.",
            success=given["success"],
            owner=form.chosen_owner(),
            team=of_team,
            priority=given["priority"],
            due_on=given["due_on"],
            theme=theme,
        )
        try:
            action = raise_team_action(theme, team=of_team, findings=chosen, content=content, by=request.user)
        except RuleViolation as refusal:
            form.add_error(None, refusal.sentence)
        else:
            messages.success(request, f"{action} is open. It carries {len(chosen)} findings.")
            return redirect("paths:theme_detail", code)
    context = {
        "form": form if form.fields["findings"].choices else None,  # type: ignore[attr-defined]
        "caption": str(theme),
        "heading": f"One action for {of_team}",
        "intro": "It carries the findings you choose, so that nobody raises an action for each child.",
        "nothing": "Every finding of this team on this theme is carried by an action already.",
        "submit": "Raise the action",
        "crumbs": [
            ("Themes", reverse("paths:theme_list")),
            (theme.name, reverse("paths:theme_detail", args=(code,))),
        ],
    }
    return render(request, "actions/follow_form.html", context)


@require_safe
def finding_list(request: SignedInRequest) -> HttpResponse:
    """What audits found, the newest first; the filters stay in the address."""
    if not can_tag_findings(request.user):
        raise Http404
    findings = Finding.objects.visible_to(request.user)
    form = FindingFilterForm(request.GET or None)
    chosen = form.cleaned_data if form.is_valid() else {}
    if chosen.get("theme"):
        findings = findings.filter(themes=chosen["theme"])
    if chosen.get("team"):
        findings = findings.filter(audit__team=chosen["team"])
    if chosen.get("only") == "untagged":
        findings = findings.filter(tags__isnull=True)
    elif chosen.get("only") == "open":
        findings = findings.filter(carried_by__isnull=True)
    findings = findings.select_related("audit__allocation", "audit__team", "carried_by")
    findings = findings.prefetch_related("themes").order_by("-audit__submitted_at", "pk")
    context = {
        "form": form,
        "page_obj": Paginator(findings, PER_PAGE).get_page(request.GET.get("page")),
        "tabs": tabs_of(request.user, "paths:finding_list"),
    }
    return render(request, "actions/finding_list.html", context)


def finding_tag(request: SignedInRequest, pk: int) -> HttpResponse:
    """Say which themes it has."""
    rows = Finding.objects.visible_to(request.user).select_related("audit__allocation")
    finding = get_object_or_404(rows, pk=pk)
    themes = list(finding.themes.all())
    offered = [*Theme.objects.in_use(), *(theme for theme in themes if not theme.is_in_use)]
    form = TagForm(request.POST or None, offered=offered, initial={"themes": [theme.pk for theme in themes]})
    if form.is_valid():
        try:
            tag_finding(finding, themes=form.cleaned_data["themes"], by=request.user)
        except RuleViolation as refusal:
            form.add_error("themes", refusal.sentence)
        else:
            messages.success(request, "The themes of the finding are saved.")
            return redirect("paths:finding_list")
    context = {
        "form": form,
        "caption": f"{finding.audit.allocation.reference}{finding.subject and ', '}{finding.subject}",
        "heading": "Themes of a finding",
        "intro": finding.text,
        "submit": "Save the themes",
        "moves": finding.tag_moves.select_related("theme", "by").order_by("-at", "-pk"),
        "crumbs": [("Findings", reverse("paths:finding_list"))],
    }
    return render(request, "actions/finding_tag.html", context)


def dip_sample_propose(request: SignedInRequest, code: str) -> HttpResponse:
    """Propose to look for a theme on more files of a team."""
    theme = theme_of(request, code)
    form = DipSampleForm(request.POST or None, initial={"team": request.GET.get("team"), "size": 5})
    if form.is_valid():
        try:
            proposal = propose_dip_sample(theme, by=request.user, **form.cleaned_data)
        except RuleViolation as refusal:
            form.add_error(None, refusal.sentence)
        else:
            messages.success(request, "The dip sample is proposed, with its children drawn.")
            return redirect("paths:dip_sample_detail", proposal.pk)
    context = {
        "form": form,
        "caption": str(theme),
        "heading": "Propose a dip sample",
        "intro": "The children are drawn from all who are open to the team, audited or not. The seed is kept.",
        "submit": "Draw the children and propose it",
        "crumbs": [
            ("Themes", reverse("paths:theme_list")),
            (theme.name, reverse("paths:theme_detail", args=(code,))),
        ],
    }
    return render(request, "actions/follow_form.html", context)


@require_safe
def dip_sample_list(request: SignedInRequest) -> HttpResponse:
    """The dip samples that were proposed, the newest first."""
    if not can_tag_findings(request.user):
        raise Http404
    rows = DipSampleProposal.objects.visible_to(request.user).select_related("theme", "team", "proposed_by")
    context = {
        "page_obj": Paginator(rows, PER_PAGE).get_page(request.GET.get("page")),
        "tabs": tabs_of(request.user, "paths:dip_sample_list"),
    }
    return render(request, "actions/dip_sample_list.html", context)


def dip_sample_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    """The children drawn, and the decision."""
    rows = DipSampleProposal.objects.visible_to(request.user)
    rows = rows.select_related("theme", "team", "proposed_by", "decided_by").prefetch_related("children")
    proposal = get_object_or_404(rows, pk=pk)
    form = None
    if proposal.status == ProposalStatus.PROPOSED and can_decide_dip_sample(request.user, proposal):
        form = DecideForm(request.POST or None)
        if form.is_valid():
            approve = form.cleaned_data["decision"] == "approve"
            try:
                decide_dip_sample(proposal, by=request.user, approve=approve, note=form.cleaned_data["note"])
            except RuleViolation as refusal:
                form.add_error("note", refusal.sentence)
            else:
                messages.success(request, f"The dip sample is {'approved' if approve else 'refused'}.")
                return redirect("paths:dip_sample_list")
    context = {
        "proposal": proposal,
        "form": form,
        "children": proposal.children.all(),
        "crumbs": [("Dip samples", reverse("paths:dip_sample_list"))],
    }
    return render(request, "actions/dip_sample_detail.html", context)
