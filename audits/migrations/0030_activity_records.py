"""What dip samples and observations found is handed in."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("audits", "0029_pathways_of_holdings"),
    ]

    operations = [
        migrations.CreateModel(
            name="ActivityRecord",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("held_on", models.DateField()),
                ("looked_at", models.TextField(max_length=4000)),
                (
                    "setting",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("supervision", "Supervision"),
                            ("home_visit", "Home visit"),
                            ("meeting", "Conference or core group"),
                            ("review", "Review of a child looked after"),
                            ("court", "Court"),
                            ("other", "Somewhere else"),
                        ],
                        max_length=20,
                    ),
                ),
                ("files_read", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("good", models.TextField(max_length=4000, verbose_name="what was good")),
                ("better", models.TextField(max_length=4000, verbose_name="what has to be better")),
                ("handed_in_at", models.DateTimeField()),
                (
                    "allocation",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="activity_record",
                        to="audits.allocation",
                    ),
                ),
            ],
            options={
                "ordering": ("-handed_in_at", "-pk"),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("looked_at", ""), _negated=True),
                            models.Q(("good", ""), _negated=True),
                            models.Q(("better", ""), _negated=True),
                        ),
                        name="activity_record_says_what_was_found",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("files_read__isnull", False), ("files_read__range", (1, 50)), ("setting", "")
                            ),
                            models.Q(
                                ("files_read__isnull", True),
                                (
                                    "setting__in",
                                    ["supervision", "home_visit", "meeting", "review", "court", "other"],
                                ),
                            ),
                            _connector="OR",
                        ),
                        name="activity_record_has_files_or_setting",
                    ),
                ],
            },
        ),
    ]
