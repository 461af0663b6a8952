"""Who is told of what follows from grades, and so owes it (docs/domain.md, section 8)."""

from collections import defaultdict
from datetime import date

from accounts.enums import Role
from accounts.models import Membership, Team, User
from actions.enums import PathStepKind
from actions.models import PathStep, SupervisionHandOff


class Places:
    """Who holds which place on one day. One query for the roles, one for the people."""

    def __init__(self, on: date) -> None:
        self._active = set(User.objects.active().values_list("pk", flat=True))
        self._managers: set[int] = set()
        self._held: defaultdict[tuple[str, int | None], set[int]] = defaultdict(set)
        for user, role, team, service in Membership.objects.on(on).values_list(
            "user", "role", "team", "service"
        ):
            if user in self._active:
                self._held[role, team or service].add(user)
                if role == Role.TEAM_MANAGER:
                    self._managers.add(user)

    def told_of_step(self, step: PathStep) -> set[int]:
        """Of a review the service manager, of the other steps the team manager; `step` is loaded with its child."""
        allocation = step.path.audit.allocation
        is_review = step.kind == PathStepKind.REVIEW
        return self._told(
            allocation.audited_child.team, service_first=is_review, leaving_out=allocation.auditor_id
        )

    def told_of_hand_off(self, hand_off: SupervisionHandOff) -> set[int]:
        """Whoever supervises the worker while they manage a team, else who manages the audit's team."""
        named = {hand_off.manager_id} & self._managers if hand_off.manager_id else set()
        audit = hand_off.audit
        return named or self._told(audit.team, service_first=False, leaving_out=audit.allocation.auditor_id)

    def _told(self, team: Team, *, service_first: bool, leaving_out: int) -> set[int]:
        """The team's manager, or for `service_first` the service's; where nobody is, the other, then the QA lead."""
        of_team = self._held[Role.TEAM_MANAGER, team.pk] - {leaving_out}
        of_service = (
            self._held[Role.SERVICE_MANAGER, team.service_id] - {leaving_out} if team.service_id else set()
        )
        managers = (of_service,) if service_first else (of_team, of_service)
        return next(filter(None, managers), set()) or self.of_standards(leaving_out=leaving_out)

    def of_standards(self, *, leaving_out: int) -> set[int]:
        """The QA lead, or the PSW where there is none or it is the QA lead's own audit."""
        qa_leads = self._held[Role.QA_LEAD, None] - {leaving_out}
        return qa_leads or self._held[Role.PSW, None] - {leaving_out}
