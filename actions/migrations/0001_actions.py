import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import actions.models.settings


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0003_cache_table"),
        ("audits", "0020_feedback_of_started_audits_stays"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Theme",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.SlugField(max_length=40, unique=True)),
                ("name", models.CharField(max_length=120, unique=True)),
                ("is_in_use", models.BooleanField(default=True)),
            ],
            options={
                "ordering": ("name",),
            },
        ),
        migrations.CreateModel(
            name="Action",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("reference", models.CharField(max_length=20, unique=True)),
                (
                    "source",
                    models.CharField(
                        choices=[
                            ("audit", "An audit"),
                            ("panel", "A moderation panel"),
                            ("theme", "A theme over several children"),
                            ("hand", "Raised by hand"),
                            ("tracker", "The tracker used before"),
                        ],
                        max_length=20,
                    ),
                ),
                ("what", models.TextField(verbose_name="what shall be done")),
                ("why", models.TextField(verbose_name="the finding")),
                ("about", models.CharField(blank=True, max_length=20)),
                ("success", models.TextField(verbose_name="how success will be seen")),
                (
                    "priority",
                    models.CharField(
                        choices=[
                            ("p0", "P0: immediate safety"),
                            ("p1", "P1: statutory breach"),
                            ("p2", "P2: practice"),
                            ("p3", "P3: learning"),
                        ],
                        max_length=2,
                    ),
                ),
                ("first_due_on", models.DateField()),
                ("due_on", models.DateField()),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("open", "Open"),
                            ("in_progress", "In progress"),
                            ("cancel_asked", "Cancellation asked for"),
                            ("done", "Done"),
                            ("returned", "Returned"),
                            ("verified", "Verified"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="open",
                        max_length=20,
                    ),
                ),
                ("opened_at", models.DateTimeField()),
                ("evidence", models.TextField(blank=True, verbose_name="evidence that it is done")),
                ("impact", models.TextField(blank=True, verbose_name="what is different for the child")),
                ("done_at", models.DateTimeField(blank=True, null=True)),
                (
                    "verification",
                    models.CharField(
                        choices=[
                            ("not_yet", "Decided once it is done"),
                            ("always", "Its priority is always verified"),
                            ("sampled", "Drawn in the sample"),
                            ("not_drawn", "Not drawn in the sample"),
                        ],
                        default="not_yet",
                        max_length=20,
                    ),
                ),
                ("verified_at", models.DateTimeField(blank=True, null=True)),
                ("version", models.PositiveIntegerField(default=0)),
                (
                    "audit",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="actions",
                        to="audits.audit",
                    ),
                ),
                (
                    "child",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="actions",
                        to="audits.child",
                    ),
                ),
                (
                    "completed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "opened_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="owned_actions",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "proposed",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="action",
                        to="audits.proposedaction",
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="actions",
                        to="accounts.team",
                    ),
                ),
                (
                    "verified_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "theme",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="actions",
                        to="actions.theme",
                    ),
                ),
            ],
            options={
                "ordering": ("due_on", "reference"),
            },
        ),
        migrations.CreateModel(
            name="ActionSettings",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "verification_percent",
                    models.PositiveSmallIntegerField(
                        default=20,
                        validators=[
                            django.core.validators.MaxValueValidator(100),
                            actions.models.settings.multiple_of_five,
                        ],
                        verbose_name="share of other completed actions that is verified, in percent",
                    ),
                ),
                ("verification_seed", models.PositiveIntegerField(default=1)),
                (
                    "drawn",
                    models.PositiveIntegerField(
                        default=0, verbose_name="completed actions that stood in the draw"
                    ),
                ),
                (
                    "team_manager_after",
                    models.PositiveSmallIntegerField(
                        default=1,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(60),
                        ],
                        verbose_name="working days over when the owner is told",
                    ),
                ),
                (
                    "service_manager_after",
                    models.PositiveSmallIntegerField(
                        default=5,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(60),
                        ],
                        verbose_name="working days over when the service manager is told",
                    ),
                ),
                (
                    "assistant_director_after",
                    models.PositiveSmallIntegerField(
                        default=10,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(60),
                        ],
                        verbose_name="working days over when the assistant director is told",
                    ),
                ),
                (
                    "board_after",
                    models.PositiveSmallIntegerField(
                        default=20,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(60),
                        ],
                        verbose_name="working days over when it goes on the Improvement Board's list",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("pk", 1)), name="action_settings_one_row")
                ],
            },
        ),
        migrations.CreateModel(
            name="ActionMove",
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
                            ("open", "Opened"),
                            ("start", "Started"),
                            ("note", "Update"),
                            ("complete", "Completed"),
                            ("verify", "Verified"),
                            ("return", "Returned"),
                            ("extend", "Extended"),
                            ("assign", "Given to another owner"),
                            ("ask_cancel", "Cancellation asked for"),
                            ("keep", "Cancellation refused"),
                            ("cancel", "Cancelled"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "from_status",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("open", "Open"),
                            ("in_progress", "In progress"),
                            ("cancel_asked", "Cancellation asked for"),
                            ("done", "Done"),
                            ("returned", "Returned"),
                            ("verified", "Verified"),
                            ("cancelled", "Cancelled"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "to_status",
                    models.CharField(
                        choices=[
                            ("open", "Open"),
                            ("in_progress", "In progress"),
                            ("cancel_asked", "Cancellation asked for"),
                            ("done", "Done"),
                            ("returned", "Returned"),
                            ("verified", "Verified"),
                            ("cancelled", "Cancelled"),
                        ],
                        max_length=20,
                    ),
                ),
                ("from_due_on", models.DateField()),
                ("to_due_on", models.DateField()),
                ("at", models.DateTimeField()),
                ("reason", models.TextField(blank=True)),
                (
                    "action",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="moves", to="actions.action"
                    ),
                ),
                (
                    "by",
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
                "ordering": ("at", "pk"),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "kind__in",
                                [
                                    "open",
                                    "start",
                                    "note",
                                    "complete",
                                    "verify",
                                    "return",
                                    "extend",
                                    "assign",
                                    "ask_cancel",
                                    "keep",
                                    "cancel",
                                ],
                            )
                        ),
                        name="action_move_kind_known",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Escalation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "step",
                    models.CharField(
                        choices=[
                            ("team_manager", "Team manager told"),
                            ("service_manager", "Service manager told"),
                            ("assistant_director", "Assistant director told"),
                            ("board", "On the Improvement Board's list"),
                        ],
                        max_length=20,
                    ),
                ),
                ("at", models.DateTimeField()),
                (
                    "action",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="escalations",
                        to="actions.action",
                    ),
                ),
                (
                    "told",
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
                "ordering": ("at", "pk"),
                "constraints": [
                    models.UniqueConstraint(fields=("action", "step"), name="escalation_once_per_step"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("step__in", ["team_manager", "service_manager", "assistant_director", "board"])
                        ),
                        name="escalation_step_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="EscalationPause",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("until", models.DateField()),
                ("reason", models.TextField()),
                ("at", models.DateTimeField()),
                (
                    "action",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="pauses",
                        to="actions.action",
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ("at", "pk"),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True), name="escalation_pause_has_reason"
                    )
                ],
            },
        ),
        migrations.AddIndex(
            model_name="action",
            index=models.Index(
                condition=models.Q(("status__in", ("open", "in_progress", "cancel_asked", "returned"))),
                fields=["owner", "due_on"],
                name="action_owed_by_owner",
            ),
        ),
        migrations.AddIndex(
            model_name="action",
            index=models.Index(
                condition=models.Q(("status__in", ("open", "in_progress", "cancel_asked", "returned"))),
                fields=["team", "due_on"],
                name="action_owed_by_team",
            ),
        ),
        migrations.AddIndex(
            model_name="action",
            index=models.Index(fields=["status", "due_on"], name="action_status_due"),
        ),
        migrations.AddConstraint(
            model_name="action",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "status__in",
                        ["open", "in_progress", "cancel_asked", "done", "returned", "verified", "cancelled"],
                    )
                ),
                name="action_status_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="action",
            constraint=models.CheckConstraint(
                condition=models.Q(("priority__in", ["p0", "p1", "p2", "p3"])), name="action_priority_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="action",
            constraint=models.CheckConstraint(
                condition=models.Q(("due_on__gte", models.F("first_due_on"))), name="action_due_never_earlier"
            ),
        ),
        migrations.AddConstraint(
            model_name="action",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("what", ""), _negated=True),
                    models.Q(("why", ""), _negated=True),
                    models.Q(("success", ""), _negated=True),
                ),
                name="action_is_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="action",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("done_at__isnull", False),
                        ("status__in", ("done", "verified")),
                        models.Q(("evidence", ""), _negated=True),
                        models.Q(("verification", "not_yet"), _negated=True),
                    ),
                    models.Q(("status__in", ("done", "verified")), _negated=True),
                    _connector="OR",
                ),
                name="action_done_has_evidence",
            ),
        ),
        migrations.AddConstraint(
            model_name="action",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("status", "verified"), ("verified_at__isnull", False), ("verified_by__isnull", False)
                    ),
                    models.Q(
                        models.Q(("status", "verified"), _negated=True),
                        ("verified_at__isnull", True),
                        ("verified_by__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="action_verified_has_moment",
            ),
        ),
        migrations.AddConstraint(
            model_name="action",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("verified_by__isnull", True),
                    models.Q(
                        models.Q(("verified_by", models.F("owner")), _negated=True),
                        models.Q(("verified_by", models.F("completed_by")), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="action_verified_by_another",
            ),
        ),
    ]
