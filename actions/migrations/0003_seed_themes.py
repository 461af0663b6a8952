from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from actions.theme_seed import SEED


def add_themes(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:  # noqa: ARG001 - Django's signature
    """The themes to start with, and their questions; one that a council made itself stays as it is."""
    theme_model = apps.get_model("actions", "Theme")
    rule_model = apps.get_model("actions", "ThemeRule")
    for code, name, questions in SEED:
        if theme_model.objects.filter(name=name).exists():
            continue
        theme, is_new = theme_model.objects.get_or_create(code=code, defaults={"name": name})
        if is_new:
            rule_model.objects.bulk_create(
                rule_model(question=question, theme=theme) for question in questions
            )


def leave_themes(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Back: findings may have been tagged with them, so they stay."""


class Migration(migrations.Migration):
    dependencies = [("actions", "0002_paths_and_findings")]

    operations = [migrations.RunPython(add_themes, leave_themes)]
