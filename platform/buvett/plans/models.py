"""Drafts, which the web's own role alone can read, and what was sent, which the reader sees and nobody can change."""

from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import Q

from buvett.agreements.models import Region
from buvett.plans.enums import Reach, Verdict
from tenants.isolation.models import Municipality

REACHES = [(reach.value, reach.value) for reach in Reach]
VERDICTS = [(verdict.value, verdict.value) for verdict in Verdict]


class Plan(models.Model):
    """A regional plan as it is being written. ``revision`` counts changes to anything in it."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="plans")
    title = models.CharField(max_length=160)
    asks = models.TextField(blank=True)  # what the chief executives are asked to do
    revision = models.PositiveIntegerField(default=1)
    changed_by_name = models.CharField(max_length=120)
    changed_at = models.DateTimeField()


class Chapter(models.Model):
    """A heading and plain text. Blank lines part paragraphs, lines that begin with a hyphen are a list."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="chapters")
    position = models.PositiveSmallIntegerField()
    heading = models.CharField(max_length=160)
    text = models.TextField(blank=True)


class Measure(models.Model):
    """What is to be done, by whom, until when; and the released number that says why."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="measures")
    position = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=160)
    text = models.TextField(blank=True)
    reach = models.CharField(max_length=14, choices=REACHES)
    owner = models.CharField(max_length=120)
    due = models.DateField(null=True)
    # A cell of a release: which release, which table, the codes in the order of its dimensions.
    release = models.ForeignKey("releases.Release", on_delete=models.PROTECT, null=True, related_name="+")
    table = models.CharField(max_length=60, blank=True)
    key = models.JSONField(default=list)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(release=None, table="") | Q(release__isnull=False) & ~Q(table=""), name="a_whole_number"
            )
        ]


class Version(models.Model):
    """A plan as it was sent: frozen, numbered, with the hash of its bytes."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="+")
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+")
    number = models.PositiveSmallIntegerField()
    body = models.TextField()  # canonical JSON (RFC 8785)
    sha256 = models.CharField(max_length=64)
    sent_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    sent_by_name = models.CharField(max_length=120)
    sent_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["plan", "number"], name="one_version_a_number")]


class Answer(models.Model):
    """One municipality's answer to one version, by its chief executive, for the whole region to read."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="answers")
    municipality = models.ForeignKey(Municipality, on_delete=models.PROTECT, related_name="+")
    verdict = models.CharField(max_length=10, choices=VERDICTS)
    remark = models.TextField(blank=True)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    answered_by_name = models.CharField(max_length=120)
    answered_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["version", "municipality"], name="one_answer_a_municipality"),
            models.CheckConstraint(condition=Q(verdict="supports") | ~Q(remark=""), name="sent_back_with_a_remark"),
        ]


class Comment(models.Model):
    """A remark on a sent version. ``municipality``: of the chief executive; None: the intermunicipal group."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="comments")
    municipality = models.ForeignKey(Municipality, on_delete=models.PROTECT, null=True, related_name="+")
    text = models.TextField()
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    written_by_name = models.CharField(max_length=120)
    written_at = models.DateTimeField()
