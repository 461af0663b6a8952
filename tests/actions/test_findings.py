"""Findings, themes, team actions, recurrence, dip samples and the hand-off to supervision."""

from collections.abc import Callable
from datetime import date

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Team, User
from actions.enums import ActionSource, FindingKind, ProposalStatus
from actions.models import (
    Action,
    DipSampleProposal,
    Finding,
    FindingTheme,
    SupervisionHandOff,
    Theme,
    ThemeRule,
)
from actions.recurrence import is_recurring, last_quarters, stands_in
from actions.sampling import draw_sample
from actions.services.dip_samples import decide_dip_sample, propose_dip_sample
from actions.services.findings import (
    note_changes,
    note_findings,
    raise_team_action,
    retire_theme,
    save_theme,
    tag_finding,
)
from actions.services.hand_offs import close_hand_off, open_hand_off, open_missing_hand_offs
from actions.services.path_reminders import remind_of_what_follows
from actions.services.raising import NewAction, raise_action
from actions.theme_facts import recurring_themes, themes_of_teams
from audits.enums import AuditStatus, Grade, Section
from audits.models import Answer, Audit, AuditSection
from audits.services.moves import void_audit
from core.dates import Quarter
from core.errors import RuleViolation
from core.guards import lifted
from notifications.models import Message
from tests.factories.accounts import TeamFactory, team_manager
from tests.factories.audits import ChildFactory, QuestionFactory, moment, submitted_audit
from tests.factories.paths import finding_of, inadequate_audit

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("time_machine_at")]

TODAY = date(2026, 11, 25)
Q = [Quarter.parse("2025-26", "Q4"), *(Quarter.parse("2026-27", f"Q{n}") for n in (1, 2, 3))]


@pytest.fixture
def north(meera: User, sanjay: User) -> Team:
    team: Team = TeamFactory(name="North")
    return team


@pytest.fixture
def theme() -> Theme:
    return Theme.objects.get(code="fathers-voice")


class TestRecurrence:
    def test_the_last_four_quarters_across_the_year(self) -> None:
        assert list(last_quarters(Quarter.of(TODAY))) == Q

    @pytest.mark.parametrize(
        ("children", "recurs"),
        [
            ((2, 2, 2, 0), True),
            ((2, 0, 2, 2), True),
            ((2, 2, 1, 1), False),
            ((9, 9, 0, 0), False),
            ((2, 2, 2, 2), True),
        ],
    )
    def test_three_of_four(self, children: tuple[int, ...], recurs: bool) -> None:  # noqa: FBT001 - a table
        counts = dict(zip(Q, children, strict=True))
        assert is_recurring(counts, Q, least=2) is recurs

    @given(st.lists(st.integers(0, 5), min_size=4, max_size=4), st.integers(1, 5), st.integers(0, 3))
    def test_one_more_finding_never_ends_it(self, children: list[int], least: int, where: int) -> None:
        counts = dict(zip(Q, children, strict=True))
        more = {**counts, Q[where]: counts[Q[where]] + 1}
        assert is_recurring(more, Q, least=least) or not is_recurring(counts, Q, least=least)
        assert set(stands_in(counts, Q, least=least)) <= set(stands_in(more, Q, least=least))

    def test_by_the_month_of_allocation_and_children(self, north: Team, theme: Theme) -> None:
        south = TeamFactory(name="South")
        for month in (date(2026, 2, 1), date(2026, 5, 1), date(2026, 11, 1)):
            for _ in range(2):
                finding_of(north, theme, month=month)
        for month in (date(2026, 5, 1), date(2026, 11, 1)):
            finding_of(south, theme, month=month)
        [row] = themes_of_teams([north], TODAY)
        assert (row.theme, row.team, row.is_recurring) == (theme, north, True)
        assert list(row.children.values()) == [2, 2, 0, 2]
        assert recurring_themes(None, TODAY) == {north.pk: [theme]}
        assert recurring_themes([south], TODAY) == {}
        assert recurring_themes([north], date(2027, 4, 1)) == {}

    def test_one_child_is_one_child(self, north: Team, theme: Theme) -> None:
        child = ChildFactory(team=north)
        for month in (date(2026, 4, 1), date(2026, 5, 1)):
            finding_of(north, theme, month=month, child=child)
        [row] = themes_of_teams([north], TODAY)
        assert row.children[Q[1]] == 1

    def test_void_audits_and_retired_themes_do_not_count(
        self, north: Team, theme: Theme, quentin: User
    ) -> None:
        finding = finding_of(north, theme)
        void_audit(finding.audit, by=quentin, reason="The wrong child.")
        assert themes_of_teams([north], TODAY) == []
        finding_of(north, theme)
        assert len(themes_of_teams([north], TODAY)) == 1
        retire_theme(theme, by=quentin)
        assert themes_of_teams([north], TODAY) == []

    def test_the_same_queries_for_one_and_many(
        self, north: Team, theme: Theme, django_assert_num_queries: Callable[..., object]
    ) -> None:
        finding_of(north, theme)
        with django_assert_num_queries(2):  # type: ignore[attr-defined]
            recurring_themes(None, TODAY)
        for code in ("genogram", "chronology"):
            finding_of(TeamFactory(name=code), Theme.objects.get(code=code))
        with django_assert_num_queries(2):  # type: ignore[attr-defined]
            recurring_themes(None, TODAY)


