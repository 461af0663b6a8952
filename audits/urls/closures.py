"""/setup/closures/: the days on which the council is closed."""

from django.urls import path

from audits.views import calendar

app_name = "closures"
urlpatterns = [
    path("", calendar.closure_list, name="closure_list"),
    path("<int:pk>/remove/", calendar.closure_remove, name="closure_remove"),
]
