"""A holding says on which pathway the child was, so that the caseload of a day long past can be counted again."""

from typing import Any

from django.db import migrations, models
from django.db.migrations.state import StateApps
from django.db.models import OuterRef, Q, Subquery

PATHWAYS = [
    ("cin", "Child in need"),
    ("cp", "Child protection"),
    ("cla", "Child looked after"),
    ("leaving_care", "Leaving care"),
    ("front_door", "Front door or assessment"),
]


def take_the_pathway_of_today(apps: StateApps, _: Any) -> None:
    """What the children were on before is not known: what they are on today is the best that is."""
    child = apps.get_model("audits", "Child").objects.filter(pk=OuterRef("child"))
    apps.get_model("audits", "Holding").objects.update(pathway=Subquery(child.values("pathway")[:1]))


class Migration(migrations.Migration):
    dependencies = [("audits", "0028_actions_begun")]

    operations = [
        migrations.AddField(
            model_name="holding",
            name="pathway",
            field=models.CharField(choices=PATHWAYS, default="", max_length=20),
            preserve_default=False,
        ),
        migrations.RunPython(take_the_pathway_of_today, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="holding",
            constraint=models.CheckConstraint(
                condition=Q(pathway__in=[code for code, _ in PATHWAYS]), name="holding_pathway_known"
            ),
        ),
    ]
