"""One connection to the mail server for a whole pass over the outbox."""

import contextlib
import smtplib
from types import TracebackType
from typing import Self

from django.core.mail import EmailMessage, get_connection

from notifications.failures import Failure, read_failure

PATIENCE = 3


class Courier:
    """Sends mails one by one over a connection that is replaced when it breaks.

    Django's EMAIL_TIMEOUT bounds each step. A server that fails three mails in a row without a word about them
    is left alone for this pass: `gave_up`.
    """

    def __init__(self) -> None:
        self._backend = get_connection()
        self._failed_in_a_row = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with contextlib.suppress(smtplib.SMTPException, OSError):
            self._backend.close()

    @property
    def gave_up(self) -> bool:
        return self._failed_in_a_row >= PATIENCE

    def send(self, mail: EmailMessage) -> tuple[Failure, Exception] | None:
        """Send one mail: None when the server took it, else what its refusal means."""
        try:
            self._backend.open()
            self._backend.send_messages([mail])
        except Exception as error:  # noqa: BLE001 - one mail's trouble must not stop the others
            failure = read_failure(error)
            if failure.server_down:
                self._failed_in_a_row += 1
                self._hang_up()
            return failure, error
        self._failed_in_a_row = 0
        return None

    def _hang_up(self) -> None:
        """Close a broken connection without the goodbye that a hung server would never answer."""
        connection = getattr(self._backend, "connection", None)
        if isinstance(connection, smtplib.SMTP):
            connection.close()
        self._backend = get_connection()