@pytest.fixture
def answered(north: Team, asha: User) -> Audit:
    """A11 is No, V1 Not evidenced, A10 Yes."""
    audit = submitted_audit(by=asha, allocation={"child": ChildFactory(team=north)})
    for code, value in (("A11", "no"), ("V1", "not_evidenced"), ("A10", "yes")):
        question = QuestionFactory(version=audit.tool_version, code=code, text=f"{code}?")
        Answer.objects.create(audit=audit, question=question, value=value)
    return audit


class TestFindings:
    def test_what_is_no_or_not_evidenced_with_the_themes_of_its_question(self, answered: Audit) -> None:
        note_findings(answered)
        assert {
            finding.about: (finding.text, [theme.code for theme in finding.themes.all()])
            for finding in Finding.objects.all()
        } == {
            "A11": ("A11? No.", ["fathers-voice"]),
            "V1": ("V1? Not evidenced on record.", ["visits-late"]),
        }

    def test_submitted_again_only_what_changed(self, answered: Audit, theme: Theme, quentin: User) -> None:
        note_findings(answered)
        one = Finding.objects.get(about="A11")
        tag_finding(one, themes=[], by=quentin)
        Answer.objects.filter(audit=answered, question__code="V1").update(value="yes")
        Answer.objects.filter(audit=answered, question__code="A10").update(value="no")
        note_findings(answered)
        assert [finding.about for finding in Finding.objects.order_by("about")] == ["A10", "A11"]
        assert list(one.themes.all()) == []

    def test_what_an_action_is_about_and_what_a_panel_changed(
        self, answered: Audit, north: Team, meera: User, quentin: User
    ) -> None:
        content = NewAction(
            what="Find him.",
            why="His view is missing.",
            success="It is there.",
            owner=meera,
            team=north,
            priority="p2",
            about="A11",
            audit=answered,
        )
        action = raise_action(content, by=quentin)
        AuditSection.objects.filter(audit=answered, section=Section.VISITS).update(
            final_grade=Grade.INADEQUATE
        )
        for _ in range(2):
            note_changes(answered, why={"visits": "Nobody saw the child.", "plans": "Nothing."})
        of_action, of_panel = Finding.objects.order_by("kind")
        assert (of_action.action, of_action.text) == (action, "His view is missing.")
        assert [tag.code for tag in of_action.themes.all()] == ["fathers-voice"]
        assert (of_panel.kind, of_panel.text) == (
            FindingKind.CHANGE,
            "The panel changed Visits from Good to Inadequate. Nobody saw the child.",
        )

    def test_tags_say_who_gave_them(self, answered: Audit, theme: Theme, quentin: User) -> None:
        note_findings(answered)
        finding = Finding.objects.get(about="V1")
        tag_finding(finding, themes=[theme, Theme.objects.get(code="visits-late")], by=quentin)
        assert set(FindingTheme.objects.filter(finding=finding).values_list("theme__code", "by__name")) == {
            ("fathers-voice", "Quentin Lead"),
            ("visits-late", None),
        }

    def test_who_tags(self, answered: Audit, theme: Theme, meera: User, asha: User) -> None:
        note_findings(answered)
        finding = Finding.objects.get(about="V1")
        for somebody in (meera, asha):
            assert list(Finding.objects.visible_to(somebody)) == []
            with pytest.raises(RuleViolation, match="look after themes"):
                tag_finding(finding, themes=[theme], by=somebody)


