import django.db.models.deletion
import uuid
from django.db import migrations, models

from tenants.isolation.operations import ProtectTable


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('isolation', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Entry',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('recorded_at', models.DateTimeField()),
                ('entry', models.TextField()),
                ('personal', models.BinaryField()),
                ('leaf', models.BinaryField()),
                ('municipality', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='isolation.municipality')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('municipality', 'leaf'), name='one_entry_a_leaf')],
            },
        ),
        migrations.RunSQL(
            """
            ALTER TABLE audit_entry ADD CONSTRAINT leaf_is_of_the_entry
                CHECK (leaf = sha256('\\x00'::bytea || convert_to(entry, 'UTF8')));
            """
        ),
        # Insert only: nobody that serves a person may read, change or remove an entry.
        ProtectTable("Entry", grants={"app": "INSERT", "contributor": "INSERT", "audit_writer": "INSERT"}),
    ]
