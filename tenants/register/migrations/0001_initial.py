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
            name='ImportRun',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('state', models.CharField(choices=[('staged', 'Staged'), ('applied', 'Applied'), ('refused', 'Refused')], max_length=8)),
                ('report', models.BinaryField(null=True)),
                ('created_month', models.DateField()),
                ('municipality', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='isolation.municipality')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Person',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('number_index', models.BinaryField(null=True)),
                ('identity', models.BinaryField()),
                ('created_month', models.DateField()),
                ('municipality', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='isolation.municipality')),
            ],
        ),
        migrations.CreateModel(
            name='Case',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('assessment', models.BinaryField()),
                ('notes', models.BinaryField()),
                ('revision', models.PositiveIntegerField(default=1)),
                ('changed_month', models.DateField()),
                ('municipality', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='isolation.municipality')),
                ('person', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='register.person')),
            ],
            options={
                'permissions': [('open_case', 'Open the case'), ('change_case', 'Change the case')],
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='StagedRows',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('position', models.PositiveIntegerField()),
                ('envelope', models.BinaryField()),
                ('municipality', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='isolation.municipality')),
                ('run', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='register.importrun')),
            ],
        ),
        migrations.CreateModel(
            name='EarlierEnvelope',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('compartment', models.CharField(choices=[('identity', 'identity'), ('assessment', 'assessment'), ('notes', 'notes')], max_length=12)),
                ('revision', models.PositiveIntegerField()),
                ('envelope', models.BinaryField()),
                ('replaced_month', models.DateField()),
                ('case', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='register.case')),
                ('municipality', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='isolation.municipality')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('municipality', 'case', 'compartment', 'revision'), name='one_envelope_a_revision')],
            },
        ),
        migrations.AddConstraint(
            model_name='person',
            constraint=models.UniqueConstraint(fields=('municipality', 'number_index'), name='one_person_a_number_a_municipality'),
        ),
        migrations.AddConstraint(
            model_name='case',
            constraint=models.UniqueConstraint(fields=('municipality', 'person'), name='one_case_a_person'),
        ),
        migrations.AddConstraint(
            model_name='stagedrows',
            constraint=models.UniqueConstraint(fields=('municipality', 'run', 'position'), name='one_staged_part_a_position'),
        ),
        ProtectTable("Person", grants={"app": "SELECT, INSERT, UPDATE"}),
        # The contributor can count; it can neither identify anyone nor read a note.
        ProtectTable(
            "Case",
            parents={"person_id": "register_person"},
            grants={"app": "SELECT, INSERT, UPDATE", "contributor": "SELECT (municipality_id, id, assessment)"},
        ),
        ProtectTable(
            "EarlierEnvelope",
            parents={"case_id": "register_case"},
            # History is not rewritten; its envelopes move to new keys.
            grants={"app": "SELECT, INSERT, UPDATE (envelope)"},
        ),
        ProtectTable("ImportRun", grants={"app": "SELECT, INSERT, UPDATE"}),
        ProtectTable(
            "StagedRows", parents={"run_id": "register_importrun"}, grants={"app": "SELECT, INSERT, DELETE"}
        ),
    ]
