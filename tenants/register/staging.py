"""Accepted rows of a file wait here, sealed, until they are applied; the report is sealed beside them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from tenants.audit.entries import record_intent
from tenants.audit.enums import Action
from tenants.isolation.scopes import current_scope
from tenants.register.errors import ImportSuperseded
from tenants.register.importing import ParsedRow
from tenants.register.models import ImportRun, StagedRows
from tenants.register.months import month_of
from tenants.vault import salts
from tenants.vault.compartments import Compartment
from tenants.vault.process import keyring
from tenants.vault.sealing import Opener, Sealer

RUN_TABLE = "register_importrun"
ROWS_TABLE = "register_stagedrows"
AT_A_TIME = 200  # rows in one envelope

Progress = Callable[[int], None]


def stage(rows: Sequence[ParsedRow], *, on: date, progress: Progress = lambda done: None) -> UUID:
    """Seal the rows into a new run and return its id. Earlier runs that were never applied are discarded."""
    municipality = current_scope().municipality
    discard_unfinished()
    run = ImportRun.objects.create(
        municipality_id=municipality, state=ImportRun.State.STAGED, created_month=month_of(on)
    )
    # One salt for the run: its rows live and die together.
    salt = salts.create(run.id)
    sealer = Sealer(keyring(), municipality)
    for position, start in enumerate(range(0, len(rows), AT_A_TIME)):
        part = rows[start : start + AT_A_TIME]
        identifier = uuid4()
        payload = {"rows": [[row.row, row.identity, row.assessment, row.notes] for row in part]}
        StagedRows.objects.create(
            municipality_id=municipality,
            id=identifier,
            run=run,
            position=position,
            envelope=sealer.seal(Compartment.STAGING, ROWS_TABLE, identifier, salt, payload),
        )
        progress(start + len(part))
    return run.id


def take(run: UUID) -> Iterator[ParsedRow]:
    """The staged rows in order, opened after the intent is committed. Raises ImportSuperseded when they are gone."""
    scope = current_scope()
    found = ImportRun.objects.select_for_update().filter(id=run, state=ImportRun.State.STAGED).exists()
    if not found:
        raise ImportSuperseded("another import of this municipality began: this one changed nothing")
    parts = list(StagedRows.objects.filter(municipality_id=scope.municipality, run=run).order_by("position"))
    if not parts:
        return
    receipt = record_intent(
        Action.REGISTER_IMPORTED,
        compartments=[Compartment.STAGING],
        records=[part.id for part in parts],
        details={"run": str(run)},
    )
    opener = Opener(keyring(), receipt)
    salt = salts.of(run)
    for part in parts:
        payload = opener.open(Compartment.STAGING, ROWS_TABLE, part.id, salt, bytes(part.envelope))
        for row, identity, assessment, notes in payload["rows"]:
            yield ParsedRow(row=row, identity=identity, assessment=assessment, notes=notes)


def finish(run: UUID, report: Mapping[str, Any]) -> None:
    """Keep the report, sealed, and drop the staged rows."""
    municipality = current_scope().municipality
    envelope = Sealer(keyring(), municipality).seal(Compartment.STAGING, RUN_TABLE, run, salts.of(run), dict(report))
    StagedRows.objects.filter(municipality_id=municipality, run=run).delete()
    ImportRun.objects.filter(municipality_id=municipality, id=run).update(
        state=ImportRun.State.APPLIED, report=envelope
    )


def discard_unfinished() -> None:
    """Drop what an import that died left behind: its rows, and the salt that could open them."""
    municipality = current_scope().municipality
    unfinished = ImportRun.objects.filter(municipality_id=municipality, state=ImportRun.State.STAGED)
    for run in unfinished.values_list("id", flat=True):
        StagedRows.objects.filter(municipality_id=municipality, run=run).delete()
        salts.shred(run)
    unfinished.update(state=ImportRun.State.REFUSED)
