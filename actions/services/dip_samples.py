"""A dip-sample follow-up for a theme: proposed with the children drawn, and decided by another."""

import secrets
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts.models import Team, User
from actions.enums import ProposalStatus
from actions.models import DipSampleProposal, Theme
from actions.models.theme import MOST_IN_SAMPLE
from actions.path_permissions import can_decide_dip_sample, can_tag_findings
from actions.sampling import draw_sample
from audits.models import Child
from core.errors import RuleViolation

SEEDS = 2**31


@transaction.atomic
def propose_dip_sample(  # noqa: PLR0913 - what a proposal is
    theme: Theme,
    *,
    team: Team,
    size: int,
    reason: str,
    by: User,
    seed: int | None = None,
    at: datetime | None = None,
) -> DipSampleProposal:
    """Propose to look for a theme on more files of a team.

    Effects, in order: so many children are drawn from all who are open to the team, audited or not, with a seed that
    repeats the draw on the same children; the proposal waits for somebody else's decision.

    Raises:
        RuleViolation: `by` may not, there is no reason, the size is out of range, the team has no open children, or
            one waits already.

    """
    if not can_tag_findings(by):
        raise RuleViolation("The QA lead and the Principal Social Worker propose dip samples.")
    if not reason.strip():
        raise RuleViolation("Say what the sample shall find out.")
    if not 1 <= size <= MOST_IN_SAMPLE:
        raise RuleViolation(f"Choose from 1 to {MOST_IN_SAMPLE} children.")
    waiting = DipSampleProposal.objects.filter(theme=theme, team=team, status=ProposalStatus.PROPOSED)
    if waiting.exists():
        raise RuleViolation(f"A dip sample on this theme in {team} waits for a decision already.")
    children = {child.reference: child for child in Child.objects.open().filter(team=team)}
    if not children:
        raise RuleViolation(f"{team} has no open children to draw from.")
    seed = secrets.randbelow(SEEDS) if seed is None else seed
    proposal = DipSampleProposal.objects.create(
        theme=theme,
        team=team,
        reason=reason.strip(),
        seed=seed,
        open_children=len(children),
        proposed_by=by,
        proposed_at=at or timezone.now(),
    )
    drawn = draw_sample(children, size=size, seed=seed)
    proposal.children.set([children[reference] for reference in drawn])
    return proposal


@transaction.atomic
def decide_dip_sample(
    proposal: DipSampleProposal, *, by: User, approve: bool, note: str = "", at: datetime | None = None
) -> DipSampleProposal:
    """Approve or refuse a dip sample. The same decision twice is one.

    Raises:
        RuleViolation: `by` may not or proposed it, a refusal has no reason, or it was decided otherwise.

    """
    locked = DipSampleProposal.objects.select_for_update().get(pk=proposal.pk)
    if not can_decide_dip_sample(by, locked):
        raise RuleViolation(
            "The QA lead or the Principal Social Worker decides on a dip sample, never who proposed it."
        )
    status = ProposalStatus.APPROVED if approve else ProposalStatus.REFUSED
    if (locked.status, locked.decided_by_id) == (status, by.pk):
        return locked
    if locked.status != ProposalStatus.PROPOSED:
        raise RuleViolation(f"This has been decided already: {locked.get_status_display().lower()}.")
    if not approve and not note.strip():
        raise RuleViolation("Say why it is refused.")
    locked.status, locked.decided_by, locked.decided_at = status, by, at or timezone.now()
    locked.decision_note = note.strip()
    locked.save(update_fields=("status", "decided_by", "decided_at", "decision_note"))
    return locked
