"""An audit that its auditor graded Inadequate overall does not wait for a panel (docs/domain.md, section 8)."""

from datetime import datetime

from django.db import transaction

from audits.enums import Grade, Section
from audits.models import Audit, AuditSection, UrgentNotice
from audits.services.concerns import who_answers_for
from audits.signals import urgent_notices_given


@transaction.atomic
def tell_managers_of_inadequate(audit: Audit, *, at: datetime) -> list[UrgentNotice]:
    """Tell the manager of the team that holds the child now, and the service manager, the same day. Each once.

    Where there is neither, the QA lead and the PSW. Nobody is told of an audit of their own.

    Effects, in order: who is told is written down; urgent_notices_given is sent.

    Returns:
        The notices that are new: none when the overall grade is another, or everybody was told before.

    """
    overall = AuditSection.objects.filter(audit=audit, section=Section.OVERALL)
    if not overall.filter(grade=Grade.INADEQUATE).exists():
        return []
    allocation = audit.allocation
    team = allocation.audited_child.team
    told_before = set(UrgentNotice.objects.filter(audit=audit).values_list("person", flat=True))
    notices = [
        UrgentNotice.objects.create(audit=audit, person=person, told_as=told_as, at=at)
        for person, told_as in who_answers_for(team, on=at, leaving_out=allocation.auditor).items()
        if person.pk not in told_before
    ]
    if notices:
        urgent_notices_given.send(Audit, audit=audit, notices=notices)
    return notices
