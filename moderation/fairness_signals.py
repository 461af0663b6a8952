"""What happened to earned exemptions and calibration, announced inside the transaction that did it."""

from django.dispatch import Signal

earned_exemption_decided = Signal()
"""An earned exemption was granted or declined. Sent by EarnedExemption with `exemption`."""

earned_exemption_ended = Signal()
"""An earned exemption ended. Sent by EarnedExemption with `exemption`."""

calibration_opened = Signal()
"""A calibration exercise is open. Sent by CalibrationExercise with `exercise`."""
