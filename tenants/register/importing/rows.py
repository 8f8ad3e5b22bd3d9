"""From one row of cells to facts and remarks."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from datetime import date
from typing import Any

from tenants.register import identity_number
from tenants.register.codelists import Answer, Column, Kind, code_list, columns, row_words
from tenants.register.identity_number import Fault, IdentityNumber, IdentityNumberError
from tenants.register.importing.cells import as_date, as_text, as_whole_number, as_year, is_formula
from tenants.register.importing.folding import fold_label
from tenants.register.importing.header import Header
from tenants.register.importing.labels import Labels, labels_of
from tenants.register.importing.mapping import ColumnMapping
from tenants.register.importing.result import IssueCode, NoteCode, ParsedRow, Remark, Severity
from tenants.register.importing.table import Cell, Formula

# A spreadsheet program calculates what begins so. A phone number may begin with + or -, and means it.
_FORMULA_STARTS = "=+-@\t"
_PHONE_FORMULA_STARTS = "=@\t"
_OLDEST = 110
_EARLIEST_BIRTH_YEAR = 1850
_YES = "JA"
# A number that went through a program for numbers: 25835330993.0
_DECIMALS = re.compile(r"^([0-9]{9,11})[.,]0+$")
_MESSAGES = {
    IssueCode.IDENTITY_NUMBER_INVALID: "The number is not a valid identity number.",
    IssueCode.IDENTITY_NUMBER_NOT_SYNTHETIC: "The number is not synthetic, and only synthetic people are accepted.",
    IssueCode.DUPLICATE_IN_FILE: "An earlier row of the file has the same number; the first is kept.",
    IssueCode.UNKNOWN_LABEL: "The cell holds a label that is not in the column's code list.",
    IssueCode.REQUIRED_MISSING: "The cell is empty, and every row needs it.",
    IssueCode.DATE_INVALID: "The cell holds no date that exists.",
    IssueCode.DATE_IN_FUTURE: "The date lies after the day that is counted on.",
    IssueCode.FORMULA_KEPT_AS_TEXT: "The cell holds a formula; it was kept as text and is never calculated.",
    NoteCode.ZERO_RESTORED: "The number had lost its leading zero; it was put back.",
    NoteCode.BIRTH_YEAR_DIFFERS: "The year of birth does not fit the identity number.",
    NoteCode.BIRTH_YEAR_UNLIKELY: "The year of birth makes the person unusually old.",
    NoteCode.NUMBER_NOT_UNDERSTOOD: "The cell holds no whole number; it was read as unknown.",
}


class RowReader:
    """Read the rows of one file in order; it remembers the numbers that it has seen (``seen`` from the start)."""

    def __init__(
        self,
        *,
        header: Header,
        mapping: ColumnMapping,
        counted_on: date,
        synthetic_mode: bool,
        epoch_1904: bool,
        seen: Collection[str] = (),
    ) -> None:
        self.issues: list[Remark] = []
        self.notes: list[Remark] = []
        self._positions = header.positions
        self._counted_on = counted_on
        self._synthetic_mode = synthetic_mode
        self._epoch_1904 = epoch_1904
        self._labels: Mapping[str, Labels] = {
            c.name: labels_of(code_list(c.list_id), mapping.labels.get(c.name, {})) for c in columns() if c.list_id
        }
        words = row_words()
        self._answers = {fold_label(text): answer for text, answer in words.answers}
        self._zero = frozenset(map(fold_label, words.zero))
        self._seen = set(seen)
        self._readers: Mapping[Kind, Callable[[_Row, Column, Cell], Any]] = {
            Kind.TEXT: self._text,
            Kind.PHONE: self._text,
            Kind.IDENTITY_NUMBER: self._identity_number,
            Kind.BIRTH_YEAR: self._birth_year,
            Kind.COUNT: self._count,
            Kind.CODE: self._code,
            Kind.CODES: self._codes,
            Kind.AREA: self._area,
            Kind.DATE: self._date,
            Kind.FLAG: self._flag,
        }

    def read(self, row: int, cells: tuple[Cell, ...]) -> ParsedRow | None:
        """Return the row's facts, or None if it is refused; issues and notes are appended to the reader's."""
        work = _Row(row)
        facts: dict[str, dict[str, Any]] = {"identity": {}, "assessment": {"areas": {}}, "notes": {}}
        for column in columns():
            position = self._positions.get(column.name)
            cell = cells[position] if position is not None and position < len(cells) else None
            value = self._readers[column.kind](work, column, cell)
            if position is None and column.kind in (Kind.COUNT, Kind.AREA):
                work.unanswered[_fact_name(column)] = Answer.NOT_ASKED
            if column.kind is Kind.AREA:
                facts["assessment"]["areas"][column.name] = value
            else:
                facts[column.compartment][column.fact] = value
        number: IdentityNumber | None = facts["identity"]["identity_number"]
        if number is not None:
            self._compare(work, number, facts["assessment"]["birth_year"])
            facts["identity"]["identity_number"] = number.digits
        refused = any(r.severity is Severity.ERROR for r in work.issues)
        # In a refused row nothing was kept, as text or otherwise.
        self.issues += [r for r in work.issues if not refused or r.severity is Severity.ERROR]
        if refused:
            return None
        self.notes += work.notes
        # Nobody is asked about household and skills in a file; blocking is done in the system, never by a file.
        work.unanswered |= {"household": Answer.NOT_ASKED, "skills": Answer.NOT_ASKED}
        facts["assessment"] |= {
            "household": None,
            "skills": None,
            "blocked": False,
            "unanswered": {name: answer.value for name, answer in sorted(work.unanswered.items())},
        }
        return ParsedRow(row=row, identity=facts["identity"], assessment=facts["assessment"], notes=facts["notes"])

    def _compare(self, work: _Row, number: IdentityNumber, birth_year: int | None) -> None:
        if number.digits in self._seen:
            work.error("Fødselsnummer", IssueCode.DUPLICATE_IN_FILE)
        self._seen.add(number.digits)
        if birth_year is not None and birth_year % 100 != number.year_of_century:
            work.note("Fødselsår", NoteCode.BIRTH_YEAR_DIFFERS)

    def _text(self, work: _Row, column: Column, cell: Cell) -> str | None:
        if is_formula(cell, _PHONE_FORMULA_STARTS if column.kind is Kind.PHONE else _FORMULA_STARTS):
            work.warn(column.name, IssueCode.FORMULA_KEPT_AS_TEXT)
        text = cell.text if isinstance(cell, Formula) else as_text(cell)
        return text or None

    def _identity_number(self, work: _Row, column: Column, cell: Cell) -> IdentityNumber | None:
        text = _DECIMALS.sub(r"\1", as_text(cell))
        if not text:
            work.error(column.name, IssueCode.REQUIRED_MISSING)
            return None
        try:
            number = identity_number.parse(text, synthetic_mode=self._synthetic_mode)
        except IdentityNumberError as error:
            work.error(
                column.name,
                IssueCode.IDENTITY_NUMBER_NOT_SYNTHETIC
                if error.fault is Fault.NOT_SYNTHETIC
                else IssueCode.IDENTITY_NUMBER_INVALID,
            )
            return None
        if number.restored:
            work.note(column.name, NoteCode.ZERO_RESTORED)
        return number

    def _birth_year(self, work: _Row, column: Column, cell: Cell) -> int | None:
        if not as_text(cell):
            work.error(column.name, IssueCode.REQUIRED_MISSING)
            return None
        year = as_year(cell, epoch_1904=self._epoch_1904)
        if year is None or year < _EARLIEST_BIRTH_YEAR:
            work.error(column.name, IssueCode.DATE_INVALID)
        elif year > self._counted_on.year:
            work.error(column.name, IssueCode.DATE_IN_FUTURE)
        elif self._counted_on.year - year > _OLDEST:
            work.note(column.name, NoteCode.BIRTH_YEAR_UNLIKELY)
        return year

    def _count(self, work: _Row, column: Column, cell: Cell) -> int | None:
        text = fold_label(as_text(cell))
        if text in self._zero:
            return 0
        number = as_whole_number(cell)
        if number is None:
            answer = self._answers.get(text)
            if text and answer is None:
                work.note(column.name, NoteCode.NUMBER_NOT_UNDERSTOOD)
            work.unanswered[_fact_name(column)] = answer or Answer.UNKNOWN
        return number

    def _code(self, work: _Row, column: Column, cell: Cell) -> str | None:
        text = as_text(cell)
        if not text:
            work.error(column.name, IssueCode.REQUIRED_MISSING)
            return None
        labels = self._labels[column.name]
        code = labels.find(text)
        if code is None:
            work.error(column.name, IssueCode.UNKNOWN_LABEL)
        elif answer := labels.answer(text):
            work.unanswered[_fact_name(column)] = answer
        return code

    def _codes(self, work: _Row, column: Column, cell: Cell) -> list[str] | None:
        codes, understood = self._labels[column.name].split(as_text(cell))
        if not understood:
            work.error(column.name, IssueCode.UNKNOWN_LABEL)
        elif not codes:
            work.error(column.name, IssueCode.REQUIRED_MISSING)
            return None
        return list(codes)

    def _area(self, work: _Row, column: Column, cell: Cell) -> str | None:
        text = as_text(cell)
        if text:
            return self._code(work, column, cell)
        work.unanswered[_fact_name(column)] = Answer.UNKNOWN
        return "U"

    def _date(self, work: _Row, column: Column, cell: Cell) -> str | None:
        if not as_text(cell):
            work.error(column.name, IssueCode.REQUIRED_MISSING)
            return None
        found = as_date(cell, epoch_1904=self._epoch_1904)
        if found is None:
            work.error(column.name, IssueCode.DATE_INVALID)
            return None
        if found > self._counted_on:
            work.error(column.name, IssueCode.DATE_IN_FUTURE)
        return found.isoformat()

    def _flag(self, work: _Row, column: Column, cell: Cell) -> bool:
        text = as_text(cell)
        if not text:
            return False
        code = self._labels[column.name].find(text)
        if code is None:
            work.error(column.name, IssueCode.UNKNOWN_LABEL)
        return code == _YES


class _Row:
    """What is found out about one row while it is read."""

    def __init__(self, row: int) -> None:
        self.row = row
        self.issues: list[Remark] = []
        self.notes: list[Remark] = []
        self.unanswered: dict[str, Answer] = {}

    def error(self, column: str, code: IssueCode) -> None:
        self.issues.append(self._remark(column, code, Severity.ERROR))

    def warn(self, column: str, code: IssueCode) -> None:
        self.issues.append(self._remark(column, code, Severity.WARNING))

    def note(self, column: str, code: NoteCode) -> None:
        self.notes.append(self._remark(column, code, Severity.INFO))

    def _remark(self, column: str, code: IssueCode | NoteCode, severity: Severity) -> Remark:
        return Remark(row=self.row, column=column, code=code, severity=severity, message=_MESSAGES[code])


def _fact_name(column: Column) -> str:
    return f"areas.{column.name}" if column.kind is Kind.AREA else column.fact
