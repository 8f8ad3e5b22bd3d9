"""A file that was read waits here, sealed, until it is applied or thrown away: its rows, and what was said of them.

Accepted rows lie in parts of a few hundred; refused rows, with their cells, and the remarks lie in the run's own
envelope. Whoever died in the middle of an import leaves only sealed rows, which their next import drops.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from django.db.models import QuerySet

from tenants.audit.entries import record_intent
from tenants.audit.enums import Action
from tenants.isolation.scopes import current_scope
from tenants.register import holding
from tenants.register.errors import ImportSuperseded
from tenants.register.importing import (
    IssueCode,
    NoteCode,
    ParsedFile,
    ParsedRow,
    RefusedCode,
    RefusedFile,
    RefusedRow,
    Remark,
    Severity,
)
from tenants.register.models import ImportRun, StagedRows
from tenants.register.months import month_of
from tenants.vault import salts
from tenants.vault.compartments import Compartment
from tenants.vault.errors import PayloadRefused
from tenants.vault.process import keyring
from tenants.vault.sealing import Opener, Sealer

RUN_TABLE = "register_importrun"
ROWS_TABLE = "register_stagedrows"
AT_A_TIME = 200  # rows in one envelope

Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Staged:
    """A staged run: what was read of the file, and the day that it was read for."""

    run: UUID
    parsed: ParsedFile
    counted_on: date


def stage(parsed: ParsedFile, *, on: date, content: bytes = b"", progress: Progress = lambda done: None) -> UUID:
    """Seal what was read into a new run and return its id. The person's earlier runs that were never applied go.

    ``content``: the file itself, kept beside it for as long as its columns may be named anew.
    Raises RefusedFile where the refused rows hold more text than one envelope has room for.
    """
    discard_unfinished()
    # One salt for the run: its rows live and die together.
    identifier = uuid4()
    salts.create(identifier)
    try:
        report = _sealed(identifier, _about(parsed, on))
    except PayloadRefused:
        raise RefusedFile(RefusedCode.TOO_LARGE, "Its refused rows hold more text than a register can.") from None
    _begin(identifier, ImportRun.State.STAGED, on=on, report=report)
    for position, start in enumerate(range(0, len(parsed.rows), AT_A_TIME)):
        part = parsed.rows[start : start + AT_A_TIME]
        _add_part(identifier, position, part)
        progress(start + len(part))
    holding.hold(identifier, content)
    return identifier


def keep_unread(content: bytes, *, on: date) -> UUID:
    """Seal a file that is not read yet into a new run and return its id; the person's earlier ones go."""
    discard_unfinished()
    identifier = uuid4()
    salts.create(identifier)
    _begin(identifier, ImportRun.State.UNREAD, on=on)
    holding.hold(identifier, content)
    return identifier


def accept(staged: Staged, row: ParsedRow, *, notes: Sequence[Remark]) -> None:
    """Move a refused row that was mended to the accepted ones."""
    parsed = staged.parsed
    _add_part(staged.run, StagedRows.objects.filter(run=staged.run).count(), [row])
    _rewrite(
        staged,
        replace(
            parsed,
            refused_rows=tuple(each for each in parsed.refused_rows if each.row != row.row),
            issues=tuple(each for each in parsed.issues if each.row != row.row),
            notes=(*parsed.notes, *notes),
        ),
    )


def refuse_again(staged: Staged, row: RefusedRow, *, issues: Sequence[Remark]) -> None:
    """Keep what someone tried in a refused row, and what is wrong with it now."""
    parsed = staged.parsed
    others = tuple(each for each in parsed.issues if each.row != row.row)
    _rewrite(
        staged,
        replace(
            parsed,
            refused_rows=tuple(row if each.row == row.row else each for each in parsed.refused_rows),
            issues=tuple(sorted((*others, *issues), key=lambda each: each.row)),
        ),
    )


def take(run: UUID) -> Staged:
    """What is staged, opened after the intent is committed. Locks the run. Raises ImportSuperseded when it is gone."""
    scope = current_scope()
    rows = ImportRun.objects.select_for_update().filter(id=run, state=ImportRun.State.STAGED, by=scope.by)
    found = rows.first()
    if found is None:
        raise ImportSuperseded("another import by the same person began, or this one ended: it changed nothing")
    parts = list(StagedRows.objects.filter(municipality_id=scope.municipality, run=run).order_by("position"))
    receipt = record_intent(
        Action.REGISTER_IMPORTED,
        compartments=[Compartment.STAGING],
        records=[run, *(part.id for part in parts)],
        details={"run": str(run)},
    )
    opener, salt = Opener(keyring(), receipt), salts.of(run)
    about = opener.open(Compartment.STAGING, RUN_TABLE, run, salt, bytes(found.report or b""))
    accepted = sorted(_rows_in(opener, salt, parts), key=lambda row: row.row)
    return Staged(run=run, parsed=_parsed(about, accepted), counted_on=date.fromisoformat(about["counted_on"]))


