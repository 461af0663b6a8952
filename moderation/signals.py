"""What happened at a panel, announced inside the transaction that did it."""

from django.dispatch import Signal

member_invited = Signal()
"""Somebody was invited. Sent by PanelMember with `member`."""

member_removed = Signal()
"""Somebody who had been invited was taken off. Sent by PanelMember with `member`."""

panel_moved = Signal()
"""A panel whose invitations are out meets on another day or at another time. Sent by Panel with `panel`."""

panel_released = Signal()
"""The papers are out, with who reads what. Sent by Panel with `panel`."""

readings_given = Signal()
"""Somebody has audits to read that they did not have when the papers went out. Sent by Panel with `panel`, `given`, how
many by person, and `at`.
"""

outcome_written = Signal()
"""An auditor has an outcome. Sent by Outcome with `outcome`."""

reply_sent = Signal()
"""An auditor replied. Sent by Reply with `reply`."""

reply_decided = Signal()
"""A reply was decided. Sent by Reply with `reply`."""
