"""/actions/: following through what audits found."""

from django.urls import path

from actions.views import detail, mine, verification

app_name = "actions"
urlpatterns = [
    path("", mine.my_actions, name="my_actions"),
    path("verification/", verification.verification, name="verification"),
    path("<str:reference>/", detail.action_detail, name="action_detail"),
]
