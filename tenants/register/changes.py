"""Who made a revision of a case, when, how and why: sealed beside the case, never a stamp in clear."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from tenants.isolation.scopes import current_scope
from tenants.register.models import Change
from tenants.register.months import month_of
from tenants.vault.compartments import Compartment
from tenants.vault.sealing import Sealer

TABLE = "register_change"


class How(StrEnum):
    """What kind of change made a revision; a move of the state goes by its verb (tenants.register.states)."""

    IMPORTED = "imported"
    REGISTERED = "registered"
    CORRECTED = "corrected"
    IMPORT_UNDONE = "import_undone"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Origin:
    """What is told of a change: how (a How or a state's Verb), why in words, and the import that it came with."""

    how: StrEnum
    why: str = ""
    run: UUID | None = None


def sealed(sealer: Sealer, salt: bytes, *, case: UUID, revision: int, origin: Origin, on: date) -> Change:
    """The row, not yet stored. It is bound to the case, and says inside which revision it is about."""
    scope = current_scope()
    payload: Mapping[str, Any] = {
        "revision": revision,
        "by": scope.by,
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "how": origin.how.value,
        "why": origin.why,
        "run": str(origin.run) if origin.run else None,
    }
    return Change(
        municipality_id=scope.municipality,
        case_id=case,
        revision=revision,
        envelope=sealer.seal(Compartment.NOTES, TABLE, case, salt, payload),
        changed_month=month_of(on),
    )
