"""What the database refuses in the reports, whoever asks it (docs/domain.md, section 10)."""

from core.guards import Guard, changed

CHANGE = ("UPDATE", "DELETE")
SENTENCE = "The figures of a quarter that is frozen never change."


def frozen(row: str) -> str:
    """SQL that is true where the row belongs to a quarter that is frozen."""
    return (
        f"(SELECT r.frozen_at FROM dashboards_quarterrollup r WHERE r.id = {row}.roll_up_id) "  # noqa: S608 - ours
        "IS NOT NULL"
    )


BRIEF_SENTENCE = "The words of a brief change only while it is a draft."


def sent(row: str) -> str:
    """SQL that is true where the row belongs to a brief that is no draft."""
    return f"(SELECT b.status FROM dashboards_learningbrief b WHERE b.id = {row}.brief_id) <> 'draft'"  # noqa: S608 - ours


GUARDS = (
    Guard("frozen_roll_ups", "dashboards_quarterrollup", CHANGE, SENTENCE, "OLD.frozen_at IS NOT NULL"),
    Guard("frozen_summaries", "dashboards_quartersummary", CHANGE, SENTENCE, frozen("OLD")),
    Guard("no_more_summaries", "dashboards_quartersummary", ("INSERT",), SENTENCE, frozen("NEW")),
    Guard("frozen_allocations", "dashboards_frozenallocation", CHANGE, SENTENCE, frozen("OLD")),
    Guard("no_more_allocations", "dashboards_frozenallocation", ("INSERT",), SENTENCE, frozen("NEW")),
    Guard("restatements", "dashboards_restatement", CHANGE, "A restatement is history: it never changes."),
    Guard(
        "report_moves_stay",
        "dashboards_reportmove",
        CHANGE,
        "A move of a report is history: it is never changed and never deleted.",
    ),
    Guard(
        "report_versions_stay",
        "dashboards_reportversion",
        CHANGE,
        "A published version of a report never changes. Start a correction and publish the next.",
    ),
    Guard(
        "report_sections_in_draft",
        "dashboards_reportsection",
        CHANGE,
        "The words of a report change only while it is a draft.",
        "(SELECT d.status FROM dashboards_reportdocument d WHERE d.id = OLD.document_id) <> 'draft'",
    ),
    Guard(
        "brief_moves_stay",
        "dashboards_briefmove",
        CHANGE,
        "A move of a brief is history: it is never changed and never deleted.",
    ),
    Guard(
        "brief_versions_stay",
        "dashboards_briefversion",
        CHANGE,
        "A published version of a brief never changes. Start a correction and publish the next.",
    ),
    Guard("brief_points_in_draft", "dashboards_briefpoint", CHANGE, BRIEF_SENTENCE, sent("OLD")),
    Guard("no_more_brief_points", "dashboards_briefpoint", ("INSERT",), BRIEF_SENTENCE, sent("NEW")),
    Guard(
        "brief_words_in_draft",
        "dashboards_learningbrief",
        ("UPDATE",),
        BRIEF_SENTENCE,
        f"OLD.status <> 'draft' AND {changed('title', 'opening')}",
    ),
)
