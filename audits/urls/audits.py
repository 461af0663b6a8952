"""/audits/: writing and reading audits."""

from django.urls import path

from audits.views import (
    audits,
    autosave,
    concerns,
    dates,
    involvement,
    moves,
    paper,
    proposed_actions,
    replies,
)

app_name = "audits"
urlpatterns = [
    path("", audits.audit_list, name="audit_list"),
    path("good-practice/", replies.good_practice_list, name="good_practice_list"),
    path("<str:reference>/", audits.audit_detail, name="audit_detail"),
    path("<str:reference>/start/", audits.audit_start, name="audit_start"),
    path("<str:reference>/check/", audits.audit_check, name="audit_check"),
    path("<str:reference>/worker/", involvement.worker_log, name="worker_log"),
    path("<str:reference>/worker/feedback/", involvement.worker_feedback, name="worker_feedback"),
    path(
        "<str:reference>/worker/feedback/autosave/",
        autosave.worker_feedback_autosave,
        name="worker_feedback_autosave",
    ),
    path(
        "<str:reference>/worker/<int:pk>/remove/",
        involvement.worker_contact_remove,
        name="worker_contact_remove",
    ),
    path("<str:reference>/reply/", replies.worker_reply, name="worker_reply"),
    path("<str:reference>/family/", involvement.family_log, name="family_log"),
    path(
        "<str:reference>/family/<int:pk>/remove/",
        involvement.family_contact_remove,
        name="family_contact_remove",
    ),
    path("<str:reference>/family/<slug:person>/", involvement.family_person, name="family_person"),
    path(
        "<str:reference>/family/<slug:person>/autosave/",
        autosave.family_person_autosave,
        name="family_person_autosave",
    ),
    path("<str:reference>/actions/", proposed_actions.action_list, name="action_list"),
    path("<str:reference>/actions/add/", proposed_actions.action_add, name="action_add"),
    path("<str:reference>/actions/add/autosave/", autosave.action_add_autosave, name="action_add_autosave"),
    path(
        "<str:reference>/actions/<int:pk>/autosave/",
        autosave.action_edit_autosave,
        name="action_edit_autosave",
    ),
    path(
        "<str:reference>/actions/begun/<uuid:token>/give-up/",
        proposed_actions.action_give_up,
        name="action_give_up",
    ),
    path("<str:reference>/actions/<int:pk>/", proposed_actions.action_edit, name="action_edit"),
    path("<str:reference>/actions/<int:pk>/remove/", proposed_actions.action_remove, name="action_remove"),
    path("<str:reference>/return/", moves.audit_return, name="audit_return"),
    path("<str:reference>/void/", moves.audit_void, name="audit_void"),
    path("<str:reference>/reopen/", moves.reopening_propose, name="reopening_propose"),
    path("<str:reference>/reopen/decide/", moves.reopening_decide, name="reopening_decide"),
    path("<str:reference>/history/", moves.audit_history, name="audit_history"),
    path("<str:reference>/print/", paper.audit_print, name="audit_print"),
    path("<str:reference>/pdf/", paper.audit_pdf, name="audit_pdf"),
    path("<str:reference>/dates/", dates.date_list, name="date_list"),
    path("<str:reference>/dates/circumstances/", dates.circumstances_edit, name="circumstances_edit"),
    path("<str:reference>/dates/<int:pk>/remove/", dates.date_remove, name="date_remove"),
    path("<str:reference>/<slug:section>/autosave/", autosave.section_autosave, name="section_autosave"),
    path("<str:reference>/urgent/", concerns.audit_urgent, name="audit_urgent"),
    path("<str:reference>/<slug:section>/", audits.section_edit, name="section_edit"),
]
