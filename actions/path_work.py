"""What follows from grades asks of a person, for My work."""

from datetime import date

from django.urls import reverse
from django.utils.formats import date_format

from accounts.models import User
from actions.enums import PathStepKind, PathStepStatus, ProposalStatus
from actions.models import DipSampleProposal, PathStep, Reaudit, SupervisionHandOff
from actions.path_permissions import (
    can_decide_dip_sample,
    can_give_reaudit,
    can_see_hand_offs,
    can_see_paths,
    can_see_reaudits,
    can_tag_findings,
    can_verify_step,
)
from actions.places import Places
from audits.work import WorkItem

TO_DO = {
    PathStepKind.REVIEW: "Review the case of",
    PathStepKind.PLAN: "Record the plan for",
    PathStepKind.IMPACT: "Say what is different since",
}


def steps_to_record(user: User, today: date) -> list[WorkItem]:
    """The service manager's reviews, the team manager's plans and impact checks; the QA lead's where nobody is."""
    if not can_see_paths(user):
        return []
    steps = PathStep.objects.visible_to(user).owed().select_related("path__audit__allocation__child__team")
    owed = list(steps.order_by("due_on", "pk"))
    if not owed:
        return []
    who = Places(today)
    return [
        WorkItem(
            f"{TO_DO[PathStepKind(step.kind)]} {step.path.audit.allocation.reference}",
            reverse("paths:step_record", args=(step.path.audit.allocation.reference, step.kind)),
            f"{step.get_kind_display()}, {step.path.audit.allocation.audited_child.team}. "
            + ("It was returned." if step.status == PathStepStatus.RETURNED else "The audit could not wait."),
            due_on=step.due_on,
        )
        for step in owed
        if user.pk in who.told_of_step(step)
    ]


def impact_checks_to_verify(user: User, today: date) -> list[WorkItem]:  # noqa: ARG001
    if not can_see_reaudits(user):
        return []
    done = PathStep.objects.visible_to(user).filter(kind=PathStepKind.IMPACT, status=PathStepStatus.DONE)
    return [
        WorkItem(
            f"Verify the impact check of {step.path.audit.allocation.reference}",
            reverse("paths:step_record", args=(step.path.audit.allocation.reference, step.kind)),
            f"Recorded by {step.done_by}.",
        )
        for step in done.select_related("path__audit__allocation", "done_by").order_by("done_at")
        if can_verify_step(user, step)
    ]


def reaudits_to_give(user: User, today: date) -> list[WorkItem]:
    """Re-audits whose window has opened and which nobody has."""
    if not can_see_reaudits(user):
        return []
    waiting = Reaudit.objects.visible_to(user).waiting().filter(opens_on__lte=today)
    return [
        WorkItem(
            f"Give out the re-audit of {reaudit.first.allocation.reference}",
            reverse("paths:reaudit_give", args=(reaudit.first.allocation.reference,)),
            f"{reaudit.get_because_display()}. Its window opened on {date_format(reaudit.opens_on)}.",
            due_on=reaudit.closes_on,
        )
        for reaudit in waiting.select_related("first__allocation").order_by("closes_on", "pk")
        if can_give_reaudit(user, reaudit)
    ]


def hand_offs_to_close(user: User, today: date) -> list[WorkItem]:
    if not can_see_hand_offs(user):
        return []
    rows = (
        SupervisionHandOff.objects.visible_to(user).owed().select_related("audit__allocation", "audit__team")
    )
    owed = list(rows.order_by("due_on", "pk"))
    if not owed:
        return []
    who = Places(today)
    return [
        WorkItem(
            f"Hand over the learning of {hand_off.audit.allocation.reference} in supervision",
            reverse("paths:hand_off_detail", args=(hand_off.audit.allocation.reference,)),
            f"{hand_off.audit.worker_name or 'The social worker'}, {hand_off.audit.team}.",
            due_on=hand_off.due_on,
        )
        for hand_off in owed
        if user.pk in who.told_of_hand_off(hand_off)
    ]


def dip_samples_to_decide(user: User, today: date) -> list[WorkItem]:  # noqa: ARG001
    if not can_tag_findings(user):
        return []
    waiting = DipSampleProposal.objects.visible_to(user).filter(status=ProposalStatus.PROPOSED)
    return [
        WorkItem(
            f"Decide on a dip sample: {proposal.theme}, {proposal.team}",
            reverse("paths:dip_sample_detail", args=(proposal.pk,)),
            f"Proposed by {proposal.proposed_by}.",
        )
        for proposal in waiting.select_related("theme", "team", "proposed_by").order_by("proposed_at")
        if can_decide_dip_sample(user, proposal)
    ]


PATH_WORK = (
    steps_to_record,
    impact_checks_to_verify,
    reaudits_to_give,
    hand_offs_to_close,
    dip_samples_to_decide,
)
