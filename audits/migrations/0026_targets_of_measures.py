"""What the council aims at stands with the measures (dashboards.Target)."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("audits", "0025_export_formats"),
        ("dashboards", "0003_targets"),
    ]

    operations = [migrations.RemoveField(model_name="programmesettings", name="return_rate_target")]
