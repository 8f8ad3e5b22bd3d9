"""What one process may find in its environment, and the refusal to start on anything missing or foreign."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from tenants.isolation.enums import Role


class Refused(SystemExit):
    """The process does not start; the message names the setting. Exit code 2."""

    def __init__(self, message: str) -> None:
        super().__init__(2)
        self.message = message

    def __str__(self) -> str:
        return self.message


class Process(StrEnum):
    """The kinds of process, each with the database roles that it holds (the first is its main one)."""

    OWNER = "owner"
    WEB = "web"
    CONTRIBUTOR = "contributor"
    PUBLISHER = "publisher"
    OUTBOX = "outbox"
    TEST = "test"

    @property
    def roles(self) -> tuple[Role, ...]:
        return _ROLES[self]

    @property
    def main_role(self) -> Role:
        return self.roles[0]

    @property
    def queues(self) -> tuple[str, ...]:
        return _QUEUES[self]


_ROLES: Mapping[Process, tuple[Role, ...]] = {
    Process.OWNER: (Role.OWNER,),
    Process.WEB: (Role.APP, Role.READER, Role.AUDIT_WRITER, Role.AUDIT_READER),
    Process.CONTRIBUTOR: (Role.CONTRIBUTOR, Role.AUDIT_WRITER),
    Process.PUBLISHER: (Role.PUBLISHER,),
    Process.OUTBOX: (Role.OUTBOX,),
    Process.TEST: (
        Role.APP,
        Role.READER,
        Role.AUDIT_WRITER,
        Role.AUDIT_READER,
        Role.CONTRIBUTOR,
        Role.PUBLISHER,
        Role.OUTBOX,
        Role.OWNER,
        Role.BACKUP,
    ),
}
_QUEUES: Mapping[Process, tuple[str, ...]] = {
    Process.OWNER: (),
    Process.WEB: (),
    Process.CONTRIBUTOR: ("contributor",),
    Process.PUBLISHER: ("publisher",),
    Process.OUTBOX: ("outbox", "contributor", "publisher"),
    Process.TEST: ("outbox", "contributor", "publisher"),
}
_DEMO_SECRET = "demo-only-"  # noqa: S105 - the mark by which production refuses it


@dataclass(frozen=True, kw_only=True)
class Environment:
    """The settings of one process, read once."""

    process: Process
    mode: str
    synthetic: bool
    home: Path
    key_folder: Path
    keystore_folder: Path
    secret_key: str
    allowed_hosts: list[str]
    behind_proxy: bool
    database_urls: Mapping[Role, str]
    brokers: Mapping[str, str]

    @classmethod
    def read(cls, source: Mapping[str, str] = os.environ) -> "Environment":
        """Read and check; Refused names what is missing, foreign or a demo's in production."""
        process = _choice(source, "BUVETT_PROCESS", tuple(Process))
        mode = _choice(source, "BUVETT_MODE", ("demo", "production", "test"))
        if process is Process.TEST and mode != "test":
            raise Refused("BUVETT_PROCESS=test holds every role at once: it runs with BUVETT_MODE=test only")
        urls = {role: _needed(source, f"BUVETT_DATABASE_{role.name}") for role in process.roles}
        brokers = {queue: source.get(f"BUVETT_BROKER_{queue.upper()}", "") for queue in process.queues}
        _refuse_foreign(source, process)
        secret_key = ""
        if process in (Process.WEB, Process.TEST):
            secret_key = _needed(source, "BUVETT_SECRET_KEY")
        if mode == "production":
            if secret_key.startswith(_DEMO_SECRET):
                raise Refused("BUVETT_SECRET_KEY is a demo's: production refuses it")
            if process is Process.WEB:
                _needed(source, "BUVETT_HOSTS")
        hosts = source.get("BUVETT_HOSTS", "localhost,127.0.0.1,[::1]")
        return cls(
            process=process,
            mode=mode,
            synthetic=source.get("BUVETT_SYNTHETIC") == "1",
            home=Path(_needed(source, "BUVETT_HOME")),
            key_folder=Path(_needed(source, "BUVETT_KEYS")),
            keystore_folder=Path(_needed(source, "BUVETT_KEYSTORE")),
            secret_key=secret_key or "this process signs no cookie",
            allowed_hosts=[host.strip() for host in hosts.split(",") if host.strip()],
            behind_proxy=source.get("BUVETT_PROXY") == "1",
            database_urls=urls,
            brokers=brokers,
        )


def _needed(source: Mapping[str, str], name: str) -> str:
    value = source.get(name, "")
    if not value:
        raise Refused(f"missing setting: {name}")
    return value


def _choice(source: Mapping[str, str], name: str, allowed: tuple[str, ...]) -> "Process":
    value = _needed(source, name)
    for choice in allowed:
        if value == choice:
            return choice
    raise Refused(f"{name} is one of {', '.join(allowed)}")


def _refuse_foreign(source: Mapping[str, str], process: Process) -> None:
    own = {f"BUVETT_DATABASE_{role.name}" for role in process.roles}
    own |= {f"BUVETT_BROKER_{queue.upper()}" for queue in process.queues}
    for name in sorted(source):
        if name.startswith(("BUVETT_DATABASE_", "BUVETT_BROKER_")) and name not in own:
            raise Refused(f"{name} belongs to another process than {process}: refuse to start")
