from uuid import uuid4

from django.conf import settings
from django.db import models

from tenants.isolation.models import Municipality


class Region(models.Model):
    """Municipalities that share numbers. ``slug`` stands in addresses, ``code`` is the total's code in tables."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    slug = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=80)


class RegionMember(models.Model):
    """A municipality's dated membership of a region."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="members")
    municipality = models.ForeignKey(Municipality, on_delete=models.PROTECT, related_name="+")
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["region", "municipality", "valid_from"], name="region_member_once")
        ]


class Agreement(models.Model):
    """Who shares which tables with whom, under which policy: one version of one programme in one region.

    The programme's text (with its policy) is kept whole; its SHA-256 names the version everywhere.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="agreements")
    programme = models.CharField(max_length=60)
    programme_text = models.TextField()
    programme_sha256 = models.CharField(max_length=64)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["region", "programme", "programme_sha256"], name="agreement_once")
        ]


class AgreementMember(models.Model):
    """A municipality that has signed the agreement, from a day until a day."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    agreement = models.ForeignKey(Agreement, on_delete=models.PROTECT, related_name="members")
    municipality = models.ForeignKey(Municipality, on_delete=models.PROTECT, related_name="+")
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["agreement", "municipality"], name="agreement_member_once")]


class Document(models.Model):
    """A paper that the agreement rests on, per municipality: exact counts leave sealed only while both are live."""

    class Kind(models.TextChoices):
        PROCESSOR_AGREEMENT = "processor_agreement"  # databehandlaravtale, art. 28
        DPIA = "dpia"  # art. 35

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    agreement = models.ForeignKey(Agreement, on_delete=models.PROTECT, related_name="documents")
    municipality = models.ForeignKey(Municipality, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=24, choices=Kind.choices)
    reference = models.CharField(max_length=120)
    valid_from = models.DateField()
    valid_to = models.DateField()  # the last day

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["agreement", "municipality", "kind", "valid_from"], name="agreement_document_once"
            )
        ]


class StandingApproval(models.Model):
    """A named leader's approval in advance of what the municipality contributes, until a day."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    agreement = models.ForeignKey(Agreement, on_delete=models.PROTECT, related_name="approvals")
    municipality = models.ForeignKey(Municipality, on_delete=models.PROTECT, related_name="+")
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    approved_by_name = models.CharField(max_length=120)
    approved_on = models.DateField()
    expires_on = models.DateField()  # the last day
    revoked_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["agreement", "municipality", "approved_on"],
                condition=models.Q(revoked_on=None),
                name="standing_approval_once",
            )
        ]
