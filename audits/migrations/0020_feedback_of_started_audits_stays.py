from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def keep_the_page(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Audits that were started keep the page of family feedback that they began with."""
    audit = apps.get_model("audits", "Audit")
    audit.objects.using(schema_editor.connection.alias).exclude(status="allocated").update(
        feedback_by_person=False
    )


class Migration(migrations.Migration):
    dependencies = [("audits", "0019_worker_family_and_actions")]

    operations = [migrations.RunPython(keep_the_page, migrations.RunPython.noop)]
