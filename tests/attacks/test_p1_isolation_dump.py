"""P1: a dump made by the backup role is complete for every municipality, and holds no key that signs a scope."""

import os
import subprocess
from collections import Counter
from pathlib import Path

import psycopg
import pytest

from buvett.services.binaries import postgres_binaries
from tenants.isolation.enums import Role
from tests.attacks.p1_house import furnish, one, session, superuser
from tests.conftest import ANOTHER_POSTGRES

KEYS = "isolation.context_key"


def dump(home, *options, role=Role.BACKUP):
    """Run pg_dump as a role."""
    given = Path(ANOTHER_POSTGRES["BUVETT_PG_BIN"]) if ANOTHER_POSTGRES else None
    program = postgres_binaries(home, given=given).folder / "pg_dump"
    return subprocess.run(
        [program, "--dbname", os.environ[f"BUVETT_DATABASE_{role.name}"], *options],
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": os.defpath},
    )


def rows_of(text):
    """Table → how many rows of each municipality the COPY blocks of a dump hold."""
    found: dict[str, Counter[str]] = {}
    table = None
    for line in text.splitlines():
        if line.startswith("COPY "):
            schema_and_table, _, columns = line.removeprefix("COPY ").partition(" (")
            table = schema_and_table.replace('"', "").removeprefix("public.")
            names = columns.partition(")")[0].split(", ")
            place = names.index("municipality_id") if "municipality_id" in names else None
            found[table] = Counter()
        elif line == "\\.":
            table = None
        elif table is not None:
            found[table][line.split("\t")[place] if place is not None else ""] += 1
    return found


@pytest.fixture
def dumped(installation, municipality, neighbour):
    houses = [furnish(municipality), furnish(neighbour)]
    done = dump(installation, "--enable-row-security", "--exclude-table", KEYS)
    assert done.returncode == 0, done.stderr
    return done.stdout, houses


def test_dump_holds_every_row_of_every_municipality(installation, dumped):
    text, houses = dumped
    found = rows_of(text)
    with superuser(installation) as connection:
        tables = connection.execute(
            "SELECT c.oid::regclass::text, EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid"
            "   AND a.attname = 'municipality_id')"
            " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE c.relkind IN ('r', 'p') AND n.nspname IN ('public', 'isolation')"
        ).fetchall()
        for table, of_municipalities in tables:
            if table == KEYS:
                continue
            key = "coalesce(municipality_id::text, '\\N')" if of_municipalities else "''"
            counted = connection.execute(f"SELECT {key}, count(*) FROM {table} GROUP BY 1").fetchall()
            assert found[table] == dict(counted), table

    assert found.keys() == {table for table, _ in tables} - {KEYS}
    for house in houses:
        assert found["register_case"][str(house.municipality)] == 1


def test_dump_holds_no_key(installation, dumped):
    text, houses = dumped
    towns = [house.municipality for house in houses]  # among all that other tests have made it would take minutes
    with superuser(installation) as connection:
        asked = f"SELECT inner_block, outer_block FROM {KEYS} WHERE municipality_id = ANY(%s)"
        blocks = connection.execute(asked, [towns]).fetchall()

    assert len(blocks) >= 6
    assert f"COPY {KEYS}" not in text
    assert not any(bytes(block).hex() in text for pair in blocks for block in pair)


def test_dump_that_would_take_the_keys_fails(installation, municipality):
    done = dump(installation, "--enable-row-security")

    assert done.returncode != 0
    assert "permission denied for table context_key" in done.stderr


def test_dump_without_row_security_fails_rather_than_being_partial(installation, municipality):
    done = dump(installation, "--exclude-table", KEYS)

    assert done.returncode != 0
    assert "would be affected by row-level security" in done.stderr


@pytest.mark.parametrize("role", [Role.APP, Role.READER, Role.PUBLISHER, Role.CONTRIBUTOR])
def test_dump_by_another_role_fails(installation, municipality, role):
    done = dump(installation, "--enable-row-security", "--exclude-table", KEYS, role=role)

    assert done.returncode != 0
    assert "permission denied" in done.stderr


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE register_case SET notes = 'x'",
        "DELETE FROM register_case",
        "INSERT INTO vault_recordsalt SELECT * FROM vault_recordsalt",
        f"SELECT * FROM {KEYS}",
    ],
)
def test_backup_reads_rows_and_changes_none(municipality, statement):
    house = furnish(municipality)
    with session(Role.BACKUP) as connection:
        assert one(connection, "SELECT count(*) FROM register_case WHERE id = %s", (house.case,)) == 1
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(statement)


def test_counter_of_dumped_rows_counts():
    """The reader of dumps is worth something: it sees a row that is there, and misses one that is not."""
    text = "COPY public.x (municipality_id, id) FROM stdin;\nA\t1\nA\t2\nB\t3\n\\.\nA\t4\n"

    assert rows_of(text) == {"x": Counter({"A": 2, "B": 1})}
