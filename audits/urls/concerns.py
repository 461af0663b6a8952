"""/concern/: a child is at risk now."""

from django.urls import path

from audits.views import concerns

app_name = "concerns"
urlpatterns = [
    path("", concerns.concern_raise, name="concern_raise"),
    path("all/", concerns.concern_list, name="concern_list"),
    path("CON-<int:pk>/", concerns.concern_detail, name="concern_detail"),
    path("CON-<int:pk>/acknowledge/", concerns.concern_acknowledge, name="concern_acknowledge"),
    path("CON-<int:pk>/close/", concerns.concern_close, name="concern_close"),
]
