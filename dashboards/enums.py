"""The words that reports use in the database."""

from django.db import models


class ReportStatus(models.TextChoices):
    """Where a report stands on its way to its readers."""

    DRAFT = "draft", "Draft"
    IN_REVIEW = "in_review", "In review"
    PUBLISHED = "published", "Published"


class ReportFile(models.TextChoices):
    """What a report is saved as."""

    DOCX = "docx", "Word document"
    PDF = "pdf", "PDF"
    XLSX = "xlsx", "Excel workbook"


class ReportEdition(models.TextChoices):
    """For whom a report is made out."""

    WHOLE = "whole", "Whole, for the QA team"
    BOARD = "board", "For the Board: no identifiers, small numbers left out"


class Direction(models.TextChoices):
    """On which side of a target a council wants to be."""

    AT_LEAST = "at_least", "At least"
    AT_MOST = "at_most", "At most"


LONGEST_POINT = 280
"""Characters of a point of a learning brief."""


class PointKind(models.TextChoices):
    """Under which heading of a learning brief a point stands, in their order."""

    FOUND = "found", "What audits found"
    GOOD = "good", "What good looks like"
    NEXT = "next", "What to do next"
