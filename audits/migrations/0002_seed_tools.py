"""Put the shipped audit tools into every installation (docs/adr/0005-tools-as-data.md)."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from audits.services.tools import install_seed_tools
from audits.tool_files import read_tools


def install(apps: Apps, _schema_editor: BaseDatabaseSchemaEditor) -> None:
    install_seed_tools(apps)


def remove(apps: Apps, _schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Take the seed versions out again. Refused by the database's own keys once an audit has used one."""
    codes = [tool.code for tool in read_tools()]
    apps.get_model("audits", "ToolVersion").objects.filter(tool__code__in=codes, number=1).delete()
    apps.get_model("audits", "Tool").objects.filter(code__in=codes, versions__isnull=True).delete()


class Migration(migrations.Migration):
    dependencies = [("audits", "0001_initial")]
    operations = [migrations.RunPython(install, remove)]
