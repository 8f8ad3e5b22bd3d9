"""Many envelopes at once open, and fail, exactly as one by one: the slow way is the oracle."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tenants.vault import names
from tenants.vault.compartments import Compartment
from tenants.vault.errors import CannotOpen, KmsKeyNotHeld, ReceiptRefused
from tenants.vault.issuing import issue
from tenants.vault.kms.file import FileKms
from tenants.vault.sealing import Opener
from tests.unit.tenants.vault.house import TABLE, Record, Vault, all_countable
from tests.unit.tenants.vault.test_envelope import payloads

C = Compartment
Row = tuple[UUID, bytes, bytes]


def opener(vault: Vault, municipality: UUID, rows: list[Row], compartment: Compartment = C.IDENTITY) -> Opener:
    receipt = issue(
        municipality=municipality, compartments=[compartment], records=[row[0] for row in rows], intent=uuid4()
    )
    return Opener(vault.keyring(), receipt)


def sealed(vault: Vault, municipality: UUID, payload: dict, compartment: Compartment = C.IDENTITY) -> Row:
    record = Record(municipality)
    return record.record_id, record.salt, record.seal(vault.keyring(), compartment, payload)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=25)
@given(written=st.lists(st.tuples(payloads, st.booleans()), max_size=6))
def test_payloads_come_in_order_whatever_the_version_of_the_key(vault: Vault, written: list) -> None:
    municipality, rows = vault.municipality(), []
    for payload, rotate_first in written:
        if rotate_first:
            vault.keyring().rotate(names.compartment_key(municipality, C.NOTES))
        rows.append(sealed(vault, municipality, payload, C.NOTES))
    if not rows:
        return
    one = opener(vault, municipality, rows, C.NOTES)
    assert list(one.open_many(C.NOTES, TABLE, rows)) == [payload for payload, _ in written]
    assert [one.open(C.NOTES, TABLE, *row) for row in rows] == [payload for payload, _ in written]


def test_a_row_that_was_changed_or_moved_does_not_open_and_those_before_it_do(vault: Vault) -> None:
    house, other = vault.municipality(), vault.municipality()
    rows = [sealed(vault, house, {"name": f"CANARY {n}"}) for n in range(3)]
    (record, salt, envelope), (_, other_salt, other_envelope) = rows[1], rows[2]
    flipped = [envelope[:at] + bytes([envelope[at] ^ 1]) + envelope[at + 1 :] for at in (0, 1, 5, 6, 17, 18, 49, 50)]
    wrong = [
        *((record, salt, one) for one in flipped),
        (record, salt, envelope[:-1] + bytes([envelope[-1] ^ 1])),
        (record, salt, envelope[:-1]),
        (record, salt, envelope + b"\0"),
        (record, salt, envelope[:5]),
        (record, salt, b""),
        (record, salt, other_envelope),
        (record, other_salt, envelope),
        (record, b"", envelope),
        (record, salt, Record(house, record, salt).seal(vault.keyring(), C.NOTES, {"a": 1})),
        (record, salt, Record(house, record, salt, "register_person").seal(vault.keyring(), C.IDENTITY, {"a": 1})),
        (record, salt, Record(other, record, salt).seal(vault.keyring(), C.IDENTITY, {"a": 1})),
    ]
    for row in wrong:
        one = opener(vault, house, rows)
        with pytest.raises(CannotOpen):
            one.open(C.IDENTITY, TABLE, *row)
        found = one.open_many(C.IDENTITY, TABLE, [rows[0], row, rows[2]])
        assert next(found) == {"name": "CANARY 0"}
        with pytest.raises(CannotOpen) as refused:
            next(found)
        assert "CANARY" not in str(refused.value)
        assert list(found) == []  # nothing after it


def test_a_row_of_another_table_does_not_open(vault: Vault) -> None:
    house = vault.municipality()
    rows = [sealed(vault, house, {"a": 1})]
    with pytest.raises(CannotOpen):
        list(opener(vault, house, rows).open_many(C.IDENTITY, "register_person", rows))


def test_a_record_or_compartment_that_the_receipt_does_not_name_is_refused_unseen(vault: Vault) -> None:
    house = vault.municipality()
    rows = [sealed(vault, house, {"a": n}) for n in range(3)]
    found = opener(vault, house, [rows[0], rows[2]]).open_many(C.IDENTITY, TABLE, rows)
    assert next(found) == {"a": 0}
    with pytest.raises(ReceiptRefused):
        next(found)
    with pytest.raises(ReceiptRefused):
        next(opener(vault, house, rows).open_many(C.NOTES, TABLE, [(rows[0][0], b"", b"")]))


def test_the_receipt_may_end_among_the_rows(vault: Vault) -> None:
    house = vault.municipality()
    rows = [sealed(vault, house, {"a": n}) for n in range(3)]
    receipt = issue(
        municipality=house,
        compartments=[C.IDENTITY],
        records=[row[0] for row in rows],
        intent=uuid4(),
        lifetime=timedelta(seconds=60),
    )
    now = [receipt.deadline - 1]
    found = Opener(vault.keyring(), receipt, monotonic=lambda: now[0]).open_many(C.IDENTITY, TABLE, rows)
    assert next(found) == {"a": 0}
    now[0] = receipt.deadline
    with pytest.raises(ReceiptRefused, match="expired"):
        next(found)


def test_the_contributor_opens_many_assessments_and_no_identity(vault: Vault) -> None:
    house = vault.municipality()
    rows = [sealed(vault, house, {"a": n}, C.ASSESSMENT) for n in range(3)]
    folder = vault.folder / "contributor"
    folder.mkdir(mode=0o700)
    key = f"{house}~assessment.key"
    (folder / key).write_bytes((vault.folder / "keys" / key).read_bytes())
    (folder / key).chmod(0o600)
    whole, vault.kms = vault.kms, FileKms(folder, allow_demo=True)
    counting = vault.keyring()
    found = all_countable(house, counting).open_many(C.ASSESSMENT, TABLE, rows)
    assert list(found) == [{"a": 0}, {"a": 1}, {"a": 2}]
    vault.kms = whole
    named = [sealed(vault, house, {"a": 1})]
    receipt = issue(municipality=house, compartments=[C.IDENTITY], records=[named[0][0]], intent=uuid4())
    with pytest.raises(KmsKeyNotHeld):
        list(Opener(counting, receipt).open_many(C.IDENTITY, TABLE, named))
