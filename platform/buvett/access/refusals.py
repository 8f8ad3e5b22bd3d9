"""A refusal is told in the log of the municipality that the person belongs to: who reached for what."""

import logging
from uuid import UUID

from buvett.access.memberships import Hat
from tenants.audit.entries import record_change
from tenants.audit.enums import Action
from tenants.isolation.enums import Purpose
from tenants.isolation.scopes import scope

logger = logging.getLogger(__name__)


def tell(hat: Hat | None, *, user: UUID, path: str) -> None:
    """Write that ``user`` was refused ``path``. Whoever has no municipality is told of in the process's own log."""
    if hat is None or hat.municipality is None:
        logger.warning("refused: user %s", user)
        return
    with scope(hat.municipality, by=user, purpose=Purpose.KONTROLL):
        record_change(Action.ACCESS_REFUSED, details={"path": path, "role": hat.role.value})
