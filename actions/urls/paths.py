"""/actions/inadequate/, re-audits/, hand-offs/, themes/, findings/ and dip-samples/: what follows from audits."""

from django.urls import path

from actions.views import hand_offs, paths, themes

app_name = "paths"
urlpatterns = [
    path("inadequate/", paths.path_list, name="path_list"),
    path("inadequate/<str:reference>/", paths.path_detail, name="path_detail"),
    path("inadequate/<str:reference>/<slug:kind>/", paths.step_record, name="step_record"),
    path("re-audits/", paths.reaudit_list, name="reaudit_list"),
    path("re-audits/<str:reference>/", paths.reaudit_give, name="reaudit_give"),
    path("re-audits/<str:reference>/not-needed/", paths.reaudit_drop, name="reaudit_drop"),
    path("hand-offs/", hand_offs.hand_off_list, name="hand_off_list"),
    path("hand-offs/<str:reference>/", hand_offs.hand_off_detail, name="hand_off_detail"),
    path("themes/", themes.theme_list, name="theme_list"),
    path("themes/add/", themes.theme_add, name="theme_add"),
    path("themes/<slug:code>/", themes.theme_detail, name="theme_detail"),
    path("themes/<slug:code>/edit/", themes.theme_edit, name="theme_edit"),
    path("themes/<slug:code>/retire/", themes.theme_retire, name="theme_retire"),
    path("themes/<slug:code>/dip-sample/", themes.dip_sample_propose, name="dip_sample_propose"),
    path("themes/<slug:code>/action/<int:team>/", themes.team_action, name="team_action"),
    path("findings/", themes.finding_list, name="finding_list"),
    path("findings/<int:pk>/", themes.finding_tag, name="finding_tag"),
    path("dip-samples/", themes.dip_sample_list, name="dip_sample_list"),
    path("dip-samples/<int:pk>/", themes.dip_sample_detail, name="dip_sample_detail"),
]
