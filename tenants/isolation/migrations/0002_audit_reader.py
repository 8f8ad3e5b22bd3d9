from django.db import migrations

# A role that reads audit entries and nothing else, for the data protection officer's pages. Tables that are behind row
# security already are shut to it by the same restrictive policy as to every other role.
AUDIT_READER = """
DO $$
DECLARE
    found record;
BEGIN
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO buvett_audit_reader', current_database());
    FOR found IN SELECT c.oid::regclass AS name, p.polroles AS roles FROM pg_policy AS p
        JOIN pg_class AS c ON c.oid = p.polrelid WHERE p.polname = 'one_municipality'
    LOOP
        EXECUTE format('ALTER POLICY one_municipality ON %s TO %s', found.name, (
            SELECT string_agg(quote_ident(r.rolname), ', ' ORDER BY r.rolname) FROM pg_roles AS r
            WHERE r.oid = ANY(found.roles) OR r.rolname = 'buvett_audit_reader'));
    END LOOP;
END
$$;
GRANT USAGE ON SCHEMA public, isolation TO buvett_audit_reader;
GRANT EXECUTE ON FUNCTION isolation.current_municipality() TO buvett_audit_reader;
GRANT SELECT ON isolation_municipality TO buvett_audit_reader;
"""


class Migration(migrations.Migration):
    dependencies = [("isolation", "0001_initial")]
    operations = [migrations.RunSQL(AUDIT_READER)]
