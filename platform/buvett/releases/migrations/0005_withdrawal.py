import uuid

import django.db.models.deletion
from django.db import migrations, models

from tenants.isolation.operations import GrantTable

# Only what is published (or locked, for a member's sake) can be taken back; the database's own clock says when.
RULES = """
CREATE FUNCTION releases_withdrawal_rules() RETURNS trigger LANGUAGE plpgsql
SET search_path = public, pg_temp AS $function$
BEGIN
    IF NOT EXISTS (
        SELECT FROM releases_run AS run WHERE run.id = NEW.run_id
            AND (run.state = 'published' OR (run.state = 'locked' AND NEW.for_member_id IS NOT NULL))
    ) THEN
        RAISE EXCEPTION 'there is nothing to withdraw' USING ERRCODE = 'check_violation';
    END IF;
    NEW.asked_at := clock_timestamp();
    RETURN NEW;
END
$function$;
CREATE TRIGGER withdrawal_rules BEFORE INSERT ON releases_withdrawal
    FOR EACH ROW EXECUTE FUNCTION releases_withdrawal_rules();
"""

PLANNED = """
ALTER POLICY publishes ON releases_planned USING (kind IN ('lock', 'publish', 'withdraw'));
ALTER POLICY published ON releases_planned
    USING (kind IN ('lock', 'publish', 'withdraw')) WITH CHECK (kind IN ('lock', 'publish', 'withdraw'));
"""


class Migration(migrations.Migration):
    dependencies = [("isolation", "0001_initial"), ("releases", "0004_approved_once")]

    operations = [
        migrations.CreateModel(
            name="Withdrawal",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("reason", models.TextField()),
                ("asked_by", models.CharField(max_length=80)),
                ("asked_by_name", models.CharField(max_length=120)),
                ("asked_at", models.DateTimeField()),
                (
                    "for_member",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="isolation.municipality",
                    ),
                ),
                (
                    "run",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="withdrawal", to="releases.run"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True), name="withdrawn_with_a_reason"
                    )
                ],
            },
        ),
        migrations.AlterField(
            model_name="planned",
            name="kind",
            field=models.CharField(
                choices=[
                    ("contribute", "Contribute"),
                    ("lock", "Lock"),
                    ("publish", "Publish"),
                    ("withdraw", "Withdraw"),
                ],
                max_length=10,
            ),
        ),
        migrations.RemoveConstraint(model_name="planned", name="only_contributions_have_a_municipality"),
        migrations.AddConstraint(
            model_name="planned",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "contribute"), ("municipality__isnull", False)),
                    models.Q(("kind__in", ["lock", "publish", "withdraw"]), ("municipality", None)),
                    _connector="OR",
                ),
                name="only_contributions_have_a_municipality",
            ),
        ),
        # Added once, never changed or removed by any role.
        GrantTable(
            "Withdrawal",
            grants={
                "app": "SELECT, INSERT",
                "publisher": "SELECT, INSERT",
                "outbox": "SELECT",
                "reader": "SELECT",
            },
        ),
        migrations.RunSQL(RULES),
        migrations.RunSQL(PLANNED),
    ]
