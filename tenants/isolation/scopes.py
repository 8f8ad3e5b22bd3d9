"""The one door to a municipality's rows."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db import connections, transaction

from tenants.isolation.context import LIFETIME, sign_transaction
from tenants.isolation.enums import Purpose, Role
from tenants.isolation.errors import NoScope, ScopeRefused
from tenants.isolation.roles import current_role

_current: ContextVar["Scope | None"] = ContextVar("buvett_scope", default=None)


@dataclass(frozen=True, kw_only=True)
class Scope:
    """One municipality's rows, for one actor and one purpose, within one transaction of one role."""

    municipality: UUID
    by: str
    purpose: Purpose
    role: Role


def current_scope() -> Scope:
    """The scope that is entered now, or NoScope."""
    scope = _current.get()
    if scope is None:
        raise NoScope("enter tenants.isolation.scopes.scope(...) before touching a municipality's rows")
    return scope


@contextmanager
def scope(municipality: UUID, *, by: str | UUID, purpose: Purpose, lifetime: timedelta = LIFETIME) -> Iterator[Scope]:
    """Open a transaction in which the rows of ``municipality``, and of no other, exist.

    ``by`` is the actor's identifier. The context is signed anew for each transaction and dies with it.
    The same scope may be entered again inside itself (a savepoint); any other nesting raises ScopeRefused,
    as does a transaction that was opened outside a scope: its snapshot could mix what two scopes see.
    """
    wanted = Scope(municipality=municipality, by=str(by), purpose=purpose, role=current_role())
    outer = _current.get()
    if outer is not None:
        if outer != wanted:
            raise ScopeRefused("a scope cannot be entered inside another municipality's, actor's or purpose's")
        with transaction.atomic(using=wanted.role.value):
            yield outer
        return
    if connections[wanted.role.value].in_atomic_block:
        raise ScopeRefused("a scope opens its own transaction; one is already open")
    with transaction.atomic(using=wanted.role.value, durable=True):
        sign_transaction(wanted.role, municipality=municipality, by=wanted.by, purpose=purpose, lifetime=lifetime)
        token = _current.set(wanted)
        try:
            yield wanted
        finally:
            _current.reset(token)
