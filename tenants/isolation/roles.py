"""Which database role a piece of work runs as.

A process has one main role, named by its settings; ``connected_as`` switches to another that the process also holds
(the web process reads released tables as ``reader``, for instance).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.conf import settings

from tenants.isolation.enums import Role

_current: ContextVar[Role | None] = ContextVar("buvett_role", default=None)


def current_role() -> Role:
    """The role that queries run as now."""
    return _current.get() or Role(settings.MAIN_ROLE)


@contextmanager
def connected_as(role: Role) -> Iterator[None]:
    """Run the block's queries on ``role``'s own connection."""
    before = _current.set(role)
    try:
        yield
    finally:
        _current.reset(before)


class RoleRouter:
    """Sends every query to the connection of the current role."""

    def db_for_read(self, model: object, **hints: object) -> str:
        return current_role().value

    def db_for_write(self, model: object, **hints: object) -> str:
        return current_role().value

    def allow_relation(self, first: object, second: object, **hints: object) -> bool:
        return True

    def allow_migrate(self, db: str, app_label: str, **hints: object) -> bool:
        return db in {Role.OWNER.value, "default"}
