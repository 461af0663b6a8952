"""What this app announces; an app above listens and tells the people (docs/architecture.md)."""

from django.dispatch import Signal

password_link_asked = Signal()
"""Somebody needs a link to set their password: `person`, the User. Sent inside the transaction."""
