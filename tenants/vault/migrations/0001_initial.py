import uuid

import django.db.models.deletion
from django.db import migrations, models

from tenants.isolation.operations import ProtectTable


class Migration(migrations.Migration):
    initial = True
    dependencies = [("isolation", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="RecordSalt",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("salt", models.BinaryField()),
                (
                    "municipality",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="isolation.municipality"
                    ),
                ),
            ],
            options={"abstract": False},
        ),
        migrations.RunSQL(
            "ALTER TABLE vault_recordsalt ADD CONSTRAINT salt_of_16_bytes CHECK (octet_length(salt) = 16)"
        ),
        # Nobody may change a salt: what was sealed under it would be lost. Deleting one is how a record is shredded.
        ProtectTable(
            "RecordSalt",
            grants={"app": "SELECT, INSERT, DELETE", "contributor": "SELECT, INSERT", "audit_writer": "INSERT"},
        ),
    ]
