from django.db import models

from tenants.isolation.models import TenantModel, tenant_key
from tenants.vault.compartments import Compartment

COMPARTMENTS = [(c.label, c.label) for c in (Compartment.IDENTITY, Compartment.ASSESSMENT, Compartment.NOTES)]


class Person(TenantModel):
    """A person in one municipality. Every fact is in the envelope; the month is as close as a stamp comes."""

    number_index = models.BinaryField(null=True)  # blind index of the identity number, 16 bytes
    identity = models.BinaryField()
    created_month = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["municipality", "number_index"], name="one_person_a_number_a_municipality")
        ]


class Case(TenantModel):
    """A case about one person: what was found (assessment, which is counted) and free text (notes)."""

    person = tenant_key("register.Person")
    assessment = models.BinaryField()
    notes = models.BinaryField()
    revision = models.PositiveIntegerField(default=1)
    changed_month = models.DateField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["municipality", "person"], name="one_case_a_person")]
        # Guardian's permissions on a case.
        default_permissions = ()
        permissions = [("open_case", "Open the case"), ("change_case", "Change the case")]


class EarlierEnvelope(TenantModel):
    """What an envelope was before a change, sealed as it was then: history that nobody reads by accident."""

    case = tenant_key("register.Case")
    compartment = models.CharField(max_length=12, choices=COMPARTMENTS)
    revision = models.PositiveIntegerField()
    envelope = models.BinaryField()
    replaced_month = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["municipality", "case", "compartment", "revision"], name="one_envelope_a_revision"
            )
        ]


class ImportRun(TenantModel):
    """One reading of one file: staged, then applied or refused. The report about rows is an envelope too."""

    class State(models.TextChoices):
        STAGED = "staged"
        APPLIED = "applied"
        REFUSED = "refused"

    state = models.CharField(max_length=8, choices=State.choices)
    report = models.BinaryField(null=True)
    created_month = models.DateField()


class StagedRows(TenantModel):
    """Some accepted rows on their way into the register, in one envelope; gone when the run has been applied."""

    run = tenant_key("register.ImportRun")
    position = models.PositiveIntegerField()
    envelope = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["municipality", "run", "position"], name="one_staged_part_a_position")
        ]
