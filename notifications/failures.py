"""What a failed sending means: for this message, and for the mail server. Imports no Django."""

import smtplib
from dataclasses import dataclass, replace

SIGN_IN_FIRST = frozenset({530, 534, 535, 538})
"""5xx answers about us rather than the message (RFC 4954): somebody mends the settings, and the mail goes out."""

CLOSING = 421
REASON_LENGTH = 300


@dataclass(frozen=True)
class Failure:
    """How to go on.

    Attributes:
        final: trying again cannot help.
        server_down: nothing was said about this message; the next one may fare the same.
        reason: a sentence for the page of failed messages.

    """

    final: bool
    server_down: bool
    reason: str


UNANSWERED: tuple[tuple[type[Exception], Failure], ...] = (
    (smtplib.SMTPNotSupportedError, Failure(True, False, "The mail server cannot take this address.")),
    (UnicodeError, Failure(True, False, "The mail server cannot take this address.")),
    (
        smtplib.SMTPServerDisconnected,
        Failure(False, True, "The mail server hung up or did not answer in time."),
    ),
    (TimeoutError, Failure(False, True, "The mail server did not answer in time.")),
    (OSError, Failure(False, True, "The mail server could not be reached.")),
    (Exception, Failure(False, True, "Sending failed in a way that nobody foresaw; the log says more.")),
)
"""The first that fits; smtplib's errors are OSErrors, too."""


def read_failure(error: Exception) -> Failure:
    """What an exception of the mail library says."""
    match error:
        case smtplib.SMTPRecipientsRefused(recipients=answers) if answers:
            return _answered(*next(iter(answers.values())))
        case smtplib.SMTPConnectError() | smtplib.SMTPHeloError() | smtplib.SMTPAuthenticationError():
            return replace(_answered(error.smtp_code, error.smtp_error), final=False, server_down=True)
        case smtplib.SMTPResponseException():
            return _answered(error.smtp_code, error.smtp_error)
    return next(failure for kind, failure in UNANSWERED if isinstance(error, kind))


def _answered(code: int, text: bytes | str) -> Failure:
    words = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return Failure(
        final=500 <= code <= 599 and code not in SIGN_IN_FIRST,
        server_down=code == CLOSING or code in SIGN_IN_FIRST,
        reason=f"The mail server answered {code}: {' '.join(words.split())}"[:REASON_LENGTH],
    )
