"""The moves that panels and seats may make, as data. Services check it, buttons read it."""

from core.errors import RuleViolation
from moderation.enums import PanelStatus, SeatStatus

PANEL_MOVES: dict[str, PanelStatus | None] = {
    PanelStatus.DRAFT: PanelStatus.CONVENED,
    PanelStatus.CONVENED: PanelStatus.RELEASED,
    PanelStatus.RELEASED: PanelStatus.MEETING,
    PanelStatus.MEETING: PanelStatus.CLOSED,
    PanelStatus.CLOSED: None,
}
"""What follows what. Nothing goes back: what was told stays told."""

PANEL_REFUSALS: dict[str, str] = {
    PanelStatus.DRAFT: "This panel is still being prepared. Send its invitations first.",
    PanelStatus.CONVENED: "The invitations of this panel are out. Release its papers next.",
    PanelStatus.RELEASED: "The papers of this panel are out. Start its meeting next.",
    PanelStatus.MEETING: "This panel is meeting. Decide what is on the table and close it.",
    PanelStatus.CLOSED: "This panel is closed. What it decided stays as it is.",
}
"""Why another move is refused, and what can be done instead."""

SEAT_MOVES: dict[str, frozenset[str]] = {
    "": frozenset({SeatStatus.PROPOSED}),
    SeatStatus.PROPOSED: frozenset({SeatStatus.INVITED, SeatStatus.REMOVED}),
    SeatStatus.INVITED: frozenset({SeatStatus.ACCEPTED, SeatStatus.DECLINED, SeatStatus.REMOVED}),
    SeatStatus.ACCEPTED: frozenset({SeatStatus.DECLINED, SeatStatus.REMOVED}),
    SeatStatus.DECLINED: frozenset({SeatStatus.ACCEPTED, SeatStatus.PROPOSED}),
    SeatStatus.REMOVED: frozenset({SeatStatus.PROPOSED}),
}
"""Somebody who declined may think again; somebody taken off may be asked again."""

SEAT_REFUSALS: dict[str, str] = {
    SeatStatus.PROPOSED: "This seat has not been offered yet.",
    SeatStatus.INVITED: "This person has been invited and has not answered yet.",
    SeatStatus.ACCEPTED: "This person has accepted.",
    SeatStatus.DECLINED: "This person has declined.",
    SeatStatus.REMOVED: "This person was taken off the panel.",
}


def check_panel_move(from_status: str, to_status: str) -> None:
    """Return when the move is allowed.

    Raises:
        RuleViolation: it is not.

    """
    if PANEL_MOVES[from_status] != to_status:
        raise RuleViolation(PANEL_REFUSALS[from_status])


def check_seat_move(from_status: str, to_status: str) -> None:
    """Return when the move is allowed.

    Raises:
        RuleViolation: it is not.

    """
    if to_status not in SEAT_MOVES[from_status]:
        raise RuleViolation(SEAT_REFUSALS[from_status])
