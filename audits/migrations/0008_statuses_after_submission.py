from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_cache_table"),
        ("audits", "0007_ledger_moves_and_exemptions"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="audit",
            name="audit_status_known",
        ),
        migrations.RemoveConstraint(
            model_name="audit",
            name="audit_submitted_has_moment",
        ),
        migrations.RemoveConstraint(
            model_name="auditmove",
            name="audit_move_statuses_known",
        ),
        migrations.AddField(
            model_name="audit",
            name="finalised_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="auditsection",
            name="final_grade",
            field=models.CharField(
                blank=True,
                choices=[
                    ("outstanding", "Outstanding"),
                    ("good", "Good"),
                    ("requires_improvement", "Requires improvement"),
                    ("inadequate", "Inadequate"),
                    ("not_applicable", "Not applicable"),
                ],
                max_length=30,
            ),
        ),
        migrations.AlterField(
            model_name="audit",
            name="status",
            field=models.CharField(
                choices=[
                    ("allocated", "Not started"),
                    ("in_progress", "In progress"),
                    ("submitted", "Submitted"),
                    ("returned", "Returned for evidence"),
                    ("resubmitted", "Submitted again"),
                    ("finalised", "Final"),
                    ("reopened", "Reopened"),
                    ("void", "Void"),
                ],
                default="allocated",
                max_length=20,
            ),
        ),
        migrations.AlterField(
            model_name="audit",
            name="submitted_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="first submitted"),
        ),
        migrations.AlterField(
            model_name="auditmove",
            name="from_status",
            field=models.CharField(
                choices=[
                    ("allocated", "Not started"),
                    ("in_progress", "In progress"),
                    ("submitted", "Submitted"),
                    ("returned", "Returned for evidence"),
                    ("resubmitted", "Submitted again"),
                    ("finalised", "Final"),
                    ("reopened", "Reopened"),
                    ("void", "Void"),
                ],
                max_length=20,
            ),
        ),
        migrations.AlterField(
            model_name="auditmove",
            name="to_status",
            field=models.CharField(
                choices=[
                    ("allocated", "Not started"),
                    ("in_progress", "In progress"),
                    ("submitted", "Submitted"),
                    ("returned", "Returned for evidence"),
                    ("resubmitted", "Submitted again"),
                    ("finalised", "Final"),
                    ("reopened", "Reopened"),
                    ("void", "Void"),
                ],
                max_length=20,
            ),
        ),
        migrations.AlterField(
            model_name="auditsection",
            name="grade",
            field=models.CharField(
                blank=True,
                choices=[
                    ("outstanding", "Outstanding"),
                    ("good", "Good"),
                    ("requires_improvement", "Requires improvement"),
                    ("inadequate", "Inadequate"),
                    ("not_applicable", "Not applicable"),
                ],
                max_length=30,
                verbose_name="the auditor's grade",
            ),
        ),
        migrations.AddIndex(
            model_name="auditsection",
            index=models.Index(fields=["section", "final_grade"], name="audit_section_final_grade"),
        ),
        migrations.AddConstraint(
            model_name="audit",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "status__in",
                        [
                            "allocated",
                            "in_progress",
                            "submitted",
                            "returned",
                            "resubmitted",
                            "finalised",
                            "reopened",
                            "void",
                        ],
                    )
                ),
                name="audit_status_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="audit",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("status__in", ("submitted", "returned", "resubmitted", "finalised", "reopened")),
                        ("submitted_at__isnull", False),
                    ),
                    models.Q(("status__in", ("allocated", "in_progress")), ("submitted_at__isnull", True)),
                    ("status", "void"),
                    _connector="OR",
                ),
                name="audit_submitted_has_moment",
            ),
        ),
        migrations.AddConstraint(
            model_name="auditmove",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "from_status__in",
                        [
                            "allocated",
                            "in_progress",
                            "submitted",
                            "returned",
                            "resubmitted",
                            "finalised",
                            "reopened",
                            "void",
                        ],
                    ),
                    (
                        "to_status__in",
                        [
                            "allocated",
                            "in_progress",
                            "submitted",
                            "returned",
                            "resubmitted",
                            "finalised",
                            "reopened",
                            "void",
                        ],
                    ),
                ),
                name="audit_move_statuses_known",
            ),
        ),
    ]
