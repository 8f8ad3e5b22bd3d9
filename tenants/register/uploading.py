"""An upload in the page: read, staged, shown row by row, mended, applied or thrown away; an applied one undone.

The same steps as ``registering.import_file``, with a person between them. All inside a scope of that person.
"""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from tenants.audit.entries import record_change, record_intent
from tenants.audit.enums import Action
from tenants.isolation.scopes import current_scope
from tenants.register import drafts, staging
from tenants.register.changes import How, Origin
from tenants.register.errors import CannotUndo, ImportChanged
from tenants.register.history import differences, open_earlier
from tenants.register.importing import ParsedRow, RefusedRow, Remark, read_again
from tenants.register.importing.mending import mended
from tenants.register.lines import name_of
from tenants.register.models import Case, EarlierEnvelope, ImportRun, Person
from tenants.register.registering import AfterStoring, apply_staged
from tenants.register.states import is_masked, states_of
from tenants.register.storing import Foreseen, foresee
from tenants.register.writing import CaseFacts, Known, Revised, opened, revise
from tenants.vault import salts
from tenants.vault.compartments import Compartment
from tenants.vault.process import keyring
from tenants.vault.sealing import Opener


class Outcome(StrEnum):
    """What will happen to a row, before it happens."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    KEPT = "kept"  # the case is closed or blocked
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class ForeseenRow:
    """One row of an upload. ``fields``: the facts that an update changes, dotted; ``issues``: why it is refused."""

    row: int
    outcome: Outcome
    name: str
    fields: tuple[str, ...] = ()
    issues: tuple[Remark, ...] = ()
    notes: tuple[Remark, ...] = ()
    cells: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Upload:
    """A staged upload as it is shown. ``fingerprint`` stands for all that would happen, row by row."""

    run: UUID
    rows: tuple[ForeseenRow, ...]
    first_data_row: int
    notes: tuple[Remark, ...]
    fingerprint: str

    @property
    def totals(self) -> Mapping[Outcome, int]:
        """How many rows of each outcome."""
        found = Counter(row.outcome for row in self.rows)
        return {outcome: found[outcome] for outcome in Outcome}

    def row(self, number: int) -> ForeseenRow | None:
        """The row with that number, or None."""
        return next((row for row in self.rows if row.row == number), None)


def look(run: UUID) -> Upload:
    """What the upload will do to each row, were it applied now. Raises ImportSuperseded when it is gone."""
    return _upload(staging.take(run))


def mend(run: UUID, row: int, cells: Mapping[str, str], *, synthetic_mode: bool) -> bool:
    """Read a refused row again with other cells; whether it is accepted now. A row that is not refused: False."""
    staged = staging.take(run)
    found = next((each for each in staged.parsed.refused_rows if each.row == row), None)
    if found is None:
        return False
    tried = mended(found, cells)
    read = read_again(
        tried,
        counted_on=staged.counted_on,
        synthetic_mode=synthetic_mode,
        epoch_1904=staged.parsed.epoch_1904,
        seen={each.identity["identity_number"] for each in staged.parsed.rows},
    )
    if read.parsed is None:
        staging.refuse_again(staged, tried, issues=read.issues)
        return False
    staging.accept(staged, read.parsed, notes=read.notes)
    return True


def refused_rows(run: UUID) -> tuple[tuple[str, ...], tuple[RefusedRow, ...], tuple[Remark, ...]]:
    """Columns, refused rows and their issues, to be taken out as a file; told in the log."""
    parsed = staging.take(run).parsed
    record_change(Action.REFUSED_ROWS_TAKEN_OUT, details={"run": str(run), "rows": len(parsed.refused_rows)})
    return parsed.columns, parsed.refused_rows, parsed.issues


def apply(run: UUID, *, fingerprint: str, code: str, after_storing: AfterStoring) -> dict[str, Any]:
    """Do what was shown; gives the report. Raises ImportChanged when it would not be the same any more."""
    staged = staging.take(run)
    if _upload(staged, lock=True).fingerprint != fingerprint:
        raise ImportChanged("the register has changed since the import was shown")
    return apply_staged(staged, code=code, after_storing=after_storing)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Applied:
    """An import that was applied: when and by whom, and what became of its cases since.

    ``removable`` cases were created by it and ``restorable`` ones revised, and nobody has changed them since;
    ``touched`` cases were changed later and stay as they are.
    """

    run: UUID
    by: str
    at: datetime
    report: Mapping[str, Any]
    undone: bool
    removable: tuple[UUID, ...]
    restorable: tuple[tuple[UUID, int], ...]
    touched: int


def applied(*, by: str | None = None, most: int = 20) -> tuple[Applied, ...]:
    """The municipality's latest imports (of that person only, if named), newest first. No fact about a person."""
    municipality = current_scope().municipality
    states = (ImportRun.State.APPLIED, ImportRun.State.UNDONE)
    runs = ImportRun.objects.filter(municipality_id=municipality, state__in=states, report__isnull=False)
    rows = list((runs.filter(by=by) if by else runs).order_by("-created_month")[:200])
    return tuple(sorted(_applied(rows), key=lambda each: each.at, reverse=True)[:most])


