from django.db import migrations

# Which kind of work is planned, when it was sent and done: public facts of the region, shown to operations.
SEEN = """
GRANT SELECT (id, kind, run_id, planned_at, sent_at, done_at) ON releases_planned TO buvett_reader;
CREATE POLICY watches ON releases_planned FOR SELECT TO buvett_reader USING (true);
"""


class Migration(migrations.Migration):
    dependencies = [("releases", "0005_withdrawal")]
    operations = [migrations.RunSQL(SEEN)]
