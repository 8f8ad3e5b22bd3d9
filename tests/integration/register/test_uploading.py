"""An upload between reading and applying: foreseen row by row, mended, applied as shown, thrown away, undone."""

import io
from datetime import UTC, date, datetime, timedelta
from random import Random

import openpyxl
import pytest

from tenants.register import changing, drafts, looking_up, staging, uploading
from tenants.register.drafts import Written
from tenants.register.errors import CannotUndo, ImportChanged, ImportSuperseded
from tenants.register.importing import parse_register
from tenants.register.importing.refused_file import refused_file
from tenants.register.models import Case, Draft, EarlierEnvelope, ImportRun, Person, StagedRows
from tenants.register.registering import import_file
from tenants.register.states import Verb
from tenants.register.uploading import Outcome
from tests.data.register_files import number_for
from tests.integration.register.house import ON, adopt, correct, read, room, rows_of, someone

NUMBERS = [number_for(date(1980, 1, 1 + n), Random(7 + n)) for n in range(6)]
HEADER = (
    "Førenamn;Etternamn;Fødselsnummer;Fødselsår;Busituasjon;Målgrupper;Bistandsnivå;Bustadtype;Registrert;"
    "Adressesperre;Motsegn;Merknad"
)


@pytest.fixture
def house(municipality):
    return adopt(municipality)


def row(name, number, *, support="Ingen", protected="Nei", note="", year="1980"):
    return (
        f"{name};Oppdikta;{number};{year};Ute;Eldre;{support};Rehabiliteringsbustad;2026-01-01;{protected};Nei;{note}"
    )


def file(*rows):
    return "\n".join([HEADER, *rows]).encode()


def parsed(content):
    return parse_register(content, counted_on=ON, synthetic_mode=True)


def stage(house, content, by="worker"):
    with room(house, by=by):
        return staging.stage(parsed(content), on=ON)


def look(house, run, by="worker"):
    with room(house, by=by):
        return uploading.look(run)


def apply(house, run, by="worker", fingerprint=None):
    shown = fingerprint or look(house, run, by=by).fingerprint
    with room(house, by=by):
        return uploading.apply(run, fingerprint=shown, code="0", after_storing=lambda stored: None)


def bring(house, content):
    return apply(house, stage(house, content))


def undo(house, run, *, counted_at=None):
    with room(house):
        return uploading.undo(run, counted_at=counted_at, on=ON)


def mend(house, run, number, **cells):
    with room(house):
        return uploading.mend(run, number, cells, synthetic_mode=True)


def case_of(house, number):
    with room(house):
        return looking_up.by_number(number, now=datetime.now(UTC))


def test_each_row_is_foreseen_and_nothing_is_written_yet(house):
    bring(house, file(row("Ada", NUMBERS[0]), row("Bo", NUMBERS[1]), row("Cecilie", NUMBERS[2])))
    case = case_of(house, NUMBERS[2])
    with room(house):
        changing.move(case, Verb.CLOSE, revision=1, why="Ferdig.", on=ON)
    before = rows_of(house, Person), rows_of(house, EarlierEnvelope)

    upload = look(
        house,
        stage(
            house,
            file(
                row("Ada", NUMBERS[0]),
                row("Bo", NUMBERS[1], support="Dagleg oppfølging"),
                row("Cecilie", NUMBERS[2], support="Dagleg oppfølging"),
                row("Dag", NUMBERS[3]),
                row("Eva", "12345678901"),
            ),
        ),
    )

    assert [(each.row, each.name, each.outcome) for each in upload.rows] == [
        (0, "Ada Oppdikta", Outcome.UNCHANGED),
        (1, "Bo Oppdikta", Outcome.UPDATED),
        (2, "Cecilie Oppdikta", Outcome.KEPT),
        (3, "Dag Oppdikta", Outcome.CREATED),
        (4, "Eva Oppdikta", Outcome.REFUSED),
    ]
    assert upload.rows[1].fields == ("assessment.support",)
    assert [issue.code.value for issue in upload.rows[4].issues] == ["identity_number_invalid"]
    assert set(upload.totals.values()) == {1}
    assert (rows_of(house, Person), rows_of(house, EarlierEnvelope)) == before


def test_applied_upload_gives_the_report_that_the_command_gives(house, neighbour):
    adopt(neighbour)
    content = file(row("Ada", NUMBERS[0]), row("Bo", NUMBERS[1]), row("Eva", "12345678901"))
    by_command = import_file(
        content, municipality=neighbour.id, code="0", by="worker", on=ON, synthetic_mode=True
    ).report

    assert bring(house, content) == by_command
    assert rows_of(house, StagedRows) == 0


