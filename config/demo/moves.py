"""What became of the demonstration council's audits after they were submitted."""

from datetime import datetime, timedelta

from django.utils import timezone

from accounts.models import User
from audits.enums import ActionPriority, AuditStatus
from audits.models import Audit, Round
from audits.services.audits import submit_audit
from audits.services.moves import propose_reopening, return_audit, void_audit
from audits.services.proposed_actions import ActionContent, change_action
from moderation.services.selection import select_for_moderation

ASKED = (
    "The visit of 14 September is graded and not described. Say what was seen and what the child said.",
    "The overall grade rests on the plan. Which actions were done, and how do we know?",
)
AGAIN = "The school's chronology arrived after the decision and changes what the record says of the summer."
WRONG_CHILD = "The file that was read is the older sibling's. The reference was mistyped in the case system."


class Decider:
    """The QA lead and the Principal Social Worker seeing to what was submitted, up to the moment `at`."""

    def __init__(self, *, qa_lead: User, psw: User, at: datetime) -> None:
        self.qa_lead = qa_lead
        self.psw = psw
        self.at = at

    def propose_to_reopen_one(self, round_: Round) -> None:
        """One final audit of a month is proposed to be reopened."""
        final = Audit.objects.filter(allocation__round=round_, status=AuditStatus.FINALISED)
        audit = final.exclude(allocation__auditor__in=(self.qa_lead, self.psw)).order_by("pk").first()
        if audit:
            at = self.at - timedelta(days=1, hours=3)
            propose_reopening(audit, by=self.qa_lead, reason=AGAIN, at=at)

    def look_into(self, round_: Round) -> None:
        """Of a month that is coming in, two are returned, one of which is submitted again, and one is void."""
        audits = self._submitted(round_)
        for audit, asked in zip(audits, ASKED, strict=False):
            select_for_moderation(audit, at=audit.submitted_at)
            return_audit(audit, by=self.qa_lead, reason=asked, at=self.at - timedelta(days=2, hours=1))
        if len(audits) >= 2:
            _put_off_what_is_over(audits[0])
            submit_audit(audits[0], by=audits[0].allocation.auditor)
        if len(audits) >= 4:
            void_audit(audits[3], by=self.psw, reason=WRONG_CHILD, at=self.at - timedelta(days=1))

    def _submitted(self, round_: Round) -> list[Audit]:
        """Those that neither of the two wrote, and that were in some days ago."""
        rows = Audit.objects.filter(
            allocation__round=round_,
            status=AuditStatus.SUBMITTED,
            submitted_at__lt=self.at - timedelta(days=3),
        ).exclude(allocation__auditor__in=(self.qa_lead, self.psw))
        return list(rows.select_related("allocation__auditor").order_by("allocation__reference"))


def _put_off_what_is_over(audit: Audit) -> None:
    """An audit that is submitted again proposes no action for a day that is over."""
    auditor = audit.allocation.auditor
    for action in audit.proposed_actions.filter(due_on__lt=timezone.localdate()).select_related("owner"):
        content = ActionContent(
            what=action.what,
            why=action.why,
            about=action.about,
            owner=action.owner,
            priority=ActionPriority(action.priority),
            due_on=None,
            later_reason="",
            success=action.success,
        )
        change_action(audit, action.pk, content, version=action.version, by=auditor)
