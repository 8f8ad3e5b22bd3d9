import hashlib
import hmac
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connections, transaction
from hypothesis import given
from hypothesis import strategies as st

from tenants.isolation.context import LIFETIME, LONGEST, Context, sign_transaction
from tenants.isolation.enums import Purpose, Role
from tenants.isolation.errors import ScopeRefused
from tenants.isolation.scopes import scope

PLACE = UUID("01234567-89ab-cdef-0123-456789abcdef")
CONTEXT = Context(
    municipality=PLACE, by="u-1", purpose=Purpose.SAK, expires=1700000060, pid=42, started=1700000000123456
)


def test_message_names_everything_in_order():
    assert CONTEXT.message() == f"1|{PLACE}|u-1|SAK|1700000060|42|1700000000123456"


def test_token_is_the_message_and_its_hmac():
    expected = hmac.new(b"k", CONTEXT.message().encode(), hashlib.sha256).hexdigest()

    assert CONTEXT.token(b"k") == f"{CONTEXT.message()}|{expected}"


@given(
    st.sampled_from(["municipality", "by", "purpose", "expires", "pid", "started"]),
    st.uuids(),
    st.integers(min_value=0, max_value=10**15),
)
def test_token_changes_with_each_field(field, place, number):
    other = {"municipality": place, "by": str(place), "purpose": Purpose.REGIONAL}.get(field, number)
    changed = replace(CONTEXT, **{field: other})

    assert (changed.token(b"k") == CONTEXT.token(b"k")) == (changed == CONTEXT)


def test_lifetimes_are_short():
    assert timedelta(seconds=60) == LIFETIME
    assert timedelta(minutes=15) == LONGEST


def signed_parts():
    with connections["app"].cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('buvett.context'), pg_backend_pid(),"
            " (extract(epoch FROM transaction_timestamp()) * 1000000)::bigint,"
            " extract(epoch FROM clock_timestamp())::bigint"
        )
        token, pid, started, now = cursor.fetchone()
    return token.split("|"), pid, started, now


def test_signed_context_is_bound_to_its_transaction(municipality):
    with scope(municipality.id, by="someone", purpose=Purpose.OVERSIKT, lifetime=timedelta(seconds=30)):
        parts, pid, started, now = signed_parts()

    assert parts[:4] == ["1", str(municipality.id), "someone", "OVERSIKT"]
    assert parts[5:7] == [str(pid), str(started)]
    assert 0 < int(parts[4]) - now + 5 <= 36


def test_two_transactions_have_two_tokens(municipality):
    tokens = set()
    for _ in range(3):
        with scope(municipality.id, by="someone", purpose=Purpose.SAK):
            tokens.add(signed_parts()[0][7])

    assert len(tokens) == 3


def test_longest_lifetime_is_accepted_by_the_database(municipality):
    entered = scope(municipality.id, by="someone", purpose=Purpose.SAK, lifetime=LONGEST)
    with entered, connections["app"].cursor() as cursor:
        cursor.execute("SELECT isolation.current_municipality()")
        assert cursor.fetchone() == (municipality.id,)


def test_signing_with_a_lifetime_of_nothing_is_refused(municipality):
    with transaction.atomic(using="app"), pytest.raises(ScopeRefused):
        sign_transaction(Role.APP, municipality=municipality.id, by="x", purpose=Purpose.SAK, lifetime=timedelta(0))
