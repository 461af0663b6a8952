"""/setup/timescales/: within how long things are due."""

from django.urls import path

from audits.views import timescales

app_name = "timescales"
urlpatterns = [
    path("", timescales.rule_list, name="rule_list"),
    path("<slug:duty>/", timescales.rule_detail, name="rule_detail"),
    path("<slug:duty>/<int:pk>/withdraw/", timescales.rule_withdraw, name="rule_withdraw"),
]
