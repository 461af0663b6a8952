"""What every page shows of the service."""

from django.conf import settings
from django.http import HttpRequest


def service(request: HttpRequest) -> dict[str, str]:  # noqa: ARG001 - Django's signature
    """The council's name, for the header and the page titles."""
    return {"council_name": settings.COUNCIL_NAME}
