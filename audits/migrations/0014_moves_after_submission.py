import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_cache_table"),
        ("audits", "0013_past_audits"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Reopening",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("reason", models.TextField()),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("proposed", "Waiting for a decision"),
                            ("approved", "Approved"),
                            ("refused", "Refused"),
                        ],
                        default="proposed",
                        max_length=20,
                    ),
                ),
                ("proposed_at", models.DateTimeField()),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                ("decision_note", models.TextField(blank=True)),
            ],
            options={
                "ordering": ("proposed_at", "pk"),
            },
        ),
        migrations.AlterField(
            model_name="auditmove",
            name="by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddConstraint(
            model_name="audit",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("finalised_at__isnull", False), ("status", "finalised")),
                    models.Q(
                        models.Q(("status", "finalised"), _negated=True), ("finalised_at__isnull", True)
                    ),
                    _connector="OR",
                ),
                name="audit_final_has_moment",
            ),
        ),
        migrations.AddConstraint(
            model_name="auditsection",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("final_grade", ""),
                    models.Q(
                        ("final_grade__in", ("outstanding", "good", "requires_improvement", "inadequate")),
                        (
                            "section__in",
                            ("visits", "assessments", "supervision", "plans", "meetings", "overall"),
                        ),
                    ),
                    models.Q(
                        ("final_grade", "not_applicable"),
                        (
                            "section__in",
                            ("visits", "assessments", "supervision", "plans", "meetings", "overall"),
                        ),
                        models.Q(("section", "overall"), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="audit_section_final_grade_fits",
            ),
        ),
        migrations.AddField(
            model_name="reopening",
            name="audit",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="reopenings", to="audits.audit"
            ),
        ),
        migrations.AddField(
            model_name="reopening",
            name="decided_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="reopening",
            name="proposed_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddConstraint(
            model_name="reopening",
            constraint=models.CheckConstraint(
                condition=models.Q(("status__in", ["proposed", "approved", "refused"])),
                name="reopening_status_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="reopening",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason", ""), _negated=True), name="reopening_has_reason"
            ),
        ),
        migrations.AddConstraint(
            model_name="reopening",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("decided_at__isnull", True), ("decided_by__isnull", True), ("status", "proposed")
                    ),
                    models.Q(
                        models.Q(("status", "proposed"), _negated=True),
                        ("decided_at__isnull", False),
                        ("decided_by__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="reopening_decided_by_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="reopening",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("decided_by__isnull", True),
                    models.Q(("decided_by", models.F("proposed_by")), _negated=True),
                    _connector="OR",
                ),
                name="reopening_by_two_people",
            ),
        ),
        migrations.AddConstraint(
            model_name="reopening",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status", "proposed")),
                fields=("audit",),
                name="reopening_one_waiting_per_audit",
            ),
        ),
    ]
