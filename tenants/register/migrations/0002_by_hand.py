import django.db.models.deletion
import uuid
from django.db import migrations, models

from tenants.isolation.operations import ProtectTable


class Migration(migrations.Migration):

    dependencies = [
        ('isolation', '0001_initial'),
        ('register', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Change',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('revision', models.PositiveIntegerField()),
                ('envelope', models.BinaryField()),
                ('changed_month', models.DateField()),
            ],
        ),
        migrations.CreateModel(
            name='Draft',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('writer', models.UUIDField()),
                ('envelope', models.BinaryField()),
                ('changed_month', models.DateField()),
            ],
        ),
        migrations.CreateModel(
            name='LookUp',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('by', models.CharField(max_length=80)),
                ('at', models.DateTimeField()),
            ],
        ),
        migrations.AddField(
            model_name='case',
            name='line',
            field=models.BinaryField(default=b''),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='importrun',
            name='by',
            field=models.CharField(default='', max_length=80),
        ),
        migrations.AddField(
            model_name='person',
            name='name_index',
            field=models.BinaryField(null=True),
        ),
        migrations.AlterField(
            model_name='importrun',
            name='state',
            field=models.CharField(choices=[('staged', 'Staged'), ('applied', 'Applied'), ('refused', 'Refused'), ('undone', 'Undone')], max_length=8),
        ),
        migrations.AddIndex(
            model_name='person',
            index=models.Index(fields=['municipality', 'name_index'], name='people_by_name_index'),
        ),
        migrations.AddField(
            model_name='change',
            name='case',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='register.case'),
        ),
        migrations.AddField(
            model_name='change',
            name='municipality',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='isolation.municipality'),
        ),
        migrations.AddField(
            model_name='draft',
            name='case',
            field=models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='register.case'),
        ),
        migrations.AddField(
            model_name='draft',
            name='municipality',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='isolation.municipality'),
        ),
        migrations.AddField(
            model_name='lookup',
            name='municipality',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='isolation.municipality'),
        ),
        migrations.AddConstraint(
            model_name='change',
            constraint=models.UniqueConstraint(fields=('municipality', 'case', 'revision'), name='one_change_a_revision'),
        ),
        migrations.AddConstraint(
            model_name='draft',
            constraint=models.UniqueConstraint(fields=('municipality', 'writer', 'case'), name='one_draft_a_case_a_writer', nulls_distinct=False),
        ),
        migrations.AddIndex(
            model_name='lookup',
            index=models.Index(fields=['municipality', 'by', 'at'], name='look_ups_by_person'),
        ),
        # History is not rewritten; its envelopes move to new keys.
        ProtectTable(
            "Change", parents={"case_id": "register_case"}, grants={"app": "SELECT, INSERT, UPDATE (envelope)"}
        ),
        ProtectTable(
            "Draft", parents={"case_id": "register_case"}, grants={"app": "SELECT, INSERT, UPDATE, DELETE"}
        ),
        ProtectTable("LookUp", grants={"app": "SELECT, INSERT, DELETE"}),
    ]
