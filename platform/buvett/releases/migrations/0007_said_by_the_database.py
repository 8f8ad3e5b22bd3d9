from django.db import migrations

# As in 0004, and the database's own clock says when: a decision cannot be dated back.
DECISION = """
CREATE OR REPLACE FUNCTION releases_decision_rules() RETURNS trigger LANGUAGE plpgsql
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
    NEW.decided_at := clock_timestamp();
    RETURN NEW;
END
$function$;
"""

# As in 0005, and the web process asks for no more than its page does: for a member's sake is the publisher's alone.
WITHDRAWAL = """
CREATE OR REPLACE FUNCTION releases_withdrawal_rules() RETURNS trigger LANGUAGE plpgsql
SET search_path = public, pg_temp AS $function$
BEGIN
    IF NOT EXISTS (
        SELECT FROM releases_run AS run WHERE run.id = NEW.run_id
            AND (run.state = 'published' OR (run.state = 'locked' AND NEW.for_member_id IS NOT NULL))
    ) THEN
        RAISE EXCEPTION 'there is nothing to withdraw' USING ERRCODE = 'check_violation';
    END IF;
    IF current_user = 'buvett_app' AND (
        NEW.for_member_id IS NOT NULL
        OR NOT EXISTS (SELECT FROM releases_run AS run WHERE run.id = NEW.run_id AND run.state = 'published')
    ) THEN
        RAISE EXCEPTION 'the web asks for a published release, as a whole' USING ERRCODE = 'check_violation';
    END IF;
    NEW.asked_at := clock_timestamp();
    RETURN NEW;
END
$function$;
"""


class Migration(migrations.Migration):
    dependencies = [("releases", "0006_planned_for_operations")]
    operations = [migrations.RunSQL(DECISION), migrations.RunSQL(WITHDRAWAL)]
