from django.db import models

from tenants.isolation.enums import Purpose
from tenants.isolation.models import TenantModel


class Heimel(TenantModel):
    """A legal basis that one municipality, as controller, rests a purpose on, from a day until a day."""

    purpose = models.CharField(max_length=12, choices=[(p.value, p.value) for p in Purpose])
    code = models.CharField(max_length=60)
    act = models.CharField(max_length=200)
    section = models.CharField(max_length=80)
    gdpr_article_6 = models.CharField(max_length=40, blank=True)
    gdpr_article_9 = models.CharField(max_length=40, blank=True)
    lifts_teieplikt = models.BooleanField(default=False)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)  # the last day

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["municipality", "purpose", "code", "valid_from"], name="heimel_once")
        ]


class Declaration(TenantModel):
    """A teieplikterklæring: one person's, in one municipality, on one version of the text (fvl § 13 c)."""

    user = models.UUIDField()
    text_version = models.CharField(max_length=20)
    text_sha256 = models.CharField(max_length=64)
    language = models.CharField(max_length=2)
    signed_on = models.DateField()
    expires_on = models.DateField()  # the last day
    revoked_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["municipality", "user", "text_version", "signed_on"], name="signed_once")
        ]
