"""What each command does, in the process that the person started."""

import json
import os
import sys
from argparse import Namespace
from pathlib import Path
from typing import Any

from buvett.console import serving
from buvett.console.children import Installation, WorkFailed
from buvett.console.requests import Answer
from buvett.services import Home, ensure_services, stop
from buvett.services.errors import ServiceError

MOST_BYTES = 200_000_000


class Refused(Exception):
    """One sentence for the person; exit code 2."""


def run(arguments: Namespace) -> int:
    """Carry out a parsed command line; the exit code."""
    home = Home.open()
    if arguments.command == "stop":
        stop(home)
        return 0
    if arguments.command == "demo":
        return serving.demo(
            home,
            check=arguments.check,
            registers=arguments.registers,
            port=arguments.port,
            pg_bin=arguments.pg_bin,
        )
    return COMMANDS[arguments.command](installed(home), arguments)


def say(line: str) -> None:
    """Tell the person what is being done."""
    print(line, file=sys.stderr, flush=True)


def installed(home: Home) -> Installation:
    """Servers that run; on an empty home in synthetic mode also the schema and the demo region, once a version."""
    mode = os.environ.get("BUVETT_MODE", "demo")
    endpoints = ensure_services(home, say=say)
    if not endpoints.embedded and mode == "demo" and "BUVETT_MODE" not in os.environ:
        raise Refused("missing setting: BUVETT_MODE (demo or production) where addresses are configured")
    synthetic = mode == "demo" or os.environ.get("BUVETT_SYNTHETIC") == "1"
    installation = Installation(home=home, endpoints=endpoints, mode=mode, synthetic=synthetic)
    if mode == "demo" and endpoints.embedded:
        serving.prepare(installation, say=say)
    return installation


def bring(installation: Installation, arguments: Namespace) -> int:
    """`buvett import`."""
    options: dict[str, Any] = {
        "municipality": arguments.municipality,
        "dry_run": arguments.dry_run,
        "counted_on": arguments.counted_on.isoformat() if arguments.counted_on else None,
        "user": arguments.user,
    }
    if arguments.mapping:
        options["mapping"] = _read(arguments.mapping).decode("utf-8", errors="replace")
    answer = installation.do("import", options, content=_read(arguments.file))
    report = answer["report"]
    if arguments.report:
        _write(arguments.report, report)
    if answer["refused"]:
        say(f"buvett: the file was refused: {report['message']}")
        return 2
    print(
        f"{report['data_rows']} rows read: {report['created']} new, {report['updated']} updated, "
        f"{report['unchanged']} unchanged, {report['refused']} refused" + (" (dry run)" if arguments.dry_run else "")
    )
    for issue in report["issues"]:
        print(f"  row {issue['row']}, {issue['column']}: {issue['message']} ({issue['severity']})")
    return 0


def counts(installation: Installation, arguments: Namespace) -> int:
    """`buvett counts`."""
    counted_on = arguments.counted_on.isoformat() if arguments.counted_on else None
    options = {"municipality": arguments.municipality, "counted_on": counted_on, "user": arguments.user}
    _write(arguments.out, installation.do("counts", options))
    return 0


def population(installation: Installation, arguments: Namespace) -> int:
    """`buvett population`."""
    answer = installation.do("population", content=_read(arguments.file))
    print(f"{answer['figures']} figures")
    return 0


def contribute(installation: Installation, arguments: Namespace) -> int:
    """`buvett contribute`."""
    installation.do("open", {"region": arguments.region})
    answer = installation.do("contribute", {"region": arguments.region, "municipality": arguments.municipality})
    for line in answer["lines"]:
        print(line)
    return 0


def publish(installation: Installation, arguments: Namespace) -> int:
    """`buvett publish`."""
    answer = installation.do("publish", {"region": arguments.region})
    print(answer["line"])
    return 0 if answer["published"] else 3


