"""Import one file: parse, stage, store, report. The file itself never touches the disk."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
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
    kept_note,
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
        return Imported(report=report_of(parsed, code, stored), refused=False)
    total = len(parsed.rows)
    try:
        with scope(municipality, **entered):  # type: ignore[arg-type]
            heimel.check_live(Purpose.SAK, on=on)
            run = staging.stage(parsed, on=on, progress=lambda done: progress("staging", done, total))
    except RefusedFile as refusal:
        return Imported(report=refused_report(refusal, municipality=code), refused=True)
    with scope(municipality, **entered):  # type: ignore[arg-type]
        report = apply_staged(
            staging.take(run),
            code=code,
            after_storing=after_storing,
            progress=lambda done: progress("storing", done, total),
        )
    return Imported(report=report, refused=False)


def apply_staged(
    staged: staging.Staged,
    *,
    code: str,
    after_storing: AfterStoring = lambda stored: None,
    progress: staging.Progress = lambda done: None,
) -> dict[str, Any]:
    """Store what is staged and keep what was written, so that it can be undone. Gives the report. Inside a scope."""
    stored = storing.store(staged.parsed.rows, on=staged.counted_on, run=staged.run, progress=progress)
    after_storing(stored)
    report = report_of(staged.parsed, code, stored)
    staging.finish(
        staged.run,
        {
            "report": report,
            "at": datetime.now(UTC).isoformat(timespec="microseconds"),
            "created": [str(case) for case in stored.new_cases],
            "revised": [[str(case), revision] for case, revision in stored.revised],
        },
    )
    return report


def report_of(parsed: ParsedFile, code: str, stored: Stored) -> dict[str, Any]:
    """The report ``buvett/import/1``, with a note for each row whose case stays as it was."""
    noted = replace(parsed, notes=(*parsed.notes, *(kept_note(row) for row in stored.kept)))
    return import_report(
        noted, municipality=code, created=stored.created, updated=stored.updated, unchanged=stored.unchanged
    )
