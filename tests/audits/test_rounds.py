"""Drawing, swapping and publishing a month (docs/domain.md, section 6)."""

import json
import threading
from collections.abc import Callable
from datetime import UTC, date, datetime
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from accounts.enums import Role
from accounts.models import AuditorProfile, Membership, Team, User
from audits import round_facts
from audits.enums import AllocationStatus, AuditStatus, Pathway, RoundStatus
from audits.models import Allocation, Audit, Child, ProgrammeSettings, Round
from audits.services import rounds
from audits.services.rounds import (
    draw_round,
    plan_round,
    problems_of,
    publish_round,
    swap_auditor,
    swap_choices,
)
from core.errors import RuleViolation
from notifications.models import Message
from tests.factories.accounts import LONG_AGO, MembershipFactory, TeamFactory, auditor, person, team_manager
from tests.factories.audits import AllocationFactory, ChildFactory, HoldingFactory, RoundFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("time_machine_at", "only_cjas")]

TODAY = date(2026, 11, 25)
NOVEMBER, DECEMBER = date(2026, 11, 1), date(2026, 12, 1)


@pytest.fixture
def north(db: None) -> Team:
    return TeamFactory(name="North")


def caseload(count: int, team: Team, **facts: object) -> list[Child]:
    return [ChildFactory(team=team, **facts) for _ in range(count)]


def auditors(count: int, **facts: object) -> list[User]:
    return [auditor(f"Auditor {n}", **facts) for n in range(count)]


def draft(by: User | None = None, *, cjas: int = 3, seed: int = 1) -> Round:
    return draw_round(DECEMBER, by=by, cjas=cjas, seed=seed)


def pairs(of: Round) -> list[tuple[str, str]]:
    rows = of.allocations.order_by("reference").select_related("child", "auditor")
    return [(str(row.child), row.auditor.name) for row in rows]


