import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_cache_table"),
        ("audits", "0012_a_tool_is_published_once"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ImportedAudit",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("source", models.CharField(max_length=20)),
                ("external_id", models.CharField(max_length=60)),
                ("digest", models.CharField(max_length=64)),
                ("imported_at", models.DateTimeField()),
            ],
            options={
                "ordering": ("source", "pk"),
            },
        ),
        migrations.AlterField(
            model_name="audit",
            name="age",
            field=models.SmallIntegerField(blank=True, null=True, verbose_name="age in years when allocated"),
        ),
        migrations.AlterField(
            model_name="child",
            name="birth_month",
            field=models.PositiveSmallIntegerField(
                blank=True,
                null=True,
                validators=[
                    django.core.validators.MinValueValidator(1),
                    django.core.validators.MaxValueValidator(12),
                ],
            ),
        ),
        migrations.AlterField(
            model_name="child",
            name="birth_year",
            field=models.PositiveSmallIntegerField(blank=True, null=True),
        ),
        migrations.AddConstraint(
            model_name="child",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("birth_month__isnull", False), ("birth_year__isnull", False)),
                    ("closed_on__isnull", False),
                    _connector="OR",
                ),
                name="child_open_has_birth",
            ),
        ),
        migrations.AddField(
            model_name="importedaudit",
            name="audit",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.CASCADE, related_name="imported", to="audits.audit"
            ),
        ),
        migrations.AddField(
            model_name="importedaudit",
            name="imported_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddConstraint(
            model_name="importedaudit",
            constraint=models.UniqueConstraint(fields=("source", "external_id"), name="imported_audit_once"),
        ),
    ]
