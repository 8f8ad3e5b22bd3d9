"""P1: every leak of row security that is known, first on careless tables where it works, then on ours.

What remains, and is not called a leak here: whoever runs SQL as the app sees the planner's estimates and the number of
rows in a table altogether (never a value), because both lie in the catalogue that everybody reads.
"""

import re
from uuid import uuid4

import psycopg
import pytest
from psycopg import errors

from tenants.isolation.enums import Role
from tests.attacks.careless import careless_tables
from tests.attacks.p1_house import ON, furnish, injected, one, session, sign, superuser

MANY = 400


@pytest.fixture(scope="module", autouse=True)
def careless(installation):
    with careless_tables(installation):
        yield


@pytest.fixture
def ours(municipality):
    return furnish(municipality)


@pytest.fixture
def theirs(neighbour):
    return furnish(neighbour)


def insert_parent(connection, house, *, number=None):
    connection.execute(
        "INSERT INTO careless.parent (municipality_id, id, number) VALUES (%s, %s, %s)",
        (house.municipality, house.person, number or house.number_index),
    )


def insert_case(connection, house, *, person):
    connection.execute(
        "INSERT INTO register_case (municipality_id, id, person_id, assessment, notes, line, revision, changed_month)"
        " VALUES (%s, %s, %s, 'x', 'x', 'x', 1, %s)",
        (house.municipality, uuid4(), person, ON),
    )


def insert_person(connection, house, *, number):
    connection.execute(
        "INSERT INTO register_person (municipality_id, id, number_index, identity, created_month)"
        " VALUES (%s, %s, %s, 'x', %s)",
        (house.municipality, uuid4(), number, ON),
    )


def test_foreign_key_to_a_foreign_row_is_refused(ours, theirs):
    with injected(theirs) as connection:
        insert_parent(connection, theirs)

    with injected(ours) as connection:
        # The hole: the key is accepted, and tells that the neighbour has that person.
        connection.execute(
            "INSERT INTO careless.child VALUES (%s, %s, %s)", (ours.municipality, uuid4(), theirs.person)
        )
    with session() as connection:
        sign(connection, ours.municipality)
        with pytest.raises(errors.ForeignKeyViolation):
            insert_case(connection, ours, person=theirs.person)


def test_foreign_key_to_a_foreign_row_and_to_none_fail_alike(ours, theirs):
    said = []
    for person in (theirs.person, uuid4()):
        with session() as connection:
            sign(connection, ours.municipality)
            with pytest.raises(errors.ForeignKeyViolation) as caught:
                insert_case(connection, ours, person=person)
            said.append(str(caught.value).replace(str(person), "…"))

    assert said[0] == said[1]


def test_foreign_key_cannot_be_moved_to_a_foreign_row(ours, theirs):
    with session() as connection:
        sign(connection, ours.municipality)
        with pytest.raises(errors.ForeignKeyViolation):
            connection.execute("UPDATE register_case SET person_id = %s", (theirs.person,))


def test_unique_value_of_another_municipality_is_no_oracle(ours, theirs):
    with injected(theirs) as connection:
        insert_parent(connection, theirs)

    with session() as connection:
        sign(connection, ours.municipality)
        with pytest.raises(errors.UniqueViolation):  # the hole: the neighbour has that number
            insert_parent(connection, ours, number=theirs.number_index)
    with session() as connection:
        sign(connection, ours.municipality)
        insert_person(connection, ours, number=theirs.number_index)


def test_primary_key_of_another_municipality_is_no_oracle(ours, theirs):
    with session() as connection:
        sign(connection, ours.municipality)
        done = connection.execute(
            "INSERT INTO register_person (municipality_id, id, number_index, identity, created_month)"
            " VALUES (%s, %s, NULL, 'x', %s) ON CONFLICT DO NOTHING",
            (ours.municipality, theirs.person, ON),
        )
        assert done.rowcount == 1


def test_upsert_meets_own_rows_only(ours, theirs):
    with session() as connection:
        sign(connection, ours.municipality)
        changed = connection.execute(
            "INSERT INTO register_person AS p (municipality_id, id, number_index, identity, created_month)"
            " VALUES (%s, %s, NULL, 'x', %s) ON CONFLICT (municipality_id, id)"
            " DO UPDATE SET identity = excluded.identity RETURNING p.municipality_id, p.identity",
            (ours.municipality, theirs.person, ON),
        ).fetchall()
        assert changed == [(ours.municipality, b"x")]
        connection.commit()

    with injected(theirs) as connection:
        assert connection.execute("SELECT identity FROM register_person").fetchall() == [(theirs.secret,)]


