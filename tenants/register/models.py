from django.db import models

from tenants.isolation.models import TenantModel, tenant_key
from tenants.vault.compartments import Compartment

COMPARTMENTS = [(c.label, c.label) for c in (Compartment.IDENTITY, Compartment.ASSESSMENT, Compartment.NOTES)]


class Person(TenantModel):
    """A person in one municipality. Every fact is in the envelope; the month is as close as a stamp comes."""

    number_index = models.BinaryField(null=True)  # blind index of the identity number, 16 bytes
    name_index = models.BinaryField(null=True)  # of name and year of birth; none for whoever is masked
    identity = models.BinaryField()
    created_month = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["municipality", "number_index"], name="one_person_a_number_a_municipality")
        ]
        indexes = [models.Index(fields=["municipality", "name_index"], name="people_by_name_index")]


class Case(TenantModel):
    """A case about one person: what was found (assessment, which is counted), free text (notes), a line for lists."""

    person = tenant_key("register.Person")
    assessment = models.BinaryField()
    notes = models.BinaryField()
    line = models.BinaryField()  # derived from the others; see tenants.register.lines
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


class Change(TenantModel):
    """Who made a revision of a case, when, how and why, sealed: the other half of its history."""

    case = tenant_key("register.Case")
    revision = models.PositiveIntegerField()
    envelope = models.BinaryField()
    changed_month = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["municipality", "case", "revision"], name="one_change_a_revision")
        ]


class Draft(TenantModel):
    """What someone has begun to write about a case, or (without one) about a new person; one each, sealed."""

    case = tenant_key("register.Case", null=True)
    writer = models.UUIDField()
    envelope = models.BinaryField()
    changed_month = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["municipality", "writer", "case"], name="one_draft_a_case_a_writer", nulls_distinct=False
            )
        ]


class LookUp(TenantModel):
    """That someone has looked up a person by a blind index: counted for the throttle, forgotten after its window."""

    by = models.CharField(max_length=80)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["municipality", "by", "at"], name="look_ups_by_person")]


class ImportRun(TenantModel):
    """One reading of one file: staged, then applied or thrown away; an applied one may be undone.

    A file whose columns someone must name first is unread. The report about rows is an envelope too.
    """

    class State(models.TextChoices):
        UNREAD = "unread"
        STAGED = "staged"
        APPLIED = "applied"
        REFUSED = "refused"
        UNDONE = "undone"

    state = models.CharField(max_length=8, choices=State.choices)
    report = models.BinaryField(null=True)
    by = models.CharField(max_length=80, default="")
    created_month = models.DateField()


class StagedRows(TenantModel):
    """Some accepted rows on their way into the register, in one envelope; gone when the run has ended."""

    run = tenant_key("register.ImportRun")
    position = models.PositiveIntegerField()
    envelope = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["municipality", "run", "position"], name="one_staged_part_a_position")
        ]


class HeldFile(TenantModel):
    """A part of an uploaded file, sealed, as long as its columns may be named anew: until its run has ended."""

    run = tenant_key("register.ImportRun")
    position = models.PositiveIntegerField()
    envelope = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["municipality", "run", "position"], name="one_held_part_a_position")
        ]


class ColumnNames(TenantModel):
    """What the municipality's own files call their columns, chosen once: headings only, and sealed all the same."""

    envelope = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["municipality"], name="one_set_of_column_names")]
