"""Whom the auditors of the demonstration council asked, what they heard, and what they propose."""

import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.utils import timezone

from accounts.enums import Role
from accounts.models import Membership
from audits.completeness import GivenAnswer
from audits.enums import (
    WITHOUT_CONTACT,
    ActionPriority,
    ContactHow,
    FamilyMember,
    FamilyOutcome,
    Grade,
    Pathway,
    QuestionKind,
    ReplyOutcome,
    Section,
    WorkerOutcome,
)
from audits.involvement import Asked, family_answers, worker_outcome
from audits.models import (
    Audit,
    FamilyAnswer,
    FamilyContact,
    FamilyFeedback,
    FollowUpSettings,
    ProposedAction,
    Question,
    WorkerContact,
    WorkerFeedback,
    WorkerReply,
)
from audits.selectors import asked_of_each_person
from config.demo.authors import story
from config.demo.times import working_hour
from core.dates import NO_CLOSURES, add_working_days, london_date

CAME_OF_THE_WORKER: dict[str, int] = {
    WorkerOutcome.TOOK_PART: 58,
    WorkerOutcome.INVITED: 18,
    WorkerOutcome.DECLINED: 6,
    WorkerOutcome.LEFT: 8,
    "": 10,
}
"""How often, in a hundred; "" is that nobody was invited."""

CAME_OF_THE_FAMILY: dict[str, int] = {
    FamilyOutcome.FEEDBACK: 48,
    FamilyOutcome.NO_REPLY: 26,
    FamilyOutcome.DECLINED: 12,
    FamilyOutcome.NOT_TRIED: 8,
    FamilyOutcome.NOT_APPROPRIATE: 6,
}
CAME_OF_THE_REPLY: dict[str, int] = {
    ReplyOutcome.AGREES: 70,
    ReplyOutcome.DISAGREES: 16,
    ReplyOutcome.NO_WISH: 14,
}
SAID_YES = {Grade.OUTSTANDING: 90, Grade.GOOD: 76, Grade.REQUIRES_IMPROVEMENT: 52, Grade.INADEQUATE: 30}
"""How often, in a hundred, a family says Yes, by the overall grade; fewer say so than auditors grade Good."""

REPLIED_SHARE = 0.6
REPLY_AFTER_DAYS = 3
ACTIONS_BY_GRADE = {Grade.REQUIRES_IMPROVEMENT: (1, 2), Grade.INADEQUATE: (2, 3), Grade.GOOD: (0, 1)}
ASKED_THEMSELVES_FROM_AGE = 7


@dataclass
class Involved:
    """The rows of one audit, not saved yet, and what the logs answer, by the question's code."""

    worker_contacts: list[WorkerContact] = field(default_factory=list)
    worker_feedback: list[WorkerFeedback] = field(default_factory=list)
    worker_replies: list[WorkerReply] = field(default_factory=list)
    family_contacts: list[FamilyContact] = field(default_factory=list)
    family_feedback: list[FamilyFeedback] = field(default_factory=list)
    family_answers: list[FamilyAnswer] = field(default_factory=list)
    actions: list[ProposedAction] = field(default_factory=list)
    answers: dict[str, GivenAnswer] = field(default_factory=dict)


def save_involved(found: Iterable[Involved]) -> None:
    """Keep what belongs to several audits, which are saved already. Seven queries."""
    rows = list(found)
    WorkerContact.objects.bulk_create(row for each in rows for row in each.worker_contacts)
    WorkerFeedback.objects.bulk_create(row for each in rows for row in each.worker_feedback)
    WorkerReply.objects.bulk_create(row for each in rows for row in each.worker_replies)
    FamilyContact.objects.bulk_create(row for each in rows for row in each.family_contacts)
    FamilyFeedback.objects.bulk_create(row for each in rows for row in each.family_feedback)
    FamilyAnswer.objects.bulk_create(row for each in rows for row in each.family_answers)
    ProposedAction.objects.bulk_create(row for each in rows for row in each.actions)


class Involvement:
    """Makes up who was asked. Each audit has a source of chance of its own, so the rest of the year stays."""

    def __init__(self, *, at: datetime) -> None:
        self.at = at
        self.days = FollowUpSettings.current().days
        held = Membership.objects.on(london_date(at)).filter(role=Role.TEAM_MANAGER)
        self.managers = dict(held.values_list("team_id", "user_id"))

    def of(
        self, audit: Audit, started_on: date, grades: Mapping[Section, str], questions: Iterable[Question]
    ) -> Involved:
        """What an audit in progress or submitted has of it; `questions` are those that its tool asks of the child."""
        conversation = _Conversation(audit, started_on, grades)
        conversation.ask_the_family(asked_of_each_person(questions))
        conversation.ask_the_worker()
        manager_id = self.managers.get(audit.team_id)
        if manager_id is not None:
            conversation.propose(manager_id, self.days)
            if manager_id != audit.allocation.auditor_id:
                conversation.reply(manager_id, by=self.at)
        return conversation.found


