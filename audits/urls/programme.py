"""/programme/: the months, their draws and their publication."""

from datetime import date, datetime

from django.urls import path, register_converter

from audits.views import rounds

app_name = "programme"


class MonthConverter:
    """A month in an address, 2026-11, as its first day; addresses are made from Round.reference."""

    regex = "[0-9]{4}-[0-9]{2}"

    def to_python(self, value: str) -> date:
        return datetime.strptime(value, "%Y-%m").date()  # noqa: DTZ007 - a month has no time of day

    def to_url(self, value: str) -> str:
        return value


register_converter(MonthConverter, "month")

urlpatterns = [
    path("", rounds.round_list, name="round_list"),
    path("draw/", rounds.round_draw, name="round_draw"),
    path("<month:month>/", rounds.round_detail, name="round_detail"),
    path("<month:month>/publish/", rounds.round_publish, name="round_publish"),
    path("<month:month>/<str:reference>/swap/", rounds.allocation_swap, name="allocation_swap"),
]
