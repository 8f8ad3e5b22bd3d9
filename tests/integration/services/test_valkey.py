"""The embedded broker: a user for each queue, each with its own keys only."""

import os
import stat
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import redis

from buvett.services import Home, ensure_services
from buvett.services.sockets import socket_folder
from buvett.services.valkey import Valkey

WORKERS = ("contributor", "publisher")
DANGEROUS = (
    *("KEYS *", "SCAN 0", "FLUSHALL", "FLUSHDB", "CONFIG GET *", "CONFIG SET dir /tmp", "ACL LIST", "ACL WHOAMI"),
    *("EVAL x 0", "MONITOR", "CLIENT LIST", "SHUTDOWN", "DEBUG SLEEP 0", "MODULE LIST", "REPLICAOF a 1", "PUBLISH a b"),
    *("SLOWLOG GET", "SUBSCRIBE a", "DUMP contributor:x", "SAVE", "SWAPDB 0 0"),
)
FOREIGN = ("GET {}:x", "LPUSH {}:q 1", "BRPOP {}:q 1", "LLEN {}:q", "HGET {}:unacked 1", "DEL {}:q")
READING = ("BRPOP {}:q 1", "RPOP {}:q", "LRANGE {}:q 0 -1", "GET {}:x", "HGET {}:unacked 1", "DEL {}:q")


def client(home: Home, user: str) -> redis.Redis:
    address = urlsplit(Valkey(home=home).url(user))
    return redis.Redis(unix_socket_path=address.path, username=address.username, password=address.password)


def denied(home: Home, user: str, *command: str) -> bool:
    """Whether the broker refuses the command for lack of permission."""
    asked = client(home, user)
    try:
        asked.execute_command(*command)
    except redis.exceptions.NoPermissionError:
        return True
    except redis.exceptions.ResponseError as other:
        return "not allowed" in str(other)  # DEBUG is off altogether
    finally:
        asked.close()
    return False


@pytest.mark.parametrize("user", ["contributor", "publisher", "outbox"])
def test_user_works_on_its_own_keys(running: Home, user: str) -> None:
    assert not denied(running, user, "LPUSH", f"{user}:q", "1")
    assert not denied(running, user, "BRPOP", f"{user}:q", "1")


@pytest.mark.parametrize(("user", "other"), [("contributor", "publisher"), ("publisher", "contributor")])
@pytest.mark.parametrize("command", FOREIGN)
def test_worker_cannot_touch_another_queue(running: Home, user: str, other: str, command: str) -> None:
    assert denied(running, user, *command.format(other).split())
    assert denied(running, user, *command.format("outbox").split())


@pytest.mark.parametrize("queue", WORKERS)
def test_relay_pushes_to_workers(running: Home, queue: str) -> None:
    assert not denied(running, "outbox", "LPUSH", f"{queue}:pushed", "1")
    assert not denied(running, "outbox", "SMEMBERS", f"{queue}:_kombu.binding.{queue}")


@pytest.mark.parametrize("queue", WORKERS)
@pytest.mark.parametrize("command", READING)
def test_relay_can_read_no_message(running: Home, queue: str, command: str) -> None:
    assert denied(running, "outbox", *command.format(queue).split())


@pytest.mark.parametrize("user", ["contributor", "publisher", "outbox", "runner"])
@pytest.mark.parametrize("command", DANGEROUS)
def test_dangerous_command_is_refused(running: Home, user: str, command: str) -> None:
    assert denied(running, user, *command.split())


def test_default_user_and_wrong_password_are_refused(running: Home) -> None:
    socket = str(Valkey(home=running).socket)

    for identity in ({}, {"username": "contributor", "password": "wrong"}, {"password": "x"}):
        with pytest.raises((redis.exceptions.AuthenticationError, redis.exceptions.ResponseError)):
            redis.Redis(unix_socket_path=socket, **identity).ping()  # type: ignore[arg-type]


def test_socket_and_password_files_are_private(running: Home) -> None:
    files = [running.secrets / "broker" / user for user in ("contributor", "publisher", "outbox", "runner")]

    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    assert stat.S_IMODE(Valkey(home=running).socket.stat().st_mode) == 0o700
    assert len({path.read_text() for path in files}) == 4
    assert len(str(socket_folder(running) / "valkey.sock")) < 107


def test_password_is_in_no_file_but_its_own_and_in_no_command_line(running: Home) -> None:
    password = (running.secrets / "broker" / "outbox").read_text().strip()
    files = [path for path in running.path.rglob("*") if path.is_file() and "postgres" not in path.parts]
    lines = [Path(f"/proc/{pid}/cmdline").read_bytes() for pid in Valkey(home=running).pids()]

    assert [path.name for path in files if password.encode() in path.read_bytes()] == ["outbox"]
    assert not any(password.encode() in line for line in lines)


def test_server_never_runs_as_root(running: Home) -> None:
    assert {Path(f"/proc/{pid}").stat().st_uid for pid in Valkey(home=running).pids()} == {running.servers_as.uid}
    assert running.servers_as.uid != 0 or os.geteuid() != 0


def test_message_outlives_stop_and_start(home: Home) -> None:
    ensure_services(home, environ={})
    first = client(home, "outbox")
    first.lpush("contributor:kept", "1")
    first.close()

    Valkey(home=home).stop()
    ensure_services(home, environ={})

    again = client(home, "contributor")
    assert again.llen("contributor:kept") == 1
    again.close()
