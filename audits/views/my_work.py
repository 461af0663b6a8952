"""My work: what the person owes, most urgent first."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from audits.models import Audit


def my_work(request: HttpRequest) -> HttpResponse:
    """The front page for everybody."""
    audits = Audit.objects.visible_to(request.user)
    return render(request, "audits/my_work.html", {"audits": audits})
