"""/audits/: writing and reading audits."""

from django.urls import path

from audits.views import audits, autosave, concerns, dates, moves, paper

app_name = "audits"
urlpatterns = [
    path("", audits.audit_list, name="audit_list"),
    path("<str:reference>/", audits.audit_detail, name="audit_detail"),
    path("<str:reference>/start/", audits.audit_start, name="audit_start"),
    path("<str:reference>/check/", audits.audit_check, name="audit_check"),
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
