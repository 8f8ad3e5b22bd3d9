from uuid import uuid4

from django.db import models


class Municipality(models.Model):
    """A municipality. Public facts only; its number changes over time, its id does not."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    code = models.CharField(max_length=4)
    name = models.CharField(max_length=80)
    valid_from = models.DateField(null=True)
    valid_to = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["code"], condition=models.Q(valid_to=None), name="one_live_code")
        ]


class Population(models.Model):
    """Inhabitants of a municipality on 1 January of a year, with where the figure is from."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    municipality = models.ForeignKey(Municipality, on_delete=models.PROTECT)
    year = models.PositiveSmallIntegerField()
    inhabitants = models.PositiveIntegerField()
    source = models.CharField(max_length=200)
    demo = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["municipality", "year"], name="one_population_a_year")]


class TenantModel(models.Model):
    """A row of one municipality. ``operations.ProtectTable`` puts the municipality first in its primary key."""

    municipality = models.ForeignKey(Municipality, on_delete=models.PROTECT, related_name="+")
    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)

    class Meta:
        abstract = True


def tenant_key(to: str, **options: object) -> "models.ForeignKey":  # type: ignore[type-arg]
    """A foreign key to another row of the same municipality.

    PostgreSQL's own single-column checks bypass row security, so the constraint is the composite one that
    ``ProtectTable`` makes; Django adds none.
    """
    options.setdefault("on_delete", models.PROTECT)
    options.setdefault("related_name", "+")
    return models.ForeignKey(to, db_constraint=False, **options)  # type: ignore[arg-type]
