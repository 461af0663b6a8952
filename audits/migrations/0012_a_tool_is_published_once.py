from django.db import migrations, models


class Migration(migrations.Migration):
    """The pathways are the version's now, and the database holds what the data keeps to since the one before."""

    dependencies = [("audits", "0011_tools_in_force")]

    operations = [
        migrations.RemoveField(
            model_name="tool",
            name="pathways",
        ),
        migrations.AddConstraint(
            model_name="toolversion",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status", "published")), fields=("tool",), name="tool_published_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="toolversion",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status__in", ("draft", "proposed"))),
                fields=("tool",),
                name="tool_drafted_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="toolversion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("published_at__isnull", True), ("status__in", ("draft", "proposed", "discarded"))
                    ),
                    models.Q(("published_at__isnull", False), ("status__in", ("published", "superseded"))),
                    _connector="OR",
                ),
                name="tool_version_published_has_moment",
            ),
        ),
        migrations.AddConstraint(
            model_name="toolversion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status", "proposed"), _negated=True),
                    models.Q(("proposed_at__isnull", False), ("proposed_by__isnull", False)),
                    _connector="OR",
                ),
                name="tool_version_proposed_by_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="toolversion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("published_by__isnull", True),
                    models.Q(
                        ("proposed_by__isnull", False),
                        models.Q(("published_by", models.F("proposed_by")), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="tool_version_approved_by_another",
            ),
        ),
    ]
