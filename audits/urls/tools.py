"""/setup/tools/: the audit tools and their versions; drafts, their approval, and tools as files."""

from django.urls import path

from audits.views import tool_drafts, tools

app_name = "tools"
urlpatterns = [
    path("", tools.tool_list, name="tool_list"),
    path("new/", tool_drafts.tool_new, name="tool_new"),
    path("import/", tool_drafts.tool_import, name="tool_import"),
    path("<slug:code>/", tools.tool_detail, name="tool_detail"),
    path("<slug:code>/draft/", tool_drafts.draft_start, name="draft_start"),
    path("<slug:code>/<int:number>/", tools.tool_detail, name="tool_version_detail"),
    path("<slug:code>/<int:number>/changes/", tools.tool_changes, name="tool_changes"),
    path("<slug:code>/<int:number>/export/", tools.tool_export, name="tool_export"),
    path(
        "<slug:code>/<int:number>/preview/<str:pathway>/<str:section>/",
        tools.tool_preview,
        name="tool_preview",
    ),
    path("<slug:code>/<int:number>/propose/", tool_drafts.draft_propose, name="draft_propose"),
    path("<slug:code>/<int:number>/discard/", tool_drafts.draft_discard, name="draft_discard"),
    path("<slug:code>/<int:number>/decide/", tool_drafts.version_decide, name="version_decide"),
    path("<slug:code>/<int:number>/take-back/", tool_drafts.version_take_back, name="version_take_back"),
    path("<slug:code>/<int:number>/edit/", tool_drafts.draft_edit, name="draft_edit"),
    path("<slug:code>/<int:number>/edit/pathways/", tool_drafts.draft_pathways, name="draft_pathways"),
    path("<slug:code>/<int:number>/edit/<str:section>/", tool_drafts.draft_section, name="draft_section"),
    path("<slug:code>/<int:number>/edit/<str:section>/add/", tool_drafts.question_add, name="question_add"),
    path(
        "<slug:code>/<int:number>/edit/<str:section>/descriptors/",
        tool_drafts.draft_descriptors,
        name="draft_descriptors",
    ),
    path(
        "<slug:code>/<int:number>/questions/<str:question>/", tool_drafts.question_edit, name="question_edit"
    ),
    path(
        "<slug:code>/<int:number>/questions/<str:question>/move/",
        tool_drafts.question_move,
        name="question_move",
    ),
    path(
        "<slug:code>/<int:number>/questions/<str:question>/remove/",
        tool_drafts.question_remove,
        name="question_remove",
    ),
]