def test_view_that_looks_with_its_owners_eyes(ours, theirs):
    with injected(ours) as connection:
        seen = {row[0] for row in connection.execute("SELECT municipality_id FROM careless.view").fetchall()}
        assert theirs.municipality in seen  # the hole
        views = connection.execute(
            "SELECT schemaname || '.' || viewname FROM pg_views"
            " WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
        ).fetchall()

    assert views == [("careless.view",)]  # ours: none


def test_view_made_to_look_with_the_askers_eyes_shows_own_rows(installation, ours, theirs):
    with superuser(installation) as connection:
        connection.execute("ALTER VIEW careless.view SET (security_invoker = true)")
        try:
            with injected(ours) as app:
                seen = app.execute("SELECT municipality_id FROM careless.view").fetchall()
        finally:
            connection.execute("ALTER VIEW careless.view RESET (security_invoker)")

    assert seen == [(ours.municipality,)]


def test_materialised_view_shows_all(installation, ours, theirs):
    with superuser(installation) as connection:
        connection.execute("REFRESH MATERIALIZED VIEW careless.materialised")

    with injected(ours) as connection:
        seen = {row[0] for row in connection.execute("SELECT municipality_id FROM careless.materialised").fetchall()}
        assert theirs.municipality in seen  # the hole
        found = connection.execute(
            "SELECT oid::regclass::text FROM pg_class WHERE relkind = 'm' AND relnamespace <> 'careless'::regnamespace"
        ).fetchall()

    assert found == []


def test_definer_function_shows_all(ours, theirs):
    with injected(ours) as connection:
        seen = {row[0] for row in connection.execute("SELECT municipality_id FROM careless.definer()").fetchall()}
        assert theirs.municipality in seen  # the hole
        answer = one(connection, "SELECT isolation.current_municipality()")

    assert answer == ours.municipality  # ours answers with whom one has signed for, and nothing else


def test_explain_tells_estimates_and_no_values(installation, ours, theirs):
    with injected(theirs) as connection:
        for _ in range(MANY):
            insert_person(connection, theirs, number=uuid4().bytes)
    with superuser(installation) as connection:
        connection.execute("ANALYZE register_person")

    with injected(ours) as connection:
        plan = "\n".join(
            row[0]
            for row in connection.execute(
                "EXPLAIN (ANALYZE, VERBOSE, BUFFERS, SETTINGS)"
                f" SELECT * FROM register_person WHERE municipality_id = '{theirs.municipality}'"
            ).fetchall()
        )

    assert theirs.secret.hex() not in plan
    assert theirs.number_index.hex() not in plan
    assert re.search(r"actual (time=[\d.]+ )?(time=\S+ )?rows=[1-9]", plan.split("InitPlan")[0]) is None


def test_planner_statistics_are_hidden(installation, ours, theirs):
    with superuser(installation) as connection:
        for count in range(20):
            connection.execute(
                "INSERT INTO careless.open VALUES (%s, %s)", (theirs.municipality, f"{theirs.person} {count}"[-39:])
            )
        connection.execute("ANALYZE careless.open; ANALYZE register_person; ANALYZE register_case")
        kept = one(connection, "SELECT count(*) FROM pg_stats WHERE tablename IN ('register_person', 'register_case')")

    with injected(ours) as connection:
        leaked = one(connection, "SELECT histogram_bounds::text FROM pg_stats WHERE attname = 'word'")
        seen = connection.execute(
            "SELECT tablename FROM pg_stats WHERE tablename IN ('register_person', 'register_case')"
        ).fetchall()

    assert str(theirs.person)[-30:] in leaked  # the hole: values, word by word
    assert kept > 0  # the server has them for ours too …
    assert seen == []  # … and shows none


@pytest.mark.parametrize("table", ["pg_statistic", "pg_statistic_ext_data", "pg_largeobject", "pg_authid"])
def test_catalogues_with_values_cannot_be_read(ours, table):
    with session() as connection, pytest.raises(errors.InsufficientPrivilege):
        connection.execute(f"SELECT * FROM {table}")


