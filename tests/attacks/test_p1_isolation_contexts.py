"""P1: contexts forged field by field, replayed, expired, of another role or municipality: none shows a row."""

import time
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import psycopg
import pytest
from django.db import DatabaseError, connections
from django.test import override_settings
from hypothesis import given
from hypothesis import strategies as st
from psycopg import errors

from tenants.isolation import keys
from tenants.isolation.enums import Purpose, Role
from tenants.isolation.errors import NoContextKey
from tenants.isolation.roles import connected_as
from tenants.isolation.scopes import scope
from tenants.register.models import Case
from tests.attacks.p1_house import context_of, furnish, injected, present, session, sign

CASES = "SELECT municipality_id FROM register_case"


@pytest.fixture
def ours(municipality):
    return furnish(municipality)


@pytest.fixture
def theirs(neighbour):
    return furnish(neighbour)


def refused(connection):
    """Whether the database refuses what the connection presents; rows would be an answer too."""
    with pytest.raises(errors.InsufficientPrivilege, match="no valid scope") as caught:
        connection.execute(CASES)
    assert caught.value.diag.message_detail is None


def test_context_that_is_right_shows_the_municipalitys_rows(ours, theirs):
    with session() as connection:
        sign(connection, ours.municipality)
        assert connection.execute(CASES).fetchall() == [(ours.municipality,)]


@pytest.mark.parametrize("field", ["municipality", "by", "purpose", "expires", "pid", "started"])
def test_field_changed_after_signing_is_refused(ours, theirs, field):
    with session() as connection:
        right = context_of(connection, ours.municipality)
        signature = right.token(keys.key_for(ours.municipality, Role.APP)).rpartition("|")[2]
        other = {
            "municipality": theirs.municipality,
            "by": "another",
            "purpose": Purpose.REGIONAL,
            "expires": right.expires + 1,
            "pid": right.pid + 1,
            "started": right.started + 1,
        }
        present(connection, f"{replace(right, **{field: other[field]}).message()}|{signature}")
        refused(connection)


@pytest.mark.parametrize(
    ("field", "moved"),
    [
        ("pid", 1),
        ("pid", -1),
        ("started", 1),
        ("started", -1),
        ("expires", -61),
        ("expires", 1000),
        ("expires", 10**12),
    ],
)
def test_field_that_is_wrong_though_signed_is_refused(ours, field, moved):
    """Whoever holds the key signs what is not so: another backend, another moment, too late, for too long."""
    with session() as connection:
        right = context_of(connection, ours.municipality)
        wrong = replace(right, **{field: getattr(right, field) + moved})
        present(connection, wrong.token(keys.key_for(ours.municipality, Role.APP)))
        refused(connection)


def test_signature_of_another_municipalitys_key_is_refused(ours, theirs):
    with session() as connection:
        present(
            connection,
            context_of(connection, theirs.municipality).token(keys.key_for(ours.municipality, Role.APP)),
        )
        refused(connection)


@pytest.mark.parametrize("signer", [Role.CONTRIBUTOR, Role.AUDIT_WRITER])
def test_signature_of_another_roles_key_is_refused(ours, signer):
    with session() as connection:
        present(connection, context_of(connection, ours.municipality).token(keys.key_for(ours.municipality, signer)))
        refused(connection)


def test_signature_by_a_guessed_or_empty_key_is_refused(ours):
    for key in (b"", bytes(32), bytes(64), ours.municipality.bytes, b"buvett"):
        with session() as connection:
            present(connection, context_of(connection, ours.municipality).token(key))
            refused(connection)


