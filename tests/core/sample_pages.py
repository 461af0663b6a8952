"""Pages for the tests of the look alone: every kind of field, every component, each error page. An urlconf."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import include, path

from core import forms as gov
from core.errors import RuleViolation

HOSTILE = "<script>alert('x')</script>{{ form.secret }}{% now 'Y' %}\"><img src=x onerror=alert(1)>"
GRADES = [
    ("outstanding", "Outstanding"),
    ("good", "Good"),
    ("requires_improvement", "Requires improvement to be good"),
    ("inadequate", "Inadequate"),
    ("not_applicable", "Not applicable"),
]


class EveryFieldForm(gov.GovForm):
    name = forms.CharField(label="Name", max_length=20, help_text="As the child is known in the team")
    email = forms.EmailField(label="Email address")
    visits = forms.IntegerField(label="Visits counted", min_value=0, max_value=99)
    seen_on = gov.DateField(label="When was the child last seen?", help_text="For example, 28 11 2026")
    grade = forms.ChoiceField(
        label="Grade for visits",
        choices=GRADES,
        widget=gov.Radios(
            hints={"good": "Visits are purposeful and the child is seen alone."},
            divider_before="not_applicable",
            reveals={"not_applicable": "reason"},
        ),
    )
    reason = forms.CharField(label="Why does it not apply?", required=False)
    evidence = forms.CharField(
        label="Evidence",
        widget=forms.Textarea(attrs={"rows": 5}),
        max_length=40,
        help_text="What did you read?",
    )
    alone = forms.ChoiceField(
        label="Was the child seen alone?",
        choices=[("yes", "Yes"), ("partly", "Partly"), ("no", "No")],
        widget=gov.Radios(small=True),
    )
    team = forms.ChoiceField(
        label="Team", choices=[("", "Choose a team"), ("north", "North"), ("south", "South")]
    )
    spoke_to = forms.MultipleChoiceField(
        label="Who did you speak to?",
        choices=[("child", "The child"), ("parent", "A parent"), ("carer", "The carer")],
        widget=gov.Checkboxes(hints={"child": "Old enough to say"}),
    )
    workbook = forms.FileField(label="Workbook")
    password = forms.CharField(label="Password", widget=forms.PasswordInput)
    sure = forms.BooleanField(label="I have read the whole file")
    token = forms.CharField(widget=forms.HiddenInput, initial="7")
    layout = gov.Layout(
        gov.Group("The child", "name", "email", "seen_on", "visits"),
        gov.Group("Your judgement", "grade", "evidence", "alone"),
        "team",
        "spoke_to",
        "workbook",
        "password",
        "sure",
    )

    def clean(self) -> dict[str, Any] | None:
        if self.cleaned_data.get("grade") == "not_applicable" and not self.cleaned_data.get("reason"):
            self.add_error("reason", "Say why it does not apply")
        return self.cleaned_data


class HostileForm(gov.GovForm):
    """What a file or a person could put into labels, hints, choices and values."""

    text = forms.CharField(label=HOSTILE, help_text=HOSTILE, initial=HOSTILE)
    long = forms.CharField(label=HOSTILE, initial=HOSTILE, widget=forms.Textarea, max_length=500)
    choice = forms.ChoiceField(
        label=HOSTILE,
        choices=[(HOSTILE, HOSTILE)],
        widget=gov.Radios(hints={HOSTILE: HOSTILE}),
        error_messages={"required": HOSTILE},
    )
    layout = gov.Layout(gov.Group(HOSTILE, "text", "long", "choice"))


def every_field(request: HttpRequest) -> HttpResponse:
    form = EveryFieldForm(request.POST or None, request.FILES or None)
    if form.is_valid():
        messages.success(request, "Saved. Meera Manager will be told.")
        return redirect("every_field")
    return render(request, "sample/every_field.html", {"form": form})


def components(request: HttpRequest) -> HttpResponse:
    messages.success(request, "Published. 41 auditors will be told.")
    messages.error(request, "The message to one auditor could not be sent.")
    page = Paginator(range(1, 301), 25).get_page(request.GET.get("page"))
    return render(request, "sample/components.html", sample_components() | {"page": page})


def sample_components() -> dict[str, Any]:
    """One of everything docs/pages.md lists."""
    return {
        "crumbs": [("My work", "/"), ("Audits", "/")],
        "figures": [
            {"label": "Audits due", "value": 3},
            {"label": "Submitted on time", "value": "86%", "note": "36 of 42"},
        ],
        "tasks": [
            {
                "title": "Visits",
                "url": "#",
                "status": "complete",
                "label": "Completed",
                "hint": "Graded Good",
            },
            {"title": "Assessments", "url": "#", "status": "in_progress", "label": "In progress"},
            {"title": "Check and submit", "url": "", "status": "not_started", "label": "Cannot start yet"},
        ],
        "rows": [
            {"key": "Team", "value": "North", "url": "#"},
            {"key": "What is different for this child", "value": "She is heard.\nHer plan says so."},
        ],
        "subnav": [
            {"label": "To write", "url": "#", "current": True, "count": 3},
            {"label": "Finished", "url": "#", "current": False},
        ],
        "statuses": [("allocated", "Allocated"), ("in_progress", "In progress"), ("overdue", "Overdue")],
        "grades": GRADES,
    }


def raises(request: HttpRequest, error: str) -> HttpResponse:
    raise {
        "403": PermissionDenied(),
        "409": RuleViolation("This audit was submitted at 14:02. Ask the QA lead to return it."),
        "500": ZeroDivisionError(),
    }[error]


urlpatterns = [
    path("sample/every-field/", every_field, name="every_field"),
    path("sample/components/", components, name="components"),
    path("sample/raises/<str:error>/", raises),
    path("", include("config.urls")),
]
handler400 = "core.views.bad_request"
