from django.db import migrations

from tenants.isolation.operations import GrantTable, ProtectTable

MINE = "municipality_id = (SELECT isolation.current_municipality())"

# The moves of buvett.releases.states, held by the database too (a test compares them).
MOVES = (("open", "locked"), ("locked", "published"), ("locked", "refused"), ("published", "withdrawn"))
PAIRS = ", ".join(f"('{before}', '{after}')" for before, after in MOVES)

RUN = f"""
CREATE FUNCTION releases_run_rules() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $function$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'open' OR NEW.withdrawn_by_id IS NOT NULL THEN
            RAISE EXCEPTION 'a run begins open' USING ERRCODE = 'check_violation';
        END IF;
        -- One shot: a second run of the period only after a member took its numbers back, and without that member.
        IF NEW.attempt > 0 AND NOT EXISTS (
            SELECT FROM releases_run AS first WHERE first.agreement_id = NEW.agreement_id
                AND first.period = NEW.period AND first.attempt = 0
                AND first.state IN ('refused', 'withdrawn') AND first.withdrawn_by_id = NEW.left_out_id
        ) THEN
            RAISE EXCEPTION 'the period is used' USING ERRCODE = 'check_violation';
        END IF;
    ELSIF NEW.state <> OLD.state AND (OLD.state, NEW.state) NOT IN ({PAIRS}) THEN
        RAISE EXCEPTION 'no such move of a run' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END
$function$;
CREATE TRIGGER run_rules BEFORE INSERT OR UPDATE ON releases_run
    FOR EACH ROW EXECUTE FUNCTION releases_run_rules();
"""

# A contribution and the lock exclude each other by an advisory lock on the run: a contribution is in the locked set, or
# it comes too late; never in between.
CONTRIBUTION = """
CREATE FUNCTION releases_contribution_in_time() RETURNS trigger LANGUAGE plpgsql
SET search_path = public, pg_temp AS $function$
BEGIN
    PERFORM pg_catalog.pg_advisory_xact_lock_shared(pg_catalog.hashtextextended('run:' || NEW.run_id::text, 0));
    IF NOT EXISTS (
        SELECT FROM releases_run AS run WHERE run.id = NEW.run_id AND run.state = 'open'
            AND run.left_out_id IS DISTINCT FROM NEW.municipality_id
    ) THEN
        RAISE EXCEPTION 'the run takes no contribution' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END
$function$;
CREATE TRIGGER in_time BEFORE INSERT ON releases_contribution
    FOR EACH ROW EXECUTE FUNCTION releases_contribution_in_time();
"""

DELIVERY = f"""
ALTER TABLE releases_delivery ENABLE ROW LEVEL SECURITY;
ALTER TABLE releases_delivery FORCE ROW LEVEL SECURITY;
CREATE POLICY public_fact ON releases_delivery FOR SELECT
    TO buvett_app, buvett_contributor, buvett_publisher, buvett_reader, buvett_outbox, buvett_backup USING (true);
CREATE POLICY own_house ON releases_delivery FOR INSERT TO buvett_contributor WITH CHECK ({MINE});
CREATE POLICY own_change ON releases_delivery FOR UPDATE TO buvett_contributor USING ({MINE}) WITH CHECK ({MINE});
"""

RELEASE = """
ALTER TABLE releases_release ENABLE ROW LEVEL SECURITY;
ALTER TABLE releases_release FORCE ROW LEVEL SECURITY;
CREATE POLICY publishes ON releases_release TO buvett_publisher USING (true) WITH CHECK (true);
CREATE POLICY published ON releases_release FOR SELECT TO buvett_reader USING (state IN ('published', 'withdrawn'));
CREATE POLICY backup ON releases_release FOR SELECT TO buvett_backup USING (true);
"""

# Each worker sees the work of its own kind; a contributor can call only its own municipality's work done.
PLANNED = f"""
ALTER TABLE releases_planned ENABLE ROW LEVEL SECURITY;
ALTER TABLE releases_planned FORCE ROW LEVEL SECURITY;
CREATE POLICY plans ON releases_planned TO buvett_outbox USING (true) WITH CHECK (true);
CREATE POLICY contributes ON releases_planned FOR SELECT TO buvett_contributor USING (kind = 'contribute');
CREATE POLICY contributed ON releases_planned FOR UPDATE TO buvett_contributor
    USING (kind = 'contribute' AND {MINE}) WITH CHECK (kind = 'contribute' AND {MINE});
CREATE POLICY publishes ON releases_planned FOR SELECT TO buvett_publisher USING (kind IN ('lock', 'publish'));
CREATE POLICY published ON releases_planned FOR UPDATE TO buvett_publisher
    USING (kind IN ('lock', 'publish')) WITH CHECK (kind IN ('lock', 'publish'));
CREATE POLICY backup ON releases_planned FOR SELECT TO buvett_backup USING (true);
"""


class Migration(migrations.Migration):
    dependencies = [("releases", "0001_initial"), ("agreements", "0002_rights"), ("isolation", "0001_initial")]
    operations = [
        GrantTable(
            "Run",
            grants={
                "app": "SELECT",
                "contributor": "SELECT",
                "publisher": "SELECT, INSERT, UPDATE (state, withdrawn_by_id)",
                "reader": "SELECT",
                "outbox": "SELECT",
            },
        ),
        # The publisher opens what is sealed, and nothing else of a municipality's.
        ProtectTable(
            "Contribution", grants={"contributor": "SELECT, INSERT", "publisher": "SELECT"}, sees_all=["publisher"]
        ),
        GrantTable(
            "Delivery",
            grants={
                "app": "SELECT",
                "contributor": "SELECT, INSERT, UPDATE (delivered_at, waiting_for)",
                "publisher": "SELECT",
                "reader": "SELECT",
                "outbox": "SELECT",
            },
        ),
        GrantTable("Lock", grants={"publisher": "SELECT, INSERT"}),
        GrantTable("Result", grants={"publisher": "SELECT, INSERT"}),
        GrantTable("Release", grants={"publisher": "SELECT, INSERT, UPDATE (state)", "reader": "SELECT"}),
        GrantTable("LedgerEntry", grants={"publisher": "SELECT, INSERT"}),
        GrantTable(
            "Planned",
            grants={
                "outbox": "SELECT, INSERT, UPDATE (sent_at)",
                "contributor": "SELECT, UPDATE (done_at)",
                "publisher": "SELECT, UPDATE (done_at)",
            },
        ),
        migrations.RunSQL(RUN),
        migrations.RunSQL(CONTRIBUTION),
        migrations.RunSQL(DELIVERY),
        migrations.RunSQL(RELEASE),
        migrations.RunSQL(PLANNED),
    ]
