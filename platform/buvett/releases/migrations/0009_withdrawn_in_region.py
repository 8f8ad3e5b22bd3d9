from django.db import migrations

# Asked for in the pages: in the signed scope of the release's own region, by the person it is signed for. The publisher
# (the console's way) and the readers are as before.
WITHDRAWAL = """
ALTER TABLE releases_withdrawal ENABLE ROW LEVEL SECURITY;
ALTER TABLE releases_withdrawal FORCE ROW LEVEL SECURITY;
CREATE POLICY public_fact ON releases_withdrawal FOR SELECT
    TO buvett_app, buvett_publisher, buvett_reader, buvett_outbox, buvett_backup USING (true);
CREATE POLICY publishes ON releases_withdrawal FOR INSERT TO buvett_publisher WITH CHECK (true);
CREATE POLICY own_region ON releases_withdrawal FOR INSERT TO buvett_app
    WITH CHECK (asked_by = split_part(current_setting('buvett.region', true), '|', 3) AND EXISTS (
        SELECT FROM releases_run AS run JOIN agreements_agreement AS agreement ON agreement.id = run.agreement_id
            WHERE run.id = run_id AND agreement.region_id = (SELECT isolation.current_region())));
"""


class Migration(migrations.Migration):
    dependencies = [("releases", "0008_signed_run"), ("isolation", "0003_regions"), ("agreements", "0002_rights")]
    operations = [migrations.RunSQL(WITHDRAWAL)]
