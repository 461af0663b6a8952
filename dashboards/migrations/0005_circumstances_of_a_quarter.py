"""What else decided the counts of a quarter is kept with them."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("dashboards", "0004_learning_briefs"),
    ]

    operations = [
        migrations.AddField(
            model_name="quarterrollup",
            name="circumstances",
            field=models.JSONField(blank=True, default=dict),
        ),
    ]
