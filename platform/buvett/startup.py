"""What every process checks before it serves: each database role that it holds, on the real server."""

from django.conf import settings
from django.db import connections

from tenants.isolation.errors import UnsafeRole
from tenants.isolation.startup import check_role


def check_roles() -> None:
    """Raise UnsafeRole when a role of this process could go round row security (the owner only migrates: not asked)."""
    if settings.PROCESS in ("owner", "test"):
        return
    for role in settings.PROCESS.roles:
        check_role(role)


def check_roles_of_worker(**told: object) -> None:
    """The same as a worker starts; a signal's own errors would only be logged, so the process ends here."""
    try:
        check_roles()
    except UnsafeRole as refusal:
        raise SystemExit(f"buvett: {refusal}") from None
    finally:
        connections.close_all()  # the pool's children must not share a connection
