import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from tenants.isolation.operations import GrantTable

KEY = dict(on_delete=django.db.models.deletion.PROTECT)


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0002_tables_of_others"),
        ("accounts", "0002_second_factor"),
        ("isolation", "0001_initial"),
    ]

    operations = [
        migrations.AddField(model_name="membership", name="ended_at", field=models.DateTimeField(null=True)),
        migrations.RemoveConstraint(model_name="membership", name="membership_once"),
        migrations.AddConstraint(
            model_name="membership",
            constraint=models.UniqueConstraint(
                fields=("municipality", "user", "role", "valid_from", "ended_at"),
                name="membership_once",
                nulls_distinct=False,
            ),
        ),
        migrations.CreateModel(
            name="Reset",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("asked_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("done_at", models.DateTimeField(null=True)),
                ("user", models.ForeignKey(related_name="resets", to=settings.AUTH_USER_MODEL, **KEY)),
            ],
        ),
        migrations.CreateModel(
            name="ResetConsent",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("given_at", models.DateTimeField()),
                ("by", models.ForeignKey(null=True, related_name="+", to=settings.AUTH_USER_MODEL, **KEY)),
                ("municipality", models.ForeignKey(null=True, related_name="+", to="isolation.municipality", **KEY)),
                ("reset", models.ForeignKey(related_name="consents", to="access.reset", **KEY)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("reset", "by"), name="one_consent_a_person", nulls_distinct=False)
                ],
            },
        ),
        # Dated, ended, never removed and never given another role or person.
        migrations.RunSQL("GRANT UPDATE (ended_at) ON access_membership TO buvett_app"),
        GrantTable("Reset", grants={"app": "SELECT, INSERT, UPDATE (expires_at, done_at)"}),
        GrantTable("ResetConsent", grants={"app": "SELECT, INSERT"}),
    ]
