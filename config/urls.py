"""Every address of the service. All need sign-in but those tests/test_access.py names."""

from django.urls import URLPattern, URLResolver, include, path

from audits.views import my_work

urlpatterns: list[URLPattern | URLResolver] = [
    path("", my_work.my_work, name="my_work"),
    path("", include("accounts.urls")),
    path("audits/", include("audits.urls.audits")),
]
