"""Import one file: parse, stage, store, report. The file itself never touches the disk."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from tenants.isolation.enums import Purpose
from tenants.isolation.scopes import scope
from tenants.legal import heimel
from tenants.register import staging, storing
from tenants.register.importing import (
    ColumnMapping,
    ParsedFile,
    RefusedFile,
    import_report,
    parse_register,
    refused_report,
)
from tenants.register.storing import Stored

# A file of 20,000 rows takes well under a minute; the scope may last longer than a page's.
LIFETIME = timedelta(minutes=15)

Progress = Callable[[str, int, int], None]
AfterStoring = Callable[[Stored], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """The report (``buvett/import/1``), and whether the file was refused as a whole."""

    report: dict[str, Any]
    refused: bool


def import_file(
    content: bytes,
    *,
    municipality: UUID,
    code: str,
    by: str,
    on: date,
    synthetic_mode: bool,
    mapping: ColumnMapping = ColumnMapping(),  # noqa: B008 - frozen and empty
    dry_run: bool = False,
    after_storing: AfterStoring = lambda stored: None,
    progress: Progress = lambda stage, done, total: None,
) -> Imported:
    """Read a register into a municipality: everything that is accepted, or nothing.

    Rows are staged (sealed) in one transaction and stored in the next, so that a death in between leaves only sealed
    rows that the next import discards. ``after_storing`` runs in the storing transaction (grants on new cases).
    Raises NoHeimel when the municipality has no live basis for SAK.
    """

    def parsing(done: int, total: int) -> None:
        progress("reading", done, total)

    try:
        parsed = parse_register(
            content, counted_on=on, synthetic_mode=synthetic_mode, mapping=mapping, progress=parsing
        )
    except RefusedFile as refusal:
        return Imported(report=refused_report(refusal, municipality=code), refused=True)
    entered = {"by": by, "purpose": Purpose.SAK, "lifetime": LIFETIME}
    if dry_run:
        with scope(municipality, **entered):  # type: ignore[arg-type]
            heimel.check_live(Purpose.SAK, on=on)
            stored = storing.compare(parsed.rows)
        return Imported(report=_report(parsed, code, stored), refused=False)
    total = len(parsed.rows)
    with scope(municipality, **entered):  # type: ignore[arg-type]
        heimel.check_live(Purpose.SAK, on=on)
        run = staging.stage(parsed.rows, on=on, progress=lambda done: progress("staging", done, total))
    with scope(municipality, **entered):  # type: ignore[arg-type]
        rows = list(staging.take(run))
        stored = storing.store(rows, on=on, progress=lambda done: progress("storing", done, total))
        after_storing(stored)
        report = _report(parsed, code, stored)
        staging.finish(run, report)
    return Imported(report=report, refused=False)


def _report(parsed: ParsedFile, code: str, stored: Stored) -> dict[str, Any]:
    return import_report(
        parsed, municipality=code, created=stored.created, updated=stored.updated, unchanged=stored.unchanged
    )
