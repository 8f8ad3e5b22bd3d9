"""`buvett demo`: the demo region, its registers, one whole push through real workers, and the pages on loopback."""

import base64
import contextlib
import hashlib
import json
import socket
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Any

from buvett.console.checking import look_at_pages
from buvett.console.children import Installation
from buvett.services import Home, Process, ensure_services, process_environment, stop
from buvett.services.children import Supervisor
from buvett.services.commands import beat_command, web_command, worker_command
from buvett.services.errors import ServiceError

Say = Callable[[str], None]
REGION = "vest-telemark"
FIRST_PORT = 8000


class NotReady(ServiceError):
    """The pages did not answer in time."""


def demo(home: Home, *, check: bool, registers: Path | None, port: int, pg_bin: Path | None = None) -> int:
    """Serve until stopped, or with ``check`` do everything once; the exit code."""
    started = time.monotonic()

    def say(line: str) -> None:
        print(f"[{time.monotonic() - started:5.1f} s] {line}", file=sys.stderr, flush=True)

    if home.note:
        say(home.note)
    port = port or _free_port()
    address = f"http://127.0.0.1:{port}"
    with Supervisor(home, say=say) as supervisor:
        try:
            installation = Installation(
                home=home, endpoints=ensure_services(home, pg_bin=pg_bin, say=say), mode="demo", synthetic=True
            )
            prepare(installation, say=say)
            start_web(installation, supervisor, port=port)
            _wait_for(address)
            say(f"the pages answer at {address}")
            start_workers(installation, supervisor)
            imported = _bring_registers(installation, registers, say=say)
            installation.do("open", {"region": REGION, "by": "demo"})
            say("the period is open: workers contribute, lock, protect, attack and publish")
            pushed = installation.do("await", {"region": REGION, "seconds": 90})
            if check:
                pages = look_at_pages(address)
                return _tell(pages, imported, pushed, seconds=time.monotonic() - started)
            if pushed["releases"]:
                _go_on(installation, say=say)
            _tell_people(address, pushed, say=say)
            supervisor.serve(each_second=lambda: _look_after(home))
        finally:
            say("stopping")
            supervisor.end_all()
            stop(home)
    return 0


def prepare(installation: Installation, *, say: Say) -> None:
    """Schema, demo region and demo people, once for each version of the program in a home."""
    mark = installation.home.run / "prepared"
    wanted = _version()
    if mark.is_file() and mark.read_text(encoding="ascii") == wanted:
        return
    say("making the schema and the demo region")
    installation.do("install", {"keys": str(installation.home.path / "keys")})
    say("making the demo people")
    installation.do("people")
    mark.write_text(wanted, encoding="ascii")


def start_web(installation: Installation, supervisor: Supervisor, *, port: int) -> None:
    """The pages; alone at first, so that they answer before four workers load their libraries beside them."""
    supervisor.start("web", web_command(port=port), _environment(installation, Process.WEB))


def start_workers(installation: Installation, supervisor: Supervisor) -> None:
    """Workers, relay and beat, each with its own environment."""
    for process in (Process.CONTRIBUTOR, Process.PUBLISHER, Process.OUTBOX):
        supervisor.start(process.value, worker_command(process), _environment(installation, process))
    supervisor.start("beat", beat_command(), _environment(installation, Process.OUTBOX))


def _environment(installation: Installation, process: Process) -> dict[str, str]:
    return process_environment(
        process,
        endpoints=installation.endpoints,
        home=installation.home,
        mode=installation.mode,
        synthetic=installation.synthetic,
    )


