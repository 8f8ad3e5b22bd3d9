"""What a municipality's own files call their columns: chosen in the page once, and known from then on.

Headings only, never a cell. They are sealed all the same: a heading is whatever someone has typed in a spreadsheet.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction

from tenants.audit.entries import record_change, record_intent
from tenants.audit.enums import Action
from tenants.isolation.scopes import current_scope
from tenants.register.codelists import columns
from tenants.register.importing import ColumnMapping
from tenants.register.importing.naming import merged, without
from tenants.register.models import ColumnNames
from tenants.vault import salts
from tenants.vault.compartments import Compartment
from tenants.vault.process import keyring
from tenants.vault.sealing import Opener, Sealer

TABLE = "register_columnnames"


def remembered() -> ColumnMapping:
    """The names that the scope's municipality has chosen, opened after the intent is committed; none: nothing."""
    row = ColumnNames.objects.filter(municipality_id=current_scope().municipality).first()
    return ColumnMapping() if row is None else _opened(row)


def are_remembered() -> bool:
    """Whether any name was ever chosen. Opens nothing."""
    return ColumnNames.objects.filter(municipality_id=current_scope().municipality).exists()


def remember(chosen: ColumnMapping) -> None:
    """Keep what was chosen for one file beside what is known of others. Told in the log, by canonical names only."""
    _change(lambda known: merged(known, chosen))


def forget(heading: str) -> None:
    """Let a heading mean again what it means everywhere. Told in the log."""
    _change(lambda known: without(known, heading))


def _change(changed: Callable[[ColumnMapping], ColumnMapping]) -> None:
    row = _locked()
    known = _opened(row)
    kept = changed(known)
    if kept == known:
        return
    envelope = _sealed(kept, row.id, salts.of(row.id))
    ColumnNames.objects.filter(municipality_id=current_scope().municipality, id=row.id).update(envelope=envelope)
    record_change(Action.COLUMN_NAMES_CHANGED, details={"columns": sorted(set(kept.headers.values()))})


def _locked() -> ColumnNames:
    """The municipality's row, which nobody else changes meanwhile; made where there is none."""
    municipality = current_scope().municipality
    rows = ColumnNames.objects.select_for_update().filter(municipality_id=municipality)
    row = rows.first()
    if row is None:
        identifier = uuid4()
        try:
            with transaction.atomic(using=current_scope().role.value):
                envelope = _sealed(ColumnMapping(), identifier, salts.create(identifier))
                ColumnNames.objects.create(municipality_id=municipality, id=identifier, envelope=envelope)
        except IntegrityError:
            pass  # two people named columns at once: the other was first
        row = rows.get()
    return row


def _sealed(kept: ColumnMapping, row: UUID, salt: bytes) -> bytes:
    payload = {"headers": dict(kept.headers), "unread": sorted(kept.unread)}
    return Sealer(keyring(), current_scope().municipality).seal(Compartment.STAGING, TABLE, row, salt, payload)


def _opened(row: ColumnNames) -> ColumnMapping:
    receipt = record_intent(Action.COLUMN_NAMES_READ, compartments=[Compartment.STAGING], records=[row.id])
    payload: Mapping[str, Any] = Opener(keyring(), receipt).open(
        Compartment.STAGING, TABLE, row.id, salts.of(row.id), bytes(row.envelope)
    )
    return ColumnMapping(headers=_still_columns(payload["headers"].items()), unread=frozenset(payload["unread"]))


def _still_columns(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """A later version of the columns may have lost one."""
    names = {column.name for column in columns()}
    return {heading: name for heading, name in pairs if name in names}
