import django.core.serializers.json
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("audits", "0021_ceilings"),
    ]

    operations = [
        migrations.AddField(
            model_name="auditmove",
            name="kept",
            field=models.JSONField(
                blank=True,
                default=dict,
                encoder=django.core.serializers.json.DjangoJSONEncoder,
                verbose_name="what the audit said",
            ),
        ),
    ]
