import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from tenants.isolation.operations import ProtectTable

# Who acts is the signed context's actor (its third part; isolation.current_municipality() checks the signature), never
# a column that a statement fills in. Order: preparation, decision, contribution; each holds the municipality's place.
PREPARATION = """
CREATE FUNCTION releases_actor() RETURNS text LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $function$ SELECT split_part(current_setting('buvett.context', true), '|', 3) $function$;

CREATE FUNCTION releases_hold_place(run uuid, municipality uuid) RETURNS void LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $function$ SELECT pg_advisory_xact_lock(hashtextextended('place:' || run || ':' || municipality, 0)) $function$;

CREATE FUNCTION releases_preparation_rules() RETURNS trigger LANGUAGE plpgsql
SET search_path = public, pg_temp AS $function$
BEGIN
    IF NEW.prepared_by <> releases_actor() THEN
        RAISE EXCEPTION 'whoever prepares says so' USING ERRCODE = 'check_violation';
    END IF;
    PERFORM releases_hold_place(NEW.run_id, NEW.municipality_id);
    IF NOT EXISTS (SELECT FROM releases_run AS run WHERE run.id = NEW.run_id AND run.state = 'open')
        OR EXISTS (
            SELECT FROM releases_delivery AS told WHERE told.run_id = NEW.run_id
                AND told.municipality_id = NEW.municipality_id AND told.delivered_at IS NOT NULL
        )
    THEN
        RAISE EXCEPTION 'nothing is prepared after it has left' USING ERRCODE = 'check_violation';
    END IF;
    NEW.prepared_at := clock_timestamp();  -- one clock for all: the newest is the one that counts
    RETURN NEW;
END
$function$;
CREATE TRIGGER preparation_rules BEFORE INSERT ON releases_preparation
    FOR EACH ROW EXECUTE FUNCTION releases_preparation_rules();
"""

DECISION = """
CREATE FUNCTION releases_decision_rules() RETURNS trigger LANGUAGE plpgsql
SET search_path = public, pg_temp AS $function$
DECLARE
    prepared releases_preparation%ROWTYPE;
BEGIN
    IF NEW.decided_by_id::text <> releases_actor() OR btrim(NEW.decided_by_name) = '' THEN
        RAISE EXCEPTION 'a decision names who makes it' USING ERRCODE = 'check_violation';
    END IF;
    SELECT * INTO STRICT prepared FROM releases_preparation
        WHERE municipality_id = NEW.municipality_id AND id = NEW.preparation_id;
    IF prepared.prepared_by = NEW.decided_by_id::text THEN
        RAISE EXCEPTION 'never by whoever prepared' USING ERRCODE = 'check_violation';
    END IF;
    PERFORM releases_hold_place(prepared.run_id, NEW.municipality_id);
    IF NOT EXISTS (SELECT FROM releases_run AS run WHERE run.id = prepared.run_id AND run.state = 'open')
        OR EXISTS (
            SELECT FROM releases_preparation AS later WHERE later.run_id = prepared.run_id
                AND later.municipality_id = NEW.municipality_id AND later.prepared_at > prepared.prepared_at
        )
    THEN
        RAISE EXCEPTION 'there is nothing to decide on any more' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END
$function$;
CREATE TRIGGER decision_rules BEFORE INSERT ON releases_decision
    FOR EACH ROW EXECUTE FUNCTION releases_decision_rules();
"""

# Today is the day in Norway, as for the program (settings.TIME_ZONE).
CONTRIBUTION = """
CREATE FUNCTION releases_contribution_approved() RETURNS trigger LANGUAGE plpgsql
SET search_path = public, pg_temp AS $function$
DECLARE
    today date := (clock_timestamp() AT TIME ZONE 'Europe/Oslo')::date;
BEGIN
    PERFORM releases_hold_place(NEW.run_id, NEW.municipality_id);
    IF NOT EXISTS (
        SELECT FROM agreements_standingapproval AS standing JOIN releases_run AS run
                ON run.agreement_id = standing.agreement_id
            WHERE run.id = NEW.run_id AND standing.municipality_id = NEW.municipality_id
                AND today BETWEEN standing.approved_on AND standing.expires_on
                AND (standing.revoked_on IS NULL OR standing.revoked_on > today)
                AND btrim(standing.approved_by_name) <> '' AND standing.approved_by_id::text <> releases_actor()
    ) AND NOT EXISTS (
        SELECT FROM releases_preparation AS prepared JOIN releases_decision AS decision
                ON decision.municipality_id = prepared.municipality_id AND decision.preparation_id = prepared.id
            WHERE prepared.municipality_id = NEW.municipality_id AND prepared.run_id = NEW.run_id
                AND decision.verdict = 'approved' AND decision.decided_by_id::text <> releases_actor()
                AND NOT EXISTS (
                    SELECT FROM releases_preparation AS later WHERE later.municipality_id = NEW.municipality_id
                        AND later.run_id = NEW.run_id AND later.prepared_at > prepared.prepared_at
                )
    ) THEN
        RAISE EXCEPTION 'nobody else has approved it' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END
$function$;
CREATE TRIGGER approved BEFORE INSERT ON releases_contribution
    FOR EACH ROW EXECUTE FUNCTION releases_contribution_approved();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("releases", "0003_counted"),
        ("agreements", "0002_rights"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="delivery", name="approved_once", field=models.BooleanField(default=False)
        ),
        migrations.CreateModel(
            name="Preparation",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("prepared_by", models.CharField(max_length=80)),
                ("prepared_by_name", models.CharField(blank=True, max_length=120)),
                ("prepared_at", models.DateTimeField()),
                ("pieces", models.BinaryField()),
                (
                    "municipality",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="isolation.municipality"
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="releases.run"
                    ),
                ),
            ],
            options={"abstract": False},
        ),
        migrations.CreateModel(
            name="Decision",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "verdict",
                    models.CharField(
                        choices=[("approved", "Approved"), ("returned", "Returned"), ("recount", "Recount")],
                        max_length=8,
                    ),
                ),
                ("decided_by_name", models.CharField(max_length=120)),
                ("decided_at", models.DateTimeField()),
                ("remark", models.BinaryField(null=True)),
                (
                    "decided_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "municipality",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="isolation.municipality"
                    ),
                ),
                (
                    "preparation",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="releases.preparation",
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.UniqueConstraint(
                fields=("municipality", "preparation"), name="one_decision_a_preparation"
            ),
        ),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("remark__isnull", False),
                    ("verdict", "returned"),
                )
                | models.Q(("remark", None), models.Q(("verdict", "returned"), _negated=True)),
                name="a_return_says_why",
            ),
        ),
        # Neither is ever changed or removed. The contributor decides nothing and reads no remark.
        ProtectTable("Preparation", grants={"app": "SELECT, INSERT", "contributor": "SELECT, INSERT"}),
        ProtectTable(
            "Decision",
            grants={
                "app": "SELECT, INSERT",
                "contributor": "SELECT (municipality_id, id, preparation_id, verdict, decided_by_id,"
                " decided_by_name, decided_at)",
            },
            parents={"preparation_id": "releases_preparation"},
        ),
        migrations.RunSQL("GRANT UPDATE (approved_once) ON releases_delivery TO buvett_contributor"),
        migrations.RunSQL(PREPARATION),
        migrations.RunSQL(DECISION),
        migrations.RunSQL(CONTRIBUTION),
    ]
