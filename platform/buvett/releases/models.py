from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import Q

from buvett.agreements.models import Agreement
from buvett.releases.states import START, State
from tenants.isolation.models import TenantModel, tenant_key

STATES = [(state.value, state.value) for state in State]


class Run(models.Model):
    """One agreement's one period: from the opening for contributions to a release or a refusal.

    There is one (attempt 0), and at most one more (attempt 1) without the member that took its numbers back.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    agreement = models.ForeignKey(Agreement, on_delete=models.PROTECT, related_name="runs")
    period = models.CharField(max_length=7)
    attempt = models.PositiveSmallIntegerField(default=0)
    left_out = models.ForeignKey("isolation.Municipality", on_delete=models.PROTECT, null=True, related_name="+")
    state = models.CharField(max_length=9, choices=STATES, default=START.value)
    cut_off = models.DateTimeField()
    counted_on = models.DateField()
    public_key = models.BinaryField()  # HPKE, of this run alone
    signature = models.BinaryField()  # the region's, over ``trust.statement``
    signed_with = models.BinaryField()  # the region's public key, at that time
    opened_by = models.CharField(max_length=80)
    opened_at = models.DateTimeField()
    withdrawn_by = models.ForeignKey("isolation.Municipality", on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["agreement", "period", "attempt"], name="one_run_a_period"),
            models.CheckConstraint(
                condition=Q(attempt=0, left_out=None) | Q(attempt=1, left_out__isnull=False),
                name="a_second_run_leaves_one_out",
            ),
        ]


class Contribution(TenantModel):
    """One municipality's counts for one run, sealed to the run's key. Unique whatever it contains."""

    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="+")
    sealed = models.BinaryField()  # length depends on the programme only
    sha256 = models.CharField(max_length=64)
    approved_by = models.CharField(max_length=120)
    prepared_by = models.CharField(max_length=120)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["municipality", "run"], name="one_contribution_a_run")]


class Counted(TenantModel):
    """What a municipality has counted for a programme version and period: once, whatever happens to its register.

    Sealed under its own assessment key, so that only its own contributor can open it. Another run of the period (one
    shot, rule e) takes these counts again: nobody gets a second try with other data.
    """

    agreement = models.ForeignKey(Agreement, on_delete=models.PROTECT, related_name="+")
    period = models.CharField(max_length=7)
    pieces = models.BinaryField()  # envelopes of one size, one after the other; how many depends on the programme only

    class Meta:
        constraints = [models.UniqueConstraint(fields=["municipality", "agreement", "period"], name="counted_once")]


class Preparation(TenantModel):
    """Numbers that lie ready for the leader of one municipality: what would be sealed, byte for byte.

    Prepared by a case worker or by the contributor; never changed, only followed by another one. Sealed under the
    municipality's own assessment key, as ``Counted`` is.
    """

    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="+")
    prepared_by = models.CharField(max_length=80)  # a user's id, or the name of a process
    prepared_by_name = models.CharField(max_length=120, blank=True)  # of a person
    prepared_at = models.DateTimeField()
    pieces = models.BinaryField()


class Decision(TenantModel):
    """A named leader's decision on prepared numbers; the database refuses whoever prepared them."""

    class Verdict(models.TextChoices):
        APPROVED = "approved"  # these bytes may leave the house, sealed, in this run
        RETURNED = "returned"  # with a remark, to whoever prepared
        RECOUNT = "recount"  # the register has changed: count again

    preparation = tenant_key("releases.Preparation")
    verdict = models.CharField(max_length=8, choices=Verdict.choices)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    decided_by_name = models.CharField(max_length=120)
    decided_at = models.DateTimeField()
    remark = models.BinaryField(null=True)  # an envelope: a remark may be about a person

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["municipality", "preparation"], name="one_decision_a_preparation"),
            models.CheckConstraint(
                condition=Q(verdict="returned", remark__isnull=False) | Q(remark=None) & ~Q(verdict="returned"),
                name="a_return_says_why",
            ),
        ]


class Delivery(models.Model):
    """Where one municipality stands in one run: delivered, or waiting for what. Public facts, no numbers.

    Everyone in the region may read it; it is written within the municipality's own scope only.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="deliveries")
    municipality = models.ForeignKey("isolation.Municipality", on_delete=models.PROTECT, related_name="+")
    delivered_at = models.DateTimeField(null=True)
    waiting_for = models.CharField(max_length=120, blank=True)  # agreements.enums.Missing, joined by blanks
    approved_once = models.BooleanField(default=False)  # by a decision on these very numbers, not a standing approval

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "municipality"], name="one_delivery_a_run")]


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

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(safe=True, body__isnull=False) | Q(safe=False, body=None), name="only_the_safe_is_kept"
            )
        ]


class Release(models.Model):
    """A published release: immutable, signed. Readers see these and nothing else."""

    class State(models.TextChoices):
        PUBLISHED = "published"
        WITHDRAWN = "withdrawn"

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    run = models.OneToOneField(Run, on_delete=models.PROTECT, related_name="release")
    revision = models.PositiveSmallIntegerField(default=0)
    state = models.CharField(max_length=9, choices=State.choices, default=State.PUBLISHED)
    body = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    signature = models.BinaryField()  # Ed25519 of the region, over the body
    public_key = models.BinaryField()  # of the region, at that time
    published_at = models.DateTimeField()


class Withdrawal(models.Model):
    """Somebody wants a published release withdrawn, and says why. Added once, never changed; readers see it."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    run = models.OneToOneField(Run, on_delete=models.PROTECT, related_name="withdrawal")
    # The member whose numbers are taken back, if it is for one: then the period may have a run without it.
    for_member = models.ForeignKey("isolation.Municipality", on_delete=models.PROTECT, null=True, related_name="+")
    reason = models.TextField()
    asked_by = models.CharField(max_length=80)  # a user's id, or "command-line"
    asked_by_name = models.CharField(max_length=120)
    asked_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(reason=""), name="withdrawn_with_a_reason")]


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
        WITHDRAW = "withdraw"

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="+")
    municipality = models.ForeignKey("isolation.Municipality", on_delete=models.PROTECT, null=True, related_name="+")
    idempotency_key = models.CharField(max_length=120, unique=True)
    planned_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="contribute", municipality__isnull=False)
                | Q(kind__in=["lock", "publish", "withdraw"], municipality=None),
                name="only_contributions_have_a_municipality",
            )
        ]
