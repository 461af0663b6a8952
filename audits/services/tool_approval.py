"""Approving audit tools: the QA lead proposes, the Principal Social Worker approves (docs/domain.md, section 4)."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from audits.enums import Pathway, ToolStatus
from audits.models import Tool, ToolInForce, ToolVersion
from audits.moves import TOOL_REFUSALS
from audits.permissions import can_approve_tool, can_draft_tools
from audits.services.tool_drafts import (
    ONLY_DRAFTERS,
    check_codes,
    check_whole,
    locked_version,
    move_version,
)
from audits.signals import tool_decided, tool_proposed
from audits.tool_facts import proposal_of, tool_file_of, tools_serving
from core.errors import RuleViolation


@transaction.atomic
def propose_version(
    version: ToolVersion, *, change_note: str, by: User, at: datetime | None = None
) -> ToolVersion:
    """Send a draft for approval. From now on nobody changes it; the same person sending it twice is once.

    Effects, in order: the note and who sent it are kept; the move is recorded; tool_proposed is sent.

    Raises:
        RuleViolation: `by` may not, it is no draft, there is no note, nothing in it changed, or it could not be
            published (check_publishable).

    """
    at = at or timezone.now()
    current = locked_version(version)
    if not can_draft_tools(by):
        raise RuleViolation(ONLY_DRAFTERS)
    if current.status == ToolStatus.PROPOSED and current.proposed_by_id == by.pk:
        return current
    if not change_note.strip():
        raise RuleViolation("Say what has changed and why, for the Principal Social Worker.")
    check_publishable(current)
    proposal = proposal_of(current)
    if proposal.changes.is_empty and not proposal.taken_over:
        raise RuleViolation(
            "Nothing has changed against the version that is published. Change something first."
        )
    current.change_note, current.proposed_by, current.proposed_at = change_note.strip(), by, at
    move_version(
        current,
        ToolStatus.PROPOSED,
        by=by,
        at=at,
        reason=current.change_note,
        save=("change_note", "proposed_by", "proposed_at"),
    )
    tool_proposed.send(ToolVersion, version=current)
    return current


@transaction.atomic
def return_version(version: ToolVersion, *, reason: str, by: User, at: datetime | None = None) -> ToolVersion:
    """Make a proposed version a draft again: the Principal Social Worker returns it, or the QA lead takes it back.

    Effects, in order: it is nobody's proposal any more; the move is recorded with the reason; when it was returned,
    tool_decided is sent.

    Raises:
        RuleViolation: `by` may not, it is not proposed, or there is no reason.

    """
    current = locked_version(version)
    takes_back = can_draft_tools(by)
    if not takes_back and not can_approve_tool(by, current):
        raise RuleViolation("The Principal Social Worker returns a version; the QA lead may take it back.")
    if current.status != ToolStatus.PROPOSED:
        raise RuleViolation(TOOL_REFUSALS[current.status].format(current))
    if not reason.strip():
        raise RuleViolation("Say what has to change, for the QA lead.")
    proposed_by = current.proposed_by
    current.proposed_by = current.proposed_at = None
    move_version(
        current,
        ToolStatus.DRAFT,
        by=by,
        at=at or timezone.now(),
        reason=reason.strip(),
        save=("proposed_by", "proposed_at"),
    )
    if proposed_by != by:
        tool_decided.send(ToolVersion, version=current, proposed_by=proposed_by)
    return current


@transaction.atomic
def publish_version(
    version: ToolVersion, *, by: User, take_over: bool = False, at: datetime | None = None
) -> ToolVersion:
    """Approve a proposed version: audits that are started from now on take it. Twice is once.

    Effects, in order: the version that was published is superseded, and stays with the audits that were started with
    it; this one is published; it serves its pathways; another tool that serves none any more is superseded; each move
    is recorded; tool_decided is sent.

    Args:
        take_over: that pathways which another tool serves may be taken from it.

    Raises:
        RuleViolation: `by` may not or proposed it, it is not proposed, it could not be published (check_publishable),
            or another tool serves a pathway and `take_over` is not said.

    """
    at = at or timezone.now()
    list(Tool.objects.select_for_update().order_by("pk"))  # one approval at a time, whatever the tools
    current = locked_version(version)
    if not can_approve_tool(by, current):
        raise RuleViolation(
            "The Principal Social Worker approves a version of a tool, and never one that they proposed themselves."
        )
    if current.status == ToolStatus.PUBLISHED:
        return current
    if current.status != ToolStatus.PROPOSED:
        raise RuleViolation(TOOL_REFUSALS[current.status].format(current))
    check_publishable(current)
    serving = tools_serving(current.pathways)
    others = {key: one for key, one in serving.items() if one.tool_id != current.tool_id}
    if others and not take_over:
        pathway, other = next(iter(others.items()))
        raise RuleViolation(
            f"{pathway.label} is served by {other.tool}. A pathway has one tool: tick that this one takes over, or "
            "return it."
        )
    before = ToolVersion.objects.published().filter(tool=current.tool_id).select_related("tool").first()
    if before:
        move_version(before, ToolStatus.SUPERSEDED, by=by, at=at, reason=f"Version {current.number} followed")
    current.published_by, current.published_at = by, at
    move_version(current, ToolStatus.PUBLISHED, by=by, at=at, save=("published_by", "published_at"))
    ToolInForce.objects.bulk_create(
        [ToolInForce(pathway=pathway, version=current) for pathway in current.pathways],
        update_conflicts=True,
        unique_fields=("pathway",),
        update_fields=("version",),
    )
    left_without = ToolVersion.objects.published().filter(pk__in=[one.pk for one in others.values()])
    for other in left_without.filter(in_force__isnull=True).select_related("tool"):
        move_version(other, ToolStatus.SUPERSEDED, by=by, at=at, reason=f"{current.tool} took over")
    tool_decided.send(ToolVersion, version=current, proposed_by=current.proposed_by)
    return current


def check_publishable(version: ToolVersion) -> None:
    """Return when the version could be published as it stands.

    Raises:
        RuleViolation: it is not whole, a code in it is another question elsewhere, or a pathway that its tool serves
            today would be left without one.

    """
    content = tool_file_of(version)
    check_whole(content)
    check_codes(content.questions)
    served = ToolInForce.objects.filter(version__tool=version.tool_id).exclude(pathway__in=version.pathways)
    if left := served.order_by("pathway").first():
        raise RuleViolation(
            f"{Pathway(left.pathway).label} would have no tool, and none of its audits could be started. Keep it, or "
            "let another tool take it over first."
        )