def test_closed_case_stays_and_the_report_notes_it(house):
    bring(house, file(row("Ada", NUMBERS[0])))
    case = case_of(house, NUMBERS[0])
    with room(house):
        changing.move(case, Verb.BLOCK, revision=1, why="Strid.", on=ON)

    report = bring(house, file(row("Ada", NUMBERS[0], support="Dagleg oppfølging")))

    assert (report["updated"], report["unchanged"], report["issues"]) == (0, 1, [])
    assert [(note["row"], note["code"]) for note in report["notes"]] == [(0, "case_kept")]
    assert read(house, case)[1] == 2


def test_file_lifts_neither_objection_nor_protection(house):
    bring(house, file(row("Ada", NUMBERS[0], protected="Ja")))
    case = case_of(house, NUMBERS[0])
    with room(house):
        changing.move(case, Verb.OBJECT, revision=1, why="Bad om det.", on=ON)

    bring(house, file(row("Ada", NUMBERS[0], protected="Nei", support="Dagleg oppfølging")))

    found, revision = read(house, case)
    assert (found.assessment["objected"], found.assessment["address_protected"], revision) == (True, True, 3)
    assert found.assessment["support"] == "4"


def test_columns_that_a_file_lacks_keep_their_texts(house):
    bring(house, file(row("Ada", NUMBERS[0], note="Viktig.")))
    case = case_of(house, NUMBERS[0])
    correct(house, case, revision=1, identity={"phone": "00000000"})

    bring(house, file(row("Ada", NUMBERS[0], support="Dagleg oppfølging")))

    found, _ = read(house, case)
    assert (found.identity["phone"], found.notes["text"]) == ("00000000", "Viktig.")


def test_protected_person_has_no_name_in_the_preview(house):
    upload = look(house, stage(house, file(row("Ada", NUMBERS[0], protected="Ja"), row("Bo", NUMBERS[1]))))

    assert [each.name for each in upload.rows] == ["", "Bo Oppdikta"]


def test_register_that_changed_since_it_was_shown_is_not_overwritten_unseen(house):
    bring(house, file(row("Ada", NUMBERS[0])))
    run = stage(house, file(row("Ada", NUMBERS[0], support="Dagleg oppfølging")))
    shown = look(house, run)
    correct(house, case_of(house, NUMBERS[0]), revision=1, by="colleague", support="2")

    with pytest.raises(ImportChanged):
        apply(house, run, fingerprint=shown.fingerprint)

    assert read(house, case_of(house, NUMBERS[0]))[0].assessment["support"] == "2"
    assert apply(house, run)["updated"] == 1  # looked at once more, it is applied


def test_fingerprint_of_another_run_applies_nothing(house):
    one = look(house, stage(house, file(row("Ada", NUMBERS[0]))))
    run = stage(house, file(row("Ada", NUMBERS[0])))

    with pytest.raises(ImportChanged):
        apply(house, run, fingerprint=one.fingerprint)


def test_mended_row_moves_to_the_accepted_ones(house):
    run = stage(house, file(row("Ada", "12345678901"), row("Bo", NUMBERS[1])))

    assert mend(house, run, 0, Fødselsnummer=NUMBERS[0])

    upload = look(house, run)
    assert [(each.row, each.outcome) for each in upload.rows] == [(0, Outcome.CREATED), (1, Outcome.CREATED)]
    report = apply(house, run)
    assert (report["imported"], report["refused"], report["issues"]) == (2, 0, [])


def test_row_that_is_still_wrong_keeps_what_was_tried_and_says_what_is_wrong_now(house):
    run = stage(house, file(row("Ada", "12345678901", support="Tull"), row("Bo", NUMBERS[1])))

    assert not mend(house, run, 0, Fødselsnummer=NUMBERS[0], Ukjend="x")

    found = look(house, run).row(0)
    assert [issue.column for issue in found.issues] == ["Bistandsnivå"]
    assert found.cells["Fødselsnummer"] == NUMBERS[0]
    assert "Ukjend" not in found.cells


def test_number_that_another_row_has_is_a_duplicate_when_mended_too(house):
    run = stage(house, file(row("Ada", "12345678901"), row("Bo", NUMBERS[1])))

    assert not mend(house, run, 0, Fødselsnummer=NUMBERS[1])
    assert [issue.code.value for issue in look(house, run).row(0).issues] == ["duplicate_in_file"]


@pytest.mark.parametrize("number", [1, 7, -1])
def test_only_refused_rows_are_mended(house, number):
    run = stage(house, file(row("Ada", "12345678901"), row("Bo", NUMBERS[1])))

    assert not mend(house, run, number, Fødselsnummer=NUMBERS[2])
    assert look(house, run).row(1).name == "Bo Oppdikta"