def told(connection, statement):
    heard: list[str] = []
    connection.add_notice_handler(lambda notice: heard.append(notice.message_primary))
    connection.execute(statement)
    return heard


def test_leaky_predicate_is_asked_after_the_policy(ours, theirs):
    with session() as connection:
        sign(connection, ours.municipality)
        connection.execute("SET LOCAL enable_indexscan = off; SET LOCAL enable_bitmapscan = off")
        heard = told(connection, "SELECT * FROM register_case WHERE careless.tell(notes)")
    assert heard == [ours.secret.hex()]


def test_leaky_predicate_that_calls_itself_leakproof_would_tell_all(ours, theirs):
    with session() as connection:
        sign(connection, ours.municipality)
        connection.execute("SET LOCAL enable_indexscan = off; SET LOCAL enable_bitmapscan = off")
        heard = told(connection, "SELECT * FROM register_case WHERE careless.tell_leakproof(notes)")
        assert theirs.secret.hex() in heard  # the hole
        # Only a superuser can say so of a function, and the catalogue walk finds none.
        with pytest.raises(errors.InsufficientPrivilege, match="only superuser can define a leakproof function"):
            connection.execute(
                "CREATE FUNCTION careless.mine() RETURNS boolean LANGUAGE sql LEAKPROOF AS 'SELECT true'"
            )


@pytest.mark.parametrize(
    "predicate",
    [
        "1 / (CASE WHEN municipality_id = '{theirs}' THEN 0 ELSE 1 END) = 1",
        "CASE WHEN municipality_id = '{theirs}' THEN (encode(notes, 'hex'))::int = 1 ELSE true END",
        "get_byte(notes, CASE WHEN municipality_id = '{theirs}' THEN 100000 ELSE 0 END) >= 0",
    ],
)
def test_predicate_that_fails_on_foreign_rows_meets_none(ours, theirs, predicate):
    with injected(ours) as connection:
        seen = connection.execute(
            f"SELECT municipality_id FROM register_case WHERE {predicate.format(theirs=theirs.municipality)}"
        ).fetchall()

    assert seen == [(ours.municipality,)]


def test_copy_from_is_refused(ours):
    with session() as connection:
        sign(connection, ours.municipality)
        with (
            pytest.raises(errors.FeatureNotSupported, match="COPY FROM not supported with row-level security"),
            connection.cursor().copy("COPY register_person FROM STDIN") as copy,
        ):
            copy.write(b"x")


@pytest.mark.parametrize("source", ["register_case", "(SELECT * FROM register_case)", "(TABLE register_case)"])
def test_copy_to_gives_own_rows_only(ours, theirs, source):
    with session() as connection:
        sign(connection, ours.municipality)
        with connection.cursor().copy(f"COPY {source} TO STDOUT") as copy:
            lines = b"".join(bytes(part) for part in copy).decode()

    assert ours.secret.hex() in lines
    assert str(theirs.municipality) not in lines


def test_truncate_goes_round_row_security_where_granted(ours, theirs):
    with injected(theirs) as connection:
        insert_parent(connection, theirs)

    with session() as connection:
        sign(connection, ours.municipality)
        connection.execute("TRUNCATE careless.parent CASCADE")  # the hole: everybody's rows are gone
        with pytest.raises(errors.InsufficientPrivilege):
            connection.execute("TRUNCATE register_case CASCADE")


def test_references_is_an_oracle_where_granted(ours, theirs):
    with injected(theirs) as connection:
        insert_parent(connection, theirs)

    with session() as connection:
        sign(connection, ours.municipality)
        # The hole: whoever may reference a table asks it for any key, whosever row that is.
        connection.execute("CREATE TABLE careless.oracle (guess uuid REFERENCES careless.parent (id))")
        connection.execute("INSERT INTO careless.oracle VALUES (%s)", (theirs.person,))
        with pytest.raises(errors.InsufficientPrivilege):
            connection.execute(
                "CREATE TABLE careless.second (municipality_id uuid, id uuid, FOREIGN KEY (municipality_id, id)"
                " REFERENCES register_person (municipality_id, id))"
            )


