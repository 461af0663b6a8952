"""/actions/: following through what audits found."""

from django.urls import path

from actions.views import board, detail, loop, mine, raising, tracker, verification

app_name = "actions"
urlpatterns = [
    path("", mine.my_actions, name="my_actions"),
    path("tracker/", tracker.tracker, name="tracker"),
    path("tracker/views/", tracker.view_list, name="view_list"),
    path("tracker/views/<int:pk>/delete/", tracker.view_delete, name="view_delete"),
    path("raise/", raising.action_raise, name="action_raise"),
    path("loop/", loop.loop, name="loop"),
    path("board/", board.board_list, name="board_list"),
    path("verification/", verification.verification, name="verification"),
    path("<str:reference>/", detail.action_detail, name="action_detail"),
]