def undo(run: UUID, *, counted_at: datetime | None, on: date) -> Applied:
    """Take an import back, but for cases that someone has changed since. Gives what was found before.

    What the import created was never more than a file: its keys are shredded, so nobody can read it again, and its
    people can be registered anew. What it revised gets the facts from before as a new revision. Raises CannotUndo when
    the import is not there, was undone, or was counted: the municipality has contributed at ``counted_at``, after it.
    """
    municipality = current_scope().municipality
    row = (
        ImportRun.objects.select_for_update()
        .filter(municipality_id=municipality, id=run, state=ImportRun.State.APPLIED)
        .first()
    )
    if row is None:
        raise CannotUndo("there is no such applied import")
    (found,) = _applied([row], lock=True)
    if counted_at is not None and counted_at >= found.at:
        raise CannotUndo("the import has been counted")
    _restore(found.restorable, run=run, on=on)
    _remove(found.removable)
    ImportRun.objects.filter(municipality_id=municipality, id=run).update(state=ImportRun.State.UNDONE)
    record_change(
        Action.IMPORT_UNDONE,
        details={
            "run": str(run),
            "removed": len(found.removable),
            "restored": len(found.restorable),
            "touched": found.touched,
        },
    )
    return found


def _upload(staged: staging.Staged, *, lock: bool = False) -> Upload:
    parsed = staged.parsed
    foreseen = {each.row.row: each for each in foresee(parsed.rows, lock=lock)}
    rows = [_accepted(each, [note for note in parsed.notes if note.row == each.row.row]) for each in foreseen.values()]
    rows += [
        ForeseenRow(
            row=each.row,
            outcome=Outcome.REFUSED,
            name=name_of({"given_name": each.cells.get("Førenamn"), "family_name": each.cells.get("Etternamn")}),
            issues=tuple(issue for issue in parsed.issues if issue.row == each.row),
            cells=each.cells,
        )
        for each in parsed.refused_rows
    ]
    ordered = tuple(sorted(rows, key=lambda each: each.row))
    return Upload(
        run=staged.run,
        rows=ordered,
        first_data_row=parsed.first_data_row,
        notes=tuple(note for note in parsed.notes if note.row < 0),
        fingerprint=_fingerprint(staged.run, ordered, foreseen),
    )


def _accepted(foreseen: Foreseen, notes: Sequence[Remark]) -> ForeseenRow:
    row: ParsedRow = foreseen.row
    outcome = Outcome.UNCHANGED
    fields: tuple[str, ...] = ()
    masked = is_masked(states_of(row.assessment))
    if foreseen.known is None:
        outcome = Outcome.CREATED
    elif foreseen.kept:
        outcome = Outcome.KEPT
    elif foreseen.revised is not None:
        outcome = Outcome.UPDATED
        fields = tuple(each.fact for each in differences(foreseen.revised.before, foreseen.revised.after))
        masked = is_masked(states_of(foreseen.revised.after.assessment))
    return ForeseenRow(
        row=row.row, outcome=outcome, name="" if masked else name_of(row.identity), fields=fields, notes=tuple(notes)
    )


