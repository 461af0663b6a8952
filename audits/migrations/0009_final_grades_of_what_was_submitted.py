"""Until now nothing was moderated: the final grade of a submitted audit is its auditor's."""

from typing import Any

from django.db import migrations
from django.db.models import F


def take_the_auditors_grade(apps: Any, schema_editor: Any) -> None:  # noqa: ARG001 - Django's signature
    sections = apps.get_model("audits", "AuditSection").objects.filter(audit__status="submitted")
    sections.update(final_grade=F("grade"))


class Migration(migrations.Migration):
    dependencies = [("audits", "0008_statuses_after_submission")]
    operations = [migrations.RunPython(take_the_auditors_grade, migrations.RunPython.noop)]