def _bring_registers(installation: Installation, folder: Path | None, *, say: Say) -> int:
    """Import a file for each municipality; a file's name begins with the municipality's number."""
    bundled = files("buvett").joinpath("demo/registers")
    found = sorted(folder.iterdir()) if folder else sorted(Path(str(bundled)).iterdir())
    wanted = [path for path in found if path.is_file() and path.name[:4].isdigit() and path.suffix != ".json"]
    say(f"importing {len(wanted)} registers")
    contents = [path.read_bytes() for path in wanted]
    told = [
        {"municipality": path.name[:4], "name": path.name, "size": len(content)}
        for path, content in zip(wanted, contents, strict=True)
    ]
    answer = installation.do("registers", {"files": told}, content=b"".join(contents))
    for line in answer["refused"]:
        say(line)
    return int(answer["imported"])


def _go_on(installation: Installation, *, say: Say) -> None:
    """A plan with answers, and a next period that waits for the local leaders."""
    say("a plan is sent and answered; the next period opens and waits for the local leaders")
    installation.do("plan")
    installation.do("leaving")
    installation.do("next_agreement")
    installation.do("next_papers")
    installation.do("open", {"region": REGION, "by": "demo"})


def _tell(pages: dict[str, Any], imported: int, pushed: dict[str, Any], *, seconds: float) -> int:
    ok = bool(imported) and pushed["releases"] == 1 and pushed["audit_safe"] and all(pages.values())
    line = {
        "ok": ok,
        "seconds": round(seconds, 1),
        "municipalities": 7,
        "imported": imported,
        "releases": pushed["releases"],
        "audit_safe": pushed["audit_safe"],
        "pages": pages,
    }
    print(json.dumps(line), flush=True)
    return 0 if ok else 1


def _tell_people(address: str, pushed: dict[str, Any], *, say: Say) -> None:
    if not pushed["releases"]:
        say("there is no release yet; the logs folder of the home tells what the workers met")
    print(
        f"\nbu-vett demo (synthetic people only): {address}/\n"
        f"The region's numbers:                 {address}/region/{REGION}/\n"
        "Sign in with one click as any of these on the front page:\n"
        "  sakshandsamar@<kommune>.demo.invalid   registers and follows up people in one municipality\n"
        "  leiar@<kommune>.demo.invalid           local leader: looks at the next period's numbers, approves\n"
        "  brukar@<kommune>.demo.invalid          user representative: figures only\n"
        "  direktor@<kommune>.demo.invalid        chief executive: answers the regional plan\n"
        "  personvern@<kommune>.demo.invalid      data protection officer\n"
        "  begge@seljord.demo.invalid             two roles, nothing signed yet: chooses the hat, then signs\n"
        "  prosjektleiar@demo.invalid             intermunicipal project leader: writes and sends the plan\n"
        "  drift@demo.invalid                     operations\n"
        "Ctrl-C or `buvett stop` ends it.",
        flush=True,
    )


def _wait_for(address: str, *, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if _answers(f"{address}/status/"):
            return
        time.sleep(0.1)
    raise NotReady("the web process does not answer; see logs/web.log in the home")


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=5) as answer:  # noqa: S310 - our own loopback address
            return bool(answer.status == 200)
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False


def _look_after(home: Home) -> None:
    """Bring back a server that died."""
    with contextlib.suppress(ServiceError):
        ensure_services(home)


def _free_port() -> int:
    for port in range(FIRST_PORT, FIRST_PORT + 100):
        with socket.socket() as found:
            # A port that was ours a moment ago is free; one that someone listens on is not.
            found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with contextlib.suppress(OSError):
                found.bind(("127.0.0.1", port))
                return port
    raise NotReady(f"no port between {FIRST_PORT} and {FIRST_PORT + 99} is free")


def _version() -> str:
    """The program's version and a hash of its migrations: what a prepared home was prepared by."""
    found = hashlib.sha256(version("bu-vett").encode())
    package = Path(str(files("buvett")))
    for root in (package, Path(str(files("tenants")))):
        for path in sorted(root.glob("*/migrations/*.py")):
            found.update(path.name.encode() + path.read_bytes())
    found.update((package / "demo" / "region.toml").read_bytes())
    found.update((package / "releases" / "programmes" / "vt-2026.toml").read_bytes())
    return base64.urlsafe_b64encode(found.digest()).decode()