@pytest.mark.parametrize(
    "change",
    [
        lambda t: t[:-1],
        lambda t: t + "0",
        lambda t: t + "|",
        lambda t: "|" + t,
        lambda t: t.replace("|", "||", 1),
        lambda t: t.replace("1|", "2|", 1),
        lambda t: t.replace("1|", "01|", 1),
        lambda t: " " + t,
        lambda t: t + "\n",
        lambda t: t + "\n" + t,
        lambda t: t.upper(),
        lambda t: t.rpartition("|")[0],
        lambda t: t.rpartition("|")[0] + "|",
        lambda t: t.rpartition("|")[0] + "|" + "0" * 64,
    ],
)
def test_form_that_is_not_exact_is_refused(ours, change):
    with session() as connection:
        token = context_of(connection, ours.municipality).token(keys.key_for(ours.municipality, Role.APP))
        present(connection, change(token))
        refused(connection)


def test_bit_flipped_anywhere_in_the_token_is_refused(ours):
    with session(autocommit=False) as connection:
        token = context_of(connection, ours.municipality).token(keys.key_for(ours.municipality, Role.APP))
        for place in range(len(token)):
            flipped = token[:place] + chr(ord(token[place]) ^ 1) + token[place + 1 :]
            connection.execute("SAVEPOINT before")
            present(connection, flipped)
            refused(connection)
            connection.execute("ROLLBACK TO before")
        present(connection, token)
        assert connection.execute(CASES).fetchall() == [(ours.municipality,)]


def test_any_text_is_refused(ours):
    with session() as connection:
        connection.execute("SELECT 1")

        @given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=200))
        def try_it(text: str) -> None:
            connection.execute("SAVEPOINT before")
            present(connection, text)
            refused(connection)
            connection.execute("ROLLBACK TO before")

        try_it()


def test_token_in_a_later_transaction_of_the_same_session_is_refused(ours):
    with session() as connection:
        token = sign(connection, ours.municipality)
        connection.commit()
        present(connection, token)
        refused(connection)


def test_token_left_in_the_session_is_refused_later(ours):
    """What a bare setting would leak to the next client of a pooled connection."""
    with session() as connection:
        token = sign(connection, ours.municipality)
        present(connection, token, local=False)
        assert connection.execute(CASES).fetchall() == [(ours.municipality,)]
        connection.commit()
        refused(connection)


def test_token_on_another_connection_is_refused(ours):
    with session() as first, session() as second:
        token = sign(first, ours.municipality)
        present(second, token)
        refused(second)
        assert first.execute(CASES).fetchall() == [(ours.municipality,)]


def test_token_on_another_roles_connection_is_refused(ours):
    with session() as first, session(Role.CONTRIBUTOR) as second:
        token = sign(first, ours.municipality)
        present(second, token)
        with pytest.raises(errors.InsufficientPrivilege, match="no valid scope"):
            second.execute("SELECT id FROM register_case")


def test_token_set_in_a_savepoint_that_is_rolled_back_is_gone(ours):
    with session() as connection:
        connection.execute("SAVEPOINT nested")
        sign(connection, ours.municipality)
        assert connection.execute(CASES).fetchall() == [(ours.municipality,)]
        connection.execute("ROLLBACK TO nested")
        assert connection.execute(CASES).fetchall() == []


def test_token_outlives_a_savepoint_of_its_own_transaction(ours):
    with session() as connection:
        sign(connection, ours.municipality)
        connection.execute("SAVEPOINT nested")
        connection.execute("ROLLBACK TO nested")
        assert connection.execute(CASES).fetchall() == [(ours.municipality,)]


def test_token_that_expires_within_its_transaction_is_refused_from_then_on(ours):
    with scope(ours.municipality, by="someone", purpose=Purpose.SAK, lifetime=timedelta(seconds=1)):
        assert Case.objects.count() == 1
        time.sleep(2.1)  # whole seconds are signed
        with pytest.raises(DatabaseError, match="no valid scope"):
            Case.objects.count()
        connections["app"].set_rollback(True)


@pytest.mark.parametrize("role", [Role.APP, Role.CONTRIBUTOR])
def test_scope_of_each_role_shows_that_municipality_alone(ours, theirs, role):
    with connected_as(role), scope(ours.municipality, by="someone", purpose=Purpose.REGIONAL):
        assert list(Case.objects.values_list("municipality_id", flat=True)) == [ours.municipality]


