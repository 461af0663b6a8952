"""The web container's health check: 0 when the service in this container is ready, else 1. Standard library only."""

import http.client
import os
import sys

ADDRESS = ("127.0.0.1", 8000)
SECONDS = 8


def is_ready() -> bool:
    """Whether /health/ready answers 200, asked by a host name that the service allows."""
    host = os.environ["ALLOWED_HOSTS"].split(",")[0].strip().lstrip(".")
    call = http.client.HTTPConnection(*ADDRESS, timeout=SECONDS)
    try:
        call.request("GET", "/health/ready", headers={"Host": host})
        return call.getresponse().status == http.HTTPStatus.OK
    except OSError:
        return False
    finally:
        call.close()


if __name__ == "__main__":
    sys.exit(0 if is_ready() else 1)
