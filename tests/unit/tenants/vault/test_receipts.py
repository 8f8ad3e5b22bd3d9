import ast
import copy
import os
import pickle
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest

import tenants
from tenants.vault.compartments import Compartment
from tenants.vault.errors import ReceiptRefused
from tenants.vault.issuing import LONGEST, issue
from tenants.vault.receipts import Extent, Receipt, check

PLACE, RECORD, INTENT = uuid4(), uuid4(), uuid4()


@pytest.fixture
def receipt() -> Receipt:
    return issue(
        municipality=PLACE, compartments=[Compartment.IDENTITY, Compartment.NOTES], records=[RECORD], intent=INTENT
    )


def test_receipt_says_what_was_asked_for(receipt: Receipt) -> None:
    before = datetime.now(UTC)
    assert (receipt.municipality, receipt.intent) == (PLACE, INTENT)
    assert receipt.compartments == {Compartment.IDENTITY, Compartment.NOTES}
    assert receipt.records == {RECORD}
    assert receipt.issued_at <= before
    assert receipt.expires - receipt.issued_at == LONGEST
    assert check(receipt) is receipt


def test_receipt_covers_its_compartments_of_its_records_only(receipt: Receipt) -> None:
    found = {
        (compartment.label, record == RECORD): receipt.covers(compartment, record)
        for compartment in Compartment
        for record in (RECORD, uuid4())
    }
    assert {what for what, covered in found.items() if covered} == {("identity", True), ("notes", True)}


def test_receipt_for_all_countable_covers_the_assessment_of_any_record() -> None:
    receipt = issue(
        municipality=PLACE, compartments=[Compartment.ASSESSMENT], records=Extent.ALL_COUNTABLE, intent=INTENT
    )
    assert receipt.covers(Compartment.ASSESSMENT, uuid4())
    assert [receipt.covers(compartment, RECORD) for compartment in Compartment] == [False, True, False, False, False]
    assert check(receipt) is receipt


@pytest.mark.parametrize(
    "change",
    [
        {"municipality": uuid4()},
        {"compartments": frozenset(Compartment)},
        {"compartments": frozenset([Compartment.IDENTITY])},
        {"compartments": frozenset()},
        {"records": frozenset([uuid4()])},
        {"records": frozenset([RECORD, uuid4()])},
        {"records": frozenset()},
        {"records": Extent.ALL_COUNTABLE},
        {"intent": uuid4()},
        {"issued_at": datetime(2000, 1, 1, tzinfo=UTC)},
        {"expires": datetime(2100, 1, 1, tzinfo=UTC)},
        {"deadline": 1e12},
        {"mac": bytes(32)},
        {"mac": b""},
    ],
    ids=lambda change: next(iter(change)),
)
def test_receipt_that_was_altered_is_refused(receipt: Receipt, change: dict) -> None:
    with pytest.raises(ReceiptRefused):
        check(replace(receipt, **change))


@pytest.mark.parametrize("thing", [None, True, "receipt", {}, INTENT])
def test_something_that_is_no_receipt_is_refused(thing: object) -> None:
    with pytest.raises(ReceiptRefused):
        check(thing)


def test_receipt_built_by_hand_is_refused() -> None:
    now = datetime.now(UTC)
    mine = Receipt(
        PLACE, frozenset([Compartment.NOTES]), frozenset([RECORD]), INTENT, now, now + LONGEST, 1e12, os.urandom(32)
    )
    with pytest.raises(ReceiptRefused):
        check(mine)


def test_receipt_is_frozen_and_hides_its_mac(receipt: Receipt) -> None:
    with pytest.raises(AttributeError):
        receipt.municipality = uuid4()  # type: ignore[misc]
    assert "mac" not in repr(receipt)


def test_receipt_is_worth_nothing_in_a_forked_child(receipt: Receipt) -> None:
    sent = pickle.dumps(receipt)
    assert check(pickle.loads(sent)) == receipt
    child = os.fork()
    if child == 0:  # pragma: no cover - another process
        try:
            check(pickle.loads(sent))
        except ReceiptRefused:
            os._exit(0)
        os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


@pytest.mark.parametrize(
    "change",
    [
        {"compartments": []},
        {"records": []},
        {"lifetime": timedelta(0)},
        {"lifetime": timedelta(seconds=-1)},
        {"lifetime": LONGEST + timedelta(microseconds=1)},
        {"records": Extent.ALL_COUNTABLE},
        {"records": Extent.ALL_COUNTABLE, "compartments": [Compartment.ASSESSMENT, Compartment.NOTES]},
    ],
    ids=str,
)
def test_receipt_that_means_too_much_or_nothing_is_not_issued(change: dict) -> None:
    asked = {"municipality": PLACE, "compartments": [Compartment.IDENTITY], "records": [RECORD], "intent": INTENT}
    with pytest.raises(ReceiptRefused):
        issue(**{**asked, **change})


def test_order_of_records_makes_no_difference() -> None:
    records = [UUID(int=number) for number in range(50)]
    one = issue(municipality=PLACE, compartments=[Compartment.NOTES], records=records, intent=INTENT)
    shuffled = replace(one, records=frozenset(reversed(records)))
    assert check(copy.copy(shuffled)) == one


def importers_of_issuing(root: Path) -> set[str]:
    """Dotted names of modules below a source root that import `tenants.vault.issuing`."""
    found = set()
    for path in root.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = set()
            if isinstance(node, ast.Import):
                names = {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                names = {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
            if "tenants.vault.issuing" in names:
                found.add(".".join(path.relative_to(root).with_suffix("").parts))
    return found


def test_nobody_but_the_audit_log_issues_receipts() -> None:
    root = Path(tenants.__file__).parents[1]
    importers = importers_of_issuing(root / "tenants") | importers_of_issuing(root / "platform")
    assert {name for name in importers if not name.startswith("audit.")} == set()


def test_search_for_importers_finds_every_form_of_import(tmp_path: Path) -> None:
    forms = {
        "a": "import tenants.vault.issuing",
        "b": "from tenants.vault import issuing",
        "c": "def f():\n    from tenants.vault.issuing import issue as other",
        "d": "from tenants.vault import receipts",
    }
    for name, text in forms.items():
        (tmp_path / f"{name}.py").write_text(text)
    assert importers_of_issuing(tmp_path) == {"a", "b", "c"}
