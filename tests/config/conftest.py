"""Messages to look at, as the tests of the outbox have them."""

from tests.notifications.conftest import new_message, note

__all__ = ("new_message", "note")
