"""What happened to an action, announced inside the transaction that did it. Each is sent by Action with `action`,
`by` (None for the system) and `at`.
"""

from django.dispatch import Signal

action_opened = Signal()
action_returned = Signal()
action_assigned = Signal()
action_completed = Signal()
action_verified = Signal()
cancellation_asked = Signal()
cancellation_decided = Signal()
