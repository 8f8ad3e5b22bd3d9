from django.db import migrations

from tenants.isolation.operations import GrantTable

# A draft is for the web's own role; the reader, under which sent plans are shown, has no right on it at all.
DRAFT = {"app": "SELECT, INSERT, UPDATE"}
PART = {"app": "SELECT, INSERT, UPDATE, DELETE"}
# What was sent, answered or commented is added to and never changed or removed, by any role.
SENT = {"app": "SELECT, INSERT", "reader": "SELECT"}
MINE = "municipality_id = (SELECT isolation.current_municipality())"
ACTOR = "split_part(current_setting('buvett.context', true), '|', 3)"
READERS = "buvett_app, buvett_reader, buvett_backup"

ANSWERS = f"""
ALTER TABLE plans_answer ENABLE ROW LEVEL SECURITY;
ALTER TABLE plans_answer FORCE ROW LEVEL SECURITY;
CREATE POLICY public_fact ON plans_answer FOR SELECT TO {READERS} USING (true);
CREATE POLICY own_house ON plans_answer FOR INSERT TO buvett_app
    WITH CHECK ({MINE} AND answered_by_id::text = {ACTOR});
ALTER TABLE plans_comment ENABLE ROW LEVEL SECURITY;
ALTER TABLE plans_comment FORCE ROW LEVEL SECURITY;
CREATE POLICY public_fact ON plans_comment FOR SELECT TO {READERS} USING (true);
CREATE POLICY own_house ON plans_comment FOR INSERT TO buvett_app
    WITH CHECK (municipality_id IS NULL OR ({MINE} AND written_by_id::text = {ACTOR}));
"""

# The newest version alone takes answers, from those that it asks; a version carries the next number and its own hash.
RULES = """
CREATE FUNCTION plans_version_rules() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $function$
BEGIN
    PERFORM pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended('plan:' || NEW.plan_id::text, 0));
    IF NEW.number <> (SELECT count(*) + 1 FROM plans_version AS earlier WHERE earlier.plan_id = NEW.plan_id) THEN
        RAISE EXCEPTION 'versions are numbered one after the other' USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.sha256 <> encode(sha256(convert_to(NEW.body, 'UTF8')), 'hex') THEN
        RAISE EXCEPTION 'the hash is of another text' USING ERRCODE = 'check_violation';
    END IF;
    NEW.sent_at := clock_timestamp();
    RETURN NEW;
END
$function$;
CREATE TRIGGER version_rules BEFORE INSERT ON plans_version FOR EACH ROW EXECUTE FUNCTION plans_version_rules();

CREATE FUNCTION plans_answer_rules() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $function$
DECLARE
    sent plans_version%ROWTYPE;
BEGIN
    SELECT * INTO STRICT sent FROM plans_version WHERE id = NEW.version_id;
    PERFORM pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended('plan:' || sent.plan_id::text, 0));
    IF EXISTS (SELECT FROM plans_version AS later WHERE later.plan_id = sent.plan_id AND later.number > sent.number)
        OR NOT EXISTS (
            SELECT FROM jsonb_array_elements(sent.body::jsonb -> 'asked') AS asked
                JOIN isolation_municipality AS town ON town.code = asked ->> 'code'
                WHERE town.id = NEW.municipality_id
        )
    THEN
        RAISE EXCEPTION 'this version takes no such answer' USING ERRCODE = 'check_violation';
    END IF;
    NEW.answered_at := clock_timestamp();
    RETURN NEW;
END
$function$;
CREATE TRIGGER answer_rules BEFORE INSERT ON plans_answer FOR EACH ROW EXECUTE FUNCTION plans_answer_rules();
"""


class Migration(migrations.Migration):
    dependencies = [("plans", "0001_initial"), ("agreements", "0002_rights"), ("releases", "0002_rights")]
    operations = [
        GrantTable("Plan", grants=DRAFT),
        GrantTable("Chapter", grants=PART),
        GrantTable("Measure", grants=PART),
        GrantTable("Version", grants=SENT),
        GrantTable("Answer", grants=SENT),
        GrantTable("Comment", grants=SENT),
        migrations.RunSQL(ANSWERS),
        migrations.RunSQL(RULES),
    ]
