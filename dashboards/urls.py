"""Reports, under /reports/."""

from django.urls import path, register_converter

from core.dates import FinancialYear, Quarter
from dashboards.figures import Period
from dashboards.views import briefs, dashboard, documents, published, quarters, targets


class QuarterConverter:
    """A quarter in an address, such as 2024-25/Q2; what is no quarter is no page."""

    regex = "[0-9]{4}-[0-9]{2}/Q[1-4]"

    def to_python(self, value: str) -> Quarter:
        return Quarter.parse(*value.split("/"))

    def to_url(self, quarter: Quarter) -> str:
        return f"{quarter.year}/Q{quarter.number}"


class PeriodConverter:
    """A quarter or a financial year in an address: 2024-25/Q2 or 2024-25."""

    regex = "[0-9]{4}-[0-9]{2}(?:/Q[1-4])?"

    def to_python(self, value: str) -> Period:
        year, _, quarter = value.partition("/")
        return Quarter.parse(year, quarter) if quarter else FinancialYear.parse(year)

    def to_url(self, period: Period) -> str:
        return str(period).replace(" ", "/")


register_converter(QuarterConverter, "quarter")
register_converter(PeriodConverter, "period")

app_name = "dashboards"
urlpatterns = [
    path("", quarters.quarter_list, name="quarter_list"),
    path("measures/", quarters.measure_list, name="measure_list"),
    path("dashboard/", dashboard.dashboard, name="dashboard"),
    path("dashboard/<slug:key>/", dashboard.dashboard, name="dashboard_subject"),
    path(
        "dashboard/<slug:key>/<slug:ident>.<slug:as_format>", dashboard.dashboard_file, name="dashboard_file"
    ),
    path("performance/", targets.performance_figure_list, name="performance_figure_list"),
    path("performance/add/", targets.performance_figure_edit, name="performance_figure_add"),
    path("performance/<int:pk>/", targets.performance_figure_edit, name="performance_figure_edit"),
    path("performance/<int:pk>/remove/", targets.performance_figure_remove, name="performance_figure_remove"),
    path("briefs/", briefs.brief_list, name="brief_list"),
    path("briefs/start/", briefs.brief_start, name="brief_start"),
    path("briefs/<slug:reference>/", briefs.brief_detail, name="brief_detail"),
    path("briefs/<slug:reference>/words/", briefs.brief_words, name="brief_words"),
    path("briefs/<slug:reference>/choose/", briefs.brief_choose, name="brief_choose"),
    path("briefs/<slug:reference>/take/<slug:source>/<int:pk>/", briefs.brief_take, name="brief_take"),
    path("briefs/<slug:reference>/points/add/", briefs.point_edit, name="point_add"),
    path("briefs/<slug:reference>/points/<int:pk>/", briefs.point_edit, name="point_edit"),
    path("briefs/<slug:reference>/points/<int:pk>/remove/", briefs.point_remove, name="point_remove"),
    path("briefs/<slug:reference>/versions/<int:number>/", briefs.brief_version, name="brief_version"),
    path(
        "briefs/<slug:reference>/versions/<int:number>/<slug:kind>/",
        briefs.brief_version_file,
        name="brief_version_file",
    ),
    path("briefs/<slug:reference>/<slug:move>/", briefs.brief_move, name="brief_move"),
    path("published/", published.version_list, name="version_list"),
    path("published/<period:period>/<int:number>/", published.version_detail, name="version_detail"),
    path("published/<period:period>/<int:number>/file/", documents.report_file, name="version_file"),
    path("<quarter:quarter>/", quarters.quarter_detail, name="quarter_detail"),
    path("<quarter:quarter>/restate/", quarters.quarter_restate, name="quarter_restate"),
    path("<period:period>/report/", documents.report_detail, name="report_detail"),
    path("<period:period>/report/start/", documents.report_start, name="report_start"),
    path("<period:period>/report/preview/", documents.report_preview, name="report_preview"),
    path("<period:period>/report/file/", documents.report_file, name="report_file"),
    path("<period:period>/report/parts/<slug:key>/", documents.report_section, name="report_section"),
    path("<period:period>/report/<slug:move>/", documents.report_move, name="report_move"),
]
