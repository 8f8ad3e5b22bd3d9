"""A member takes its numbers back after the lock: that ends the period's run (one shot, rule e)."""

from uuid import UUID

from django.db import transaction

from buvett.releases import keys
from buvett.releases.errors import WrongState
from buvett.releases.models import Release, Run
from buvett.releases.runs import hold, run_of
from buvett.releases.states import State, check_may_move
from tenants.isolation.enums import Role
from tenants.isolation.models import Municipality
from tenants.isolation.roles import connected_as

AFTER = {State.LOCKED: State.REFUSED, State.PUBLISHED: State.WITHDRAWN}


def withdraw(run: UUID, municipality: UUID) -> None:
    """End the run for this contributor's sake: refused if nothing was published yet, else withdrawn.

    What was published stays in the ledger: the attacker of every later release plays against it. Raises WrongState
    before the lock (revoke the approval instead), after another withdrawal, and for who is not in the release.
    """
    with connected_as(Role.PUBLISHER):
        with transaction.atomic(using=Role.PUBLISHER.value, durable=True):
            hold(run)
            found = run_of(run)
            before = State(found.state)
            check_may_move(before, AFTER.get(before, before), verb="withdraw")
            code = Municipality.objects.get(pk=municipality).code
            if code not in {entry["municipality"] for entry in found.lock.contributors}:
                raise WrongState(f"{code} is not in this release")
            Run.objects.filter(pk=run).update(state=AFTER[before], withdrawn_by=municipality)
            Release.objects.filter(run=found).update(state=Release.State.WITHDRAWN)
        keys.forget_run(found.agreement.region_id, run)