class TestThemes:
    def test_added_renamed_and_retired(self, quentin: User) -> None:
        made = save_theme(None, name=" Sibling  contact ", questions=["P13"], by=quentin)
        assert (made.code, made.name) == ("sibling-contact", "Sibling contact")
        save_theme(made, name="Brothers and sisters", questions=["P13", "V10"], by=quentin)
        assert (made.code, [rule.question for rule in made.rules.all()]) == (
            "sibling-contact",
            ["P13", "V10"],
        )
        assert retire_theme(made, by=quentin).is_in_use is False
        assert retire_theme(made, by=quentin, is_in_use=True).is_in_use is True

    def test_two_of_one_name(self, quentin: User, theme: Theme) -> None:
        with pytest.raises(RuleViolation, match="There is a theme called"):
            save_theme(None, name=theme.name.upper(), questions=[], by=quentin)

    def test_codes_do_not_collide(self, quentin: User) -> None:
        save_theme(None, name="Sibling contact", questions=[], by=quentin)
        assert save_theme(None, name="Sibling-contact!", questions=[], by=quentin).code == "sibling-contact-2"

    def test_every_seeded_question_has_one_theme(self) -> None:
        questions = list(ThemeRule.objects.values_list("question", flat=True))
        assert (len(questions), len(set(questions))) == (len(set(questions)), len(questions))
        assert Theme.objects.count() == 28


def content(theme: Theme, team: Team, owner: User) -> NewAction:
    return NewAction(
        what="Each assessment names the father and what was tried to reach him.",
        why="His view is missing on three files.",
        success="The next dip sample finds him on four of five files.",
        owner=owner,
        team=team,
        priority="p2",
        theme=theme,
    )


class TestTeamAction:
    def test_one_action_carries_the_findings_of_several_children(
        self, north: Team, theme: Theme, meera: User, quentin: User
    ) -> None:
        findings = [finding_of(north, theme) for _ in range(3)]
        made = raise_team_action(
            theme, team=north, findings=findings, content=content(theme, north, meera), by=quentin
        )
        assert (made.source, made.theme, made.child, made.audit) == (ActionSource.THEME, theme, None, None)
        assert set(made.carries.all()) == set(findings)
        assert Action.objects.count() == 1
        with pytest.raises(RuleViolation, match="another action carries them"):
            raise_team_action(
                theme, team=north, findings=findings, content=content(theme, north, meera), by=quentin
            )

    def test_it_needs_two_children(self, north: Team, theme: Theme, meera: User, quentin: User) -> None:
        child = ChildFactory(team=north)
        findings = [finding_of(north, theme, month=date(2026, month, 1), child=child) for month in (10, 11)]
        with pytest.raises(RuleViolation, match="at least two children"):
            raise_team_action(
                theme, team=north, findings=findings, content=content(theme, north, meera), by=quentin
            )
        assert Finding.objects.filter(carried_by__isnull=False).count() == 0

    def test_of_one_team_and_theme(self, north: Team, theme: Theme, meera: User, quentin: User) -> None:
        other = finding_of(TeamFactory(name="South"), theme)
        untagged = finding_of(north, Theme.objects.get(code="genogram"))
        for wrong in (other, untagged):
            with pytest.raises(RuleViolation, match="Look at the list again"):
                raise_team_action(
                    theme,
                    team=north,
                    findings=[finding_of(north, theme), wrong],
                    content=content(theme, north, meera),
                    by=quentin,
                )

    def test_a_manager_raises_none(self, north: Team, theme: Theme, meera: User) -> None:
        with pytest.raises(RuleViolation, match="look after themes"):
            raise_team_action(theme, team=north, findings=[], content=content(theme, north, meera), by=meera)


