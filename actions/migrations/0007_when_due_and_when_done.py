"""Actions are found by when they were first due and when they were done: the dashboard no longer reads all of them."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("actions", "0006_pathways_and_tag_moves")]

    operations = [
        migrations.AddIndex(
            model_name="action",
            index=models.Index(fields=["first_due_on"], name="action_first_due"),
        ),
        migrations.AddIndex(
            model_name="action",
            index=models.Index(fields=["done_at"], name="action_done"),
        ),
    ]
