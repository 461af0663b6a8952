"""/help/: what a new auditor needs, and the two statements that anybody may read without signing in."""

from django.contrib.auth.decorators import login_not_required
from django.urls import path
from django.views.generic import TemplateView

from audits.views import help as views

app_name = "help"
urlpatterns = [
    path("", TemplateView.as_view(template_name="help/index.html"), name="index"),
    path("grading/", views.grading, name="grading"),
    path("your-audit/", TemplateView.as_view(template_name="help/your_audit.html"), name="your_audit"),
    path("moderation/", TemplateView.as_view(template_name="help/moderation.html"), name="moderation"),
    path("at-risk/", TemplateView.as_view(template_name="help/at_risk.html"), name="at_risk"),
    path("involving/", TemplateView.as_view(template_name="help/involving.html"), name="involving"),
    path("your-actions/", TemplateView.as_view(template_name="help/your_actions.html"), name="your_actions"),
    path("glossary/", TemplateView.as_view(template_name="help/glossary.html"), name="glossary"),
    path(
        "accessibility/",
        login_not_required(TemplateView.as_view(template_name="help/accessibility.html")),
        name="accessibility",
    ),
    path(
        "privacy/",
        login_not_required(TemplateView.as_view(template_name="help/privacy.html")),
        name="privacy",
    ),
]
