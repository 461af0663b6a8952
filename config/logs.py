"""Production's logs: one JSON object a line, with nothing in it about a child or a colleague.

Requests are named by their route, never their address; an exception by its class and its stack, never its
message, which may quote what somebody typed or a row of the database.
"""

import traceback
from logging import LogRecord
from typing import Any

import structlog
from structlog.typing import EventDict


def name_the_route(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """Replace the message of a log line about a request by its method, route and status."""
    record: LogRecord = event["_record"]
    request = getattr(record, "request", None)
    if request is None:
        return event
    route = request.resolver_match.route if getattr(request, "resolver_match", None) else None
    return {
        **event,
        "event": "Request failed",
        "method": getattr(request, "method", None),
        "route": route,
        "status": getattr(record, "status_code", None),
    }


def stack_without_words(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """Replace an exception by the classes and the stacks of its chain."""
    exc_info = event.pop("exc_info", None)
    if not exc_info:
        return event
    chain = traceback.TracebackException(*exc_info, capture_locals=False)
    lines: list[str] = []
    link: traceback.TracebackException | None = chain
    while link:
        lines += [link.exc_type.__name__ if link.exc_type else "Exception", *link.stack.format()]
        link = link.__cause__ or (None if link.__suppress_context__ else link.__context__)
    return {**event, "exception": "\n".join(line.rstrip() for line in lines)}


LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "json": {
            "()": structlog.stdlib.ProcessorFormatter,
            "foreign_pre_chain": [
                structlog.stdlib.add_log_level,
                structlog.stdlib.add_logger_name,
                structlog.processors.TimeStamper(fmt="iso", utc=True),
                name_the_route,
            ],
            "processors": [
                stack_without_words,
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(),
            ],
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        "django": {"handlers": [], "level": "INFO", "propagate": True},
        "celery.app.trace": {"level": "WARNING"},
        "celery.worker.strategy": {"level": "WARNING"},
    },
}
