"""What followed from the demonstration council's audits: after Inadequate, in supervision, over several children."""

import random
from datetime import date, datetime, timedelta

from django.utils import timezone

from accounts.models import User
from actions.enums import PathStepKind
from actions.models import DipSampleProposal, Finding, PathStep, SupervisionHandOff, Theme
from actions.places import Places
from actions.services.dip_samples import decide_dip_sample, propose_dip_sample
from actions.services.findings import note_changes, note_findings, raise_team_action, tag_finding
from actions.services.hand_offs import close_hand_off, open_hand_off
from actions.services.paths import follow_grade, record_step, return_step, verify_step
from actions.services.raising import NewAction
from actions.theme_facts import ThemeOfTeam, themes_of_teams
from audits.enums import ActionPriority, AuditStatus
from audits.models import Audit, Child
from audits.selectors import manager_of_team
from config.demo.times import working_hour
from core.dates import add_working_days, london_date
from core.errors import RuleViolation

DAYS_UNTIL_SUPERVISION = 12
SHARE_HANDED_OVER = 0.75
SHARE_OF_OLD_HANDED_OVER = 0.97
LONG_AGO = timedelta(days=21)
LEFT_TO_VERIFY = 2
CARRIED = 12
RECORDED = {
    PathStepKind.REVIEW: (
        "Read the file with the team manager and saw the home. The child is safe tonight; visits are weekly again.",
        "Reviewed with the IRO. The placement holds, the plan does not: it is written anew before the review.",
    ),
    PathStepKind.PLAN: (
        "Six actions, shared with the family: weekly visits, the father traced this month. On the file under Plans.",
        "The worker's other cases were shared out. Direct work starts on Monday; the chronology follows.",
    ),
    PathStepKind.IMPACT: (
        "She is seen each week and alone, and says so. She is at school nine days in ten; it was six.",
        "He knows who decides and why. The father has been at two meetings; contact is weekly and calm.",
        "She lives with her aunt under a plan that she helped to write, and has seen the same worker for three months.",
        "The baby gains weight on the line of the chart. The health visitor and we go on alternate weeks.",
        "He is back in class with a reduced timetable and an adult of his choice; two incidents, down from eleven.",
        "The adult who was not checked has left. The children told their teacher that it is quieter at home.",
    ),
}
VERIFIED = "The visit records of the last six weeks and the school's letter show it."
NOT_SHOWN = "The record says what we did. What does the child say is different, and since when?"
LINES = (
    "We looked at how the child's words come into the plan. The next plan has a part in her own words.",
    "Agreed to try the father each month and to write down how.",
    "The strengths first: the visits. Then the genogram, which is drawn at the next visit.",
    "She had not known that the assessment was out of date. It is booked for next week.",
    "We wrote the two overdue actions anew, with days and names.",
)
WHAT = "Each file of the team has it checked in the next supervision, and what is missing is done within a month."
SUCCESS = "The next dip sample finds it on four files of five."
A_DAY = timedelta(days=1)
TEAM_ACTION_SINCE = timedelta(days=20)
TAGGED = {"S10": ("supervision-not-reflective", "drift-and-delay"), "A10": ("family-not-involved",)}
"""By question: the themes that the QA lead gave its newest findings by hand, one after the other."""
DIP_SAMPLES_SINCE = (timedelta(days=14), timedelta(days=1))
AGREED = "Yes. Take the five with the supervision, and bring what you find to the panel."
REASON = "It has come back for three quarters. Is it on the files that nobody has audited, too?"


def show_what_follows(*, seed: int, qa_lead: User, psw: User, at: datetime) -> None:
    """Begin what follows from every submitted audit when it was submitted, and do most of it, up to the moment `at`."""
    rng = random.Random(seed)  # noqa: S311 - a story, not a secret
    rows = Audit.objects.submitted().filter(imported__isnull=True, submitted_at__lte=at)
    for audit in rows.select_related("allocation__child", "manager").order_by("submitted_at", "pk"):
        submitted_at = audit.submitted_at
        if submitted_at is None:
            continue
        follow_grade(audit, at=submitted_at)
        note_findings(audit)
        open_hand_off(audit, at=submitted_at)
        if audit.status == AuditStatus.FINALISED:
            note_changes(audit, why={})
    today = timezone.localdate(at)
    who = Places(today)
    _hand_over(rng, who, today)
    _record_steps(rng, who, qa_lead=qa_lead, psw=psw, today=today)
    _act_on_themes(qa_lead, psw, at=at)
    _tag_by_hand(qa_lead, at=at)