def test_contributor_reads_what_is_counted_and_no_name_or_note(ours):
    with injected_contributor(ours) as connection:
        row = connection.execute("SELECT assessment FROM register_case").fetchone()
        assert row == (ours.secret,)
    for hidden in ("SELECT notes FROM register_case", "SELECT person_id FROM register_case", "TABLE register_person"):
        with injected_contributor(ours) as connection, pytest.raises(errors.InsufficientPrivilege):
            connection.execute(hidden)


@contextmanager
def injected_contributor(house):
    with session(Role.CONTRIBUTOR) as connection:
        sign(connection, house.municipality, role=Role.CONTRIBUTOR)
        yield connection


@pytest.fixture
def one_key_only(ours, tmp_path):
    """The key folder of a contributor on its own premises: the derived key of one municipality, no role's key."""
    derived = keys.key_for(ours.municipality, Role.CONTRIBUTOR)
    folder = tmp_path / "context"
    folder.mkdir(mode=0o700)
    (folder / f"contributor.{ours.municipality}.key").write_text(f"{keys.MARK} demo {derived.hex()}\n")
    with override_settings(KEY_FOLDER=tmp_path):
        yield derived


def test_contributor_with_one_key_serves_its_municipality(ours, one_key_only):
    with connected_as(Role.CONTRIBUTOR), scope(ours.municipality, by="someone", purpose=Purpose.REGIONAL):
        assert list(Case.objects.values_list("municipality_id", flat=True)) == [ours.municipality]


def test_contributor_with_one_key_cannot_enter_another_municipality(theirs, one_key_only):
    with connected_as(Role.CONTRIBUTOR), pytest.raises(NoContextKey):
        scope(theirs.municipality, by="someone", purpose=Purpose.REGIONAL).__enter__()


def test_contributor_with_one_key_cannot_mint_for_another_municipality(ours, theirs, one_key_only):
    guesses = [
        one_key_only,
        keys.derive(one_key_only, theirs.municipality),
        keys.derive(one_key_only, ours.municipality),
        bytes(a ^ b for a, b in zip(one_key_only, theirs.municipality.bytes * 2, strict=True)),
    ]
    for key in guesses:
        with session(Role.CONTRIBUTOR) as connection:
            present(connection, context_of(connection, theirs.municipality).token(key))
            with pytest.raises(errors.InsufficientPrivilege, match="no valid scope"):
                connection.execute("SELECT id FROM register_case")


def test_contributor_with_one_key_cannot_mint_for_another_role(ours, one_key_only):
    with session() as connection:
        present(connection, context_of(connection, ours.municipality).token(one_key_only))
        refused(connection)


def test_keys_of_all_municipalities_and_roles_differ(ours, theirs):
    made = {
        keys.key_for(municipality, role)
        for municipality in (ours.municipality, theirs.municipality)
        for role in (Role.APP, Role.CONTRIBUTOR, Role.AUDIT_WRITER)
    }

    assert len(made) == 6


def test_municipality_that_is_not_provisioned_is_refused_like_a_forgery(ours):
    unknown = uuid4()
    with session() as connection:
        present(connection, context_of(connection, unknown).token(keys.key_for(unknown, Role.APP)))
        refused(connection)


def test_answers_to_forged_and_to_unknown_cannot_be_told_apart(ours, theirs):
    said = []
    for municipality in (theirs.municipality, uuid4()):
        with session() as connection:
            present(connection, context_of(connection, municipality).token(bytes(32)))
            with pytest.raises(psycopg.Error) as caught:
                connection.execute(CASES)
            said.append((str(caught.value), caught.value.sqlstate))

    assert said[0] == said[1]


def test_injection_cannot_ask_the_function_for_another_session(ours, theirs):
    with injected(theirs), session() as connection:
        assert connection.execute("SELECT isolation.current_municipality()").fetchone() == (None,)
