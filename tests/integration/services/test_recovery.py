"""Starting, stopping, and what a kill -9 leaves."""

import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from buvett.services import Home, ensure_services, remove, stop
from buvett.services.endpoints import embedded
from buvett.services.errors import WrongModes
from buvett.services.postgres import Postgres
from buvett.services.processes import send
from buvett.services.sockets import socket_place
from buvett.services.valkey import Valkey

START = "import sys, time; from buvett.services import ensure_services; ensure_services(sys.argv[1], environ={})"


def pids(home: Home) -> list[int]:
    return Postgres(home=home).pids() + Valkey(home=home).pids()


def write(home: Home, value: int) -> None:
    with psycopg.connect(embedded(home).database("owner"), autocommit=True) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept (a int)")
        connection.execute("INSERT INTO kept VALUES (%s)", (value,))


def kept(home: Home) -> list[int]:
    with psycopg.connect(embedded(home).database("owner")) as connection:
        return [int(str(row[0])) for row in connection.execute("SELECT a FROM kept ORDER BY a").fetchall()]


def test_ensure_twice_is_one_set_of_servers(home: Home) -> None:
    first = ensure_services(home, environ={})
    running = pids(home)

    again = ensure_services(home, environ={})

    assert again == first
    assert set(running) & set(pids(home)) == set(running)


def test_stop_leaves_nothing_and_stop_again_is_fine(home: Home) -> None:
    ensure_services(home, environ={})

    stop(home)
    stop(home)

    assert pids(home) == []
    assert not socket_place(home).exists()


def test_stop_and_start_keeps_rows(home: Home) -> None:
    ensure_services(home, environ={})
    write(home, 1)

    stop(home)
    ensure_services(home, environ={})

    assert kept(home) == [1]


def test_addresses_configured_start_nothing(home: Home) -> None:
    found = ensure_services(home, environ={"BUVETT_DATABASE_APP": "postgresql://buvett_app@db.example/buvett"})

    assert not found.embedded
    assert pids(home) == []
    assert not (home.postgres / "data").exists()


@pytest.mark.parametrize("which", ["postgres", "postgres leader", "valkey", "all"])
def test_killed_servers_are_started_again_with_what_was_committed(home: Home, which: str) -> None:
    ensure_services(home, environ={})
    write(home, 1)
    server, broker = Postgres(home=home), Valkey(home=home)
    victims = {
        "postgres": server.pids(),
        "postgres leader": [pid for pid in [server._leader()] if pid is not None],
        "valkey": broker.pids(),
        "all": pids(home),
    }[which]
    assert victims
    send(victims, signal.SIGKILL)  # one that has ended by itself meanwhile is as dead

    ensure_services(home, environ={})
    write(home, 2)

    assert kept(home) == [1, 2]
    assert broker.answers()


def test_killed_starter_leaves_servers_that_the_next_finds(home: Home) -> None:
    stay = f"{START}; print('up', flush=True); time.sleep(600)"
    starter = subprocess.Popen([sys.executable, "-c", stay, str(home.path)], stdout=subprocess.PIPE)
    assert starter.stdout is not None
    assert starter.stdout.readline() == b"up\n"
    running = set(pids(home))
    starter.kill()
    starter.wait()
    starter.stdout.close()

    ensure_services(home, environ={})

    assert running <= set(pids(home))
    stop(home)
    assert pids(home) == []


def test_starter_killed_at_any_moment_is_recovered_from(home: Home) -> None:
    for moment in (0.5, 0.9, 1.3, 1.7, 2.2):
        starter = subprocess.Popen([sys.executable, "-c", START, str(home.path)])
        try:
            starter.wait(timeout=moment)
        except subprocess.TimeoutExpired:
            starter.kill()
            starter.wait()

    ensure_services(home, environ={})

    write(home, 1)
    assert kept(home) == [1]
    assert len(Valkey(home=home).pids()) == 1


def test_two_starts_at_once_do_not_collide(home: Home) -> None:
    starters = [subprocess.Popen([sys.executable, "-c", START, str(home.path)]) for _ in range(3)]

    assert [starter.wait(timeout=120) for starter in starters] == [0, 0, 0]
    assert len(Valkey(home=home).pids()) == 1


def test_two_homes_at_once_share_nothing(make_home: Callable[[], Home]) -> None:
    one, other = make_home(), make_home()
    addresses = [ensure_services(home, environ={}) for home in (one, other)]
    write(one, 1)
    write(other, 2)

    assert (kept(one), kept(other)) == ([1], [2])
    assert set(addresses[0].brokers.values()).isdisjoint(addresses[1].brokers.values())
    stop(one)
    assert kept(other) == [2]


@pytest.mark.parametrize("part", ["run", "postgres", "keys", "secrets/superuser", "secrets/broker/outbox"])
def test_wrong_modes_refuse_to_start(home: Home, part: str) -> None:
    ensure_services(home, environ={})
    stop(home)
    before = (home.path / part).stat().st_mode
    (home.path / part).chmod(0o666 if part.startswith("secrets") else 0o777)

    with pytest.raises(WrongModes):
        ensure_services(home.path, environ={})

    (home.path / part).chmod(before)


def test_planted_socket_folder_is_refused(home: Home, tmp_path: Path) -> None:
    socket_place(home).symlink_to(tmp_path)
    try:
        with pytest.raises(WrongModes):
            ensure_services(home, environ={})
    finally:
        socket_place(home).unlink()
    assert list(tmp_path.iterdir()) == []


def test_home_in_a_long_path_with_spaces(make_home: Callable[[], Home]) -> None:
    above = make_home().path
    deep = above / ("ein lang sti med mellomrom og æøå " * 4).strip() / "h"
    deep.parent.mkdir(mode=0o755)
    assert len(str(deep)) > 150
    home = Home.open(deep)

    try:
        ensure_services(home, environ={})
        write(home, 1)
        assert kept(home) == [1]
    finally:
        remove(home)
    assert not deep.exists()


def test_remove_leaves_nothing(make_home: Callable[[], Home]) -> None:
    home = make_home()
    ensure_services(home, environ={})

    remove(home)

    assert not home.path.exists()
    assert not socket_place(home).exists()
    assert pids(home) == []
