"""Reports, under /reports/."""

from django.urls import path, register_converter

from core.dates import Quarter
from dashboards.views import quarters


class QuarterConverter:
    """A quarter in an address, such as 2024-25/Q2; what is no quarter is no page."""

    regex = "[0-9]{4}-[0-9]{2}/Q[1-4]"

    def to_python(self, value: str) -> Quarter:
        return Quarter.parse(*value.split("/"))

    def to_url(self, quarter: Quarter) -> str:
        return f"{quarter.year}/Q{quarter.number}"


register_converter(QuarterConverter, "quarter")

app_name = "dashboards"
urlpatterns = [
    path("", quarters.quarter_list, name="quarter_list"),
    path("measures/", quarters.measure_list, name="measure_list"),
    path("<quarter:quarter>/", quarters.quarter_detail, name="quarter_detail"),
]
