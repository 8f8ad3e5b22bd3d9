from contextlib import suppress
from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.db import connections, transaction

from tenants.isolation.enums import Purpose, Role
from tenants.isolation.errors import NoContextKey, NoScope, ScopeRefused
from tenants.isolation.roles import connected_as, current_role
from tenants.isolation.scopes import current_scope, scope
from tenants.legal import declarations
from tenants.legal.models import Declaration

ON = date(2026, 11, 1)


class Undone(Exception):
    """Ends a scope by a rollback."""


def signed(municipality, user):
    with scope(municipality.id, by=user, purpose=Purpose.SAK):
        return declarations.sign(user, language="nn", on=ON)


def test_rows_outside_a_scope_are_none(municipality):
    signed(municipality, uuid4())

    assert Declaration.objects.count() == 0


def test_rows_inside_a_scope_are_the_municipalitys_own(municipality, neighbour):
    ours, theirs = signed(municipality, uuid4()), signed(neighbour, uuid4())

    with scope(municipality.id, by="someone", purpose=Purpose.SAK):
        seen = list(Declaration.objects.values_list("id", flat=True))

    assert seen == [ours.id]
    assert theirs.id != ours.id


def test_current_scope_outside_is_refused():
    with pytest.raises(NoScope):
        current_scope()


def test_scope_inside_itself_is_a_savepoint(municipality):
    user = uuid4()

    with scope(municipality.id, by=user, purpose=Purpose.SAK) as outer:
        with suppress(Undone), scope(municipality.id, by=user, purpose=Purpose.SAK) as inner:
            declarations.sign(user, language="nn", on=ON)
            raise Undone
        left = Declaration.objects.filter(user=user).count()

    assert inner == outer
    assert left == 0


@pytest.mark.parametrize("changed", ["municipality", "actor", "purpose"])
def test_scope_inside_another_is_refused(municipality, neighbour, changed):
    other = {"municipality": municipality.id, "by": "someone", "purpose": Purpose.SAK}
    other |= {
        "municipality": {"municipality": neighbour.id},
        "actor": {"by": "another"},
        "purpose": {"purpose": Purpose.OVERSIKT},
    }[changed]

    with scope(municipality.id, by="someone", purpose=Purpose.SAK), pytest.raises(ScopeRefused):
        scope(other.pop("municipality"), **other).__enter__()


def test_scope_inside_an_open_transaction_is_refused(municipality):
    with transaction.atomic(using="app"), pytest.raises(ScopeRefused):
        scope(municipality.id, by="someone", purpose=Purpose.SAK).__enter__()


def test_scope_of_a_municipality_without_a_key_in_the_database_shows_nothing(installation):
    with scope(uuid4(), by="someone", purpose=Purpose.SAK):
        with pytest.raises(Exception, match="no valid scope"):
            Declaration.objects.count()
        connections["app"].set_rollback(True)


def test_scope_of_a_role_without_a_key_is_refused(municipality):
    with connected_as(Role.READER), pytest.raises(NoContextKey):
        scope(municipality.id, by="someone", purpose=Purpose.SAK).__enter__()


@pytest.mark.parametrize("by", ["", "a b", "a|b", "x" * 81, "a\n"])
def test_actor_that_is_no_identifier_is_refused(municipality, by):
    with pytest.raises(ScopeRefused):
        scope(municipality.id, by=by, purpose=Purpose.SAK).__enter__()


@pytest.mark.parametrize("lifetime", [timedelta(0), timedelta(seconds=-1), timedelta(minutes=16)])
def test_lifetime_out_of_bounds_is_refused(municipality, lifetime):
    with pytest.raises(ScopeRefused):
        scope(municipality.id, by="someone", purpose=Purpose.SAK, lifetime=lifetime).__enter__()


def test_context_is_gone_after_the_scope(municipality):
    with scope(municipality.id, by="someone", purpose=Purpose.SAK):
        pass

    with connections["app"].cursor() as cursor:
        cursor.execute("SELECT nullif(current_setting('buvett.context', true), '')")
        assert cursor.fetchone() == (None,)


def test_scope_ends_also_when_its_block_fails(municipality):
    with pytest.raises(RuntimeError), scope(municipality.id, by="someone", purpose=Purpose.SAK):
        raise RuntimeError

    with pytest.raises(NoScope):
        current_scope()


def test_role_is_the_main_one_again_after_the_block(installation):
    with connected_as(Role.READER):
        inside = current_role()

    assert (inside, current_role()) == (Role.READER, Role.APP)


def test_code_after_commit_is_outside_the_scope(municipality):
    signed(municipality, uuid4())
    seen = []

    def after():
        with pytest.raises(NoScope):
            current_scope()
        seen.append(Declaration.objects.count())

    with scope(municipality.id, by="someone", purpose=Purpose.SAK):
        transaction.on_commit(after, using="app")
        inside = Declaration.objects.count()

    assert (inside, seen) == (1, [0])


def test_rows_asked_for_lazily_after_the_scope_are_none(municipality):
    signed(municipality, uuid4())

    with scope(municipality.id, by="someone", purpose=Purpose.SAK):
        lazy = Declaration.objects.all()

    assert list(lazy) == []
