"""Plans, what was sent of them, answers and comments are of one region: row security binds each to the signed scope."""

from django.db import migrations

MINE = "municipality_id = (SELECT isolation.current_municipality())"
HERE = "region_id = (SELECT isolation.current_region())"
ACTOR = "split_part(current_setting('buvett.context', true), '|', 3)"
# Whoever the region's context is signed for; the function has looked at the signature in the same policy.
WRITER = "split_part(current_setting('buvett.region', true), '|', 3)"

DRAFTS = f"""
ALTER TABLE plans_plan ENABLE ROW LEVEL SECURITY;
ALTER TABLE plans_plan FORCE ROW LEVEL SECURITY;
CREATE POLICY one_region ON plans_plan TO buvett_app USING ({HERE}) WITH CHECK ({HERE});
CREATE POLICY backup ON plans_plan FOR SELECT TO buvett_backup USING (true);
"""

# A part lies where its plan lies: the plan's own policy answers.
PARTS = "".join(
    f"""
ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
ALTER TABLE {table} FORCE ROW LEVEL SECURITY;
CREATE POLICY one_region ON {table} TO buvett_app
    USING (plan_id IN (SELECT id FROM plans_plan)) WITH CHECK (plan_id IN (SELECT id FROM plans_plan));
CREATE POLICY backup ON {table} FOR SELECT TO buvett_backup USING (true);
"""
    for table in ("plans_chapter", "plans_measure")
)

# Who sends a version is who the scope is signed for, and it is sent where its plan lies.
VERSIONS = f"""
ALTER TABLE plans_version ENABLE ROW LEVEL SECURITY;
ALTER TABLE plans_version FORCE ROW LEVEL SECURITY;
CREATE POLICY one_region ON plans_version FOR SELECT TO buvett_app, buvett_reader USING ({HERE});
CREATE POLICY own_region ON plans_version FOR INSERT TO buvett_app
    WITH CHECK ({HERE} AND sent_by_id::text = {WRITER} AND plan_id IN (SELECT id FROM plans_plan));
CREATE POLICY backup ON plans_version FOR SELECT TO buvett_backup USING (true);
"""

# Read by the region that the version lies in. An answer is written by the person whom both scopes are signed for, for
# a municipality that the version asks (0002's trigger). A comment is a municipality's that is in the region today, in
# its own scope, or the region's own by someone who works there today without one.
ANSWERS = f"""
DROP POLICY public_fact ON plans_answer;
DROP POLICY own_house ON plans_answer;
CREATE POLICY one_region ON plans_answer FOR SELECT TO buvett_app, buvett_reader
    USING (version_id IN (SELECT id FROM plans_version));
CREATE POLICY own_house ON plans_answer FOR INSERT TO buvett_app
    WITH CHECK (version_id IN (SELECT id FROM plans_version)
        AND {MINE} AND answered_by_id::text = {ACTOR} AND answered_by_id::text = {WRITER});
CREATE POLICY backup ON plans_answer FOR SELECT TO buvett_backup USING (true);

DROP POLICY public_fact ON plans_comment;
DROP POLICY own_house ON plans_comment;
CREATE POLICY one_region ON plans_comment FOR SELECT TO buvett_app, buvett_reader
    USING (version_id IN (SELECT id FROM plans_version));
CREATE POLICY own_house ON plans_comment FOR INSERT TO buvett_app
    WITH CHECK (version_id IN (SELECT id FROM plans_version) AND written_by_id::text = {WRITER} AND CASE
        WHEN municipality_id IS NULL THEN EXISTS (
            SELECT FROM access_membership AS role WHERE role.user_id = written_by_id AND role.municipality_id IS NULL
                AND role.{HERE} AND role.ended_at IS NULL AND role.valid_from <= current_date
                AND (role.valid_to IS NULL OR role.valid_to >= current_date))
        ELSE {MINE} AND written_by_id::text = {ACTOR} AND EXISTS (
            SELECT FROM agreements_regionmember AS member WHERE member.municipality_id = plans_comment.municipality_id
                AND member.{HERE} AND member.valid_from <= current_date
                AND (member.valid_to IS NULL OR member.valid_to >= current_date))
        END);
CREATE POLICY backup ON plans_comment FOR SELECT TO buvett_backup USING (true);
"""


class Migration(migrations.Migration):
    dependencies = [("plans", "0002_rights"), ("access", "0005_region"), ("isolation", "0003_regions")]
    operations = [
        migrations.RunSQL(DRAFTS),
        migrations.RunSQL(PARTS),
        migrations.RunSQL(VERSIONS),
        migrations.RunSQL(ANSWERS),
    ]
