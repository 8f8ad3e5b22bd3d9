from django.db import migrations

# The only role of a process that serves people which may read entries; it may do nothing else with them or anything.
READING = """
ALTER POLICY granted ON audit_entry TO buvett_app, buvett_contributor, buvett_audit_writer, buvett_audit_reader;
GRANT SELECT ON audit_entry TO buvett_audit_reader;
CREATE INDEX audit_entry_by_time ON audit_entry (municipality_id, recorded_at DESC);
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial"), ("isolation", "0002_audit_reader")]
    operations = [migrations.RunSQL(READING)]
