"""What findings have in common, so that one thing is done about them and not forty."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from accounts.models import Team
from actions.enums import FindingKind, ProposalStatus
from actions.querysets import DipSampleProposalQuerySet, FindingQuerySet, ThemeQuerySet
from audits.enums import Section
from audits.models import Audit, Child

MOST_IN_SAMPLE = 50


class Theme(models.Model):
    """A theme that findings are tagged with. The council adds its own and retires what it no longer uses."""

    code = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=120, unique=True)
    is_in_use = models.BooleanField(default=True)

    objects = ThemeQuerySet.as_manager()

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class ThemeRule(models.Model):
    """That a finding about a question is tagged with a theme by itself. The council edits them with the theme."""

    question = models.CharField("code of the question", max_length=20)
    theme = models.ForeignKey(Theme, on_delete=models.CASCADE, related_name="rules")

    class Meta:
        ordering = ("theme_id", "question")
        constraints = [models.UniqueConstraint(fields=("question", "theme"), name="theme_rule_once")]

    def __str__(self) -> str:
        return f"{self.question}: {self.theme_id}"


class Finding(models.Model):
    """Something that an audit found wanting: what an action is about, a question answered No or Not evidenced, or a
    grade that the panel changed.

    `carried_by` is the team action that deals with it together with others, so that nobody raises one more for it.
    """

    audit = models.ForeignKey(Audit, on_delete=models.PROTECT, related_name="findings")
    kind = models.CharField(max_length=20, choices=FindingKind.choices)
    about = models.CharField("question or area", max_length=20, blank=True)
    text = models.TextField()
    action = models.OneToOneField(
        "actions.Action", null=True, blank=True, on_delete=models.PROTECT, related_name="finding"
    )
    carried_by = models.ForeignKey(
        "actions.Action", null=True, blank=True, on_delete=models.PROTECT, related_name="carries"
    )
    themes: "models.ManyToManyField[Theme, FindingTheme]" = models.ManyToManyField(
        Theme, through="FindingTheme", related_name="findings"
    )

    objects = FindingQuerySet.as_manager()

    class Meta:
        ordering = ("-audit_id", "pk")
        indexes = [models.Index(fields=("kind", "audit"), name="finding_kind_audit")]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=FindingKind.values), name="finding_kind_known"),
            models.UniqueConstraint(
                fields=("audit", "kind", "about"),
                condition=~Q(kind=FindingKind.ACTION),
                name="finding_once_per_question",
            ),
            models.CheckConstraint(
                condition=Q(kind=FindingKind.ACTION, action__isnull=False)
                | ~Q(kind=FindingKind.ACTION) & Q(action__isnull=True),
                name="finding_of_an_action_names_it",
            ),
        ]

    def __str__(self) -> str:
        return self.text

    @property
    def subject(self) -> str:
        """The name of the area, or the code of the question; empty for neither."""
        return Section(self.about).label if self.about in Section.values else self.about


class FindingTheme(models.Model):
    """That a finding has a theme: by somebody, or, with `by` empty, by a rule of its question."""

    finding = models.ForeignKey(Finding, on_delete=models.CASCADE, related_name="tags")
    theme = models.ForeignKey(Theme, on_delete=models.PROTECT, related_name="tags")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ("finding_id", "theme_id")
        constraints = [models.UniqueConstraint(fields=("finding", "theme"), name="finding_theme_once")]

    def __str__(self) -> str:
        return f"{self.finding_id}: {self.theme_id}"


class TagMove(models.Model):
    """That somebody put a theme on a finding, or took it away. Rows are added and never changed.

    What the rules of questions do as a finding is made is no move. The finding is left out once it is gone, as its
    audit was handed in again; the audit stays.
    """

    audit = models.ForeignKey(Audit, on_delete=models.PROTECT, related_name="tag_moves")
    finding = models.ForeignKey(
        Finding, null=True, blank=True, on_delete=models.SET_NULL, related_name="tag_moves"
    )
    theme = models.ForeignKey(Theme, on_delete=models.PROTECT, related_name="tag_moves")
    is_added = models.BooleanField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ("at", "pk")

    def __str__(self) -> str:
        return f"{self.finding_id}: {self.theme_id}"


class DipSampleProposal(models.Model):
    """That a theme be looked for on more files of a team: which children were drawn, with which seed, and what was
    decided. The children come from all who are open to the team, audited or not.
    """

    theme = models.ForeignKey(Theme, on_delete=models.PROTECT, related_name="dip_samples")
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="dip_samples")
    reason = models.TextField()
    seed = models.PositiveIntegerField()
    open_children = models.PositiveIntegerField("children drawn from")
    children: "models.ManyToManyField[Child, models.Model]" = models.ManyToManyField(
        Child, related_name="dip_samples"
    )
    status = models.CharField(max_length=20, choices=ProposalStatus.choices, default=ProposalStatus.PROPOSED)
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    decision_note = models.TextField(blank=True)

    objects = DipSampleProposalQuerySet.as_manager()

    class Meta:
        ordering = ("-proposed_at", "-pk")
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=ProposalStatus.values), name="dip_sample_status_known"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="dip_sample_has_reason"),
            models.CheckConstraint(
                condition=Q(status=ProposalStatus.PROPOSED, decided_by__isnull=True, decided_at__isnull=True)
                | ~Q(status=ProposalStatus.PROPOSED) & Q(decided_by__isnull=False, decided_at__isnull=False),
                name="dip_sample_decided_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("proposed_by")),
                name="dip_sample_by_two_people",
            ),
            models.UniqueConstraint(
                fields=("theme", "team"),
                condition=Q(status=ProposalStatus.PROPOSED),
                name="dip_sample_one_waiting",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.theme} in {self.team}"
