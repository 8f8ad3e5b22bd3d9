from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import Q
from guardian.models import UserObjectPermissionBase

from buvett.access.roles import LOCAL, Role
from tenants.isolation.models import Municipality, TenantModel, tenant_key


class Membership(models.Model):
    """A person's role in one municipality, in one region, or (operations) in the installation; from a day until a day.

    A member of the intermunicipal group works in the region, and may have been sent by a municipality: it names both.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="memberships")
    municipality = models.ForeignKey(Municipality, on_delete=models.PROTECT, null=True, related_name="+")
    # The room above keeps the regions: the table is named here, nothing of it is imported.
    region = models.ForeignKey("agreements.Region", on_delete=models.PROTECT, null=True, related_name="+")
    role = models.CharField(max_length=32, choices=[(role.value, role.value) for role in Role])
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)  # the last day
    ended_at = models.DateTimeField(null=True)  # ended before its last day, at once
    # Who gave it; None: the operator's console, or before this was kept.
    given_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["municipality", "region", "user", "role", "valid_from", "ended_at"],
                name="membership_once",
                nulls_distinct=False,
            ),
            # What ended before a role named its region stays as it was: it lets nobody in.
            models.CheckConstraint(
                condition=Q(ended_at__isnull=False)
                | Q(role__in=sorted(LOCAL), municipality__isnull=False, region=None)
                | Q(role=Role.PROJECT_LEADER.value, municipality=None, region__isnull=False)
                | Q(role=Role.INTERMUNICIPAL_MEMBER.value, region__isnull=False)
                | Q(role=Role.OPERATIONS.value, municipality=None, region=None),
                name="membership_names_its_place",
            ),
        ]


class Reset(models.Model):
    """Two people's work to let a third in anew, who has lost password or second factor: asked for, until a moment."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="resets")
    asked_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)


class ResetConsent(models.Model):
    """One person's part in a reset, and the municipality that it was given for; None: at the operator's console."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    reset = models.ForeignKey(Reset, on_delete=models.PROTECT, related_name="consents")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    municipality = models.ForeignKey(Municipality, on_delete=models.PROTECT, null=True, related_name="+")
    given_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["reset", "by"], name="one_consent_a_person", nulls_distinct=False)
        ]


class CaseUserObjectPermission(UserObjectPermissionBase, TenantModel):
    """A person's grant on a case: guardian's row with a direct key, under row security like the case itself."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    # Guardian finds this table by the relation's name; a hidden one ("+") would send it to its generic table.
    content_object = tenant_key("register.Case", on_delete=models.CASCADE, related_name="grants")

    class Meta(UserObjectPermissionBase.Meta):
        abstract = False
        unique_together = [["municipality", "user", "permission", "content_object"]]

    def save(self, *args: object, **options: object) -> None:
        # Guardian knows nothing of municipalities: the grant lies where its case lies.
        self.municipality_id = self.content_object.municipality_id
        super().save(*args, **options)
