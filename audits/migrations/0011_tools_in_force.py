"""The pathways become the version's; each pathway is served by the version that its audits were started with so far."""

from typing import Any

from django.db import migrations


def fill(apps: Any, schema_editor: Any) -> None:  # noqa: ARG001 - Django's signature
    """What was in force stays in force: of the published versions for a pathway, the one with the highest number."""
    versions, in_force = (
        apps.get_model("audits", "ToolVersion").objects,
        apps.get_model("audits", "ToolInForce"),
    )
    serving: dict[str, int] = {}
    drafted: set[int] = set()
    for version in versions.select_related("tool").order_by("-number", "-pk"):
        version.pathways = version.tool.pathways
        version.save(update_fields=("pathways",))
        if version.status == "published":
            for pathway in version.pathways:
                serving.setdefault(pathway, version.pk)
        elif version.tool_id in drafted:
            versions.filter(pk=version.pk).update(status="discarded")
        else:
            drafted.add(version.tool_id)
    in_force.objects.bulk_create(in_force(pathway=key, version_id=pk) for key, pk in serving.items())
    versions.filter(status="published").exclude(pk__in=serving.values()).update(status="superseded")


def empty(apps: Any, schema_editor: Any) -> None:  # noqa: ARG001 - Django's signature
    """Each tool takes back the pathways of its newest published version, and only two statuses are left."""
    versions = apps.get_model("audits", "ToolVersion").objects
    for version in versions.filter(status="published").select_related("tool"):
        version.tool.pathways = list(version.in_force.values_list("pathway", flat=True))
        version.tool.save(update_fields=("pathways",))
    apps.get_model("audits", "ToolInForce").objects.all().delete()
    versions.filter(status="superseded").update(status="published")
    versions.filter(status__in=("proposed", "discarded")).update(status="draft")


class Migration(migrations.Migration):
    dependencies = [("audits", "0010_tool_versions_are_approved")]
    operations = [migrations.RunPython(fill, empty)]
