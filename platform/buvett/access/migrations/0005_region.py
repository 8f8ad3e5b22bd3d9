"""A role of the region names its region.

Memberships that are there already get the one region that they can mean: the only one, or the only one that their
municipality belongs to. Where there are several, nobody can guess: the migration stops, changes nothing and says what
to do.
"""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q

from buvett.access.errors import RegionUnknown

REGIONAL = ("intermunicipal_member", "project_leader")
LOCAL = ("case_worker", "chief_executive", "data_protection_officer", "local_leader", "user_representative")


def settle(apps, schema_editor):
    """Give each living role of the region its region. Raises RegionUnknown."""
    using = schema_editor.connection.alias
    rows = apps.get_model("access", "Membership").objects.using(using)
    regions = set(apps.get_model("agreements", "Region").objects.using(using).values_list("pk", flat=True))
    members = apps.get_model("agreements", "RegionMember").objects.using(using)
    lost = []
    for row in rows.filter(role__in=REGIONAL, region=None, ended_at=None).order_by("pk"):
        own = members.filter(municipality=row.municipality_id, valid_to=None).values_list("region", flat=True)
        possible = tuple(set(own) if row.municipality_id else regions)
        if len(possible) == 1:
            rows.filter(pk=row.pk).update(region=possible[0])
        else:
            lost.append(f"{row.pk} ({row.role})")
    if lost:
        raise RegionUnknown(
            f"{len(lost)} roles could mean several regions, or none: {', '.join(lost)}. As the owner of the database"
            " end each (UPDATE access_membership SET ended_at = now() WHERE id = '…'), migrate again, then give it anew"
            " for one region: buvett admin create --role project_leader --region SLUG, or a local leader invites."
            " Nothing has been changed."
        )


class Migration(migrations.Migration):
    dependencies = [("access", "0004_given_by"), ("agreements", "0002_rights"), ("isolation", "0003_regions")]

    operations = [
        migrations.AddField(
            model_name="membership",
            name="region",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agreements.region"
            ),
        ),
        migrations.RunPython(settle),
        # Deferred checks of the key that was just added must be done before the table is changed once more.
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED"),
        migrations.RemoveConstraint(model_name="membership", name="membership_once"),
        migrations.AddConstraint(
            model_name="membership",
            constraint=models.UniqueConstraint(
                fields=("municipality", "region", "user", "role", "valid_from", "ended_at"),
                name="membership_once",
                nulls_distinct=False,
            ),
        ),
        migrations.AddConstraint(
            model_name="membership",
            constraint=models.CheckConstraint(
                condition=Q(ended_at__isnull=False)
                | Q(role__in=sorted(LOCAL), municipality__isnull=False, region=None)
                | Q(role="project_leader", municipality=None, region__isnull=False)
                | Q(role="intermunicipal_member", region__isnull=False)
                | Q(role="operations", municipality=None, region=None),
                name="membership_names_its_place",
            ),
        ),
    ]