def _fingerprint(run: UUID, rows: Sequence[ForeseenRow], foreseen: Mapping[int, Foreseen]) -> str:
    """Says whether the same would still happen to the same revisions of the same cases; nothing about anyone."""
    digest = hashlib.sha256(run.bytes)
    for row in rows:
        known = foreseen[row.row].known if row.row in foreseen else None
        stands = f"{known.case.id}|{known.case.revision}" if known else "new"
        digest.update(f"{row.row}|{row.outcome}|{stands}\n".encode())
    return digest.hexdigest()


def _applied(rows: Sequence[ImportRun], *, lock: bool = False) -> list[Applied]:
    if not rows:
        return []
    receipt = record_intent(Action.IMPORT_OPENED, compartments=[Compartment.STAGING], records=[row.id for row in rows])
    opener, salt_of = Opener(keyring(), receipt), salts.of_many(row.id for row in rows)
    told = [
        (row, opener.open(Compartment.STAGING, staging.RUN_TABLE, row.id, salt_of[row.id], bytes(row.report or b"")))
        for row in rows
    ]
    written = {
        UUID(case): revision
        for _, payload in told
        for case, revision in [*([case, 1] for case in payload["created"]), *payload["revised"]]
    }
    cases = Case.objects.filter(municipality_id=current_scope().municipality, id__in=list(written)).order_by("id")
    now = dict((cases.select_for_update() if lock else cases).values_list("id", "revision"))
    found = []
    for row, payload in told:
        created = [UUID(case) for case in payload["created"]]
        revised = [(UUID(case), revision) for case, revision in payload["revised"]]
        removable = tuple(case for case in created if now.get(case) == 1)
        restorable = tuple((case, revision) for case, revision in revised if now.get(case) == revision)
        found.append(
            Applied(
                run=row.id,
                by=row.by,
                at=datetime.fromisoformat(payload["at"]),
                report=payload["report"],
                undone=row.state == ImportRun.State.UNDONE,
                removable=removable,
                restorable=restorable,
                touched=len(created) + len(revised) - len(removable) - len(restorable),
            )
        )
    return found


def _restore(cases: Sequence[tuple[UUID, int]], *, run: UUID, on: date) -> None:
    """Give each case the facts that it had before that revision, as a new revision."""
    municipality = current_scope().municipality
    revision_of = dict(cases)
    rows = list(Case.objects.filter(municipality_id=municipality, id__in=list(revision_of)).select_related("person"))
    earlier: dict[UUID, list[EarlierEnvelope]] = {}
    for row in EarlierEnvelope.objects.filter(municipality_id=municipality, case_id__in=list(revision_of)):
        if row.revision == revision_of[row.case_id] - 1:
            earlier.setdefault(row.case_id, []).append(row)
    known = [Known(row.person, row) for row in rows]
    if not known:
        return
    records = [identifier for each in known for identifier in (each.person.id, each.case.id)]
    receipt = record_intent(
        Action.IMPORT_UNDONE,
        compartments=[Compartment.IDENTITY, Compartment.ASSESSMENT, Compartment.NOTES],
        records=records,
        details={"run": str(run)},
    )
    opener, salt_of = Opener(keyring(), receipt), salts.of_many(records)
    revised = []
    for each, now in opened(known, action=Action.IMPORT_UNDONE):
        before = {
            row.compartment: open_earlier(row, each, opener=opener, salt_of=salt_of)
            for row in earlier.get(each.case.id, [])
        }
        facts = CaseFacts(
            identity=before.get(Compartment.IDENTITY.label, now.identity),
            assessment=before.get(Compartment.ASSESSMENT.label, now.assessment),
            notes=before.get(Compartment.NOTES.label, now.notes),
        )
        revised.append(Revised(each, now, facts))
    revise(revised, origin=Origin(how=How.IMPORT_UNDONE, run=run), on=on)


def _remove(cases: Sequence[UUID]) -> None:
    """Shred what an import created; the people can be registered again."""
    if not cases:
        return
    municipality = current_scope().municipality
    rows = Case.objects.filter(municipality_id=municipality, id__in=list(cases))
    people = list(rows.values_list("person_id", flat=True))
    drafts.drop_all(cases)
    Person.objects.filter(municipality_id=municipality, id__in=people).update(number_index=None, name_index=None)
    salts.shred_many([*cases, *people])
