"""The door to a region's rows: what its people write together (plans, answers, comments). Never a municipality's rows.

A region is a name here, nothing more: who belongs to it is the platform's. A scope of a municipality shows no row of a
region, and the other way round.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from uuid import UUID

from django.db import connections, transaction

from tenants.isolation.context import LIFETIME, sign_region, unsign_region
from tenants.isolation.enums import Role
from tenants.isolation.errors import NoScope, ScopeRefused
from tenants.isolation.roles import current_role
from tenants.isolation.scopes import current_scope

_current: ContextVar["RegionScope | None"] = ContextVar("buvett_region_scope", default=None)


@dataclass(frozen=True, kw_only=True)
class RegionScope:
    """One region's rows, for one actor, within one transaction of one role."""

    region: UUID
    by: str
    role: Role


@contextmanager
def region_scope(region: UUID, *, by: str | UUID) -> Iterator[RegionScope]:
    """Open a transaction in which the rows of ``region``, and of no other, exist.

    The same scope may be entered again inside itself (a savepoint). Inside a municipality's scope of the same actor
    both hold, in its transaction: an answer is the municipality's and the region's. Any other nesting raises
    ScopeRefused, as does a transaction that was opened outside a scope.
    """
    wanted = RegionScope(region=region, by=str(by), role=current_role())
    outer = _current.get()
    if outer is not None:
        if outer != wanted:
            raise ScopeRefused("a region's scope cannot be entered inside another region's, actor's or role's")
        with transaction.atomic(using=wanted.role.value):
            yield outer
        return
    within = connections[wanted.role.value].in_atomic_block
    if within:
        _check_same_actor(wanted)
    with transaction.atomic(using=wanted.role.value, durable=not within):
        sign_region(wanted.role, region=region, by=wanted.by, lifetime=LIFETIME)
        token = _current.set(wanted)
        try:
            yield wanted
        finally:
            _current.reset(token)
        if within:  # the municipality's transaction goes on; where it failed, its end takes the context along
            unsign_region(wanted.role)


def _check_same_actor(wanted: RegionScope) -> None:
    try:
        house = current_scope()
    except NoScope:
        raise ScopeRefused("a region's scope opens its own transaction; one is already open") from None
    if (house.by, house.role) != (wanted.by, wanted.role):
        raise ScopeRefused("a region's scope inside a municipality's is for the same actor and role")
