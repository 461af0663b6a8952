"""/caseload/: the children, and the imports they come from."""

from django.urls import path

from audits.views import caseload

app_name = "caseload"
urlpatterns = [
    path("", caseload.child_list, name="child_list"),
    path("children/<int:pk>/", caseload.child_detail, name="child_detail"),
    path("imports/", caseload.import_list, name="import_list"),
    path("imports/upload/", caseload.import_upload, name="import_upload"),
    path("imports/<int:pk>/", caseload.import_detail, name="import_detail"),
    path("imports/<int:pk>/apply/", caseload.import_apply, name="import_apply"),
    path("imports/<int:pk>/discard/", caseload.import_discard, name="import_discard"),
]