def test_refused_rows_as_a_file_hold_only_those_and_come_back_mended(house):
    content = file(
        row("=HYPERLINK(1)", "12345678901", note="@SUM(1)"), row("Bo", NUMBERS[1]), row("+Eva", NUMBERS[2], year="")
    )
    run = stage(house, content)
    with room(house):
        columns, rows, issues = uploading.refused_rows(run)

    made = refused_file(columns, rows, issues)

    sheet = openpyxl.load_workbook(io.BytesIO(made)).active
    cells = list(map(list, sheet.iter_rows()))
    assert [cell.value for cell in cells[0]] == [*HEADER.split(";"), "Kvifor"]
    assert [line[0].value for line in cells[1:]] == ["=HYPERLINK(1)", "+Eva"]
    assert {cell.data_type for line in cells for cell in line if cell.value is not None} == {"s"}
    again = parsed(made)
    assert (again.data_rows, len(again.refused_rows)) == (2, 2)
    sheet["C2"], sheet["D3"] = NUMBERS[0], "1980"
    mended = io.BytesIO()
    sheet.parent.save(mended)
    assert len(parsed(mended.getvalue()).rows) == 2


def test_thrown_away_upload_leaves_nothing_that_opens(house):
    run = stage(house, file(row("Ada", NUMBERS[0])))
    with room(house):
        staging.discard(run)

    assert rows_of(house, StagedRows) == 0
    with pytest.raises(ImportSuperseded):
        look(house, run)
    assert rows_of(house, ImportRun, report=None) == 1


def test_upload_of_another_person_is_not_there_and_is_not_dropped_by_the_own(house):
    run = stage(house, file(row("Ada", NUMBERS[0])))

    with pytest.raises(ImportSuperseded):
        look(house, run, by="colleague")
    with room(house, by="colleague"), pytest.raises(ImportSuperseded):
        staging.discard(run)
    stage(house, file(row("Bo", NUMBERS[1])), by="colleague")
    assert look(house, run).rows[0].name == "Ada Oppdikta"


def test_upload_is_applied_once(house):
    run = stage(house, file(row("Ada", NUMBERS[0])))
    shown = look(house, run).fingerprint
    apply(house, run)

    with pytest.raises(ImportSuperseded):
        apply(house, run, fingerprint=shown)


def latest(house):
    with room(house):
        return uploading.applied()[0]


def test_undone_import_takes_its_people_out_for_good_and_they_can_be_registered_again(house):
    bring(house, file(row("Ada", NUMBERS[0]), row("Bo", NUMBERS[1])))
    case = case_of(house, NUMBERS[0])
    with room(house):
        drafts.save(case, Written(fields={"a": ["b"]}, revision=1), writer=someone(), on=ON)

    undo(house, latest(house).run)

    assert case_of(house, NUMBERS[0]) is None
    assert rows_of(house, Draft) == 0
    with pytest.raises(KeyError):
        read(house, case)
    assert bring(house, file(row("Ada", NUMBERS[0])))["created"] == 1


def test_undone_import_gives_back_the_facts_from_before_as_a_new_revision(house):
    bring(house, file(row("Ada", NUMBERS[0], note="Fyrst.")))
    case = case_of(house, NUMBERS[0])
    before, _ = read(house, case)
    bring(house, file(row("Eva", NUMBERS[0], support="Dagleg oppfølging", note="Så.")))

    undo(house, latest(house).run)

    after, revision = read(house, case)
    assert (after.identity, after.assessment, after.notes) == (before.identity, before.assessment, before.notes)
    assert revision == 3


def test_case_that_was_changed_later_stays_when_its_import_is_undone(house):
    bring(house, file(row("Ada", NUMBERS[0]), row("Bo", NUMBERS[1])))
    touched = case_of(house, NUMBERS[0])
    correct(house, touched, revision=1, support="2")

    found = undo(house, latest(house).run)

    assert (len(found.removable), found.touched) == (1, 1)
    assert read(house, touched)[0].assessment["support"] == "2"
    assert case_of(house, NUMBERS[1]) is None


@pytest.mark.parametrize(("later", "refused"), [(timedelta(seconds=1), True), (-timedelta(days=1), False)])
def test_import_is_undone_until_it_is_counted(house, later, refused):
    bring(house, file(row("Ada", NUMBERS[0])))
    run = latest(house)

    if refused:
        with pytest.raises(CannotUndo):
            undo(house, run.run, counted_at=run.at + later)
    else:
        undo(house, run.run, counted_at=run.at + later)
    assert (case_of(house, NUMBERS[0]) is None) is not refused


def test_import_is_undone_once(house):
    bring(house, file(row("Ada", NUMBERS[0])))
    run = latest(house).run
    undo(house, run)

    with pytest.raises(CannotUndo):
        undo(house, run)
    assert latest(house).undone


def test_import_by_command_can_be_undone_too(house):
    import_file(file(row("Ada", NUMBERS[0])), municipality=house.id, code="0", by="worker", on=ON, synthetic_mode=True)

    undo(house, latest(house).run)

    assert case_of(house, NUMBERS[0]) is None
    assert rows_of(house, Case) == 1  # a row that nothing opens
