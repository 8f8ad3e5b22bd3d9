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
            name='Declaration',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('user', models.UUIDField()),
                ('text_version', models.CharField(max_length=20)),
                ('text_sha256', models.CharField(max_length=64)),
                ('language', models.CharField(max_length=2)),
                ('signed_on', models.DateField()),
                ('expires_on', models.DateField()),
                ('revoked_on', models.DateField(null=True)),
                ('municipality', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='isolation.municipality')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('municipality', 'user', 'text_version', 'signed_on'), name='signed_once')],
            },
        ),
        migrations.CreateModel(
            name='Heimel',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('purpose', models.CharField(choices=[('SAK', 'SAK'), ('OVERSIKT', 'OVERSIKT'), ('REGIONAL', 'REGIONAL'), ('KONTROLL', 'KONTROLL')], max_length=12)),
                ('code', models.CharField(max_length=60)),
                ('act', models.CharField(max_length=200)),
                ('section', models.CharField(max_length=80)),
                ('gdpr_article_6', models.CharField(blank=True, max_length=40)),
                ('gdpr_article_9', models.CharField(blank=True, max_length=40)),
                ('lifts_teieplikt', models.BooleanField(default=False)),
                ('valid_from', models.DateField()),
                ('valid_to', models.DateField(null=True)),
                ('municipality', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='isolation.municipality')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('municipality', 'purpose', 'code', 'valid_from'), name='heimel_once')],
            },
        ),
        ProtectTable("Heimel", grants={"app": "SELECT, INSERT, UPDATE", "contributor": "SELECT"}),
        ProtectTable("Declaration", grants={"app": "SELECT, INSERT, UPDATE"}),
    ]
