"""/moderation/: panels, readings, the meeting, outcomes."""

from django.urls import path

from moderation.views import meeting, outcomes, panels, readings

app_name = "moderation"
PANEL = "panels/<str:reference>/"
urlpatterns = [
    path("panels/", panels.panel_list, name="panel_list"),
    path("panels/attendance/", panels.attendance, name="attendance"),
    path(PANEL, panels.panel_detail, name="panel_detail"),
    path(f"{PANEL}edit/", panels.panel_edit, name="panel_edit"),
    path(f"{PANEL}propose/", panels.panel_propose, name="panel_propose"),
    path(f"{PANEL}members/add/", panels.member_add, name="member_add"),
    path(f"{PANEL}members/<int:pk>/remove/", panels.member_remove, name="member_remove"),
    path(f"{PANEL}invitation/", panels.invitation, name="invitation"),
    path(f"{PANEL}convene/", panels.panel_convene, name="panel_convene"),
    path(f"{PANEL}release/", panels.panel_release, name="panel_release"),
    path(f"{PANEL}table/", panels.panel_table, name="panel_table"),
    path(f"{PANEL}table/add/", panels.table_add, name="table_add"),
    path(f"{PANEL}table/<str:audit>/remove/", panels.table_remove, name="table_remove"),
    path(f"{PANEL}readings/", panels.panel_readings, name="panel_readings"),
    path(f"{PANEL}readings/<str:audit>/", readings.reading, name="reading"),
    path(f"{PANEL}start/", meeting.meeting_start, name="meeting_start"),
    path(f"{PANEL}meeting/", meeting.meeting, name="meeting"),
    path(f"{PANEL}meeting/<str:audit>/", meeting.meeting_audit, name="meeting_audit"),
    path(f"{PANEL}meeting/<str:audit>/take-back/", meeting.decision_take_back, name="decision_take_back"),
    path(f"{PANEL}close/", meeting.panel_close, name="panel_close"),
    path(f"{PANEL}outcomes/", outcomes.panel_outcomes, name="panel_outcomes"),
    path("outcomes/", outcomes.outcome_list, name="outcome_list"),
    path("outcomes/<int:pk>/", outcomes.outcome_detail, name="outcome_detail"),
    path("outcomes/<int:pk>/acknowledge/", outcomes.outcome_acknowledge, name="outcome_acknowledge"),
    path("outcomes/<int:pk>/decide/", outcomes.reply_decide, name="reply_decide"),
]