def test_sequence_tells_how_much_others_write(ours, theirs):
    with injected(ours) as connection:
        before = one(connection, "SELECT nextval('careless.parent_counted_seq')")
    with injected(theirs) as connection:
        insert_parent(connection, theirs)
    with injected(ours) as connection:
        after = one(connection, "SELECT last_value FROM careless.parent_counted_seq")
        found = connection.execute(
            "SELECT d.refobjid::regclass::text FROM pg_class s JOIN pg_depend d ON d.objid = s.oid"
            " JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attname = 'municipality_id'"
            " WHERE s.relkind = 'S' AND s.relnamespace <> 'careless'::regnamespace"
        ).fetchall()

    assert after == before + 1  # the hole
    assert found == []


def test_row_security_off_gives_an_error_and_no_rows(ours, theirs):
    with session() as connection:
        sign(connection, ours.municipality)
        connection.execute("SET row_security = off")
        with pytest.raises(errors.InsufficientPrivilege, match="would be affected by row-level security"):
            connection.execute("SELECT * FROM register_case")


@pytest.mark.parametrize(
    "garbage",
    [
        "x",
        "|",
        "|||||||",
        "1|||||||",
        "1|a|b|c|1|1|1|zz",
        "1|00000000-0000-0000-0000-000000000000|a|SAK|9999999999|1|1|00",
        "'; DROP TABLE register_case; --",
        "1|" + "9" * 5000 + "|a|SAK|1|1|1|00",
        "ø" * 300,
        "\x01\x02",
        "%s %d {0} $1",
        " ",
    ],
)
def test_garbage_context_gives_one_error_that_quotes_nothing(ours, garbage):
    with session() as connection:
        connection.execute("SELECT set_config('buvett.context', %s, true)", (garbage,))
        with pytest.raises(errors.InsufficientPrivilege) as caught:
            connection.execute("SELECT * FROM register_case")

    assert caught.value.diag.message_primary == "no valid scope"
    assert (caught.value.diag.message_detail, caught.value.diag.message_hint) == (None, None)


@pytest.mark.parametrize("value", [None, ""])
def test_context_that_is_absent_or_empty_shows_nothing(ours, value):
    with session() as connection:
        if value is not None:
            connection.execute("SELECT set_config('buvett.context', %s, true)", (value,))
        assert connection.execute("SELECT * FROM register_case").fetchall() == []


BREAKING = {
    "unique": "INSERT INTO register_person SELECT (p).* FROM (SELECT p FROM register_person p) x",
    "not null": "UPDATE register_person SET identity = NULL",
    "check": "UPDATE register_case SET revision = -1",
    "policy": "UPDATE register_case SET municipality_id = '{theirs}'",
    "cast": "SELECT encode(notes, 'hex')::int FROM register_case WHERE municipality_id = '{theirs}'",
}


@pytest.mark.parametrize("kind", BREAKING)
def test_error_messages_quote_no_row(ours, theirs, kind):
    with session() as connection:
        sign(connection, ours.municipality)
        text = ""
        try:
            connection.execute(BREAKING[kind].format(theirs=theirs.municipality))
        except psycopg.Error as error:
            diag = error.diag
            text = " ".join(filter(None, (diag.message_primary, diag.message_detail, diag.message_hint, diag.context)))

    assert bool(text) == (kind != "cast")  # there is no foreign row to cast
    for value in (ours.secret, ours.number_index, theirs.secret, theirs.number_index):
        assert value.hex() not in text
    assert str(ours.person) not in text


def test_error_messages_of_an_open_table_quote_the_row(ours):
    with session() as connection:
        connection.execute("INSERT INTO careless.open VALUES (%s, 'a secret word')", (ours.municipality,))
        with pytest.raises(errors.UniqueViolation, match="a secret word"):  # the hole
            connection.execute("INSERT INTO careless.open VALUES (%s, 'a secret word')", (ours.municipality,))


@pytest.mark.parametrize("role", [Role.READER, Role.OUTBOX, Role.PUBLISHER, Role.AUDIT_WRITER])
def test_roles_without_a_right_to_cases_get_none(ours, role):
    with session(role) as connection, pytest.raises(errors.InsufficientPrivilege):
        connection.execute("SELECT * FROM register_case")


def test_owner_sees_no_row_either(ours):
    with session(Role.OWNER) as connection:
        assert one(connection, "SELECT count(*) FROM register_case") == 0