class _Conversation:
    def __init__(self, audit: Audit, started_on: date, grades: Mapping[Section, str]) -> None:
        self.rng = random.Random(f"{audit.allocation.reference} asked")  # noqa: S311 - a story, not a secret
        self.audit, self.started_on, self.grades = audit, started_on, grades
        self.found = Involved()

    def ask_the_family(self, questions: list[Question]) -> None:
        """One or two of them; a second is asked only where contact is right."""
        people = self.family()
        outcome = self.one_of(CAME_OF_THE_FAMILY)
        self.log_family(people[0], outcome)
        if outcome not in WITHOUT_CONTACT and len(people) > 1 and self.rng.random() < 0.5:
            self.log_family(people[1], self.rng.choice((FamilyOutcome.FEEDBACK, FamilyOutcome.NO_REPLY)))
        contacts = self.found.family_contacts
        asked = [Asked(line.person, line.outcome, line.reason) for line in contacts]
        self.found.answers |= family_answers(asked)
        for person in self.found.answers["F2"].selected:
            feedback = FamilyFeedback(audit=self.audit, person=person, version=1)
            self.found.family_feedback.append(feedback)
            self.found.family_answers += [self.said(feedback, question) for question in questions]

    def family(self) -> list[FamilyMember]:
        """Whom one would ask, in the order in which one would."""
        audit = self.audit
        young = audit.age is not None and audit.age < ASKED_THEMSELVES_FROM_AGE
        if audit.pathway == Pathway.LEAVING_CARE:
            return [FamilyMember.CHILD, FamilyMember.OTHER]
        adults = (
            [FamilyMember.CARER, FamilyMember.MOTHER]
            if audit.pathway == Pathway.CLA
            else [FamilyMember.MOTHER, FamilyMember.FATHER]
        )
        self.rng.shuffle(adults)
        return adults if young else [*adults[:1], FamilyMember.CHILD]

    def log_family(self, person: FamilyMember, outcome: str) -> None:
        without = outcome in WITHOUT_CONTACT
        contact = FamilyContact(
            audit=self.audit,
            on=self.started_on - timedelta(days=self.rng.randint(0, 5)),
            person=person,
            how="" if without else self.rng.choice((ContactHow.TELEPHONE, ContactHow.IN_PERSON)),
            outcome=outcome,
            reason=self.words(outcome) if without else "",
        )
        self.found.family_contacts.append(contact)

    def said(self, feedback: FamilyFeedback, question: Question) -> FamilyAnswer:
        answer = FamilyAnswer(feedback=feedback, question=question)
        if question.kind == QuestionKind.TEXT:
            answer.note = self.words(feedback.person)
        else:
            yes = SAID_YES.get(Grade(self.grades[Section.OVERALL]), 60)
            rest = 100 - yes
            answer.value = self.rng.choices(
                ("yes", "partly", "no", "not_asked"), (yes, rest * 0.4, rest * 0.3, rest * 0.3)
            )[0]
        return answer

    def ask_the_worker(self) -> None:
        outcome = self.one_of(CAME_OF_THE_WORKER)
        steps = [WorkerOutcome.INVITED, outcome] if outcome == WorkerOutcome.TOOK_PART else [outcome]
        for days, step in enumerate(step for step in steps if step):
            contact = WorkerContact(
                audit=self.audit,
                on=self.started_on - timedelta(days=2 * (len(steps) - 1 - days)),
                how=ContactHow.IN_PERSON if step == WorkerOutcome.TOOK_PART else ContactHow.WRITING,
                outcome=step,
                note=self.words(step),
            )
            self.found.worker_contacts.append(contact)
        outcomes = [contact.outcome for contact in self.found.worker_contacts]
        told_on = None
        if self.audit.submitted_at and outcome == WorkerOutcome.TOOK_PART:
            told_on = london_date(self.audit.submitted_at)
            text = self.words("told")
            self.found.worker_feedback.append(
                WorkerFeedback(audit=self.audit, on=told_on, text=text, version=1)
            )
        if outcomes or self.audit.submitted_at:
            self.found.answers["W1"] = GivenAnswer(value=worker_outcome(outcomes))
        self.found.answers["W3"] = GivenAnswer(dated_on=told_on)

    def propose(self, owner_id: int, days: Mapping[str, int]) -> None:
        """What a finished audit proposes, and now and then one that is being written."""
        if self.audit.submitted_at is None and self.rng.random() < 0.5:
            return
        fewest, most = ACTIONS_BY_GRADE.get(Grade(self.grades[Section.OVERALL]), (0, 0))
        written_on = london_date(self.audit.submitted_at or timezone.now())
        for action in self.rng.sample(story()["actions"], self.rng.randint(fewest, most)):
            priority = ActionPriority(action["priority"])
            due_on = add_working_days(written_on, days[priority], NO_CLOSURES)
            self.found.actions.append(
                ProposedAction(
                    audit=self.audit,
                    owner_id=owner_id,
                    default_due_on=due_on,
                    due_on=due_on,
                    priority=priority,
                    what=action["what"],
                    why=action["why"],
                    about=action["about"],
                    success=action["success"],
                )
            )

    def reply(self, manager_id: int, *, by: datetime) -> None:
        """What the worker says of it some days later, up to the moment `by`."""
        if not self.found.worker_feedback or self.rng.random() > REPLIED_SHARE:
            return
        on = add_working_days(london_date(self.audit.submitted_at or by), REPLY_AFTER_DAYS, NO_CLOSURES)
        recorded_at = working_hour(self.rng, on)
        if recorded_at >= by:
            return
        outcome = ReplyOutcome(self.one_of(CAME_OF_THE_REPLY))
        reply = WorkerReply(
            audit=self.audit,
            outcome=outcome,
            said_on=on,
            text="" if outcome == ReplyOutcome.NO_WISH else self.words(outcome),
            recorded_by_id=manager_id,
            recorded_at=recorded_at,
        )
        self.found.worker_replies.append(reply)

    def one_of(self, shares: Mapping[str, int]) -> str:
        return self.rng.choices(list(shares), list(shares.values()))[0]

    def words(self, kind: str) -> str:
        said: str = self.rng.choice(story()["involvement"][kind])
        return said
