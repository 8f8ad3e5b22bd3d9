import django.db.models.deletion
import uuid
from django.db import migrations, models

from tenants.isolation.operations import ProtectTable


class Migration(migrations.Migration):

    dependencies = [
        ('isolation', '0001_initial'),
        ('register', '0002_by_hand'),
    ]

    operations = [
        migrations.CreateModel(
            name='ColumnNames',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('envelope', models.BinaryField()),
                ('municipality', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='isolation.municipality')),
            ],
        ),
        migrations.CreateModel(
            name='HeldFile',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('position', models.PositiveIntegerField()),
                ('envelope', models.BinaryField()),
                ('municipality', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='isolation.municipality')),
                ('run', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='register.importrun')),
            ],
        ),
        migrations.AlterField(
            model_name='importrun',
            name='state',
            field=models.CharField(choices=[('unread', 'Unread'), ('staged', 'Staged'), ('applied', 'Applied'), ('refused', 'Refused'), ('undone', 'Undone')], max_length=8),
        ),
        migrations.AddConstraint(
            model_name='columnnames',
            constraint=models.UniqueConstraint(fields=('municipality',), name='one_set_of_column_names'),
        ),
        migrations.AddConstraint(
            model_name='heldfile',
            constraint=models.UniqueConstraint(fields=('municipality', 'run', 'position'), name='one_held_part_a_position'),
        ),
        ProtectTable("ColumnNames", grants={"app": "SELECT, INSERT, UPDATE"}),
        ProtectTable(
            "HeldFile", parents={"run_id": "register_importrun"}, grants={"app": "SELECT, INSERT, DELETE"}
        ),
    ]
