"""What reports announce, inside the transaction of the fact."""

from django.dispatch import Signal

report_sent = Signal()
"""Sent for review: `document`, `at`."""

report_returned = Signal()
"""Returned by whoever reviewed it: `document`, `sent_by`, `at`."""

report_published = Signal()
"""A version is published: `version`."""

brief_sent = Signal()
"""A brief is sent for review: `brief`, `at`."""

brief_returned = Signal()
"""Returned by whoever reviewed it: `brief`, `sent_by`, `at`."""

brief_published = Signal()
"""A version of a brief is published: `version`."""