class TestDraw:
    def test_a_draft_holds_what_was_drawn(self, north: Team, quentin: User) -> None:
        caseload(8, north)
        auditors(4)
        made = draft(quentin, seed=7)
        assert (made.status, made.seed, made.cjas_wanted, made.drawn_by) == (RoundStatus.DRAFT, 7, 3, quentin)
        assert made.due_on == date(2026, 12, 31)
        assert made.not_covered == []
        rows = list(made.allocations.order_by("reference"))
        assert [row.reference for row in rows] == ["CJA-2026-12-001", "CJA-2026-12-002", "CJA-2026-12-003"]
        assert {row.status for row in rows} == {AllocationStatus.PROPOSED}
        assert {(row.pathway, row.team, row.first_due_on, row.due_on) for row in rows} == {
            (Pathway.CIN, north, made.due_on, made.due_on)
        }
        assert rows[0].because.startswith(
            "Drawn by lot: 3 of the 8 who could be drawn for Child in need, North.\n"
        )
        assert len({row.auditor for row in rows}) == 3
        assert Audit.objects.count() == Message.objects.count() == 0

    def test_due_on_the_last_working_day(self, north: Team) -> None:
        """31 May 2027 is a bank holiday and falls after a weekend."""
        caseload(1, north)
        auditors(1)
        assert draw_round(date(2027, 5, 1), by=None, cjas=1).due_on == date(2027, 5, 28)

    def test_the_settings_row_decides(self, north: Team) -> None:
        ProgrammeSettings.objects.create(pk=1, cjas_per_month=2, pathway_weights={"cin": "0"})
        caseload(5, north)
        caseload(5, north, pathway=Pathway.CP)
        auditors(4)
        made = draw_round(DECEMBER, by=None)
        assert made.cjas_wanted == 2
        assert [row.pathway for row in made.allocations.all()] == [Pathway.CP, Pathway.CP]

    def test_the_same_seed_draws_the_same_again(self, north: Team) -> None:
        caseload(30, north)
        auditors(10)
        first = pairs(draft(seed=7))
        assert pairs(draft(seed=8)) != first
        assert pairs(draft(seed=7)) == first

    def test_a_draft_is_replaced_whole(self, north: Team, quentin: User) -> None:
        caseload(8, north)
        auditors(4)
        first = draft(quentin)
        again = draft(quentin, cjas=2, seed=9)
        assert again.pk == first.pk
        assert (again.seed, again.cjas_wanted, again.allocations.count()) == (9, 2, 2)

    def test_a_seed_is_made_up_and_recorded(self, north: Team) -> None:
        caseload(1, north)
        auditors(1)
        seeds = {draw_round(DECEMBER, by=None).seed for _ in range(4)}
        assert len(seeds) == 4

    def test_what_is_not_covered_is_kept(self, north: Team) -> None:
        caseload(1, north, pathway=Pathway.LEAVING_CARE)
        auditor("Ann Auditor", pathways=("cin",))
        assert [gap["why"] for gap in draft().not_covered] == [
            "1 of 1 open children drawn.",
            "No auditor may take this child: 1 does not know Leaving care.",
        ]

    def test_planning_saves_nothing(self, north: Team) -> None:
        caseload(2, north)
        auditors(2)
        plan = plan_round(DECEMBER, cjas=2, seed=1)
        assert len(plan.allocations) == 2
        assert Round.objects.count() == Allocation.objects.count() == 0

    @pytest.mark.parametrize(
        ("month", "sentence"),
        [
            (date(2026, 10, 1), "October 2026 is over. Draw this month or a later one."),
            (date(2027, 1, 1), "January 2027 has been published and cannot be drawn again."),
        ],
    )
    def test_refused_months(self, north: Team, month: date, sentence: str) -> None:
        caseload(1, north)
        auditors(1)
        RoundFactory(month=date(2027, 1, 1))
        with pytest.raises(RuleViolation, match=sentence):
            draw_round(month, by=None)
        assert Round.objects.count() == 1

    def test_refused_without_children_or_auditors(self, north: Team) -> None:
        with pytest.raises(RuleViolation, match="Import the caseload first"):
            draft()
        caseload(1, north)
        with pytest.raises(RuleViolation, match="Nobody is an auditor in December 2026"):
            draft()
        assert Round.objects.count() == 0

    def test_refused_to_those_who_do_not_prepare_the_programme(self, north: Team, asha: User) -> None:
        caseload(1, north)
        with pytest.raises(RuleViolation, match="business support draw a round"):
            draft(asha)

    def test_a_moment_can_be_given(self, north: Team) -> None:
        """For a council's past months, drawn as they would have been."""
        caseload(1, north)
        auditors(1)
        moment = datetime(2025, 3, 20, 12, tzinfo=UTC)
        made = publish_round(draw_round(date(2025, 4, 1), by=None, cjas=1, at=moment), by=None, at=moment)
        assert (made.drawn_at, made.published_at) == (moment, moment)


