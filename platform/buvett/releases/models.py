from uuid import uuid4

from django.db import models

from buvett.agreements.models import Agreement
from tenants.isolation.models import TenantModel


class Run(models.Model):
    """One agreement's one period: from the opening for contributions to a release or a refusal. There is never
    a second (one shot)."""

    class State(models.TextChoices):
        OPEN = "open"
        LOCKED = "locked"
        PUBLISHED = "published"
        REFUSED = "refused"

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    agreement = models.ForeignKey(Agreement, on_delete=models.PROTECT, related_name="runs")
    period = models.CharField(max_length=7)
    state = models.CharField(max_length=9, choices=State.choices, default=State.OPEN)
    cut_off = models.DateTimeField()
    counted_on = models.DateField()
    public_key = models.BinaryField()  # HPKE, of this region, programme and period alone

    class Meta:
        constraints = [models.UniqueConstraint(fields=["agreement", "period"], name="one_run_a_period")]


class Contribution(TenantModel):
    """One municipality's counts for one run, sealed to the run's key. Unique whatever it contains."""

    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="+")
    sealed = models.BinaryField()  # fixed length per programme
    sha256 = models.CharField(max_length=64)
    approved_by = models.CharField(max_length=120)
    prepared_by = models.CharField(max_length=120)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["municipality", "run"], name="one_contribution_a_run")]


class Lock(models.Model):
    """The set of contributors at the cut-off. Made once; everything after works on it."""

    run = models.OneToOneField(Run, primary_key=True, on_delete=models.PROTECT, related_name="lock")
    contributors = models.JSONField()  # [{"municipality": code, "sha256": …}], sorted by code
    locked_at = models.DateTimeField()


class Result(models.Model):
    """What protect and audit gave for a locked set, kept so that a retry computes nothing anew. Publisher only."""

    lock = models.OneToOneField(Lock, primary_key=True, on_delete=models.PROTECT, related_name="result")
    safe = models.BooleanField()
    body = models.BinaryField(null=True)  # the release's canonical bytes, when safe
    created_at = models.DateTimeField()


class Release(models.Model):
    """A published release: immutable, signed. Readers see these and nothing else."""

    class State(models.TextChoices):
        PUBLISHED = "published"
        WITHDRAWN = "withdrawn"

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="releases")
    revision = models.PositiveSmallIntegerField(default=0)
    state = models.CharField(max_length=9, choices=State.choices, default=State.PUBLISHED)
    body = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    signature = models.BinaryField()  # Ed25519 of the region, over the body
    published_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "revision"], name="one_release_a_revision")]


class LedgerEntry(models.Model):
    """Everything that ever left the publisher, by hash and content; the attacker plays against all of it."""

    sha256 = models.CharField(max_length=64, primary_key=True)
    region = models.ForeignKey("agreements.Region", on_delete=models.PROTECT, related_name="+")
    population = models.CharField(max_length=60)
    period = models.CharField(max_length=7)
    body = models.BinaryField()
    entered_at = models.DateTimeField()


class Planned(models.Model):
    """A piece of planned work (the outbox). A message holds its id only; truth is here."""

    class Kind(models.TextChoices):
        CONTRIBUTE = "contribute"
        LOCK = "lock"
        PUBLISH = "publish"

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="+")
    municipality = models.ForeignKey("isolation.Municipality", on_delete=models.PROTECT, null=True, related_name="+")
    idempotency_key = models.CharField(max_length=120, unique=True)
    planned_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    waiting_for = models.CharField(max_length=200, blank=True)  # why it waits, and for whom; never a number