class TestDipSample:
    @given(st.sets(st.integers(0, 500).map(str), max_size=60), st.integers(1, 20), st.integers(0, 2**31))
    def test_the_seed_repeats_it_whatever_the_order(self, pool: set[str], size: int, seed: int) -> None:
        drawn = draw_sample(pool, size=size, seed=seed)
        assert drawn == draw_sample(sorted(pool, reverse=True), size=size, seed=seed)
        assert len(drawn) == min(size, len(pool))
        assert set(drawn) <= pool

    def test_drawn_from_all_open_children_and_decided_by_another(
        self, north: Team, theme: Theme, quentin: User, priya: User
    ) -> None:
        children = {ChildFactory(team=north) for _ in range(5)}
        ChildFactory(team=north, closed_on=TODAY)
        ChildFactory(team=TeamFactory(name="South"))
        proposal = propose_dip_sample(
            theme, team=north, size=3, reason="Three quarters running.", by=quentin, seed=4
        )
        assert (proposal.open_children, proposal.seed, proposal.children.count()) == (5, 4, 3)
        assert set(proposal.children.all()) <= children
        with pytest.raises(RuleViolation, match="never who proposed it"):
            decide_dip_sample(proposal, by=quentin, approve=True)
        with pytest.raises(RuleViolation, match="waits for a decision already"):
            propose_dip_sample(theme, team=north, size=3, reason="Again.", by=quentin)
        with pytest.raises(RuleViolation, match="Say why it is refused"):
            decide_dip_sample(proposal, by=priya, approve=False)
        decided = decide_dip_sample(proposal, by=priya, approve=True)
        assert (decided.status, decided.decided_by) == (ProposalStatus.APPROVED, priya)
        with pytest.raises(IntegrityError), transaction.atomic():
            DipSampleProposal.objects.filter(pk=proposal.pk).update(reason="x")
        with lifted():
            DipSampleProposal.objects.filter(pk=proposal.pk).update(reason="x")

    def test_what_cannot_be(self, north: Team, theme: Theme, quentin: User, meera: User) -> None:
        for size, reason, by, sentence in (
            (3, "Why.", meera, "propose dip samples"),
            (3, " ", quentin, "Say what the sample"),
            (0, "Why.", quentin, "Choose from 1 to 50"),
            (3, "Why.", quentin, "has no open children"),
        ):
            with pytest.raises(RuleViolation, match=sentence):
                propose_dip_sample(theme, team=north, size=size, reason=reason, by=by)


@pytest.fixture
def hand_off(north: Team, asha: User) -> SupervisionHandOff:
    audit = submitted_audit(
        by=asha, submitted_on=date(2026, 11, 20), allocation={"child": ChildFactory(team=north)}
    )
    return open_hand_off(audit, at=moment(date(2026, 11, 20)))


class TestHandOff:
    def test_owed_once_by_the_manager_of_the_team(self, hand_off: SupervisionHandOff, meera: User) -> None:
        assert (hand_off.manager, hand_off.due_on) == (meera, date(2027, 1, 20))
        assert open_hand_off(hand_off.audit, at=moment(TODAY)) == hand_off

    def test_by_todays_manager_where_the_former_manages_it_no_more(self, north: Team, meera: User) -> None:
        former = team_manager("Fiona Former", TeamFactory(name="South"))
        audit = submitted_audit(allocation={"child": ChildFactory(team=north)})
        audit.manager = former
        audit.save(update_fields=("manager",))
        assert open_hand_off(audit, at=moment(TODAY)).manager == meera

    def test_closed_with_the_day_and_a_line(self, hand_off: SupervisionHandOff, meera: User) -> None:
        for _ in range(2):
            closed = close_hand_off(hand_off, by=meera, supervised_on=TODAY, note=" Fathers first. ")
        assert (closed.supervised_on, closed.note, closed.closed_by) == (TODAY, "Fathers first.", meera)
        with pytest.raises(RuleViolation, match="handed over already"):
            close_hand_off(hand_off, by=meera, supervised_on=TODAY, note="Something else.")
        assert SupervisionHandOff.objects.dated().count() == 1

    @pytest.mark.parametrize(
        ("on", "note", "sentence"),
        [
            (TODAY, " ", "Say in a line"),
            (date(2026, 11, 26), "Told.", "Choose a day from 20 November 2026"),
            (date(2026, 11, 19), "Told.", "Choose a day from 20 November 2026"),
        ],
    )
    def test_what_cannot_be(
        self, on: date, note: str, sentence: str, hand_off: SupervisionHandOff, meera: User
    ) -> None:
        with pytest.raises(RuleViolation, match=sentence):
            close_hand_off(hand_off, by=meera, supervised_on=on, note=note)

    def test_who_sees_and_closes(
        self, hand_off: SupervisionHandOff, meera: User, sanjay: User, quentin: User, asha: User, bella: User
    ) -> None:
        tara = team_manager("Tara South", TeamFactory(name="South"))
        for somebody in (asha, bella, tara):
            assert list(SupervisionHandOff.objects.visible_to(somebody)) == []
        for somebody in (meera, sanjay, quentin):
            assert list(SupervisionHandOff.objects.visible_to(somebody)) == [hand_off]
        for somebody in (quentin, asha, bella, tara):
            with pytest.raises(RuleViolation, match="Whoever supervises the worker"):
                close_hand_off(hand_off, by=somebody, supervised_on=TODAY, note="Told.")

    def test_those_before_there_was_one(self, asha: User) -> None:
        submitted_audit(by=asha)
        assert (open_missing_hand_offs(), open_missing_hand_offs()) == (1, 0)


