from django.db import models

from tenants.isolation.models import TenantModel


class Entry(TenantModel):
    """One entry: a public part that is hashed, and a sealed personal part that the hash commits to.

    ``entry`` is canonical JSON (RFC 8785); ``leaf`` is SHA-256(0x00 ‖ entry) as in RFC 6962, checked by the database.
    """

    recorded_at = models.DateTimeField()
    entry = models.TextField()
    personal = models.BinaryField()
    leaf = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["municipality", "leaf"], name="one_entry_a_leaf")]
