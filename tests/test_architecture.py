"""What the layout promises (docs/architecture.md), held by reading the source."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps

ROOT = Path(__file__).resolve().parent.parent
APPS = ("core", "accounts", "notifications", "audits", "moderation", "actions", "dashboards")
PURE = (
    "actions/deadlines.py",
    "actions/recurrence.py",
    "actions/sampling.py",
    "actions/theme_seed.py",
    "actions/tracker_file.py",
    "actions/verifying.py",
    "actions/weekly.py",
    "audits/annex_a.py",
    "audits/assignment.py",
    "audits/completeness.py",
    "audits/draw.py",
    "audits/reminders.py",
    "audits/exempting.py",
    "audits/grading.py",
    "audits/involvement.py",
    "audits/smart.py",
    "audits/forms_export.py",
    "audits/ledger.py",
    "audits/mix.py",
    "audits/timescales.py",
    "core/cell_writer.py",
    "core/cells.py",
    "core/dates.py",
    "core/mapped_rows.py",
    "core/shares.py",
    "dashboards/scopes.py",
    "core/text.py",
    "dashboards/contents.py",
    "dashboards/funnel.py",
    "dashboards/control_charts.py",
    "dashboards/measures/caseload.py",
    "dashboards/measures/definition.py",
    "dashboards/measures/figure.py",
    "dashboards/measures/follow_up.py",
    "dashboards/measures/grades.py",
    "dashboards/measures/involvement.py",
    "dashboards/measures/moderation.py",
    "dashboards/measures/practice.py",
    "dashboards/measures/returns.py",
    "dashboards/measures/table.py",
    "dashboards/parts.py",
    "dashboards/names.py",
    "dashboards/prose.py",
    "dashboards/run_charts.py",
    "dashboards/small_multiples.py",
    "dashboards/suppression.py",
    "dashboards/word.py",
    "dashboards/workbook.py",
    "moderation/blind.py",
    "moderation/verdicts.py",
    "moderation/agreement.py",
    "moderation/calibrating.py",
    "moderation/earning.py",
    "moderation/rotation.py",
    "moderation/sampling.py",
    "moderation/seating.py",
)
FILE_LAYERS = (
    {"urls"},
    {"views", "management"},
    {"forms"},
    {"tasks", "receivers"},
    {"services"},
    {"permissions", "selectors"},
    {"models"},
    {"querysets"},
    {"enums", "signals"},
)
"""Inside an app, from the top: a file imports from its own layer or a lower one."""

WITHOUT_VISIBLE_TO = {
    "actions.ActionMove": "reached through its action",
    "actions.ActionSettings": "one row, behind can_change_action_settings",
    "actions.Escalation": "reached through its action",
    "actions.EscalationPause": "reached through its action",
    "actions.TrackerWeek": "no page",
    "actions.ImportedAction": "reached through its action",
    "actions.FindingTheme": "reached through its finding",
    "actions.PathMove": "reached through its step",
    "actions.PathSettings": "one row, behind can_change_path_settings",
    "actions.SampleDraw": "reached through its audit",
    "actions.TagMove": "reached through its finding",
    "actions.ThemeRule": "reached through its theme",
    "accounts.AuditorProfile": "shown and changed with its person",
    "audits.AllocationMove": "reached through its allocation",
    "audits.Answer": "reached through its audit",
    "audits.AuditDates": "reached through its audit",
    "audits.AuditEvent": "reached through its audit",
    "audits.AuditMove": "reached through its audit",
    "audits.AuditSection": "reached through its audit",
    "audits.CeilingChange": "behind can_change_ceilings",
    "audits.ConcernMove": "reached through its concern",
    "audits.ConcernSettings": "one row, behind can_change_concern_settings; its telephone numbers are for everybody",
    "audits.ConcernTold": "reached through its concern",
    "audits.FamilyAnswer": "reached through its audit",
    "audits.FamilyContact": "reached through its audit",
    "audits.FamilyFeedback": "reached through its audit",
    "audits.FollowUpSettings": "one row, behind can_change_programme_settings",
    "audits.GradeDescriptor": "reached through its tool version",
    "audits.Holding": "reached through its child",
    "audits.ImportedAudit": "reached through its audit",
    "audits.ImportReject": "reached through its import",
    "audits.ProgrammeSettings": "one row, behind can_change_programme_settings",
    "audits.BegunAction": "reached through its audit",
    "audits.ProposedAction": "reached through its audit",
    "audits.Question": "reached through its tool version",
    "audits.ToolInForce": "which version new audits take: starting one asks for no person",
    "audits.ToolVersionMove": "reached through its tool version",
    "audits.Reminder": "reached through its allocation",
    "moderation.CalibrationText": "reached through its exercise",
    "audits.UrgentNotice": "reached through its audit",
    "moderation.Conflict": "reached through its tabling",
    "moderation.DecisionLine": "reached through its decision",
    "moderation.ModerationSettings": "one row, behind can_run_moderation",
    "moderation.PanelMove": "reached through its panel",
    "moderation.ReadingDifference": "reached through its reading",
    "moderation.ReadingGrade": "reached through its reading",
    "moderation.SeatMove": "reached through its seat",
    "dashboards.BriefMove": "reached through its brief",
    "dashboards.BriefPoint": "reached through its brief",
    "dashboards.ReportMove": "reached through its report",
    "dashboards.ReportSection": "reached through its report",
    "audits.WorkerContact": "reached through its audit",
    "audits.WorkerFeedback": "reached through its audit",
    "audits.WorkerReply": "reached through its audit",
    "moderation.SpotCheckDraw": "reached through its cases",
    "dashboards.FrozenAllocation": "reached through its quarter, behind can_read_reports",
    "dashboards.QuarterRollUp": "read by figures_of, which asks can_read_figures",
    "dashboards.QuarterSummary": "read by figures_of, which asks can_read_figures",
    "dashboards.ReportSettings": "one row, behind can_change_report_settings",
    "dashboards.Target": "the council's settings, behind can_set_targets",
    "dashboards.Restatement": "read by figures_of, which asks can_read_figures",
    "notifications.Heartbeat": "no page",
    "notifications.MailGate": "no page",
}
"""Models that no request reaches by themselves, and why."""


class WithoutTypeImports(ast.NodeTransformer):
    """Leaves out what is imported for the type checker alone."""

    def visit_If(self, node: ast.If) -> ast.AST | None:
        return None if ast.unparse(node.test) == "TYPE_CHECKING" else self.generic_visit(node)


def imports_of(path: Path) -> Iterator[str]:
    """Every module, and every name of one, that the file imports when it runs."""
    for node in ast.walk(WithoutTypeImports().visit(ast.parse(path.read_text(encoding="utf-8")))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("module", PURE)
def test_pure_arithmetic_knows_no_django(module: str) -> None:
    assert [name for name in imports_of(ROOT / module) if name.split(".")[0] == "django"] == []


def layer_of(app: str, module: str) -> int | None:
    parts = module.split(".")
    if parts[0] != app or len(parts) < 2:
        return None
    return next((number for number, names in enumerate(FILE_LAYERS) if parts[1] in names), None)


def test_inside_an_app_imports_go_down() -> None:
    wrong = []
    for app in APPS:
        for path in (ROOT / app).rglob("*.py"):
            own = layer_of(app, ".".join(path.relative_to(ROOT).with_suffix("").parts))
            if own is None:
                continue
            for name in imports_of(path):
                layer = layer_of(app, name)
                if layer is not None and layer < own:
                    wrong.append(f"{path.relative_to(ROOT)} imports {name}")
    assert wrong == []


def test_the_check_of_layers_sees_an_import_that_goes_up() -> None:
    """The twin of the test above."""
    services, views = layer_of("audits", "audits.services.audits"), layer_of("audits", "audits.views.audits")
    assert services is not None
    assert views is not None
    assert views < services


@pytest.mark.parametrize("path", sorted((ROOT / "templates").rglob("*.html")), ids=lambda path: path.name)
def test_templates_escape_everything_and_carry_no_script_or_style(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert re.findall(r"\|\s*safe\b|autoescape off|\bstyle=|\bon[a-z]+=\"|<style|javascript:", text) == []
    assert re.findall(r"<script(?![^>]*\bsrc=)", text) == []
    assert re.findall(r"(?:src|href)=\"(?:https?:)?//", text) == []


def test_every_model_that_a_request_can_reach_is_scoped_to_the_person() -> None:
    unscoped = {
        model._meta.label
        for app in APPS
        for model in apps.get_app_config(app).get_models()
        if not hasattr(model._default_manager.all(), "visible_to")
    }
    assert unscoped == set(WITHOUT_VISIBLE_TO)
