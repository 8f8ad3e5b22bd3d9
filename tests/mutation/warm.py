"""A process that has loaded everything of others', and forks for each trial: the mutant is all that is new.

Started in a copy of the tree with the copy first on the path. Reads one request a line (JSON), answers with one line.
Forked, not spawned: loading the libraries takes longer than most trials. Nothing of ours is loaded before the fork.
"""

import contextlib
import importlib.util
import json
import os
import signal
import sys
import time
from pathlib import Path

import cryptography.hazmat.primitives.ciphers.aead
import cryptography.hazmat.primitives.hpke
import django.db.models
import hypothesis
import hypothesis.strategies
import numpy
import psycopg
import pytest
import scipy.sparse

LOADED = (cryptography, django, hypothesis, numpy, psycopg, pytest, scipy)
OURS = ("tenants", "anonymisation", "buvett", "tests.conftest")
SHORT = hypothesis.Phase.explicit, hypothesis.Phase.generate  # that it fails is enough: no shrinking


def run_tests(arguments: list[str], output: Path) -> int:
    """In the forked child: pytest's exit code."""
    sys.dont_write_bytecode = True
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job is started deaf to it
    with output.open("wb") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    hypothesis.settings.register_profile("mutation", phases=SHORT, derandomize=True, database=None)
    hypothesis.settings.load_profile("mutation")
    return int(pytest.main(["-x", "-q", "--assert=plain", "-p", "no:cacheprovider", "-m", "not long", *arguments]))


def trial(request: dict[str, object], output: Path) -> dict[str, object]:
    """Put the source in its place, run the tests, put the original back."""
    began = time.monotonic()
    arguments, limit = list(request["tests"]), float(str(request["limit"]))  # type: ignore[call-overload]
    file = Path(str(request["file"]))
    original = file.read_bytes()
    Path(importlib.util.cache_from_source(str(file))).unlink(missing_ok=True)
    if request["source"] is not None:
        file.write_text(str(request["source"]), encoding="utf-8")
    child = os.fork()
    if not child:
        os.setsid()
        sys.exit(run_tests(arguments, output))
    status = wait(child, limit)
    file.write_bytes(original)
    return {"status": status, "seconds": time.monotonic() - began, "output": output.read_text(errors="replace")[-3000:]}


def wait(child: int, limit: float) -> int | None:
    """The child's exit code; None when it took too long and was ended, politely first so that its servers end too."""
    end = time.monotonic() + limit
    for number, grace in ((signal.SIGINT, 0.0), (signal.SIGKILL, 20.0)):
        while time.monotonic() < end + grace:
            pid, status = os.waitpid(child, os.WNOHANG)
            if pid:
                return os.waitstatus_to_exitcode(status) if number is signal.SIGINT else None
            time.sleep(0.02)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child, number)
    os.waitpid(child, 0)
    return None


def main() -> None:
    """Answer requests until there are none."""
    assert not [name for name in sys.modules if name.partition(".")[0] in OURS or name in OURS]
    output = Path(sys.argv[1])
    for line in iter(sys.stdin.readline, ""):
        print(json.dumps(trial(json.loads(line), output)), flush=True)


if __name__ == "__main__":
    main()