def finish(run: UUID, outcome: Mapping[str, Any]) -> None:
    """Keep the report and what was written, sealed, and drop the staged rows."""
    municipality = current_scope().municipality
    StagedRows.objects.filter(municipality_id=municipality, run=run).delete()
    holding.drop(run)
    ImportRun.objects.filter(municipality_id=municipality, id=run).update(
        state=ImportRun.State.APPLIED, report=_sealed(run, outcome)
    )


def discard(run: UUID) -> None:
    """Throw a waiting run away: all of it, and the salt that could open it. Raises ImportSuperseded when it is gone."""
    if not _waiting().filter(id=run).update(state=ImportRun.State.REFUSED, report=None):
        raise ImportSuperseded("the import has ended already")
    StagedRows.objects.filter(municipality_id=current_scope().municipality, run=run).delete()
    holding.drop(run)
    salts.shred(run)


def discard_unfinished() -> None:
    """Drop what the person left unfinished, in this way or by dying in the middle of an import."""
    for run in unfinished():
        discard(run)


def unfinished() -> tuple[UUID, ...]:
    """The person's own runs that wait, read or unread; there is one at most between imports."""
    return tuple(_waiting().values_list("id", flat=True))


def _waiting() -> QuerySet[ImportRun]:
    scope = current_scope()
    states = (ImportRun.State.UNREAD, ImportRun.State.STAGED)
    return ImportRun.objects.filter(municipality_id=scope.municipality, state__in=states, by=scope.by)


def _begin(run: UUID, state: ImportRun.State, *, on: date, report: bytes | None = None) -> None:
    scope = current_scope()
    ImportRun.objects.create(
        municipality_id=scope.municipality,
        id=run,
        state=state,
        by=scope.by,
        report=report,
        created_month=month_of(on),
    )


def _add_part(run: UUID, position: int, rows: Sequence[ParsedRow]) -> None:
    municipality = current_scope().municipality
    identifier = uuid4()
    payload = {"rows": [[row.row, row.identity, row.assessment, row.notes] for row in rows]}
    StagedRows.objects.create(
        municipality_id=municipality,
        id=identifier,
        run_id=run,
        position=position,
        envelope=Sealer(keyring(), municipality).seal(
            Compartment.STAGING, ROWS_TABLE, identifier, salts.of(run), payload
        ),
    )


def _rewrite(staged: Staged, parsed: ParsedFile) -> None:
    ImportRun.objects.filter(municipality_id=current_scope().municipality, id=staged.run).update(
        report=_sealed(staged.run, _about(parsed, staged.counted_on))
    )


def _sealed(run: UUID, payload: Mapping[str, Any]) -> bytes:
    sealer = Sealer(keyring(), current_scope().municipality)
    return sealer.seal(Compartment.STAGING, RUN_TABLE, run, salts.of(run), dict(payload))


def _rows_in(opener: Opener, salt: bytes, parts: Sequence[StagedRows]) -> Iterator[ParsedRow]:
    for part in parts:
        payload = opener.open(Compartment.STAGING, ROWS_TABLE, part.id, salt, bytes(part.envelope))
        for row, identity, assessment, notes in payload["rows"]:
            yield ParsedRow(row=row, identity=identity, assessment=assessment, notes=notes)


def _about(parsed: ParsedFile, on: date) -> dict[str, Any]:
    return {
        "counted_on": on.isoformat(),
        "data_rows": parsed.data_rows,
        "first_data_row": parsed.first_data_row,
        "columns": list(parsed.columns),
        "epoch_1904": parsed.epoch_1904,
        "refused": [[each.row, dict(each.cells)] for each in parsed.refused_rows],
        "issues": [each.as_json() for each in parsed.issues],
        "notes": [each.as_json() for each in parsed.notes],
    }


def _parsed(about: Mapping[str, Any], rows: Sequence[ParsedRow]) -> ParsedFile:
    return ParsedFile(
        rows=tuple(rows),
        data_rows=about["data_rows"],
        first_data_row=about["first_data_row"],
        columns=tuple(about["columns"]),
        epoch_1904=about["epoch_1904"],
        refused_rows=tuple(RefusedRow(row=row, cells=cells) for row, cells in about["refused"]),
        issues=tuple(_remark(told, IssueCode(told["code"])) for told in about["issues"]),
        notes=tuple(_remark(told, NoteCode(told["code"])) for told in about["notes"]),
    )


def _remark(told: Mapping[str, Any], code: IssueCode | NoteCode) -> Remark:
    return Remark(
        row=told["row"],
        column=told["column"],
        code=code,
        severity=Severity(told["severity"]),
        message=told["message"],
    )
