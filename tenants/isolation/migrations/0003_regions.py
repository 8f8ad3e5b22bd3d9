from django.db import migrations

from tenants.isolation.sql import REGION


class Migration(migrations.Migration):
    dependencies = [("isolation", "0002_audit_reader")]
    operations = [migrations.RunSQL(REGION)]
