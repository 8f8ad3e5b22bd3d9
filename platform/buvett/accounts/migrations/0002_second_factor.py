import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from tenants.isolation.operations import GrantTable

# allauth's tables: the web process keeps second factors; of e-mail addresses it keeps none (the user's own is enough).
FOR_THE_DUMP = ["mfa_authenticator", "account_emailaddress", "account_emailconfirmation"]


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("account", "0009_emailaddress_unique_primary_email"),
        ("mfa", "0003_authenticator_type_uniq"),
    ]

    operations = [
        migrations.AddField(
            model_name="user",
            name="session_round",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.CreateModel(
            name="Invitation",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("token_sha256", models.CharField(max_length=64, unique=True)),
                ("made_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("used_at", models.DateTimeField(null=True)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="invitations",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        GrantTable("Invitation", grants={"app": "SELECT, INSERT, UPDATE (expires_at, used_at)"}),
        migrations.RunSQL("GRANT UPDATE (session_round) ON accounts_user TO buvett_app"),
        migrations.RunSQL("GRANT SELECT, INSERT, UPDATE, DELETE ON mfa_authenticator TO buvett_app"),
        *[migrations.RunSQL(f"GRANT SELECT ON {table} TO buvett_backup") for table in FOR_THE_DUMP],
        *[migrations.RunSQL(f"GRANT SELECT ON SEQUENCE {table}_id_seq TO buvett_backup") for table in FOR_THE_DUMP],
    ]
