import django.core.validators
import django.db.models.deletion
from django.apps.registry import Apps
from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from audits.timescale_seed import install_seed_rules


def install(apps: Apps, _schema_editor: BaseDatabaseSchemaEditor) -> None:
    install_seed_rules(apps)


class Migration(migrations.Migration):
    dependencies = [
        ("audits", "0014_moves_after_submission"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="answer",
            name="override_reason",
            field=models.TextField(
                blank=True, db_default="", default="", verbose_name="why it differs from what the dates say"
            ),
        ),
        migrations.AddField(
            model_name="programmesettings",
            name="months_graded",
            field=models.PositiveSmallIntegerField(
                default=6,
                validators=[
                    django.core.validators.MinValueValidator(1),
                    django.core.validators.MaxValueValidator(24),
                ],
                verbose_name="months before its start that an audit grades",
            ),
        ),
        migrations.AddField(
            model_name="programmesettings",
            name="months_without_supervision",
            field=models.PositiveSmallIntegerField(
                default=3,
                validators=[
                    django.core.validators.MinValueValidator(1),
                    django.core.validators.MaxValueValidator(24),
                ],
                verbose_name="months without supervision that are too long",
            ),
        ),
        migrations.CreateModel(
            name="AuditDates",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "placement",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("short_of_18", "A placement that is not planned to last until 18"),
                            ("to_18", "A placement planned to last until 18"),
                            (
                                "parents_before_assessment",
                                "Placed with parents before the assessment is completed",
                            ),
                            (
                                "temporary_or_interim",
                                "With a connected carer approved for a time, or with a parent under an interim order",
                            ),
                            ("care_order_parent", "Under a care order and living with a parent"),
                        ],
                        max_length=40,
                        verbose_name="circumstances of the placement",
                    ),
                ),
                (
                    "none_found",
                    models.JSONField(
                        blank=True, default=list, verbose_name="looked for and not on the record"
                    ),
                ),
                ("version", models.PositiveIntegerField(default=0)),
                (
                    "audit",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="dates", to="audits.audit"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "placement__in",
                                [
                                    "",
                                    "short_of_18",
                                    "to_18",
                                    "parents_before_assessment",
                                    "temporary_or_interim",
                                    "care_order_parent",
                                ],
                            )
                        ),
                        name="audit_dates_placement_known",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="AuditEvent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("opened", "Case opened to the team"),
                            ("care_started", "Child became looked after"),
                            ("placement", "Placement started"),
                            ("visit", "Visit"),
                            ("gap_agreed", "Manager agreed to a gap in visits"),
                            ("referral", "Assessment started (referral accepted)"),
                            ("assessment", "Assessment completed (signed off)"),
                            ("supervision", "Supervision of the case"),
                            ("strategy_discussion", "Strategy discussion that led to a conference"),
                            ("icpc", "Initial child protection conference"),
                            ("rcpc", "Review child protection conference"),
                            ("core_group", "Core group"),
                            ("review", "Review of a child looked after"),
                            ("iro_contact", "IRO spoke to the child"),
                            ("rag", "IRO issued the RAG rating"),
                        ],
                        max_length=30,
                    ),
                ),
                ("on", models.DateField()),
                (
                    "seen",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("alone", "Seen alone"),
                            ("seen", "Seen, not alone"),
                            ("not_seen", "Not seen"),
                        ],
                        max_length=20,
                        verbose_name="the child was",
                    ),
                ),
                (
                    "audit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="events", to="audits.audit"
                    ),
                ),
            ],
            options={
                "ordering": ("audit_id", "on", "kind"),
                "constraints": [
                    models.UniqueConstraint(fields=("audit", "kind", "on"), name="audit_event_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "kind__in",
                                [
                                    "opened",
                                    "care_started",
                                    "placement",
                                    "visit",
                                    "gap_agreed",
                                    "referral",
                                    "assessment",
                                    "supervision",
                                    "strategy_discussion",
                                    "icpc",
                                    "rcpc",
                                    "core_group",
                                    "review",
                                    "iro_contact",
                                    "rag",
                                ],
                            )
                        ),
                        name="audit_event_kind_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("seen", ""),
                            models.Q(("kind", "visit"), ("seen__in", ["alone", "seen", "not_seen"])),
                            _connector="OR",
                        ),
                        name="audit_event_seen_at_visits",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="TimescaleRule",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "duty",
                    models.CharField(
                        choices=[
                            ("visit_cla", "Visits to a child looked after"),
                            ("visit_cla_to_18", "Visits to a child looked after, placement to last to 18"),
                            ("visit_cla_parents", "Visits to a child placed with parents before assessment"),
                            (
                                "visit_cla_temporary",
                                "Visits to a child with a temporary connected carer, or with a parent under an interim order",
                            ),
                            (
                                "visit_cla_care_order",
                                "Visits to a child under a care order who lives with a parent",
                            ),
                            ("visit_cp", "Child protection visits"),
                            ("visit_cin", "Child in need visits"),
                            ("review_cla", "Reviews of a child looked after"),
                            ("iro_contact", "The IRO speaks to the child before each review"),
                            ("rag", "RAG issued after each review"),
                            ("icpc", "Initial child protection conference"),
                            ("rcpc", "Review child protection conferences"),
                            ("core_group", "Core groups"),
                            ("assessment", "Assessments"),
                            ("annual_assessment", "Assessment brought up to date"),
                            ("supervision", "Supervision"),
                        ],
                        max_length=40,
                    ),
                ),
                ("starts_on", models.DateField(verbose_name="in force from")),
                (
                    "first_count",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(365),
                        ],
                        verbose_name="first, within",
                    ),
                ),
                (
                    "first_unit",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("days", "Days"),
                            ("weeks", "Weeks"),
                            ("months", "Months"),
                            ("working_days", "Working days"),
                        ],
                        max_length=20,
                        verbose_name="first, unit",
                    ),
                ),
                (
                    "following_count",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(365),
                        ],
                        verbose_name="then, every",
                    ),
                ),
                (
                    "following_unit",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("days", "Days"),
                            ("weeks", "Weeks"),
                            ("months", "Months"),
                            ("working_days", "Working days"),
                        ],
                        max_length=20,
                        verbose_name="then, unit",
                    ),
                ),
                (
                    "later_count",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(365),
                        ],
                        verbose_name="later, every",
                    ),
                ),
                (
                    "later_unit",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("days", "Days"),
                            ("weeks", "Weeks"),
                            ("months", "Months"),
                            ("working_days", "Working days"),
                        ],
                        max_length=20,
                        verbose_name="later, unit",
                    ),
                ),
                (
                    "later_after",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(60),
                        ],
                        verbose_name="months from the start after which the later interval applies",
                    ),
                ),
                ("source", models.CharField(max_length=200, verbose_name="the law or policy it comes from")),
                ("is_law", models.BooleanField(default=False, verbose_name="set by law")),
                ("added_at", models.DateTimeField(auto_now_add=True)),
                (
                    "added_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ("duty", "-starts_on"),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("duty", "starts_on"), name="timescale_rule_once_from_a_day"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "duty__in",
                                [
                                    "visit_cla",
                                    "visit_cla_to_18",
                                    "visit_cla_parents",
                                    "visit_cla_temporary",
                                    "visit_cla_care_order",
                                    "visit_cp",
                                    "visit_cin",
                                    "review_cla",
                                    "iro_contact",
                                    "rag",
                                    "icpc",
                                    "rcpc",
                                    "core_group",
                                    "assessment",
                                    "annual_assessment",
                                    "supervision",
                                ],
                            )
                        ),
                        name="timescale_rule_duty_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("first_count__isnull", True), ("first_unit", "")),
                            models.Q(
                                ("first_count__gte", 1),
                                ("first_unit__in", ["days", "weeks", "months", "working_days"]),
                            ),
                            _connector="OR",
                        ),
                        name="timescale_rule_first_whole",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("following_count__isnull", True), ("following_unit", "")),
                            models.Q(
                                ("following_count__gte", 1),
                                ("following_unit__in", ["days", "weeks", "months", "working_days"]),
                            ),
                            _connector="OR",
                        ),
                        name="timescale_rule_following_whole",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("later_count__isnull", True), ("later_unit", "")),
                            models.Q(
                                ("later_count__gte", 1),
                                ("later_unit__in", ["days", "weeks", "months", "working_days"]),
                            ),
                            _connector="OR",
                        ),
                        name="timescale_rule_later_whole",
                    ),
                ],
            },
        ),
        migrations.RunPython(install, migrations.RunPython.noop),
    ]
