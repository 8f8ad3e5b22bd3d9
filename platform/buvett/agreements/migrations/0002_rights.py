from django.db import migrations

from tenants.isolation.operations import GrantTable

READERS = ("app", "contributor", "publisher", "reader", "outbox")
READ = {role: "SELECT" for role in READERS}
MINE = "municipality_id = (SELECT isolation.current_municipality())"


def written_in_scope(table: str, *, updates: bool) -> str:
    """Row security of a table of public facts about municipalities: all read it, each writes its own, in its scope."""
    readers = ", ".join(f"buvett_{role}" for role in (*READERS, "backup"))
    sql = f"""
        ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
        ALTER TABLE {table} FORCE ROW LEVEL SECURITY;
        CREATE POLICY set_up ON {table} TO buvett_owner USING (true) WITH CHECK (true);
        CREATE POLICY public_fact ON {table} FOR SELECT TO {readers} USING (true);
        CREATE POLICY own_house ON {table} FOR INSERT TO buvett_app WITH CHECK ({MINE});
    """
    if updates:
        sql += f"CREATE POLICY own_change ON {table} FOR UPDATE TO buvett_app USING ({MINE}) WITH CHECK ({MINE});"
    return sql


class Migration(migrations.Migration):
    dependencies = [("agreements", "0001_initial")]
    operations = [
        GrantTable("Region", grants=READ),
        GrantTable("RegionMember", grants=READ),
        GrantTable("Agreement", grants=READ),
        GrantTable("AgreementMember", grants=READ),
        GrantTable("Document", grants={**READ, "app": "SELECT, INSERT"}),
        GrantTable("StandingApproval", grants={**READ, "app": "SELECT, INSERT, UPDATE (revoked_on)"}),
        migrations.RunSQL(written_in_scope("agreements_document", updates=False)),
        migrations.RunSQL(written_in_scope("agreements_standingapproval", updates=True)),
    ]