def _hand_over(rng: random.Random, who: Places, today: date) -> None:
    owed = (
        SupervisionHandOff.objects.owed()
        .select_related("audit__allocation", "audit__team")
        .order_by("due_on", "pk")
    )
    for hand_off in owed:
        told = sorted(who.told_of_hand_off(hand_off))
        on = add_working_days(hand_off.due_on, -DAYS_UNTIL_SUPERVISION - rng.randint(0, 20))
        share = SHARE_OF_OLD_HANDED_OVER if today - hand_off.due_on > LONG_AGO else SHARE_HANDED_OVER
        if not told or on > today or rng.random() > share:
            continue
        manager = User.objects.get(pk=told[0])
        try:
            close_hand_off(
                hand_off, by=manager, supervised_on=on, note=rng.choice(LINES), at=working_hour(rng, on)
            )
        except RuleViolation:  # who is told in a manager's place does not close it for them
            continue


def _record_steps(rng: random.Random, who: Places, *, qa_lead: User, psw: User, today: date) -> None:
    """All steps that are due but the last of the newest path; the latest impact checks wait or have come back."""
    steps = (
        PathStep.objects.owed()
        .filter(due_on__lte=today)
        .select_related("path__audit__allocation__child__team")
    )
    by_path: dict[int, list[PathStep]] = {}
    for step in steps.order_by("path__began_at", "due_on"):
        by_path.setdefault(step.path_id, []).append(step)
    recorded: list[PathStep] = []
    for number, owed in enumerate(by_path.values()):
        is_newest = number == len(by_path) - 1
        for step in owed[:-1] if is_newest else owed:
            told = sorted(who.told_of_step(step))
            if not told:
                continue
            texts = RECORDED[PathStepKind(step.kind)]
            began = london_date(step.path.began_at)
            on = max(began, add_working_days(step.due_on, -rng.randint(0, 1)))
            by, text = User.objects.get(pk=told[0]), texts[number % len(texts)]
            recorded.append(record_step(step, by=by, held_on=on, text=text, at=working_hour(rng, on)))
    checks = [step for step in recorded if step.kind == PathStepKind.IMPACT]
    checks.sort(key=lambda step: (step.due_on, step.pk))
    for number, step in enumerate(checks[:-LEFT_TO_VERIFY]):
        concerned = (step.done_by_id, step.path.audit.allocation.auditor_id)
        by = next((person for person in (qa_lead, psw) if person.pk not in concerned), None)
        on = add_working_days(step.due_on, rng.randint(2, 6))
        if by is None or on >= today:
            continue
        if number == len(checks) - LEFT_TO_VERIFY - 1:
            return_step(step, by=by, reason=NOT_SHOWN, at=working_hour(rng, on))
        else:
            verify_step(step, by=by, note=VERIFIED, at=working_hour(rng, on))


def _act_on_themes(qa_lead: User, psw: User, *, at: datetime) -> None:
    """The theme that comes back most became one action of its team; of two dip samples one is agreed, one waits.

    In a small council where none recurs, the one found most.
    """
    today = timezone.localdate(at)
    rows = themes_of_teams(None, today)
    for row in rows:
        if _one_action(row, qa_lead, at=at - TEAM_ACTION_SINCE):
            rows.remove(row)
            break
    proposed: list[DipSampleProposal] = []
    for row in rows:
        if len(proposed) < len(DIP_SAMPLES_SINCE) and Child.objects.open().filter(team=row.team).exists():
            theme = Theme.objects.get(pk=row.theme.pk)
            since = at - DIP_SAMPLES_SINCE[len(proposed)]
            proposed.append(
                propose_dip_sample(theme, team=row.team, size=5, reason=REASON, by=psw, seed=2026, at=since)
            )
    for proposal in proposed[:-1]:
        decide_dip_sample(proposal, by=qa_lead, approve=True, note=AGREED, at=proposal.proposed_at + A_DAY)


def _tag_by_hand(qa_lead: User, *, at: datetime) -> None:
    """What no question's rule says, the QA lead does, and thinks better of once."""
    for question, codes in TAGGED.items():
        rows = Finding.objects.standing().filter(about=question, themes__isnull=True)
        for finding in rows.order_by("-audit__submitted_at", "pk")[:3]:
            for number, code in enumerate(codes):
                said_at = at - A_DAY * (len(codes) - number)
                tag_finding(finding, themes=[Theme.objects.get(code=code)], by=qa_lead, at=said_at)


def _one_action(row: ThemeOfTeam, qa_lead: User, *, at: datetime) -> bool:
    theme = Theme.objects.get(pk=row.theme.pk)
    manager = manager_of_team(row.team.pk, timezone.localdate(at))
    findings = list(
        Finding.objects.standing()
        .filter(themes=theme, audit__team=row.team, carried_by__isnull=True, audit__submitted_at__lt=at)
        .order_by("-audit__submitted_at", "pk")[:CARRIED]
    )
    if manager is None or len({finding.audit_id for finding in findings}) < 2:
        return False
    content = NewAction(
        what=WHAT,
        why=f"{theme}: found {len(findings)} times in audits of {row.team}.",
        success=SUCCESS,
        owner=manager,
        team=row.team,
        priority=ActionPriority.P2,
        theme=theme,
    )
    raise_team_action(theme, team=row.team, findings=findings, content=content, by=qa_lead, at=at)
    return True
