"""What a panel's proposal, readings and conflicts rest on, read from the records (docs/domain.md, section 7)."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date

from django.db.models import Count, Exists, Max, OuterRef

from accounts.enums import Role
from accounts.models import Membership, User
from accounts.querysets import UserQuerySet
from accounts.roles import remember_roles
from audits.enums import Pathway
from audits.models import Allocation, Audit, Child, Exemption, ImmediateConcern
from audits.permissions import can_read_whole_log
from audits.querysets import AuditQuerySet
from audits.round_facts import children_to_draw, keys_of
from audits.selectors import urgent_audits
from moderation import rotation, seating
from moderation.enums import PanelStatus, SeatPart
from moderation.models import ModerationSettings, Panel, PanelMember, Reading, Tabling
from moderation.querysets import CHAIR_ROLES
from notifications.permissions import can_look_after_messages

Conflicts = dict[tuple[int, int], str]
"""By audit and person: why the person must not moderate the audit."""


def conflicts_between(audits: Collection[Audit], people: Collection[User], *, on: date) -> Conflicts:
    """Who of these people must not moderate which of these audits (docs/domain.md, section 7, R3).

    Nobody moderates their own audit, one of a child they hold or held in the 12 months before `on` or held when it
    was audited, or one by their line manager or direct report. Four queries.

    Args:
        audits: with their allocation, its auditor and its child.

    """
    children = Child.objects.filter(pk__in=[audit.allocation.child_id for audit in audits])
    held_by = {child.reference: child.held_by for child in children_to_draw(children, on.replace(day=1))}
    found: Conflicts = {}
    for audit in audits:
        auditor = audit.allocation.auditor
        holders = held_by[audit.allocation.audited_child.reference]
        for person in people:
            keys = keys_of(person) & holders.keys()
            if person.pk == auditor.pk:
                found[audit.pk, person.pk] = "wrote this audit"
            elif keys:
                found[audit.pk, person.pk] = f"was the child's {holders[min(keys)]} in the last 12 months"
            elif audit.manager_id == person.pk:
                found[audit.pk, person.pk] = "was the child's team manager when it was audited"
            elif auditor.line_manager_id == person.pk:
                found[audit.pk, person.pk] = "is the auditor's line manager"
            elif person.line_manager_id == auditor.pk:
                found[audit.pk, person.pk] = "reports to the auditor"
    return found


def with_what_conflicts_need(audits: AuditQuerySet) -> AuditQuerySet:
    return audits.select_related("allocation__auditor", "allocation__child")


def may_sit(on: date) -> UserQuerySet:
    """Auditors and moderators, and those who may chair, who are not exempt on the day."""
    roles = (Role.AUDITOR, Role.MODERATOR, *CHAIR_ROLES)
    holders = Membership.objects.on(on).filter(role__in=roles)
    away = Exemption.objects.in_force(on, on).values("auditor")
    people: UserQuerySet = User.objects.active().filter(pk__in=holders.values("user")).exclude(pk__in=away)
    return people.select_related("auditor_profile").order_by("name", "pk")


def candidates(people: Collection[User], audits: Collection[Audit], *, on: date) -> list[rotation.Candidate]:
    """These people as the rotation reads them, with the audits on the table. Seven queries."""
    ids = [person.pk for person in people]
    services = services_of(ids, on)
    chairs = set(
        Membership.objects.on(on).filter(role__in=CHAIR_ROLES, user__in=ids).values_list("user", flat=True)
    )
    history = {
        person: (seats, last)
        for person, seats, last in PanelMember.objects.filter(attended=True, person__in=ids)
        .exclude(panel__status__in=(PanelStatus.DRAFT, PanelStatus.CONVENED, PanelStatus.RELEASED))
        .order_by()
        .values_list("person")
        .annotate(Count("pk"), Max("panel__meets_on"))
    }
    conflicts: defaultdict[int, set[str]] = defaultdict(set)
    by_pk = {audit.pk: audit for audit in audits}
    for audit, person in conflicts_between(audits, people, on=on):
        conflicts[person].add(by_pk[audit].allocation.reference)
    return [
        rotation.Candidate(
            id=person.pk,
            name=person.name,
            service=services.get(person.pk, ""),
            knows=pathways_of(person),
            may_chair=person.pk in chairs,
            may_moderate=person.pk not in chairs,
            conflicts=frozenset(conflicts[person.pk]),
            last_seated_on=history.get(person.pk, (0, None))[1],
            seats=history.get(person.pk, (0, None))[0],
        )
        for person in people
    ]


def services_of(people: Iterable[int], on: date) -> dict[int, str]:
    """The name of the service that each works in, manages or leads on that day. One query."""
    rows = Membership.objects.on(on).filter(user__in=people).order_by("starts_on", "pk")
    found: dict[int, str] = {}
    for person, own, teams in rows.values_list("user", "service__name", "team__service__name"):
        if name := own or teams:
            found.setdefault(person, name)
    return found


def pathways_of(person: User) -> frozenset[str]:
    """The pathways somebody is marked as knowing; none for those who are no auditors."""
    profile = getattr(person, "auditor_profile", None)
    return frozenset(profile.pathways) if profile else frozenset()


def rotation_rules(settings: ModerationSettings, audits: int) -> rotation.Rules:
    """As many moderators as the audits on the table need, and two at least (R4)."""
    return rotation.Rules(
        moderators=max(2, -(-audits // settings.audits_per_moderator)),
        reserves=settings.reserves,
        pathway_names=dict(Pathway.choices),
    )


def seating_of(panel: Panel, tablings: Collection[Tabling]) -> seating.Seating:
    """Who should read what. A reading that has begun is kept; one that has not goes only where that evens the loads.

    At a blind panel nobody reads an audit of which another page tells them the auditor.
    """
    moderators = [
        member.person
        for member in panel.members.coming()
        .exclude(part=SeatPart.CHAIR)
        .select_related("person__auditor_profile")
        .order_by("pk")
    ]
    audits = [tabling.audit for tabling in tablings]
    forbidden: defaultdict[int, set[int]] = defaultdict(set)
    for audit, person in conflicts_between(audits, moderators, on=panel.meets_on):
        forbidden[audit].add(person)
    if panel.is_blind:
        remember_roles(moderators)
        for moderator in moderators:
            for audit in told_elsewhere(moderator, audits):
                forbidden[audit].add(moderator.pk)
    standing = {
        (reading.tabling.audit.allocation.reference, reading.moderator_id): bool(reading.version)
        for reading in Reading.objects.standing()
        .filter(tabling__in=tablings, moderator__in=moderators)
        .select_related("tabling__audit__allocation")
    }
    settings = ModerationSettings.current()
    return seating.seat(
        [
            seating.Tabled(
                tabling.audit.allocation.reference,
                tabling.audit.pathway,
                frozenset(forbidden[tabling.audit_id]),
            )
            for tabling in tablings
        ],
        [
            seating.Moderator(person.pk, person.name, pathways_of(person), settings.audits_per_moderator)
            for person in moderators
        ],
        seed=panel.pk,
        keep=[pair for pair, has_begun in standing.items() if has_begun],
        stay=[pair for pair, has_begun in standing.items() if not has_begun],
    )


def told_elsewhere(person: User, audits: Collection[Audit]) -> set[int]:
    """The ids of those of these audits whose auditor or grades another page tells this person (R8). Six queries.

    The ledger tells those who run the programme and those who manage the auditor, and whoever the audit was taken
    from; the log of who read what and the list of mails tell those who keep them; a page that cannot wait tells
    whoever answers for the child, and the page of the worker's reply the manager who records it. A child at risk
    comes before a blind reading, so such a page is never closed: its readers read another audit instead.
    """
    ids = {audit.pk for audit in audits}
    if can_read_whole_log(person) or can_look_after_messages(person):
        return ids
    rows = Audit.objects.filter(pk__in=ids)
    given = Allocation.objects.filter(
        child=OuterRef("allocation__child"), round=OuterRef("allocation__round")
    )
    pages = (
        Allocation.objects.visible_to(person).filter(audit__in=ids).values_list("audit"),
        rows.filter(Exists(given.filter(auditor=person))).values_list("pk"),
        ImmediateConcern.objects.visible_to(person).filter(audit__in=ids).values_list("audit"),
        rows.filter(pk__in=urgent_audits(person).values("pk")).values_list("pk"),
        rows.filter(pk__in=Audit.objects.open_to_reply_by(person).values("pk")).values_list("pk"),
    )
    return {audit for page in pages for (audit,) in page}


def gaps_of(panel: Panel, members: Iterable[PanelMember], *, on: date) -> list[str]:
    """What the panel lacks by R4 if these members sit: sentences; empty when it may meet."""
    sitting = list(members)
    moderators = [member for member in sitting if member.part == SeatPart.MODERATOR]
    gaps = []
    if not any(member.part == SeatPart.CHAIR for member in sitting):
        gaps.append("It has no chair. The QA lead or the Principal Social Worker chairs.")
    if len(moderators) < 2:
        gaps.append("It has fewer than two moderators.")
    else:
        services = services_of([member.person_id for member in moderators], on)
        if len({services.get(member.person_id, "") for member in moderators}) < 2:
            gaps.append("All its moderators are from one service.")
    knows = frozenset().union(*(pathways_of(member.person) for member in moderators))
    on_the_table = set(panel.tablings.on_the_table().values_list("audit__pathway", flat=True))
    names = dict(Pathway.choices)
    gaps += [f"No moderator knows {names[pathway]}." for pathway in sorted(on_the_table - knows)]
    return gaps