def withdraw(installation: Installation, arguments: Namespace) -> int:
    """`buvett withdraw`."""
    options = {"region": arguments.region, "reason": arguments.reason, "municipality": arguments.municipality}
    print(installation.do("withdraw", options)["line"])
    return 0


def rotate(installation: Installation, arguments: Namespace) -> int:
    """`buvett rotate`."""
    answer = installation.do("rotate", {"municipality": arguments.municipality, "finish": arguments.finish})
    for line in answer["lines"]:
        print(line)
    return 0


def admin(installation: Installation, arguments: Namespace) -> int:
    """`buvett admin`: prints a one-time link, never a password."""
    options = {name: getattr(arguments, name, None) for name in ("email", "name", "role", "municipality", "region")}
    until = getattr(arguments, "until", None)
    answer = installation.do(f"admin_{arguments.verb}", {**options, "until": until.isoformat() if until else None})
    if not answer["path"]:
        print(answer["line"])
        return 0
    print(f"{(arguments.address or '').rstrip('/')}{answer['path']}")
    say(f"{answer['line']}; the link counts once, until {answer['expires']}")
    return 0


def keys(installation: Installation, arguments: Namespace) -> int:
    """`buvett keys`."""
    return _tell_made(installation, "keys", {})


def municipality(installation: Installation, arguments: Namespace) -> int:
    """`buvett municipality`."""
    options = {"code": arguments.code, "name": arguments.name, "since": arguments.since.isoformat()}
    return _tell_made(installation, "municipality", options)


def region(installation: Installation, arguments: Namespace) -> int:
    """`buvett region`."""
    options = {
        "slug": arguments.slug,
        "name": arguments.name,
        "municipalities": arguments.municipality,
        "since": arguments.since.isoformat(),
    }
    return _tell(installation.do("region", options))


def agreement(installation: Installation, arguments: Namespace) -> int:
    """`buvett agreement`."""
    options = {
        "region": arguments.region,
        "municipalities": arguments.municipality,
        "since": arguments.since.isoformat(),
        "until": arguments.until.isoformat() if arguments.until else None,
    }
    return _tell(installation.do("agreement", options, content=_read(arguments.file)))


def leave(installation: Installation, arguments: Namespace) -> int:
    """`buvett leave`."""
    options = {
        "region": arguments.region,
        "municipality": arguments.municipality,
        "last_day": arguments.last_day.isoformat(),
    }
    return _tell(installation.do("leave", options))


def _tell(answer: Answer) -> int:
    for line in answer["lines"] or ["nothing to change"]:
        print(line)
    return 0


def _tell_made(installation: Installation, work: str, options: dict[str, str]) -> int:
    answer = installation.do(work, {**options, "keys": str(installation.home.path / "keys")})
    for line in answer["lines"] or ["nothing is missing"]:
        print(line)
    return 0


def migrate(installation: Installation, arguments: Namespace) -> int:
    """`buvett migrate`."""
    installation.do("migrate")
    return 0


COMMANDS = {
    "import": bring,
    "counts": counts,
    "population": population,
    "contribute": contribute,
    "publish": publish,
    "withdraw": withdraw,
    "rotate": rotate,
    "admin": admin,
    "keys": keys,
    "municipality": municipality,
    "region": region,
    "agreement": agreement,
    "leave": leave,
    "migrate": migrate,
}


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:  # a pipe has no size: what comes out of it is what counts
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise Refused(f"{path.name} cannot be read: {error.strerror}") from None
    if len(content) > MOST_BYTES:
        raise Refused(f"{path.name} is too large")
    return content


def _write(path: Path, value: dict[str, Any]) -> None:
    """Own counts and reports are confidential: readable by whoever asked, nobody else; whole or not at all."""
    text = json.dumps(value, ensure_ascii=False, indent=1) + "\n"
    part = path.with_name(path.name + ".part")
    try:
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        part.replace(path)
    except OSError as error:
        raise Refused(f"{path.name} cannot be written: {error.strerror}") from None


__all__ = ["Refused", "ServiceError", "WorkFailed", "run"]
