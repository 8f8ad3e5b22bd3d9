"""P1: 8 threads change municipality 400 times each (2,000 with --long), on shared connections: not one foreign row.

Through Django's own connections, through psycopg's pool, and through pgbouncer in transaction mode; each with fewer
connections than threads, so that every connection serves every municipality.
"""

import random
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field

import pytest
from django.db import connections
from django.db.backends.postgresql.base import DatabaseWrapper

from tenants.isolation.enums import Purpose, Role
from tenants.isolation.scopes import scope
from tests.attacks.p1_house import furnish, session, sign
from tests.attacks.pgbouncer import PORT, pgbouncer

THREADS = 8
SWITCHES = pytest.mark.parametrize("switches", [400, pytest.param(2_000, marks=pytest.mark.long)])
HOUSES = 6
SHARED = 3  # connections, for eight threads
COUNT = "SELECT count(*) FILTER (WHERE municipality_id <> %s), count(*), pg_backend_pid() FROM register_case"


class Undone(Exception):
    """Ends a scope by a rollback."""


@dataclass
class Tally:
    switches: int = 0
    foreign: int = 0
    lost: int = 0
    outside: int = 0
    backends: set[int] = field(default_factory=set)


@pytest.fixture
def houses(make_municipality):
    return [furnish(make_municipality()) for _ in range(HOUSES)]


def with_own_settings(**changed: object) -> DatabaseWrapper:
    """A connection for the app role that differs from the process's own in its settings."""
    settings = deepcopy(connections.settings[Role.APP.value])
    settings |= {"CONN_MAX_AGE": 0, "CONN_HEALTH_CHECKS": False} | changed
    return DatabaseWrapper(settings, Role.APP.value)


def switch(
    houses: list, seed: int, switches: int, connect: Callable[[], DatabaseWrapper] | None, start: threading.Barrier
) -> Tally:
    """One thread: enter scopes of changing municipalities, count what is seen, leave by commit or rollback."""
    tally, chance = Tally(), random.Random(seed)
    own = connections[Role.APP.value] if connect is None else connect()
    connections[Role.APP.value] = own
    start.wait(timeout=60)
    try:
        for number in range(switches):
            house = chance.choice(houses)
            try:
                with scope(house.municipality, by=f"thread-{seed}", purpose=Purpose.SAK):
                    foreign, seen, backend = own.connection.execute(COUNT, (house.municipality,)).fetchone()
                    tally.foreign += foreign
                    tally.lost += seen != 1
                    tally.backends.add(backend)
                    if chance.random() < 0.2:
                        raise Undone
            except Undone:
                pass
            if number % 20 == 0:
                # Outside a scope, on a connection that has just been somebody's.
                with own.cursor() as cursor:
                    cursor.execute("SELECT count(*) FROM register_case")
                    tally.outside += cursor.fetchone()[0]
            tally.switches += 1
            if connect is not None and number % 50 == 0:
                own.close()  # back to the pool: the next turn gets whichever is free
    finally:
        own.close()
    return tally


def run(houses: list, switches: int, connect: Callable[[], DatabaseWrapper] | None) -> Tally:
    start = threading.Barrier(THREADS)
    with ThreadPoolExecutor(THREADS) as threads:
        done = [threads.submit(switch, houses, seed, switches, connect, start) for seed in range(THREADS)]
        tallies = [one.result() for one in done]
    return Tally(
        switches=sum(tally.switches for tally in tallies),
        foreign=sum(tally.foreign for tally in tallies),
        lost=sum(tally.lost for tally in tallies),
        outside=sum(tally.outside for tally in tallies),
        backends=set().union(*(tally.backends for tally in tallies)),
    )


def nothing_foreign(tally: Tally, switches: int) -> None:
    assert tally.switches == THREADS * switches
    assert (tally.foreign, tally.lost, tally.outside) == (0, 0, 0)


@SWITCHES
def test_switching_on_direct_connections_shows_no_foreign_row(houses, switches):
    tally = run(houses, switches, None)

    nothing_foreign(tally, switches)
    assert len(tally.backends) == THREADS


@SWITCHES
def test_switching_through_psycopgs_pool_shows_no_foreign_row(houses, switches):
    options = {**connections.settings[Role.APP.value]["OPTIONS"], "pool": {"min_size": SHARED, "max_size": SHARED}}
    pooled = with_own_settings(OPTIONS=options)
    try:
        tally = run(houses, switches, lambda: with_own_settings(OPTIONS=options))
    finally:
        pooled.close_pool()

    nothing_foreign(tally, switches)
    assert len(tally.backends) <= SHARED


@contextmanager
def bouncing(home) -> Iterator[Callable[[], DatabaseWrapper]]:
    with pgbouncer(home, Role.APP, pool_size=SHARED) as folder:
        yield lambda: with_own_settings(HOST=str(folder), PORT=str(PORT), DISABLE_SERVER_SIDE_CURSORS=True)


@SWITCHES
def test_switching_through_pgbouncer_shows_no_foreign_row(installation, houses, switches):
    with bouncing(installation) as connect:
        tally = run(houses, switches, connect)

    nothing_foreign(tally, switches)
    assert len(tally.backends) <= SHARED


def test_token_left_in_a_session_by_one_client_of_pgbouncer_shows_the_next_nothing(installation, houses):
    """With a bare setting this leaks: the next client of the server's connection inherits it."""
    house = houses[0]
    with pgbouncer(installation, Role.APP, pool_size=1) as folder:
        address = {"HOST": str(folder), "PORT": str(PORT), "DISABLE_SERVER_SIDE_CURSORS": True}
        first, second = with_own_settings(**address), with_own_settings(**address)
        first.set_autocommit(False)
        token = sign(first.connection, house.municipality)
        first.connection.execute("SELECT set_config('buvett.context', %s, false)", (token,))
        backend = first.connection.execute("SELECT pg_backend_pid()").fetchone()
        first.connection.commit()

        with second.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid(), current_setting('buvett.context', true)")
            inherited = cursor.fetchone()
            with pytest.raises(Exception, match="no valid scope"):
                cursor.execute("SELECT * FROM register_case")
        first.close()
        second.close()

    assert inherited == (*backend, token)


def test_threads_of_two_roles_keep_apart(houses):
    """A contributor's and an app's scope at the same time, each with its own municipality."""
    with session() as app, session(Role.CONTRIBUTOR) as contributor:
        sign(app, houses[0].municipality)
        sign(contributor, houses[1].municipality, role=Role.CONTRIBUTOR)
        seen = [c.execute("SELECT id FROM register_case").fetchall() for c in (app, contributor)]

    assert seen == [[(houses[0].case,)], [(houses[1].case,)]]
