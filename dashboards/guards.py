"""What the database refuses to change of reports (docs/adr/0021-guards.md)."""

from core.guards import Guard

CHANGE = ("UPDATE", "DELETE")

GUARDS = (
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
        "export_records_stay",
        "dashboards_exportrecord",
        CHANGE,
        "What somebody saved is history: it is never changed and never deleted.",
    ),
    Guard(
        "report_sections_in_draft",
        "dashboards_reportsection",
        CHANGE,
        "The words of a report change only while it is a draft.",
        "(SELECT d.status FROM dashboards_reportdocument d WHERE d.id = OLD.document_id) <> 'draft'",
    ),
)
