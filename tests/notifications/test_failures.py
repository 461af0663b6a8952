"""What each answer of a mail server means."""

import smtplib

import pytest

from notifications.failures import Failure, read_failure

CANNOT_TAKE = "The mail server cannot take this address."


@pytest.mark.parametrize(
    ("error", "failure"),
    [
        (
            smtplib.SMTPRecipientsRefused({"a@council.example": (550, b"No such\r\nuser")}),
            Failure(True, False, "The mail server answered 550: No such user"),
        ),
        (
            smtplib.SMTPRecipientsRefused({"a@council.example": (451, b"Greylisted")}),
            Failure(False, False, "The mail server answered 451: Greylisted"),
        ),
        (
            smtplib.SMTPDataError(554, b"Refused \xff"),
            Failure(True, False, "The mail server answered 554: Refused \N{REPLACEMENT CHARACTER}"),
        ),
        (smtplib.SMTPDataError(452, "Full"), Failure(False, False, "The mail server answered 452: Full")),
        (
            smtplib.SMTPDataError(421, b"Closing"),
            Failure(False, True, "The mail server answered 421: Closing"),
        ),
        (
            smtplib.SMTPSenderRefused(530, b"Sign in first", "no-reply@council.example"),
            Failure(False, True, "The mail server answered 530: Sign in first"),
        ),
        (
            smtplib.SMTPAuthenticationError(535, b"Wrong password"),
            Failure(False, True, "The mail server answered 535: Wrong password"),
        ),
        (
            smtplib.SMTPConnectError(554, b"Go away"),
            Failure(False, True, "The mail server answered 554: Go away"),
        ),
        (smtplib.SMTPNotSupportedError("SMTPUTF8"), Failure(True, False, CANNOT_TAKE)),
        (UnicodeEncodeError("ascii", "ü", 0, 1, "no"), Failure(True, False, CANNOT_TAKE)),
        (
            smtplib.SMTPServerDisconnected("gone"),
            Failure(False, True, "The mail server hung up or did not answer in time."),
        ),
        (TimeoutError(), Failure(False, True, "The mail server did not answer in time.")),
        (ConnectionRefusedError(), Failure(False, True, "The mail server could not be reached.")),
        (
            ZeroDivisionError(),
            Failure(False, True, "Sending failed in a way that nobody foresaw; the log says more."),
        ),
    ],
)
def test_an_answer_is_read(error: Exception, failure: Failure) -> None:
    assert read_failure(error) == failure


def test_a_long_answer_is_cut() -> None:
    reason = read_failure(smtplib.SMTPDataError(550, b"x" * 2000)).reason
    assert len(reason) == 300
