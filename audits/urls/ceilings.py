"""/setup/ceilings/: the ceilings of grades."""

from django.urls import path

from audits.views import ceilings

app_name = "ceilings"
urlpatterns = [
    path("", ceilings.ceiling_list, name="ceiling_list"),
    path("<slug:code>/", ceilings.ceiling_edit, name="ceiling_edit"),
]
