"""/programme/: the months, their draws and their publication."""

from datetime import date, datetime

from django.urls import path, register_converter

from audits.views import activities, allocations, calendar, exemptions, ledger, rounds

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
    path("calendar/", calendar.year_calendar, name="year_calendar"),
    path("activities/", activities.activity_list, name="activity_list"),
    path("activities/<str:reference>/", activities.activity_detail, name="activity_detail"),
    path("ledger/", ledger.ledger_year, name="ledger_year"),
    path("exemptions/", exemptions.exemption_list, name="exemption_list"),
    path("exemptions/request/", exemptions.exemption_request, name="exemption_request"),
    path("exemptions/<int:pk>/", exemptions.exemption_detail, name="exemption_detail"),
    path("exemptions/<int:pk>/end/", exemptions.exemption_end, name="exemption_end"),
    path("<month:month>/", rounds.round_detail, name="round_detail"),
    path("<month:month>/publish/", rounds.round_publish, name="round_publish"),
    path("<month:month>/ledger/", ledger.ledger_month, name="ledger_month"),
    path("<month:month>/close/", allocations.round_close, name="round_close"),
    path("<month:month>/withdraw-left/", allocations.round_withdraw_left, name="round_withdraw_left"),
    path("<month:month>/<str:reference>/", allocations.allocation_detail, name="allocation_detail"),
    path("<month:month>/<str:reference>/swap/", rounds.allocation_swap, name="allocation_swap"),
    path("<month:month>/<str:reference>/excuse/", allocations.allocation_excuse, name="allocation_excuse"),
    path(
        "<month:month>/<str:reference>/withdraw/", allocations.allocation_withdraw, name="allocation_withdraw"
    ),
    path("<month:month>/<str:reference>/extend/", allocations.allocation_extend, name="allocation_extend"),
    path(
        "<month:month>/<str:reference>/reallocate/",
        allocations.allocation_reallocate,
        name="allocation_reallocate",
    ),
]
