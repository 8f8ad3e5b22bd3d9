from django.db import migrations

from tenants.isolation.operations import GrantTable

MINE = "municipality_id = (SELECT isolation.current_municipality())"


class Migration(migrations.Migration):
    """A municipality may change the last day of its own papers, and nothing else about them."""

    dependencies = [("agreements", "0003_renewed_approval")]
    operations = [
        GrantTable("Document", grants={"app": "UPDATE (valid_to)"}),
        migrations.RunSQL(
            f"CREATE POLICY own_change ON agreements_document FOR UPDATE TO buvett_app "
            f"USING ({MINE}) WITH CHECK ({MINE})"
        ),
    ]
