"""What happened in the audit programme, announced inside the transaction that did it."""

from django.dispatch import Signal

round_published = Signal()
"""A round was published. Sent by Round with `round`, its allocations and audits in place."""
