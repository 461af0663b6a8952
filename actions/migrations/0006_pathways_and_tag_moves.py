"""An action counts on the pathway of its opening; who puts a theme on a finding, or takes it away, is kept."""

from typing import Any

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.migrations.state import StateApps
from django.db.models import OuterRef, Subquery


def take_the_pathway_that_is_known(apps: StateApps, _: Any) -> None:
    """The audit's; for other actions about a child the one the child is on today. An action of a team has none."""
    action = apps.get_model("actions", "Action").objects
    for name, of in (
        ("audit", apps.get_model("audits", "Audit")),
        ("child", apps.get_model("audits", "Child")),
    ):
        known = Subquery(of.objects.filter(pk=OuterRef(name)).values("pathway")[:1])
        action.filter(pathway="", **{f"{name}__isnull": False}).update(pathway=known)


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_cache_table"),
        ("actions", "0005_imported_actions"),
        ("audits", "0029_pathways_of_holdings"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="TagMove",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("is_added", models.BooleanField()),
                ("at", models.DateTimeField()),
            ],
            options={
                "ordering": ("at", "pk"),
            },
        ),
        migrations.AddField(
            model_name="action",
            name="pathway",
            field=models.CharField(
                blank=True,
                choices=[
                    ("cin", "Child in need"),
                    ("cp", "Child protection"),
                    ("cla", "Child looked after"),
                    ("leaving_care", "Leaving care"),
                    ("front_door", "Front door or assessment"),
                ],
                max_length=20,
                verbose_name="the child's pathway when it was opened",
            ),
        ),
        migrations.AddConstraint(
            model_name="action",
            constraint=models.CheckConstraint(
                condition=models.Q(("pathway__in", ["", "cin", "cp", "cla", "leaving_care", "front_door"])),
                name="action_pathway_known",
            ),
        ),
        migrations.AddField(
            model_name="tagmove",
            name="audit",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="tag_moves", to="audits.audit"
            ),
        ),
        migrations.AddField(
            model_name="tagmove",
            name="by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="tagmove",
            name="finding",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="tag_moves",
                to="actions.finding",
            ),
        ),
        migrations.AddField(
            model_name="tagmove",
            name="theme",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="tag_moves", to="actions.theme"
            ),
        ),
        migrations.RunPython(take_the_pathway_that_is_known, migrations.RunPython.noop),
    ]
