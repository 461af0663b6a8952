"""/setup/tools/: the audit tools and their versions, to read."""

from django.urls import path

from audits.views import tools

app_name = "tools"
urlpatterns = [
    path("", tools.tool_list, name="tool_list"),
    path("<slug:code>/", tools.tool_detail, name="tool_detail"),
    path("<slug:code>/<int:number>/", tools.tool_detail, name="tool_version_detail"),
]
