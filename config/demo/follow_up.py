"""What the demonstration council did about what its audits found."""

import random
from datetime import datetime, timedelta
from typing import Any

from accounts.models import User
from actions.enums import ActionSource
from actions.models import Action
from actions.services.changes import ask_to_cancel, extend_action, pause_escalation
from actions.services.progress import complete_action, note_action, start_action
from actions.services.raising import NewAction, open_proposed_actions, raise_action
from actions.services.verification import return_action, verify_action
from actions.verifying import ALWAYS_VERIFIED
from audits.enums import HANDED_IN, ActionPriority, Grade, Section
from audits.models import Audit
from audits.selectors import manager_of_team
from config.demo.authors import story
from config.demo.times import working_hour
from core.dates import add_working_days, london_date

SHARE_WITH_ACTION = 0.7
SHARE_DONE = 0.85
"""Of the actions that were due lately; what was due long ago is done."""
LONG_AGO = timedelta(days=35)
JUST_RAISED = timedelta(days=20)


class Follower:
    """Owners, the QA lead and the Principal Social Worker following actions through, up to the moment `at`."""

    def __init__(self, seed: int, *, qa_lead: User, psw: User, at: datetime) -> None:
        self.rng = random.Random(seed)  # noqa: S311 - a story, not a secret
        self.checkers = (qa_lead, psw)
        self.at = at

    def follow(self) -> None:
        """What auditors proposed is owed, and an action from most audits that were not yet good; what came of each."""
        proposing = Audit.objects.filter(status__in=HANDED_IN, proposed_actions__action__isnull=True)
        for audit in proposing.exclude(proposed_actions=None).distinct().order_by("submitted_at", "pk"):
            for action in open_proposed_actions(audit, at=audit.submitted_at):
                if action.owner not in self.checkers:
                    self._went_on((action, self.rng.choice(story()["follow_ups"])))
        weak = Audit.objects.filter(
            status__in=HANDED_IN,
            sections__section=Section.OVERALL,
            sections__grade__in=(Grade.REQUIRES_IMPROVEMENT, Grade.INADEQUATE),
        )
        rows = weak.select_related("allocation__auditor", "allocation__child", "team")
        for audit in rows.order_by("submitted_at", "pk"):
            if self.rng.random() < SHARE_WITH_ACTION and (raised := self._raised(audit)):
                self._went_on(raised)

    def _raised(self, audit: Audit) -> tuple[Action, dict[str, Any]] | None:
        assert audit.submitted_at is not None  # noqa: S101 - the rows are those that were submitted
        owner = manager_of_team(audit.team_id, london_date(audit.submitted_at))
        if owner is None or owner in self.checkers:
            return None
        told = self.rng.choice(story()["follow_ups"])
        content = NewAction(
            what=told["what"],
            why=told["why"],
            success=told["success"],
            owner=owner,
            team=audit.team,
            priority=told["priority"],
            about=told["area"],
            audit=audit,
            child=audit.allocation.child,
        )
        by = audit.allocation.auditor
        return raise_action(content, by=by, source=ActionSource.AUDIT, at=audit.submitted_at), told

    def _went_on(self, raised: tuple[Action, dict[str, Any]]) -> None:
        """Begun by most; of what was due long ago most is done, of the rest some; all kinds of slips."""
        action, told = raised
        owner, words = action.owner, story()["words"]["followed"]
        is_urgent = action.priority in ALWAYS_VERIFIED
        if action.priority == ActionPriority.P0:
            began = self._later(action.opened_at, hours=1)
        else:
            began = self._after(action.opened_at, 1, 2 if is_urgent else 4)
        is_new = self.at - action.opened_at < JUST_RAISED
        if began is None or (self.rng.random() < 0.12 and is_new):
            return
        start_action(action, by=owner, at=began)
        noted = None if is_urgent else self._after(began, 2, 6)
        if noted and self.rng.random() < 0.5:
            note_action(action, by=owner, note=self.rng.choice(words["note"]), at=noted)
        action.refresh_from_db()
        if noted and action.due_on >= london_date(noted) and self.rng.random() < 0.15:
            later = add_working_days(action.due_on, self.rng.randint(5, 10))
            extend_action(action, due_on=later, by=owner, reason=self.rng.choice(words["longer"]), at=noted)
        slip = self.rng.choices((self.rng.randint(-2, 0), self.rng.randint(1, 12)), (80, 20))[0]
        done = working_hour(self.rng, add_working_days(max(action.due_on, london_date(began)), slip))
        done = max(done, (noted or began) + timedelta(hours=2))
        long_ago = self.at - done > LONG_AGO
        if done >= self.at or not (long_ago or self.rng.random() < SHARE_DONE):
            self._stuck(action)
            return
        complete_action(action, by=owner, evidence=told["evidence"], impact=told["impact"], at=done)
        self._checked(action, told, done)

    def _stuck(self, action: Action) -> None:
        qa_lead, _ = self.checkers
        lately = self.at - timedelta(days=1, hours=self.rng.randint(1, 5))
        if action.opened_at > lately:
            return
        chance = self.rng.random()
        if chance < 0.1:
            ask_to_cancel(action, by=action.owner, reason="The child moved to another authority.", at=lately)
        elif chance < 0.2:
            until = add_working_days(london_date(self.at), 8)
            pause_escalation(
                action, until=until, by=qa_lead, reason="The court decides on the 14th.", at=lately
            )

    def _checked(self, action: Action, told: dict[str, Any], done: datetime) -> None:
        action.refresh_from_db()
        checked = self._after(done, 2, 9)
        if checked is None or action.verification == "not_drawn":
            return
        checker = self.rng.choice(self.checkers)
        if self.rng.random() > 0.2:
            verify_action(action, by=checker, note="Read on the file.", at=checked)
            return
        missing = self.rng.choice(story()["words"]["followed"]["missing"])
        return_action(action, by=checker, reason=missing, at=checked)
        again = self._after(checked, 2, 8)
        if again is None:
            return
        evidence = f"{told['evidence']} Shown to the family."
        complete_action(action, by=action.owner, evidence=evidence, impact=told["impact"], at=again)
        if seen := self._after(again, 2, 9):
            verify_action(action, by=checker, note="It is there now.", at=seen)

    def _later(self, moment: datetime, *, hours: int) -> datetime | None:
        then = moment + timedelta(hours=hours)
        return then if then < self.at else None

    def _after(self, moment: datetime, least: int, most: int) -> datetime | None:
        """So many working days later, if that has come."""
        day = add_working_days(london_date(moment), self.rng.randint(least, most))
        then = working_hour(self.rng, day)
        return then if then < self.at else None
