import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Room for versions that are proposed, approved and superseded, with what each serves; filled in by the next."""

    dependencies = [
        ("audits", "0009_final_grades_of_what_was_submitted"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ToolInForce",
            fields=[
                (
                    "pathway",
                    models.CharField(
                        choices=[
                            ("cin", "Child in need"),
                            ("cp", "Child protection"),
                            ("cla", "Child looked after"),
                            ("leaving_care", "Leaving care"),
                            ("front_door", "Front door or assessment"),
                        ],
                        max_length=20,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
            ],
            options={
                "ordering": ("pathway",),
            },
        ),
        migrations.CreateModel(
            name="ToolVersionMove",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "from_status",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("draft", "Draft"),
                            ("proposed", "Waiting for approval"),
                            ("published", "Published"),
                            ("superseded", "Superseded"),
                            ("discarded", "Discarded"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "to_status",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("proposed", "Waiting for approval"),
                            ("published", "Published"),
                            ("superseded", "Superseded"),
                            ("discarded", "Discarded"),
                        ],
                        max_length=20,
                    ),
                ),
                ("at", models.DateTimeField()),
                ("reason", models.TextField(blank=True)),
            ],
            options={
                "ordering": ("at", "pk"),
            },
        ),
        migrations.RemoveConstraint(
            model_name="toolversion",
            name="tool_version_published_has_moment",
        ),
        migrations.AddField(
            model_name="toolversion",
            name="change_note",
            field=models.TextField(blank=True, max_length=2000),
        ),
        migrations.AddField(
            model_name="toolversion",
            name="pathways",
            field=models.JSONField(default=list),
        ),
        migrations.AddField(
            model_name="toolversion",
            name="proposed_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="toolversion",
            name="proposed_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AlterField(
            model_name="toolversion",
            name="status",
            field=models.CharField(
                choices=[
                    ("draft", "Draft"),
                    ("proposed", "Waiting for approval"),
                    ("published", "Published"),
                    ("superseded", "Superseded"),
                    ("discarded", "Discarded"),
                ],
                default="draft",
                max_length=20,
            ),
        ),
        migrations.AddField(
            model_name="toolinforce",
            name="version",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="in_force", to="audits.toolversion"
            ),
        ),
        migrations.AddField(
            model_name="toolversionmove",
            name="by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="toolversionmove",
            name="version",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="moves", to="audits.toolversion"
            ),
        ),
        migrations.AddConstraint(
            model_name="toolinforce",
            constraint=models.CheckConstraint(
                condition=models.Q(("pathway__in", ["cin", "cp", "cla", "leaving_care", "front_door"])),
                name="tool_in_force_pathway_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="toolversionmove",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("from_status__in", ("", "draft", "proposed", "published", "superseded", "discarded")),
                    ("to_status__in", ["draft", "proposed", "published", "superseded", "discarded"]),
                ),
                name="tool_version_move_statuses_known",
            ),
        ),
    ]
