"""Where a message is on its way."""

from django.db import models


class MessageStatus(models.TextChoices):
    """Queued rows are tried when they are due; the other three are final until somebody sends again."""

    QUEUED = "queued", "Waiting"
    SENT = "sent", "Sent"
    DEAD = "dead", "Could not be sent"
    WITHDRAWN = "withdrawn", "Not sent: no longer wanted"
