from django.db import models

from tenants.isolation.models import TenantModel


class RecordSalt(TenantModel):
    """The salt of one record, in a table of its own: ``id`` is the record's id. Without it no envelope of it opens."""

    salt = models.BinaryField()
