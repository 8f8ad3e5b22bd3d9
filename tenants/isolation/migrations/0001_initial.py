import uuid

import django.db.models.deletion
from django.db import migrations, models

from tenants.isolation.operations import GrantTable
from tenants.isolation.sql import CURRENT_MUNICIPALITY, SCHEMA


class Migration(migrations.Migration):
    initial = True
    dependencies = []

    operations = [
        migrations.RunSQL(SCHEMA),
        migrations.RunSQL(CURRENT_MUNICIPALITY),
        migrations.CreateModel(
            name="Municipality",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("code", models.CharField(max_length=4)),
                ("name", models.CharField(max_length=80)),
                ("valid_from", models.DateField(null=True)),
                ("valid_to", models.DateField(null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("valid_to", None)), fields=("code",), name="one_live_code"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Population",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("year", models.PositiveSmallIntegerField()),
                ("inhabitants", models.PositiveIntegerField()),
                ("source", models.CharField(max_length=200)),
                ("demo", models.BooleanField(default=False)),
                (
                    "municipality",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="isolation.municipality"),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("municipality", "year"), name="one_population_a_year")
                ],
            },
        ),
        GrantTable(
            "Municipality",
            grants={
                "app": "SELECT",
                "contributor": "SELECT",
                "publisher": "SELECT",
                "reader": "SELECT",
                "outbox": "SELECT",
                "audit_writer": "SELECT",
            },
        ),
        GrantTable("Population", grants={"app": "SELECT", "reader": "SELECT"}),
    ]
