import uuid

import django.db.models.deletion
from django.db import migrations, models

from tenants.isolation.operations import ProtectTable


class Migration(migrations.Migration):
    dependencies = [("releases", "0002_rights")]

    operations = [
        migrations.CreateModel(
            name="Counted",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("period", models.CharField(max_length=7)),
                ("pieces", models.BinaryField()),
                (
                    "agreement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agreements.agreement"
                    ),
                ),
                (
                    "municipality",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="isolation.municipality"
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="counted",
            constraint=models.UniqueConstraint(
                fields=("municipality", "agreement", "period"), name="counted_once"
            ),
        ),
        # Insert and read, never change: counted once.
        ProtectTable("Counted", grants={"contributor": "SELECT, INSERT"}),
    ]
