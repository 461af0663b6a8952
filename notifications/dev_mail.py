"""The mails of a machine without a mail server, on a page. config/urls.py mounts it for development only."""

from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

FILE_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
BETWEEN_MAILS = b"-" * 79 + b"\n"
NEWEST = 50


@login_not_required
@require_safe
def mail_list(request: HttpRequest) -> HttpResponse:
    """The newest mails, with their text part, so that a link in one can be followed."""
    if not (settings.DEBUG and settings.EMAIL_BACKEND == FILE_BACKEND):
        raise Http404
    mails = read_mails(Path(settings.EMAIL_FILE_PATH))
    return render(request, "notifications/mail_list.html", {"mails": mails[:NEWEST]})


def read_mails(folder: Path) -> list[dict[str, str]]:
    """What Django's file backend wrote into the folder, newest first."""
    files = sorted(folder.glob("*.log"), reverse=True) if folder.is_dir() else []
    parts = [
        part for file in files for part in reversed(file.read_bytes().split(BETWEEN_MAILS)) if part.strip()
    ]
    return [_read(part) for part in parts]


def _read(raw: bytes) -> dict[str, str]:
    mail = message_from_bytes(raw, _class=EmailMessage, policy=policy.default)
    body = mail.get_body(("plain",))
    return {
        "subject": str(mail["Subject"]),
        "to": str(mail["To"]),
        "date": str(mail["Date"]),
        "text": body.get_content() if body else "",
    }