class TestFacts:
    """What the engine is told: who is kept from whom, and who has had what."""

    def given_to(self) -> list[str]:
        """Who gets the one child there is, with everybody else away; nobody is an empty list."""
        return [name for _, name in pairs(draft(cjas=1))]

    def test_a_closed_child_is_not_drawn(self, north: Team) -> None:
        ChildFactory(team=north, closed_on=TODAY)
        with pytest.raises(RuleViolation, match="no open children"):
            draft()

    @pytest.mark.parametrize("status", [AllocationStatus.ALLOCATED, AllocationStatus.PROPOSED])
    def test_a_child_audited_in_12_months_rests(self, north: Team, status: str) -> None:
        child = ChildFactory(team=north)
        auditors(1)
        AllocationFactory(child=child, round=RoundFactory(month=date(2025, 12, 1)), status=status)
        assert pairs(draft()) == []
        ProgrammeSettings.objects.create(pk=1, months_between_audits=11)
        assert pairs(draft()) == [(child.reference, "Auditor 0")]

    @pytest.mark.parametrize("status", [AllocationStatus.WITHDRAWN, AllocationStatus.EXCUSED])
    def test_an_audit_that_was_not_done_does_not_count(self, north: Team, status: str) -> None:
        child = ChildFactory(team=north)
        auditors(1)
        AllocationFactory(child=child, round=RoundFactory(month=date(2026, 10, 1)), status=status)
        assert pairs(draft()) == [(child.reference, "Auditor 0")]

    @pytest.mark.parametrize("name", ["Zoë O'Neill", "ZOE  O’NEILL", "O'Neill, Zoe"])
    @pytest.mark.parametrize("column", ["worker_name", "reviewer_name"])
    def test_those_named_on_the_child_are_kept_away(self, north: Team, name: str, column: str) -> None:
        ChildFactory(team=north, **{column: name})
        auditor("Zoe O'Neill")
        assert self.given_to() == []
        auditor("Ann Other")
        assert self.given_to() == ["Ann Other"]

    @pytest.mark.parametrize(
        ("ended", "given"), [(date(2025, 12, 1), []), (date(2025, 11, 30), ["Zoe O'Neill"])]
    )
    def test_for_12_months_before_the_round(self, north: Team, ended: date, given: list[str]) -> None:
        child = ChildFactory(team=north, worker_name="Somebody Else")
        HoldingFactory(child=child, worker_name="Zoe O'Neill", ends_on=ended)
        auditor("Zoe O'Neill")
        assert self.given_to() == given

    @pytest.mark.parametrize(
        ("managed_until", "given"), [(date(2026, 2, 1), []), (date(2026, 1, 1), ["Meera Moved"])]
    )
    def test_the_manager_of_the_team_that_held_the_child(
        self, north: Team, managed_until: date, given: list[str]
    ) -> None:
        """The team held the child from January to March; she managed it for a part of that, or only before."""
        child = ChildFactory(team=TeamFactory(name="South"))
        HoldingFactory(child=child, team=north, starts_on=date(2026, 1, 1), ends_on=date(2026, 3, 1))
        moved = auditor("Meera Moved")
        MembershipFactory(user=moved, role=Role.TEAM_MANAGER, team=north, ends_on=managed_until)
        assert self.given_to() == given

    @pytest.mark.usefixtures("asha")
    def test_own_team_is_a_setting(self, north: Team) -> None:
        ChildFactory(team=north)
        assert self.given_to() == []
        ProgrammeSettings.objects.create(pk=1, own_team_blocked=False)
        assert self.given_to() == ["Asha Auditor"]

    def test_nobody_is_given_more_than_their_capacity(self, north: Team) -> None:
        caseload(9, north)
        auditor("Ann One", capacity=1)
        auditor("Bob Two", capacity=2)
        auditor("Cem None", capacity=0)
        made = draft(cjas=9)
        assert sorted(name for _, name in pairs(made)) == ["Ann One", "Bob Two", "Bob Two"]
        assert len(made.not_covered) == 6
        assert made.not_covered[0]["why"] == (
            "No auditor has room this month: Ann One, Bob Two, Cem None can take 3 in all; "
            "9 of the children drawn can go to nobody else."
        )

    def test_those_who_had_fewer_this_year_come_first(self, north: Team) -> None:
        """April counts and March does not; nor does what the round itself gave before it was drawn again."""
        ChildFactory(team=north)
        busy, idle = auditor("Busy Bob"), auditor("Idle Ida")
        AllocationFactory(auditor=busy, round=RoundFactory(month=date(2026, 4, 1)))
        AllocationFactory(auditor=idle, round=RoundFactory(month=date(2026, 3, 1)))
        AllocationFactory(
            auditor=idle, round=RoundFactory(month=date(2026, 5, 1)), status=AllocationStatus.EXCUSED
        )
        assert {draw_and_see(seed) for seed in range(5)} == {"Idle Ida"}

    def test_a_share_follows_capacity_and_months_as_an_auditor(self) -> None:
        ann = auditor("Ann", capacity=2)
        new = auditor("Newcomer")
        Membership.objects.filter(user=new).update(starts_on=date(2026, 10, 20))
        gone = auditor("Gone")
        Membership.objects.filter(user=gone).update(ends_on=date(2026, 12, 1))
        facts = {row.name: row for row in round_facts.auditors_for(DECEMBER, ProgrammeSettings(), on=TODAY)}
        assert {name: row.possible_this_year for name, row in facts.items()} == {"Ann": 2 * 9, "Newcomer": 3}
        assert facts["Ann"].id == ann.email

    def test_only_active_auditors_with_a_profile(self, north: Team) -> None:
        caseload(1, north)
        User.objects.filter(pk=auditor("Left Lee").pk).update(is_active=False)
        person("No Profile", Role.AUDITOR)
        with pytest.raises(RuleViolation, match="Nobody is an auditor"):
            draft()

    def test_line_of_management(self, north: Team) -> None:
        """Up, down, across a service and from the top; a colleague of another line is not in it."""
        boss = team_manager("Bea Boss", north)
        service = north.service
        chief = auditor("Sam Service")
        Membership.objects.create(user=chief, role=Role.SERVICE_MANAGER, service=service, starts_on=LONG_AGO)
        director = auditor("Di Director")
        Membership.objects.create(user=director, role=Role.SENIOR_LEADER, starts_on=LONG_AGO)
        below, above, other = auditor("Below"), auditor("Above"), auditor("Other")
        User.objects.filter(pk=below.pk).update(line_manager=boss)
        User.objects.filter(pk=boss.pk).update(line_manager=above)
        facts = round_facts.auditors_for(DECEMBER, ProgrammeSettings(), on=TODAY)
        assert {row.name for row in facts if "North" in row.line_teams} == {
            "Sam Service",
            "Di Director",
            "Below",
            "Above",
        }
        assert other.name in {row.name for row in facts}

    def test_a_ring_of_managers_ends(self) -> None:
        ann, bob = auditor("Ann"), auditor("Bob")
        User.objects.filter(pk=ann.pk).update(line_manager=bob)
        User.objects.filter(pk=bob.pk).update(line_manager=ann)
        assert len(round_facts.auditors_for(DECEMBER, ProgrammeSettings(), on=TODAY)) == 2

    def test_teams_audited_lately(self, north: Team, asha: User) -> None:
        AllocationFactory(
            auditor=asha, child=ChildFactory(team=north), round=RoundFactory(month=date(2025, 12, 1))
        )
        AllocationFactory(
            auditor=asha,
            child=ChildFactory(team=TeamFactory(name="Old")),
            round=RoundFactory(month=date(2025, 11, 1)),
        )
        [facts] = round_facts.auditors_for(DECEMBER, ProgrammeSettings(), on=TODAY)
        assert facts.recent_teams == {"North"}