class TestReminders:
    def mails(self, on: date) -> dict[str, dict[str, int]]:
        remind_of_what_follows(at=moment(on))
        remind_of_what_follows(at=moment(on))
        rows = Message.objects.filter(kind="actions.follow_up_late", subject_key=f"{on}")
        return {row.recipient.name: row.context for row in rows.select_related("recipient")}

    def test_each_who_owes_it_once_a_day_with_counts_only(
        self, north: Team, asha: User, meera: User, sanjay: User, quentin: User
    ) -> None:
        for _ in range(2):
            inadequate_audit(north, by=asha, submitted_on=date(2026, 11, 16))
        assert self.mails(date(2026, 11, 18)) == {}
        told = self.mails(date(2026, 11, 24))
        assert {name: context["count"] for name, context in told.items()} == {
            "Meera Manager": 2,
            "Sanjay Service": 2,
        }
        assert told["Sanjay Service"]["reviews"] == 2
        assert self.mails(date(2026, 11, 28)) == {}

    def test_hand_offs_in_the_first_mail_of_a_week(self, hand_off: SupervisionHandOff) -> None:
        SupervisionHandOff.objects.filter(pk=hand_off.pk).update(due_on=date(2026, 11, 20))
        assert self.mails(date(2026, 11, 24)) == {}
        [told] = self.mails(date(2026, 11, 30)).values()
        assert (told["count"], told["hand_offs"]) == (1, 1)

    def test_the_qa_lead_where_nobody_manages_and_of_reaudits_nobody_has(
        self, asha: User, quentin: User
    ) -> None:
        inadequate_audit(TeamFactory(name="South"), by=asha, submitted_on=date(2026, 6, 1))
        [told] = self.mails(TODAY).values()
        assert (told["reviews"], told["plans"], told["impact_checks"], told["reaudits"]) == (1, 1, 1, 1)

    def test_nobody_of_an_audit_of_their_own(self, north: Team, quentin: User, priya: User) -> None:
        inadequate_audit(TeamFactory(name="South"), by=quentin, submitted_on=date(2026, 6, 1))
        assert list(self.mails(TODAY)) == ["Priya Principal"]


class TestEvents:
    def test_a_submission_begins_it_all(self, answered: Audit, meera: User, asha: User) -> None:
        from audits.signals import audit_submitted  # noqa: PLC0415 - only here

        AuditSection.objects.filter(audit=answered, section=Section.OVERALL).update(grade=Grade.INADEQUATE)
        audit_submitted.send(
            Audit, audit=answered, by=asha, at=moment(TODAY), first=True, overall="inadequate"
        )
        answered.refresh_from_db()
        assert answered.urgent_path.steps.count() == 3
        assert answered.hand_off.manager == meera
        assert Finding.objects.filter(audit=answered).count() == 2
        assert answered.status == AuditStatus.SUBMITTED

    def test_the_guard_of_hand_offs(self, hand_off: SupervisionHandOff, meera: User) -> None:
        close_hand_off(hand_off, by=meera, supervised_on=TODAY, note="Told.")
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("UPDATE actions_supervisionhandoff SET note = 'x'")
