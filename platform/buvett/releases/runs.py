"""Runs: opened by a named person, found by everyone, guarded by one lock in the database."""

import logging
from datetime import date, datetime
from functools import lru_cache
from uuid import UUID, uuid4

from django.db import IntegrityError, connections, transaction
from django.utils import timezone

from anonymisation.programme import Programme
from buvett.agreements.models import Agreement
from buvett.agreements.queries import live_members
from buvett.releases import keys, trust
from buvett.releases.errors import NoSuchRun, NotCountable, PeriodUsed
from buvett.releases.models import Run
from buvett.releases.sealing import Binding, new_key
from buvett.releases.tabulate import check_agreed
from tenants.isolation.enums import Role
from tenants.isolation.models import Municipality
from tenants.isolation.roles import connected_as

log = logging.getLogger(__name__)


def open_run(agreement: UUID, *, by: str, cut_off: datetime, counted_on: date, left_out: UUID | None = None) -> UUID:
    """Open the agreement's period for contributions, with a key pair of its own. Returns the run's id.

    ``left_out``: the member that took its numbers back; the period's one more run is without it, takes the others'
    counts as they were, and so keeps the day that they were counted on.
    Raises PeriodUsed when the period has had what it may have, NotCountable for a programme that cannot be counted.
    Runs as the publisher, which keeps the private key.
    """
    with connected_as(Role.PUBLISHER):
        found = Agreement.objects.get(pk=agreement)
        programme = programme_of(found)
        first = Run.objects.filter(agreement=found, period=programme.period, attempt=0).first()
        if left_out is not None and first is not None:
            counted_on = first.counted_on
        identifier = uuid4()
        private, public = new_key()
        keys.ensure_region_keys(found.region_id)
        # The key first: a run without one could take contributions that nobody can open.
        keys.box().put(keys.period_key(found.region_id, identifier), private)
        try:
            run = Run(
                id=identifier,
                agreement=found,
                period=programme.period,
                attempt=0 if left_out is None else 1,
                left_out_id=left_out,
                cut_off=cut_off,
                counted_on=counted_on,
                public_key=public,
                opened_by=by,
                opened_at=timezone.now(),
            )
            run.signature, run.signed_with = keys.sign(found.region_id, trust.statement(run))
            with transaction.atomic(using=Role.PUBLISHER.value, durable=True):
                run.save(force_insert=True)
        except IntegrityError:
            keys.forget_run(found.region_id, identifier)
            raise PeriodUsed("this programme version and period has had what it may have") from None
        log.info("run %s is open; region %s signs with %s", identifier, found.region_id, run.signed_with.hex())
    return identifier


def run_of(identifier: UUID) -> Run:
    """The run with its agreement. Raises NoSuchRun."""
    try:
        return Run.objects.select_related("agreement").get(pk=identifier)
    except Run.DoesNotExist:
        raise NoSuchRun("there is no such run") from None


def programme_of(agreement: Agreement) -> Programme:
    """The agreed programme. Raises NotCountable when the text is not the version that was signed."""
    programme = _parsed(agreement.programme_text)
    if programme.sha256 != agreement.programme_sha256:
        raise NotCountable("the programme's text is not the version that the agreement names")
    check_agreed(programme)
    return programme


@lru_cache(maxsize=8)
def _parsed(text: str) -> Programme:
    return Programme.parse(text)


def members_of(run: Run, *, on: date) -> tuple[Municipality, ...]:
    """Who may contribute to the run that day: live members without the one that is left out, by code."""
    return tuple(member for member in live_members(run.agreement, on=on) if member.pk != run.left_out_id)


def binding_of(run: Run, municipality: UUID) -> Binding:
    """What a municipality's contribution to this run is bound to."""
    return Binding(
        region=run.agreement.region_id,
        run=run.pk,
        programme_sha256=run.agreement.programme_sha256,
        period=run.period,
        municipality=municipality,
    )


def hold(run: UUID) -> None:
    """Hold the run until the transaction of the publisher ends: contributions and other steps wait.

    The key is that of the trigger on contributions (releases/migrations/0002).
    """
    with connections[Role.PUBLISHER.value].cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"run:{run}"])
