"""Findings and their themes: made by themselves, tagged, and carried together by one team action."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify

from accounts.models import Team, User
from actions.enums import ActionSource, FindingKind
from actions.models import Action, Finding, FindingTheme, TagMove, Theme, ThemeRule
from actions.path_permissions import can_tag_findings
from actions.services.raising import NewAction, raise_action
from audits.enums import GRADED_SECTIONS, PRACTICE_KINDS, Grade, PracticeAnswer, Section
from audits.models import Answer, Audit, AuditSection
from core.errors import RuleViolation

FEWEST_CHILDREN = 2
NOT_YOURS = "The QA lead and the Principal Social Worker look after themes."


@transaction.atomic
def note_findings(audit: Audit) -> list[Finding]:
    """Make the findings of an audit as it was submitted, and tag the new ones by the rules of their questions.

    Effects, in order: a question answered No or Not evidenced is a finding, once; what was answered so before and no
    longer is goes, unless a team action carries it; the new ones are tagged. A tag that somebody took away does not
    come back. What its actions are about, note_action says.

    Returns:
        The new ones.

    """
    answers = Answer.objects.filter(
        audit=audit,
        question__kind__in=PRACTICE_KINDS,
        value__in=(PracticeAnswer.NO, PracticeAnswer.NOT_EVIDENCED),
    ).select_related("question")
    wanting = {answer.question.code: answer for answer in answers}
    rows = Finding.objects.filter(audit=audit, kind=FindingKind.ANSWER)
    known = {finding.about: finding for finding in rows}
    gone = [row.pk for about, row in known.items() if about not in wanting and row.carried_by_id is None]
    if gone:
        Finding.objects.filter(pk__in=gone).delete()
    new = [
        Finding(
            audit=audit,
            kind=FindingKind.ANSWER,
            about=code,
            text=f"{answer.question.text} {PracticeAnswer(answer.value).label}.",
        )
        for code, answer in wanting.items()
        if code not in known
    ]
    return _keep(new)


@transaction.atomic
def note_changes(audit: Audit, *, why: Mapping[str, str]) -> list[Finding]:
    """Make a finding of each grade that the panel changed, once, with why it did.

    Only the pages of themes show it: what a panel said is not for the owners of actions (docs/access.md).
    """
    known = set(Finding.objects.filter(audit=audit, kind=FindingKind.CHANGE).values_list("about", flat=True))
    changed = [
        row
        for row in AuditSection.objects.filter(audit=audit, section__in=GRADED_SECTIONS)
        if row.grade != row.final_grade and row.section not in known
    ]
    return _keep(
        [
            Finding(
                audit=audit,
                kind=FindingKind.CHANGE,
                about=row.section,
                text=(
                    f"The panel changed {Section(row.section).label} from {Grade(row.grade).label} to "
                    f"{Grade(row.final_grade).label}. {why.get(row.section, '')}"
                ).strip(),
            )
            for row in changed
        ]
    )


@transaction.atomic
def note_action(action: Action) -> list[Finding]:
    """Make a finding of what an action of an audit is about, once; a team action carries findings and is none."""
    if action.audit is None or Finding.objects.filter(action=action).exists():
        return []
    found = Finding(
        audit=action.audit, kind=FindingKind.ACTION, about=action.about, text=action.why, action=action
    )
    return _keep([found])


@transaction.atomic
def tag_finding(
    finding: Finding, *, themes: Iterable[Theme], by: User, at: datetime | None = None
) -> Finding:
    """Say which themes a finding has: those that are new are by this person, those left out go. Each is a move.

    Raises:
        RuleViolation: `by` may not, or a theme is retired.

    """
    _check(by)
    chosen = list(themes)
    for theme in chosen:
        _check_in_use(theme)
    Finding.objects.select_for_update().get(pk=finding.pk)  # one person's themes at a time
    tags = FindingTheme.objects.filter(finding=finding)
    wanted, known = {theme.pk for theme in chosen}, set(tags.values_list("theme", flat=True))
    tags.exclude(theme__in=wanted).delete()
    FindingTheme.objects.bulk_create(
        FindingTheme(finding=finding, theme_id=theme, by=by) for theme in sorted(wanted - known)
    )
    at = at or timezone.now()
    TagMove.objects.bulk_create(
        TagMove(
            audit_id=finding.audit_id,
            finding=finding,
            theme_id=theme,
            is_added=theme in wanted,
            by=by,
            at=at,
        )
        for theme in sorted(wanted ^ known)
    )
    return finding


@transaction.atomic
def raise_team_action(
    theme: Theme,
    *,
    team: Team,
    findings: Iterable[Finding],
    content: NewAction,
    by: User,
    at: datetime | None = None,
) -> Action:
    """Raise one action for a team about a theme found on several children's files.

    Effects, in order: those of raise_action, with the theme as its source and no child; each finding is carried by it.

    Raises:
        RuleViolation: `by` may not, the theme is retired, a finding is of another team or theme or carried already,
            they are not of two children at least, or as raise_action.

    """
    _check(by)
    _check_in_use(theme)
    chosen = [finding.pk for finding in findings]
    rows = list(
        Finding.objects.standing()
        .select_for_update(of=("self",))
        .filter(pk__in=chosen, audit__team=team, themes=theme, carried_by__isnull=True)
        .select_related("audit__allocation")
    )
    if len(rows) != len(set(chosen)):
        raise RuleViolation(
            f"Some of these are no longer findings of {team} on this theme, or another action carries them. "
            "Look at the list again."
        )
    if len({row.audit.allocation.child_id for row in rows}) < FEWEST_CHILDREN:
        raise RuleViolation(
            "A team action is about at least two children. For one child raise an action of that audit."
        )
    action = raise_action(content, by=by, source=ActionSource.THEME, at=at)
    Finding.objects.filter(pk__in=[row.pk for row in rows]).update(carried_by=action)
    return action


@transaction.atomic
def save_theme(theme: Theme | None, *, name: str, questions: Iterable[str], by: User) -> Theme:
    """Add a theme, or rename it, with the questions that are tagged with it by themselves from now on.

    Raises:
        RuleViolation: `by` may not, there is no name, or another theme has it.

    """
    _check(by)
    name = " ".join(name.split())
    if not name:
        raise RuleViolation("Give the theme a name.")
    others = Theme.objects.exclude(pk=theme.pk) if theme else Theme.objects.all()
    if others.filter(name__iexact=name).exists():
        raise RuleViolation(f"There is a theme called {name} already.")
    if theme is None:
        theme = Theme.objects.create(name=name, code=_free_code(name))
    elif theme.name != name:
        theme.name = name
        theme.save(update_fields=("name",))
    wanted = {question.strip() for question in questions if question.strip()}
    rules = ThemeRule.objects.filter(theme=theme)
    rules.exclude(question__in=wanted).delete()
    known = set(rules.values_list("question", flat=True))
    ThemeRule.objects.bulk_create(
        ThemeRule(theme=theme, question=question) for question in sorted(wanted - known)
    )
    return theme


@transaction.atomic
def retire_theme(theme: Theme, *, by: User, is_in_use: bool = False) -> Theme:
    """Use a theme no longer, or again. What was tagged with it stays tagged.

    Raises:
        RuleViolation: `by` may not.

    """
    _check(by)
    theme.is_in_use = is_in_use
    theme.save(update_fields=("is_in_use",))
    return theme


def _keep(new: list[Finding]) -> list[Finding]:
    if not new:
        return []
    kept = Finding.objects.bulk_create(new)
    rules: defaultdict[str, list[int]] = defaultdict(list)
    for question, theme in ThemeRule.objects.filter(theme__is_in_use=True).values_list("question", "theme"):
        rules[question].append(theme)
    FindingTheme.objects.bulk_create(
        FindingTheme(finding=finding, theme_id=theme) for finding in kept for theme in rules[finding.about]
    )
    return kept


def _free_code(name: str) -> str:
    stem = slugify(name)[:36] or "theme"
    taken = set(Theme.objects.filter(code__startswith=stem).values_list("code", flat=True))
    return next(
        code for code in (stem, *(f"{stem}-{n}" for n in range(2, len(taken) + 3))) if code not in taken
    )


def _check(by: User) -> None:
    if not can_tag_findings(by):
        raise RuleViolation(NOT_YOURS)


def _check_in_use(theme: Theme) -> None:
    if not theme.is_in_use:
        raise RuleViolation(f"{theme} is no longer used. Choose another theme, or bring it back first.")
