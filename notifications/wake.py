"""Tells a sender that rows are waiting. The rows are the truth: a lost call costs seconds, never a mail."""


def wake_sender() -> None:
    """Ask for a pass over the outbox."""
