"""Who may do what in moderation (docs/access.md). Pages and buttons both ask here."""

from django.utils import timezone

from accounts.enums import Role
from accounts.models import User
from accounts.roles import roles_of
from audits.querysets import Person
from moderation.enums import SEATED, PanelStatus, SeatPart, SeatStatus
from moderation.models import Conflict, Outcome, Panel, PanelMember, Reply, Tabling
from moderation.querysets import CHAIR_ROLES


def can_run_moderation(user: Person) -> bool:
    """Prepare panels, invite, table and release; change the settings."""
    return roles_of(user).any_of(*CHAIR_ROLES)


def can_see_panels(user: Person) -> bool:
    """Whoever may be asked to sit, or whose audits are moderated."""
    return roles_of(user).any_of(Role.AUDITOR, Role.MODERATOR, *CHAIR_ROLES)


def can_answer_invitation(user: Person, member: PanelMember) -> bool:
    return member.person_id == user.pk and member.status in (
        SeatStatus.INVITED,
        SeatStatus.ACCEPTED,
        SeatStatus.DECLINED,
    )


def can_chair_meeting(user: Person, panel: Panel) -> bool:
    """Record attendance and close: the chair of the panel, or whoever else runs moderation when the chair is away."""
    return can_run_moderation(user) and panel.status in (PanelStatus.RELEASED, PanelStatus.MEETING)


def is_in_conflict(user: Person, tabling: Tabling) -> bool:
    """Their own audit, a child they hold or held, their manager's or report's (docs/domain.md, section 7, R3)."""
    return tabling.auditor_id == user.pk or Conflict.objects.filter(tabling=tabling, person=user.pk).exists()


def can_decide(user: Person, tabling: Tabling) -> bool:
    """The panel's chair; where the chair has a conflict, the other who runs moderation, and never with one's own.

    So the QA lead's audits are decided by the Principal Social Worker, and the other way round.
    """
    if not can_run_moderation(user) or is_in_conflict(user, tabling):
        return False
    chairs = PanelMember.objects.filter(panel=tabling.panel_id, part=SeatPart.CHAIR, status__in=SEATED)
    chair = chairs.select_related("person").first()
    return chair is None or chair.person_id == user.pk or is_in_conflict(chair.person, tabling)


def can_reply(user: Person, outcome: Outcome) -> bool:
    """Its auditor, once; never where the audit came back, which is answered by submitting it again."""
    if outcome.auditor_id != user.pk or outcome.is_return:
        return False
    return not Reply.objects.filter(outcome=outcome).exists()


def can_decide_reply(user: Person, reply: Reply) -> bool:
    """A Principal Social Worker; where none is left who neither wrote the audit nor decided on it, a QA lead.

    Nobody is judge of their own decision. The reply comes with its outcome and decision.
    """
    return user.pk in deciding_on(reply, principals=holders_of(Role.PSW), leads=holders_of(Role.QA_LEAD))


def holders_of(role: Role) -> frozenset[int]:
    """The ids of the active people who hold the role today. One query."""
    return frozenset(User.objects.holding(role, timezone.localdate()).values_list("pk", flat=True))


def deciding_on(reply: Reply, *, principals: frozenset[int], leads: frozenset[int]) -> frozenset[int]:
    """The ids of those who may decide on a reply, of the people who hold these roles."""
    concerned = {reply.auditor_id, reply.outcome.decision.by_id}
    return principals - concerned or leads - concerned
