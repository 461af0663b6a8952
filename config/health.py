"""Signs of health for load balancers and for monitoring (docs/operations.md, Health)."""

import ipaddress
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Min
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_safe
from redis import Redis, RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry

from notifications.gate import gate_is_open
from notifications.models import Heartbeat, Message

Check = dict[str, Any]

LATE_AFTER = timedelta(minutes=10)
"""A message that is due waits half a minute at most while all is well."""

BROKER_SECONDS = 0.5
PROXIED = ("HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", "HTTP_FORWARDED", "HTTP_X_REAL_IP")


@login_not_required
@require_safe
def live(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - a view
    """The process answers."""
    return JsonResponse({"status": "ok"})


@login_not_required
@require_safe
def ready(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - a view
    """The database answers and has every migration of this code."""
    return _report({"database": _database()})


@login_not_required
@require_safe
def deep(request: HttpRequest) -> HttpResponseBase:
    """Everything a mail needs on its way; for people who are signed in and for monitoring on the machine itself."""
    if not (_from_this_machine(request) or request.user.is_authenticated):
        return redirect_to_login(request.path)
    database = _database()
    if not database["ok"]:
        return _report({"database": database})
    return _report(
        {
            "database": database,
            "broker": _broker(),
            "worker": _heartbeat("worker"),
            "beat": _heartbeat("beat"),
            "outbox": _outbox(),
            "dead_letters": {"ok": True, "count": Message.objects.dead().count()},
            "mail_gate": {"ok": gate_is_open()},
        }
    )


def _from_this_machine(request: HttpRequest) -> bool:
    """Whether the caller is on loopback, and not a proxy on this machine that speaks for somebody else."""
    if any(header in request.META for header in PROXIED):
        return False
    try:
        return ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False


def _report(checks: dict[str, Check]) -> HttpResponse:
    """200 and "ok" when every check is, else 503 and "failing"."""
    ok = all(check["ok"] for check in checks.values())
    return JsonResponse({"status": "ok" if ok else "failing", "checks": checks}, status=200 if ok else 503)


def _database() -> Check:
    try:
        executor = MigrationExecutor(connection)
        missing = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    except DatabaseError:
        return {"ok": False, "answers": False}
    return {"ok": missing == 0, "answers": True, "migrations_missing": missing}


def _broker() -> Check:
    if not settings.REDIS_URL:
        return {"ok": True, "used": False}
    client = Redis.from_url(
        settings.REDIS_URL,
        socket_timeout=BROKER_SECONDS,
        socket_connect_timeout=BROKER_SECONDS,
        retry=Retry(NoBackoff(), 0),
    )
    try:
        client.ping()
    except (RedisError, OSError):
        return {"ok": False, "used": True}
    finally:
        client.close()
    return {"ok": True, "used": True}


def _heartbeat(name: str) -> Check:
    if not settings.REDIS_URL:
        return {"ok": True, "used": False}
    silence = Heartbeat.silence(name, at=timezone.now())
    if silence is None:
        return {"ok": False, "used": True, "seconds_since": None}
    return {
        "ok": silence <= Heartbeat.SILENT_AFTER,
        "used": True,
        "seconds_since": int(silence.total_seconds()),
    }


def _outbox() -> Check:
    """How long the oldest message that is due has been waiting."""
    now = timezone.now()
    oldest = Message.objects.due(now).aggregate(oldest=Min("due_at"))["oldest"]
    late = now - oldest if oldest else timedelta()
    return {"ok": late <= LATE_AFTER, "oldest_due_seconds": int(late.total_seconds())}
