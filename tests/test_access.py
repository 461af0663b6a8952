"""Every address of the service, with who may open it. An address without an expectation fails the suite."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from accounts.enums import JobRole, Role
from accounts.models import User
from actions.models import Finding, Theme
from actions.services.dip_samples import propose_dip_sample
from actions.services.hand_offs import open_hand_off
from actions.services.paths import begin_path
from audits.annex_a import read_caseload
from audits.enums import AllocationStatus, AuditStatus, Grade, RoundStatus
from audits.models import AuditEvent, Closure, TimescaleRule, Tool, ToolVersion
from audits.services.caseload import preview_import
from audits.services.concerns import Telephoned, raise_concern
from audits.services.moves import propose_reopening
from audits.services.tool_approval import propose_version
from audits.services.tool_drafts import remove_question, start_draft
from audits.services.urgent import tell_managers_of_inadequate
from core.dates import Quarter, add_months
from dashboards.enums import PointKind
from dashboards.models import LearningBrief
from dashboards.services.briefs import Point, add_point, publish_brief, send_brief, start_brief
from dashboards.services.reports import publish_report, send_report, start_report
from dashboards.services.targets import Typed, type_figure
from moderation.models import Outcome
from moderation.services.outcomes import reply_to_outcome
from moderation.services.panels import close_panel
from notifications.enums import MessageStatus
from notifications.models import Message
from tests.factories.accounts import TeamFactory, auditor, person, service_manager, team_manager
from tests.factories.actions import ActionFactory
from tests.factories.annex_a import annex_a, row
from tests.factories.audits import (
    ActivityRecordFactory,
    AllocationFactory,
    ExemptionFactory,
    RoundFactory,
    audit_at,
    submitted_audit,
)
from tests.factories.fairness import calibration, earned_exemption
from tests.factories.moderation import decided, draft_panel, met_panel, moderator, released_panel, seat_of

pytestmark = pytest.mark.django_db

WHO = (
    "auditor",
    "colleague",
    "moderator",
    "team_manager",
    "service_manager",
    "senior_leader",
    "qa_lead",
    "psw",
    "business_support",
    "information_governance",
    "system_administrator",
    "stranger",
)
"""The auditor wrote the audit of this world; the colleague is another auditor of the same team; the moderator is one
of another service, who sits on its panels."""

EVERYBODY = frozenset(WHO)
NOBODY: frozenset[str] = frozenset()
READERS = frozenset({"qa_lead", "psw"})
PROGRAMME = READERS | {"business_support"}
AUDITORS = frozenset({"auditor", "colleague"})
OWNER = frozenset({"auditor"})
QA_LEAD = frozenset({"qa_lead"})
PEOPLE = frozenset({"business_support", "system_administrator"})
MAIL_ROOM = frozenset({"qa_lead", "psw", "system_administrator"})


@dataclass(frozen=True)
class Expected:
    """Who may open an address; everybody else gets 404, and nobody without signing in unless it is `public`."""

    who: frozenset[str]
    kwargs: dict[str, str] = field(default_factory=dict)
    post_only: bool = False
    public: bool = False
    signed_out: int = 302
    """What an address that is not public answers to a stranger: to a script 401, where a person is sent to sign in."""


MANAGERS = frozenset({"team_manager", "service_manager"})
"""Of the team that the auditor works in, and of its service."""
LEADERS = frozenset({"senior_leader"})

AUDITORS = frozenset({"auditor", "colleague", "moderator"})
MODERATOR = frozenset({"moderator"})

AUDIT = {"reference": "audit"}
URGENT = {"reference": "urgent_audit"}
FINAL = {"reference": "final"}
"""Of the team that has a manager, with a reopening that waits."""
DRAFT_PANEL = {"reference": "draft_panel"}
PANEL = {"reference": "panel"}
MEETING = {"reference": "meeting"}
CLOSED_PANEL = {"reference": "closed_panel"}
OUTCOME = {"pk": "outcome"}
GIVEN = {**AUDIT, "month": "published"}
PERSON = {"pk": "person"}
DRAFT = {"code": "tool", "number": "draft"}
PROPOSED = {"code": "proposed_tool", "number": "draft"}
ROUND = {"month": "month"}
REPORT = {"period": "quarter"}
PUBLISHED = {"period": "published_quarter", "number": "version"}
PUBLISHED_READERS = READERS | {"senior_leader", "service_manager"}
BRIEF_READERS = READERS | AUDITORS | MANAGERS | LEADERS
BRIEF = {"reference": "brief"}
PUBLISHED_BRIEF = {"reference": "published_brief", "number": "version"}
EXPECTED: dict[str, Expected] = {
    "my_work": Expected(EVERYBODY),
    "account_login": Expected(EVERYBODY, public=True),
    "account_logout": Expected(EVERYBODY, public=True),
    "account_reset_password": Expected(EVERYBODY, public=True),
    "account_reset_password_done": Expected(EVERYBODY, public=True),
    "account_reset_password_from_key": Expected(EVERYBODY, {"uidb36": "uid", "key": "key"}, public=True),
    "account_reset_password_from_key_done": Expected(EVERYBODY, public=True),
    "health_live": Expected(EVERYBODY, public=True),
    "health_ready": Expected(EVERYBODY, public=True),
    "health_deep": Expected(
        EVERYBODY, public=True
    ),  # from this machine, as here; tests/config/test_health.py
    "help:accessibility": Expected(EVERYBODY, public=True),
    "help:privacy": Expected(EVERYBODY, public=True),
    "help:index": Expected(EVERYBODY),
    "help:grading": Expected(EVERYBODY),
    "help:moderation": Expected(EVERYBODY),
    "help:your_audit": Expected(EVERYBODY),
    "help:your_actions": Expected(EVERYBODY),
    "help:at_risk": Expected(EVERYBODY),
    "help:glossary": Expected(EVERYBODY),
    "help:involving": Expected(EVERYBODY),
    "accounts:account_detail": Expected(EVERYBODY),
    "accounts:password_change": Expected(EVERYBODY),
    "accounts:person_list": Expected(PEOPLE),
    "accounts:person_add": Expected(PEOPLE),
    "accounts:person_detail": Expected(PEOPLE, PERSON),
    "accounts:person_edit": Expected(PEOPLE, PERSON),
    "accounts:person_deactivate": Expected(PEOPLE, PERSON),
    "accounts:person_reactivate": Expected(PEOPLE, {"pk": "inactive_person"}),
    "accounts:person_send_link": Expected(PEOPLE, PERSON, post_only=True),
    "accounts:auditor_edit": Expected(PEOPLE, PERSON),
    "accounts:role_grant": Expected(PEOPLE, {**PERSON, "held_in": "held_in"}),
    "accounts:role_end": Expected(PEOPLE, {**PERSON, "membership": "membership"}),
    "accounts:team_list": Expected(PEOPLE),
    "accounts:team_add": Expected(PEOPLE),
    "accounts:team_edit": Expected(PEOPLE, {"pk": "team"}),
    "accounts:service_list": Expected(PEOPLE),
    "accounts:service_add": Expected(PEOPLE),
    "accounts:service_edit": Expected(PEOPLE, {"pk": "service"}),
    "audits:audit_list": Expected(EVERYBODY),
    "audits:audit_detail": Expected(OWNER | READERS, AUDIT),
    "audits:audit_start": Expected(OWNER, AUDIT, post_only=True),
    "audits:audit_check": Expected(OWNER, AUDIT),
    "audits:good_practice_list": Expected(READERS),
    "audits:worker_log": Expected(OWNER, AUDIT),
    "audits:worker_feedback": Expected(OWNER, AUDIT),
    "audits:worker_contact_remove": Expected(OWNER, {**AUDIT, "pk": "contact"}, post_only=True),
    "audits:worker_reply": Expected(MANAGERS, AUDIT),
    "audits:family_log": Expected(OWNER, AUDIT),
    "audits:family_contact_remove": Expected(OWNER, {**AUDIT, "pk": "contact"}, post_only=True),
    "audits:family_person": Expected(OWNER, {**AUDIT, "person": "mother"}),
    "audits:action_list": Expected(OWNER, AUDIT),
    "audits:action_add": Expected(OWNER, AUDIT),
    "audits:action_edit": Expected(OWNER, {**AUDIT, "pk": "action"}),
    "audits:action_remove": Expected(OWNER, {**AUDIT, "pk": "action"}, post_only=True),
    "follow_up_settings_edit": Expected(READERS),
    "setup": Expected(READERS | PEOPLE),
    "audits:audit_return": Expected(READERS, AUDIT),
    "audits:audit_void": Expected(READERS, AUDIT),
    "audits:reopening_propose": Expected(frozenset({"qa_lead"}), AUDIT),
    "audits:reopening_decide": Expected(frozenset({"psw"}), FINAL),
    "audits:audit_history": Expected(OWNER | READERS | MANAGERS | {"senior_leader"}, FINAL),
    "audits:audit_print": Expected(OWNER | READERS | MANAGERS | {"senior_leader"}, FINAL),
    "audits:audit_pdf": Expected(OWNER | READERS | MANAGERS | {"senior_leader"}, FINAL),
    "reading_log": Expected(EVERYBODY),
    "audits:date_list": Expected(OWNER | READERS, AUDIT),
    "audits:circumstances_edit": Expected(OWNER, AUDIT, post_only=True),
    "audits:date_remove": Expected(OWNER, {**AUDIT, "pk": "date"}, post_only=True),
    "audits:section_edit": Expected(OWNER, {**AUDIT, "section": "section"}),
    "audits:section_autosave": Expected(OWNER, {**AUDIT, "section": "section"}, signed_out=401),
    "audits:action_add_autosave": Expected(OWNER, AUDIT, signed_out=401),
    "audits:action_edit_autosave": Expected(OWNER, {**AUDIT, "pk": "action"}, signed_out=401),
    "audits:action_give_up": Expected(OWNER, {**AUDIT, "token": "begun"}, post_only=True),
    "audits:worker_feedback_autosave": Expected(OWNER, AUDIT, signed_out=401),
    "audits:family_person_autosave": Expected(OWNER, {**AUDIT, "person": "mother"}, signed_out=401),
    "audits:audit_urgent": Expected(READERS | MANAGERS | LEADERS, {"reference": "urgent_audit"}),
    "concerns:concern_raise": Expected(EVERYBODY),
    "concerns:concern_list": Expected(EVERYBODY),
    "concerns:concern_detail": Expected(OWNER | READERS | MANAGERS | LEADERS, {"pk": "concern"}),
    "concerns:concern_acknowledge": Expected(READERS | MANAGERS | LEADERS, {"pk": "concern"}, post_only=True),
    "concerns:concern_close": Expected(READERS | MANAGERS | LEADERS, {"pk": "concern"}, post_only=True),
    "ceilings:ceiling_list": Expected(READERS),
    "ceilings:ceiling_edit": Expected(READERS, {"code": "ceiling"}),
    "concern_settings_edit": Expected(READERS),
    "caseload:child_list": Expected(PROGRAMME),
    "caseload:child_detail": Expected(PROGRAMME, {"pk": "child"}),
    "caseload:import_list": Expected(PROGRAMME),
    "caseload:import_upload": Expected(PROGRAMME),
    "caseload:import_detail": Expected(PROGRAMME, {"pk": "import"}),
    "caseload:import_apply": Expected(PROGRAMME, {"pk": "import"}, post_only=True),
    "caseload:import_discard": Expected(PROGRAMME, {"pk": "import"}, post_only=True),
    "programme:round_list": Expected(PROGRAMME),
    "programme:round_draw": Expected(PROGRAMME),
    "programme:round_detail": Expected(PROGRAMME, ROUND),
    "programme:round_publish": Expected(READERS, ROUND),
    "programme:allocation_swap": Expected(PROGRAMME, {**ROUND, "reference": "proposed"}),
    "programme:allocation_detail": Expected(PROGRAMME | MANAGERS | OWNER, GIVEN),
    "programme:allocation_excuse": Expected(READERS, GIVEN),
    "programme:allocation_withdraw": Expected(READERS, GIVEN),
    "programme:allocation_extend": Expected(READERS, GIVEN),
    "programme:allocation_reallocate": Expected(READERS, GIVEN),
    "programme:round_close": Expected(READERS, {"month": "published"}),
    "programme:round_withdraw_left": Expected(READERS, {"month": "published"}),
    "programme:ledger_year": Expected(PROGRAMME | MANAGERS),
    "programme:ledger_month": Expected(PROGRAMME | MANAGERS, {"month": "published"}),
    "programme:activity_list": Expected(READERS),
    "programme:activity_detail": Expected(OWNER | READERS, {"reference": "activity"}),
    "programme:exemption_list": Expected(EVERYBODY),
    "programme:exemption_request": Expected(PROGRAMME | AUDITORS),
    "programme:exemption_detail": Expected(PROGRAMME | {"colleague"}, {"pk": "exemption"}),
    "programme:exemption_end": Expected(READERS, {"pk": "exemption"}, post_only=True),
    "programme:year_calendar": Expected(PROGRAMME),
    "programme_settings_edit": Expected(READERS),
    "return_list": Expected(PROGRAMME | {"team_manager", "service_manager"}),
    "closures:closure_list": Expected(PROGRAMME),
    "closures:closure_remove": Expected(READERS, {"pk": "closure"}, post_only=True),
    "moderation:panel_list": Expected(AUDITORS | READERS),
    "moderation:attendance": Expected(READERS),
    "moderation:panel_detail": Expected(MODERATOR | READERS, PANEL),
    "moderation:panel_edit": Expected(READERS, DRAFT_PANEL),
    "moderation:panel_propose": Expected(READERS, DRAFT_PANEL, post_only=True),
    "moderation:member_add": Expected(READERS, PANEL),
    "moderation:member_remove": Expected(READERS, {**PANEL, "pk": "seat"}),
    "moderation:invitation": Expected(MODERATOR | {"qa_lead"}, PANEL),
    "moderation:panel_convene": Expected(READERS, DRAFT_PANEL),
    "moderation:panel_release": Expected(READERS, PANEL),
    "moderation:panel_table": Expected(MODERATOR | READERS, PANEL),
    "moderation:table_add": Expected(READERS, PANEL),
    "moderation:table_remove": Expected(READERS, {**PANEL, "audit": "tabled"}, post_only=True),
    "moderation:panel_readings": Expected(READERS, PANEL),
    "moderation:reading": Expected(MODERATOR, {**PANEL, "audit": "tabled"}),
    "moderation:meeting_start": Expected(READERS, PANEL),
    "moderation:meeting": Expected(READERS, MEETING),
    "moderation:meeting_audit": Expected(READERS, {**MEETING, "audit": "discussed"}),
    "moderation:decision_take_back": Expected(
        frozenset({"qa_lead"}), {**MEETING, "audit": "discussed"}, post_only=True
    ),
    "moderation:panel_close": Expected(READERS, MEETING),
    "moderation:panel_outcomes": Expected(MODERATOR | READERS, CLOSED_PANEL),
    "moderation:outcome_list": Expected(EVERYBODY),
    "moderation:outcome_detail": Expected(OWNER | READERS, OUTCOME),
    "moderation:outcome_acknowledge": Expected(OWNER, OUTCOME, post_only=True),
    "moderation:reply_decide": Expected(frozenset({"psw"}), OUTCOME),
    "moderation_settings_edit": Expected(READERS),
    "paths:path_list": Expected(READERS | MANAGERS | LEADERS),
    "paths:path_detail": Expected(READERS | MANAGERS | LEADERS, URGENT),
    "paths:step_record": Expected(READERS | MANAGERS | LEADERS, {**URGENT, "kind": "review"}),
    "paths:reaudit_list": Expected(READERS),
    "paths:reaudit_give": Expected(READERS, URGENT),
    "paths:reaudit_drop": Expected(READERS, URGENT),
    "paths:hand_off_list": Expected(READERS | MANAGERS),
    "paths:hand_off_detail": Expected(READERS | MANAGERS, URGENT),
    "paths:theme_list": Expected(READERS),
    "paths:theme_add": Expected(READERS),
    "paths:theme_detail": Expected(READERS, {"code": "theme"}),
    "paths:theme_edit": Expected(READERS, {"code": "theme"}),
    "paths:theme_retire": Expected(READERS, {"code": "theme"}, post_only=True),
    "paths:dip_sample_propose": Expected(READERS, {"code": "theme"}),
    "paths:team_action": Expected(READERS, {"code": "theme", "team": "team"}),
    "paths:finding_list": Expected(READERS),
    "paths:finding_tag": Expected(READERS, {"pk": "finding"}),
    "paths:dip_sample_list": Expected(READERS),
    "paths:dip_sample_detail": Expected(READERS, {"pk": "dip_sample"}),
    "path_settings_edit": Expected(READERS),
    "timescales:rule_list": Expected(READERS),
    "timescales:rule_detail": Expected(READERS, {"duty": "duty"}),
    "timescales:rule_withdraw": Expected(READERS, {"duty": "duty", "pk": "rule"}, post_only=True),
    "tools:tool_list": Expected(READERS),
    "tools:tool_detail": Expected(READERS, {"code": "tool"}),
    "tools:tool_version_detail": Expected(READERS, {"code": "tool", "number": "number"}),
    "fairness:case_list": Expected(READERS),
    "fairness:earned_list": Expected(READERS),
    "fairness:earned_detail": Expected(READERS | {"colleague"}, {"pk": "earned"}),
    "fairness:agreement_year": Expected(READERS),
    "fairness:agreement_mine": Expected(AUDITORS),
    "fairness:agreement_auditor": Expected(READERS, {"pk": "person"}),
    "fairness:calibration_list": Expected(READERS | AUDITORS),
    "fairness:calibration_prepare": Expected(READERS),
    "fairness:calibration_detail": Expected(READERS | AUDITORS, {"reference": "calibration"}),
    "fairness:calibration_open": Expected(READERS, {"reference": "calibration_draft"}),
    "fairness:calibration_text_edit": Expected(
        READERS, {"reference": "calibration_draft", "section": "section"}
    ),
    "fairness_settings_edit": Expected(READERS),
    "tools:tool_new": Expected(QA_LEAD),
    "tools:tool_import": Expected(QA_LEAD),
    "tools:draft_start": Expected(QA_LEAD, {"code": "tool"}, post_only=True),
    "tools:tool_changes": Expected(READERS, DRAFT),
    "tools:tool_export": Expected(READERS, DRAFT),
    "tools:tool_preview": Expected(READERS, {**DRAFT, "pathway": "tool", "section": "section"}),
    "tools:draft_edit": Expected(QA_LEAD, DRAFT),
    "tools:draft_pathways": Expected(QA_LEAD, DRAFT),
    "tools:draft_section": Expected(QA_LEAD, {**DRAFT, "section": "section"}),
    "tools:draft_descriptors": Expected(QA_LEAD, {**DRAFT, "section": "section"}),
    "tools:draft_propose": Expected(QA_LEAD, DRAFT),
    "tools:draft_discard": Expected(QA_LEAD, DRAFT),
    "tools:question_add": Expected(QA_LEAD, {**DRAFT, "section": "section"}),
    "tools:question_edit": Expected(QA_LEAD, {**DRAFT, "question": "question"}),
    "tools:question_move": Expected(QA_LEAD, {**DRAFT, "question": "question"}, post_only=True),
    "tools:question_remove": Expected(QA_LEAD, {**DRAFT, "question": "question"}),
    "tools:version_decide": Expected(frozenset({"psw"}), PROPOSED),
    "tools:version_take_back": Expected(QA_LEAD, PROPOSED, post_only=True),
    "report_settings_edit": Expected(READERS),
    "export_list": Expected(EVERYBODY),
    "actions:my_actions": Expected(EVERYBODY),
    "actions:verification": Expected(READERS),
    "actions:tracker": Expected(READERS | MANAGERS | LEADERS),
    "actions:loop": Expected(READERS | MANAGERS | LEADERS),
    "actions:action_raise": Expected(READERS),
    "action_settings_edit": Expected(READERS),
    "actions:board_list": Expected(READERS | LEADERS),
    "actions:view_list": Expected(READERS | MANAGERS | LEADERS),
    "actions:view_delete": Expected(NOBODY, {"pk": "membership"}, post_only=True),
    "actions:action_detail": Expected(READERS | MANAGERS | LEADERS, {"reference": "follow_up"}),
    "dashboards:quarter_list": Expected(READERS),
    "dashboards:measure_list": Expected(READERS | MANAGERS | LEADERS | AUDITORS),
    "dashboards:quarter_detail": Expected(READERS, {"quarter": "quarter"}),
    "dashboards:quarter_restate": Expected(READERS, {"quarter": "quarter"}),
    "dashboards:dashboard": Expected(READERS | MANAGERS | LEADERS | AUDITORS),
    "dashboards:dashboard_subject": Expected(READERS | MANAGERS | LEADERS | AUDITORS, {"key": "subject"}),
    "dashboards:dashboard_file": Expected(
        READERS | MANAGERS | LEADERS | AUDITORS, {"key": "subject", "ident": "table", "as_format": "format"}
    ),
    "target_list": Expected(READERS),
    "dashboards:performance_figure_list": Expected(READERS),
    "dashboards:performance_figure_add": Expected(READERS),
    "dashboards:performance_figure_edit": Expected(READERS, {"pk": "performance_figure"}),
    "dashboards:performance_figure_remove": Expected(READERS, {"pk": "performance_figure"}, post_only=True),
    "dashboards:brief_list": Expected(BRIEF_READERS),
    "dashboards:brief_start": Expected(READERS),
    "dashboards:brief_detail": Expected(READERS, BRIEF),
    "dashboards:brief_words": Expected(READERS, BRIEF),
    "dashboards:brief_choose": Expected(READERS, BRIEF),
    "dashboards:brief_take": Expected(
        READERS, {**BRIEF, "source": "finding_source", "pk": "finding"}, post_only=True
    ),
    "dashboards:point_add": Expected(READERS, BRIEF),
    "dashboards:point_edit": Expected(READERS, {**BRIEF, "pk": "point"}),
    "dashboards:point_remove": Expected(READERS, {**BRIEF, "pk": "point"}, post_only=True),
    "dashboards:brief_move": Expected(READERS, {**BRIEF, "move": "report_move"}),
    "dashboards:brief_version": Expected(BRIEF_READERS, PUBLISHED_BRIEF),
    "dashboards:brief_version_file": Expected(BRIEF_READERS, {**PUBLISHED_BRIEF, "kind": "brief_file"}),
    "dashboards:version_list": Expected(PUBLISHED_READERS),
    "dashboards:version_detail": Expected(PUBLISHED_READERS, PUBLISHED),
    "dashboards:version_file": Expected(READERS, PUBLISHED),
    "dashboards:report_detail": Expected(READERS, REPORT),
    "dashboards:report_start": Expected(READERS, REPORT, post_only=True),
    "dashboards:report_preview": Expected(READERS, REPORT),
    "dashboards:report_file": Expected(READERS, REPORT),
    "dashboards:report_section": Expected(READERS, {**REPORT, "key": "part"}),
    "dashboards:report_move": Expected(READERS, {**REPORT, "move": "report_move"}),
    "notifications:message_list": Expected(MAIL_ROOM),
    "notifications:message_resend": Expected(MAIL_ROOM, {"pk": "message"}, post_only=True),
    "notifications:message_set_aside": Expected(MAIL_ROOM, {"pk": "message"}, post_only=True),
}


def names_of(patterns: list[URLPattern | URLResolver], namespace: str = "") -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from names_of(pattern.url_patterns, inner)
        else:
            yield f"{namespace}{pattern.name}"


def test_every_address_has_an_expectation_and_every_expectation_an_address() -> None:
    assert sorted(names_of(get_resolver().url_patterns)) == sorted(EXPECTED)


@dataclass
class World:
    """One of everything that an address can name, and one person of each kind."""

    people: dict[str, User]
    named: dict[str, Any]

    def __post_init__(self) -> None:
        self.named = Named(self.people, self.named)

    def url(self, name: str) -> str:
        return reverse(name, kwargs={key: self.named[value] for key, value in EXPECTED[name].kwargs.items()})


class Named(dict[str, Any]):
    """What addresses name; the panels are made when the first address asks for one, since they take a while."""

    def __init__(self, people: dict[str, User], named: dict[str, Any]) -> None:
        super().__init__(named)
        self.people = people

    def __missing__(self, name: str) -> Any:
        self.update(panels_of(self.people))
        return self[name]


def panels_of(people: dict[str, User]) -> dict[str, Any]:
    """A panel at each status that addresses need. The QA lead chairs; only the moderator may read what is tabled."""
    chair, mona = people["qa_lead"], people["moderator"]
    felix = moderator("Felix Fairfax", "Permanence")
    User.objects.filter(pk=people["auditor"].pk).update(line_manager=felix)
    this_month = timezone.localdate().replace(day=1)
    audits = [submitted_audit(by=people["auditor"]) for _ in range(3)]
    sitting: dict[str, Any] = {"chair": chair, "moderators": [mona, felix]}
    closed = met_panel(audits[0], **sitting, month=add_months(this_month, -1))
    decided(closed.tablings.get(), by=chair)
    close_panel(closed, by=chair)
    outcome = Outcome.objects.get()
    reply_to_outcome(outcome, text="I disagree.", by=people["auditor"])
    meeting = met_panel(audits[1], **sitting, month=add_months(this_month, 1))
    panel = released_panel(audits[2], **sitting)
    return {
        "draft_panel": draft_panel(add_months(this_month, 2)).reference,
        "panel": panel.reference,
        "seat": seat_of(panel, felix).pk,
        "tabled": audits[2].allocation.reference,
        "meeting": meeting.reference,
        "discussed": audits[1].allocation.reference,
        "closed_panel": closed.reference,
        "outcome": outcome.pk,
    }


@dataclass(frozen=True)
class PublishedReport:
    period: Quarter
    version: int


def published_report(people: dict[str, User]) -> PublishedReport:
    """The report of the quarter before this one, published; that of this quarter is a draft."""
    this = Quarter.of(timezone.localdate())
    start_report(this, by=people["qa_lead"])
    document = start_report(this.previous(), by=people["qa_lead"])
    send_report(document, by=people["qa_lead"])
    return PublishedReport(this.previous(), publish_report(document, by=people["psw"]).number)


def published_brief(people: dict[str, User]) -> LearningBrief:
    brief = start_brief("Hearing fathers", by=people["qa_lead"])
    for kind in (PointKind.FOUND, PointKind.GOOD):
        add_point(brief, Point(kind, "He was asked."), by=people["qa_lead"])
    send_brief(brief, by=people["qa_lead"])
    return publish_brief(brief, by=people["psw"]).brief


@pytest.fixture
def world() -> World:
    return made_world()


def made_world() -> World:
    north = TeamFactory(name="North")
    people = {
        "auditor": auditor("Asha Auditor", team=north),
        "colleague": auditor("Cora Colleague", team=north),
        "moderator": moderator("Mona Moderator", "Safeguarding"),
        "team_manager": team_manager("Meera Manager", north),
        "service_manager": service_manager("Sanjay Service", north.service),
        "senior_leader": person("Lena Leader", Role.SENIOR_LEADER, job_role=JobRole.DIRECTOR),
        "qa_lead": person("Quentin Lead", Role.QA_LEAD),
        "psw": person("Priya Principal", Role.PSW),
        "business_support": person("Bella Support", Role.BUSINESS_SUPPORT),
        "information_governance": person("Ian Records", Role.INFORMATION_GOVERNANCE),
        "system_administrator": person("Sid Systems", Role.SYSTEM_ADMINISTRATOR),
        "stranger": person("Stella Stranger"),
    }
    audit = submitted_audit(by=people["auditor"], allocation={"child__team": north})
    urgent = submitted_audit(
        by=people["auditor"],
        overall=Grade.INADEQUATE,
        month=add_months(timezone.localdate().replace(day=1), -1),
        allocation={"child__team": north},
    )
    tell_managers_of_inadequate(urgent, at=timezone.now())
    begin_path(urgent, at=timezone.now())
    open_hand_off(urgent, at=timezone.now())
    theme = Theme.objects.get(code="genogram")
    finding = Finding.objects.create(audit=urgent, kind="answer", about="A6", text="No genogram.")
    concern = raise_concern(
        audit.allocation.audited_child.reference,
        risk="She is alone with him tonight.",
        telephoned=Telephoned(reached_nobody=True),
        by=people["auditor"],
        key=uuid.uuid4(),
        audit=audit,
    )
    final = audit_at(AuditStatus.FINALISED, people["auditor"], child__team=north)
    propose_reopening(final, by=people["qa_lead"], reason="New evidence.")
    draft = RoundFactory(month=add_months(timezone.localdate().replace(day=1), 1), status=RoundStatus.DRAFT)
    proposed = AllocationFactory(
        round=draft,
        status=AllocationStatus.PROPOSED,
        auditor=people["colleague"],
        child__team=TeamFactory(name="South"),
    )
    published = published_report(people)
    brief = start_brief("Supervision", by=people["qa_lead"])
    gone = person("Gideon Gone", is_active=False)
    message = Message.objects.create(
        kind="accounts.password_link", recipient=gone, subject_key="gone", status=MessageStatus.DEAD
    )
    return World(
        people,
        {
            "audit": audit.allocation.reference,
            "urgent_audit": urgent.allocation.reference,
            "concern": concern.pk,
            "activity": ActivityRecordFactory(allocation__auditor=people["auditor"]).allocation.reference,
            "ceiling": "visit_gap",
            "review": "review",
            "theme": theme.code,
            "finding": finding.pk,
            "dip_sample": propose_dip_sample(
                theme, team=north, size=1, reason="It comes back.", by=people["psw"]
            ).pk,
            "final": final.allocation.reference,
            "section": "visits",
            "mother": "mother",
            "contact": 1,
            "action": 1,
            "begun": uuid.UUID(int=1),
            "follow_up": ActionFactory(team=north, owner=people["team_manager"]).reference,
            "child": audit.allocation.audited_child.pk,
            "import": preview_import(read_caseload(annex_a(cin=[row()]), timezone.localdate()), by=None).pk,
            "month": draft.reference,
            "earned": earned_exemption(people["colleague"], starts_on=date(2026, 9, 1)).pk,
            "calibration": calibration(
                people["psw"], at=timezone.now(), closes_on=timezone.localdate() + timedelta(days=7)
            ).reference,
            "calibration_draft": calibration(people["psw"], at=timezone.now()).reference,
            "published": audit.allocation.round.reference,
            "exemption": ExemptionFactory(auditor=people["colleague"]).pk,
            "proposed": proposed.reference,
            "person": people["colleague"].pk,
            "inactive_person": gone.pk,
            "membership": people["colleague"].memberships.get(role=Role.TEAM_MEMBER).pk,
            "held_in": "council",
            "closure": Closure.objects.create(day=date(2026, 12, 24), reason="Christmas Eve").pk,
            "team": north.pk,
            "service": north.service.pk,
            "duty": "visit_cin",
            "rule": TimescaleRule.objects.create(
                duty="visit_cin",
                starts_on=date(2098, 1, 1),
                first_count=1,
                first_unit="weeks",
                following_count=1,
                following_unit="weeks",
                source="Local policy",
            ).pk,
            "date": AuditEvent.objects.create(audit=audit, kind="visit", on=date(2026, 11, 3)).pk,
            "tool": "cla",
            "number": 1,
            "draft": draft_of_tool("cla", people).number,
            "proposed_tool": propose_version(
                draft_of_tool("leaving_care", people), change_note="Clearer.", by=people["qa_lead"]
            ).tool.code,
            "question": "V6",
            "quarter": Quarter.of(timezone.localdate()),
            "published_quarter": published.period,
            "version": published.version,
            "brief": brief.reference,
            "point": add_point(brief, Point(PointKind.NEXT, "Ask him."), by=people["qa_lead"]).pk,
            "finding_source": "finding",
            "published_brief": published_brief(people).reference,
            "brief_file": "docx",
            "part": "visits",
            "performance_figure": type_figure(
                Typed(Quarter(2026, 1), "return_rate", "Returned", "By hand", 1, 2), by=people["qa_lead"]
            ).pk,
            "subject": "grades",
            "table": "overall",
            "format": "csv",
            "report_move": "send",
            "message": message.pk,
            "uid": "1",
            "key": "none",
        },
    )


def draft_of_tool(code: str, people: dict[str, User]) -> ToolVersion:
    """A second version with one question less."""
    draft = start_draft(Tool.objects.get(code=code), by=people["qa_lead"])
    return remove_question(draft, "V10", by=people["qa_lead"])


@pytest.mark.parametrize("name", EXPECTED)
def test_who_may_open(name: str, world: World) -> None:
    expected = EXPECTED[name]
    url = world.url(name)
    anonymous = Client().get(url)
    if expected.public:
        assert anonymous.status_code in {200, 302, 503}
        assert "next=" not in anonymous.get("Location", "")
    else:
        assert anonymous.status_code == expected.signed_out
        to = anonymous.get("Location", "").split("?")[0]
        assert to == (reverse("account_login") if expected.signed_out == 302 else "")
    answers = {}
    for who in WHO:
        client = Client()
        client.force_login(world.people[who])
        response = client.post(url) if expected.post_only else client.get(url)
        answers[who] = response.status_code
        if who not in expected.who:
            assert client.post(url).status_code in {404, 405}  # 405: the address takes no posts from anybody
    assert {who for who, status in answers.items() if status != 404} == expected.who
    assert {status for status in answers.values() if status >= 400} <= {404, 409}


def test_the_walk_sees_an_address_that_forgot_to_ask(world: World) -> None:
    """The twin: with the wrong expectation the same check fails."""
    client = Client()
    client.force_login(world.people["stranger"])
    assert client.get(world.url("my_work")).status_code != 404
    assert client.get(world.url("audits:audit_detail")).status_code == 404