def draw_and_see(seed: int) -> str:
    [(_, name)] = pairs(draft(cjas=1, seed=seed))
    return name


class TestSwap:
    def test_to_somebody_who_may(self, north: Team, quentin: User) -> None:
        caseload(1, north)
        auditors(1)
        allocation = draft(quentin, cjas=1).allocations.get()
        other = auditor("Ann Other")
        swapped = swap_auditor(
            allocation, auditor=other, by=quentin, reason="She knows the family's court work"
        )
        assert swapped.auditor == other
        assert Allocation.objects.get().because.splitlines() == [
            "Drawn by lot: 1 of the 1 who could be drawn for Child in need, North.",
            "Quentin Lead gave it to Ann Other instead of Auditor 0: She knows the family's court work",
        ]

    @pytest.mark.usefixtures("asha")
    def test_choices_say_why_not(self, north: Team) -> None:
        caseload(1, north, worker_name="Will Worker")
        caseload(1, TeamFactory(name="South"), worker_name="Will Worker")
        auditor("Will Worker")
        auditor("New Nora", pathways=("cin",))
        made = draft(cjas=2)
        Child.objects.update(pathway=Pathway.LEAVING_CARE)
        of_south = made.allocations.get(team__name="South")
        choices = {choice.auditor.name: choice.block for choice in swap_choices(of_south)}
        holder = of_south.auditor.name
        expected = {
            "Asha Auditor": None,
            "Will Worker": "is or was the child's social worker in the last 12 months",
            "New Nora": "does not know Leaving care",
        }
        del expected[holder]
        assert choices == expected

    def test_refused_to_a_blocked_or_full_auditor(self, north: Team, quentin: User, asha: User) -> None:
        caseload(2, north)
        auditors(2)
        allocation = draft(quentin, cjas=2).allocations.get(auditor__name="Auditor 0")
        with pytest.raises(
            RuleViolation, match="^Asha Auditor works in the child's team. Choose somebody else.$"
        ):
            swap_auditor(allocation, auditor=asha, by=quentin, reason="She is away")
        with pytest.raises(RuleViolation, match="^Auditor 1 has no room this month. Choose somebody else.$"):
            swap_auditor(
                allocation, auditor=User.objects.get(name="Auditor 1"), by=quentin, reason="She is away"
            )
        with pytest.raises(
            RuleViolation, match="^Quentin Lead is not an auditor this month. Choose somebody else.$"
        ):
            swap_auditor(allocation, auditor=quentin, by=quentin, reason="She is away")
        with pytest.raises(RuleViolation, match="^Say why somebody else is given this child."):
            swap_auditor(allocation, auditor=asha, by=quentin, reason=" ")
        allocation.refresh_from_db()
        assert allocation.auditor.name == "Auditor 0"

    def test_the_block_is_what_refuses(
        self, north: Team, quentin: User, asha: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The twin: with the filter off, the blocked auditor gets the child."""
        caseload(1, north)
        auditors(1)
        allocation = draft(quentin, cjas=1).allocations.get()
        monkeypatch.setattr(rounds.assignment, "hard_block", lambda *_: None)
        assert swap_auditor(allocation, auditor=asha, by=quentin, reason="She is away").auditor == asha

    def test_refused_once_published_or_drawn_again(self, north: Team, quentin: User) -> None:
        caseload(1, north)
        auditors(2)
        stale = draft(quentin, cjas=1).allocations.get()
        made = draft(quentin, cjas=1, seed=2)
        other = User.objects.filter(auditor_profile__isnull=False).exclude(pk=stale.auditor_id).get()
        with pytest.raises(RuleViolation, match="drawn again since"):
            swap_auditor(stale, auditor=other, by=quentin, reason="She is away")
        current = publish_round(made, by=quentin).allocations.get()
        with pytest.raises(RuleViolation, match="has been published and its auditors told"):
            swap_auditor(current, auditor=other, by=quentin, reason="She is away")

    def test_refused_to_an_auditor(self, asha: User) -> None:
        caseload(1, TeamFactory(name="South"))
        allocation = draft(cjas=1).allocations.get()
        with pytest.raises(RuleViolation, match="business support swap auditors"):
            swap_auditor(allocation, auditor=asha, by=asha, reason="She is away")

    def test_to_the_same_auditor_changes_nothing(self, north: Team, quentin: User) -> None:
        caseload(1, north)
        auditors(1)
        allocation = draft(quentin, cjas=1).allocations.get()
        assert (
            swap_auditor(allocation, auditor=allocation.auditor, by=quentin, reason="She is away").because
            == allocation.because
        )


class TestPublish:
    def test_audits_are_made_and_auditors_told(self, north: Team, quentin: User, meera: User) -> None:
        caseload(
            3,
            north,
            worker_name="Will Worker",
            reviewer_name="Ira Reviewer",
            ethnicity="WBRI",
            legal_status="S20",
        )
        auditor("Ann Two", capacity=2)
        auditor("Bob One")
        published = publish_round(draft(quentin), by=quentin)
        assert (published.status, published.published_by) == (RoundStatus.PUBLISHED, quentin)
        assert {row.status for row in published.allocations.all()} == {AllocationStatus.ALLOCATED}
        audit = Audit.objects.first()
        assert audit is not None
        assert (audit.status, audit.tool_version, audit.pathway, audit.team) == (
            AuditStatus.ALLOCATED,
            None,
            Pathway.CIN,
            north,
        )
        assert (audit.manager, audit.worker_name, audit.reviewer_name) == (
            meera,
            "Will Worker",
            "Ira Reviewer",
        )
        assert (audit.age, audit.sex, audit.ethnicity, audit.disability, audit.legal_status) == (
            11,
            "female",
            "WBRI",
            "no",
            "S20",
        )
        told = {row.recipient.name: row.context for row in Message.objects.select_related("recipient")}
        assert [context.pop("event")["on"] for context in told.values()] == ["2026-12-31", "2026-12-31"]
        due = {"month": "December 2026", "due_on": "31 December 2026"}
        assert told == {
            "Ann Two": {"what": "2 child journey audits", "count": 2, "cjas": 2, **due},
            "Bob One": {"what": "1 child journey audit", "count": 1, "cjas": 1, **due},
        }

    def test_the_mail_names_no_child(self, north: Team, quentin: User) -> None:
        from notifications.emails import render  # noqa: PLC0415 - this test alone looks at the words

        [child] = caseload(1, north)
        auditors(1)
        publish_round(draft(quentin, cjas=1), by=quentin)
        mail = render(Message.objects.select_related("recipient").get())
        words = f"{mail.subject} {mail.body} {mail.alternatives[0].content}"
        assert mail.subject == "Your child journey audit for December 2026"
        assert "due by 31 December 2026" in mail.body
        assert child.reference not in words

    def test_twice_is_once(self, north: Team, quentin: User) -> None:
        caseload(2, north)
        auditors(2)
        made = draft(quentin, cjas=2)
        first = publish_round(made, by=quentin)
        again = publish_round(made, by=quentin)
        assert again.published_at == first.published_at
        assert (Audit.objects.count(), Message.objects.count()) == (2, 2)

    def test_a_child_that_moved_since_is_given_out_where_it_is(self, north: Team, quentin: User) -> None:
        caseload(1, north)
        auditors(1)
        made = draft(quentin, cjas=1)
        south = TeamFactory(name="South")
        Child.objects.update(team=south, pathway=Pathway.CP)
        publish_round(made, by=quentin)
        row = Allocation.objects.get()
        assert (row.team, row.pathway) == (south, Pathway.CP)
        assert (row.audit.team, row.audit.pathway) == (south, Pathway.CP)

    def closes(self) -> str:
        Child.objects.update(closed_on=TODAY)
        return "child {child} is no longer open. Draw the month again."

    def leaves(self) -> str:
        Membership.objects.filter(role=Role.AUDITOR).update(ends_on=TODAY)
        return "Auditor 0 is not an auditor this month. Swap the auditor."

    def takes_the_child_on(self) -> str:
        Child.objects.update(worker_name="Auditor 0")
        return "Auditor 0 is or was the child's social worker in the last 12 months. Swap the auditor."

    def joins_the_team(self) -> str:
        user = User.objects.get(name="Auditor 0")
        MembershipFactory(user=user, role=Role.TEAM_MEMBER, team=Child.objects.get().team)
        return "Auditor 0 works in the child's team. Swap the auditor."

    @pytest.mark.parametrize("change", [closes, leaves, takes_the_child_on, joins_the_team])
    def test_refused_when_something_has_changed_since(
        self, north: Team, quentin: User, change: Callable[["TestPublish"], str]
    ) -> None:
        [child] = caseload(1, north)
        auditors(1)
        made = draft(quentin, cjas=1)
        assert problems_of(made, on=TODAY) == []
        sentence = f"CJA-2026-12-001: {change(self).format(child=child)}"
        assert problems_of(made, on=TODAY) == [sentence]
        with pytest.raises(RuleViolation) as refused:
            publish_round(made, by=quentin)
        assert refused.value.sentence == f"December 2026 cannot be published yet. {sentence}"
        made.refresh_from_db()
        assert made.status == RoundStatus.DRAFT
        assert Audit.objects.count() == Message.objects.count() == 0

    def test_refused_when_somebody_has_less_room_now(self, north: Team, quentin: User) -> None:
        caseload(2, north)
        auditors(1, capacity=2)
        made = draft(quentin, cjas=2)
        AuditorProfile.objects.update(monthly_capacity=1)
        assert problems_of(made, on=TODAY) == [
            "Auditor 0 has 2 audits and room for 1. Swap the auditor of one of them."
        ]

    def test_refused_when_nothing_was_drawn_or_the_month_is_over(self, north: Team, quentin: User) -> None:
        empty = RoundFactory(month=DECEMBER, status=RoundStatus.DRAFT)
        with pytest.raises(RuleViolation, match="Nothing was drawn for December 2026"):
            publish_round(empty, by=quentin)
        caseload(1, north)
        auditors(1)
        made = draft(quentin, cjas=1)
        with pytest.raises(RuleViolation, match=r"was due on 31 December 2026\. Draw a later month"):
            publish_round(made, by=quentin, at=datetime(2027, 1, 1, 12, tzinfo=UTC))

    @pytest.mark.parametrize("role", [Role.BUSINESS_SUPPORT, Role.AUDITOR, Role.SYSTEM_ADMINISTRATOR])
    def test_refused_to_those_who_do_not_publish(self, north: Team, role: Role) -> None:
        caseload(1, north)
        auditors(1)
        made = draft(cjas=1)
        with pytest.raises(RuleViolation, match="QA lead and the Principal Social Worker publish"):
            publish_round(made, by=person("Somebody", role))
        assert Audit.objects.count() == 0

    def test_number_of_queries_does_not_grow_with_the_children(
        self, north: Team, django_assert_num_queries: Callable[..., object]
    ) -> None:
        """Only the outbox writes row by row: two queries for each auditor who is told."""
        auditors(1, capacity=6)
        for month, count in ((DECEMBER, 1), (date(2027, 1, 1), 5)):
            caseload(count, north)
            made = draw_round(month, by=None, cjas=count)
            with django_assert_num_queries(26):
                publish_round(made, by=None)
        assert Audit.objects.count() == 6


class TestCommands:
    def run(self, *args: str) -> str:
        out = StringIO()
        call_command(*args, stdout=out, stderr=StringIO())
        return out.getvalue()

    def test_draw_as_json(self, north: Team) -> None:
        [child] = caseload(1, north)
        auditor("Ann Auditor")
        document = json.loads(self.run("draw_round", "2026-12", "--cjas", "2", "--seed", "7", "--json"))
        assert document == {
            "seed": 7,
            "allocations": [
                {
                    "reference": "CJA-2026-12-001",
                    "child": child.reference,
                    "pathway": "cin",
                    "team": "North",
                    "auditor": "ann.auditor@council.example",
                    "because": (
                        "Drawn by lot: 1 of the 1 who could be drawn for Child in need, North. Ann Auditor has had "
                        "0 of the 9 audits they could have had this year (0%); no other auditor with room may "
                        "take this child."
                    ),
                }
            ],
            "others": [],
            "not_covered": [
                {"what": "1 of the 2 child journey audits", "why": "1 of 1 open children drawn."}
            ],
            "load": {"ann.auditor@council.example": 1},
        }
        assert Round.objects.get().seed == 7

    def test_a_dry_run_says_the_same_and_saves_nothing(self, north: Team) -> None:
        caseload(9, north)
        auditors(5)
        dry = self.run("draw_round", "2026-12", "--cjas", "4", "--seed", "7", "--dry-run", "--json")
        assert Round.objects.count() == 0
        assert self.run("draw_round", "2026-12", "--cjas", "4", "--seed", "7", "--json") == dry

    def test_drawing_twice_keeps_the_draft_and_its_swaps(self, north: Team, quentin: User) -> None:
        caseload(9, north)
        auditors(5)
        first = self.run("draw_round", "2026-12", "--cjas", "4", "--json")
        row = Allocation.objects.get(reference="CJA-2026-12-001")
        free = next(choice.auditor.id for choice in swap_choices(row) if choice.block is None)
        swap_auditor(row, auditor=User.objects.get(email=free), by=quentin, reason="She is away")
        again = json.loads(self.run("draw_round", "2026-12", "--json"))
        assert again["seed"] == json.loads(first)["seed"]
        assert again["allocations"][0]["auditor"] == free
        assert len(json.loads(self.run("draw_round", "2026-12", "--cjas", "5", "--json"))["allocations"]) == 5

    def test_words(self, north: Team) -> None:
        caseload(1, north)
        auditors(1)
        assert self.run("draw_round", "2026-12", "--seed", "3").splitlines() == [
            "December 2026: 1 audits drawn with seed 3 for 1 auditors, 1 not covered.",
            "Nobody has been told. Review the draft, then publish it with publish_round.",
        ]

    def test_publish_twice(self, north: Team) -> None:
        caseload(1, north)
        auditors(1)
        self.run("draw_round", "2026-12")
        assert self.run("publish_round", "2026-12") == ""
        assert self.run("publish_round", "2026-12") == ""
        assert (Audit.objects.count(), Message.objects.count()) == (1, 1)

    @pytest.mark.parametrize(
        ("args", "code", "sentence"),
        [
            (
                ("draw_round", "2026-12"),
                1,
                "There are no open children to draw from. Import the caseload first.",
            ),
            (("draw_round", "2026-10"), 1, "October 2026 is over. Draw this month or a later one."),
            (("publish_round", "2026-12"), 1, "December 2026 has not been drawn. Run draw_round first."),
        ],
    )
    def test_refusals(self, args: tuple[str, ...], code: int, sentence: str) -> None:
        with pytest.raises(CommandError) as refused:
            self.run(*args)
        assert (refused.value.returncode, str(refused.value)) == (code, sentence)

    @pytest.mark.parametrize(
        "args",
        [
            ("draw_round", "December"),
            ("draw_round", "2026-13"),
            ("draw_round", "2026-12", "--cjas", "0"),
            ("draw_round", "2026-12", "--cjas", "501"),
            ("draw_round", "2026-12", "--cjas", "x"),
            ("draw_round", "2026-12", "--seed", "x"),
            ("draw_round", "2026-12", "--seed", str(2**63)),
            ("publish_round", "12"),
        ],
    )
    def test_wrong_usage(self, args: tuple[str, ...]) -> None:
        with pytest.raises(CommandError, match="Error: argument"):
            self.run(*args)


def at_once(moves: list[Callable[[], object]]) -> list[object]:
    """What each of the moves gave, or the refusal it met, run at the same moment on connections of their own."""
    outcomes: list[object] = []
    ready = threading.Barrier(len(moves))

    def run(move: Callable[[], object]) -> None:
        ready.wait()
        try:
            outcomes.append(move())
        except RuleViolation as refusal:
            outcomes.append(refusal)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(move,)) for move in moves]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


@pytest.mark.services
@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def test_ten_publish_once(self, north: Team, quentin: User) -> None:
        caseload(4, north)
        auditors(4)
        made = draft(quentin, cjas=4)
        outcomes = at_once([lambda: publish_round(made, by=quentin).published_at] * 10)
        assert len(outcomes) == 10
        assert set(outcomes) == {Round.objects.get().published_at}
        assert (Audit.objects.count(), Message.objects.count()) == (4, 4)

    def test_six_draws_leave_one_whole_draft(self, north: Team) -> None:
        caseload(20, north)
        auditors(10)
        outcomes = at_once([lambda seed=seed: draft(cjas=5, seed=seed).seed for seed in range(6)])
        assert sorted(outcomes) == [0, 1, 2, 3, 4, 5]
        made = Round.objects.get()
        kept = pairs(made)
        assert len(kept) == 5
        assert pairs(draft(cjas=5, seed=made.seed)) == kept

    def test_a_swap_and_a_publication(self, north: Team, quentin: User) -> None:
        """Whichever comes first, the auditor who is told is the one who has the audit."""
        caseload(1, north)
        auditors(2)
        for n in range(6):
            month = date(2027, n + 1, 1)
            Allocation.objects.filter(round__month__lt=month).update(status=AllocationStatus.WITHDRAWN)
            made = draw_round(month, by=quentin, cjas=1)
            row = made.allocations.get()
            other = User.objects.filter(auditor_profile__isnull=False).exclude(pk=row.auditor_id).get()
            at_once(
                [
                    lambda row=row, other=other: swap_auditor(
                        row, auditor=other, by=quentin, reason="She is away"
                    ),
                    lambda made=made: publish_round(made, by=quentin),
                ]
            )
            row.refresh_from_db()
            told = Message.objects.get(subject_key=made.reference)
            assert row.status == AllocationStatus.ALLOCATED
            assert told.recipient_id == row.auditor_id
