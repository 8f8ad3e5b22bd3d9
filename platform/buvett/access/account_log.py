"""What happens to an account is told in the log of every municipality whose house the person can enter.

An account belongs to no municipality, a log does. A role of a region belongs to all its municipalities alike, so what
happens to the account of someone who has one is told in each of their logs (decisions 0070, 0072).
"""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from buvett.access.memberships import unended
from buvett.access.regions import houses_of_region
from buvett.accounts.models import User
from tenants.audit.entries import record_change
from tenants.audit.enums import Action
from tenants.isolation.enums import Purpose
from tenants.isolation.models import Municipality
from tenants.isolation.roles import current_role
from tenants.isolation.scopes import scope

logger = logging.getLogger(__name__)


def houses_of(user: UUID) -> tuple[UUID, ...]:
    """The municipalities whose logs tell of the person's account: those of roles that are live or to come."""
    today, found = timezone.localdate(), set()
    for house, region in unended(on=today).filter(user=user).values_list("municipality", "region"):
        if house is not None:
            found.add(house)
        elif region is not None:
            found.update(houses_of_region(region, on=today))
        else:
            found.update(all_houses())
    return tuple(sorted(found))


def all_houses() -> tuple[UUID, ...]:
    """Every municipality: whose logs tell of who runs the installation."""
    return tuple(Municipality.objects.filter(valid_to=None).order_by("id").values_list("id", flat=True))


@contextmanager
def told(
    action: Action,
    *,
    about: User,
    by: str | UUID,
    details: Mapping[str, Any] | None = None,
    houses: tuple[UUID, ...] | None = None,
) -> Iterator[None]:
    """Run a change to an account in the transaction of the entry that tells of it.

    ``houses``: whose logs tell of it, where the change itself makes the first role; default: ``houses_of`` the person.

    Where several logs tell of it, the others have their entry first: a change that failed may have been told, one that
    was made never is untold. Whoever has no house is told of in the process's own log.
    """
    found = houses_of(about.pk) if houses is None else houses
    if found:
        with told_in(found, action, by=by, details={"account": str(about.pk), **(details or {})}):
            yield
        return
    logger.info("%s: account %s", action, about.pk)
    with transaction.atomic(using=current_role().value):
        yield


@contextmanager
def told_in(houses: tuple[UUID, ...], action: Action, *, by: str | UUID, details: Mapping[str, Any]) -> Iterator[None]:
    """Run a change in the last house's scope, in the transaction of its entry; the others have theirs first."""
    *others, last = houses
    for house in others:
        with scope(house, by=by, purpose=Purpose.KONTROLL):
            record_change(action, details=details)
    with scope(last, by=by, purpose=Purpose.KONTROLL):
        yield
        record_change(action, details=details)


def as_if_told(action: Action, *, by: str) -> None:
    """The work of telling it in one log, thrown away: how long an answer takes says of nobody that they are known."""
    for house in all_houses()[:1]:
        with scope(house, by=by, purpose=Purpose.KONTROLL):
            record_change(action, details={})
            transaction.set_rollback(True, using=current_role().value)
