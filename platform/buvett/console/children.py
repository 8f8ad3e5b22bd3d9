"""Letting the right kind of process do a piece of work, and reading its answer."""

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from buvett.console.requests import WORKS
from buvett.services import Endpoints, Home, process_environment


class WorkFailed(Exception):
    """The child has said why on standard error; ``code`` is its exit code."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, kw_only=True)
class Installation:
    """A home whose servers run, and how it runs: ``demo`` or ``production``."""

    home: Home
    endpoints: Endpoints
    mode: str
    synthetic: bool

    def do(self, work: str, options: Mapping[str, Any] | None = None, *, content: bytes = b"") -> dict[str, Any]:
        """Do one piece of work as its own kind of process; its progress goes to our standard error.

        Raises WorkFailed when it was refused or failed.
        """
        environment = process_environment(
            WORKS[work][0], endpoints=self.endpoints, home=self.home, mode=self.mode, synthetic=self.synthetic
        )
        request = json.dumps(dict(options or {}), ensure_ascii=False).encode() + b"\n" + content
        done = subprocess.run(  # noqa: S603 - our own program
            [sys.executable, "-m", "buvett.console.works", work],
            input=request,
            stdout=subprocess.PIPE,
            cwd=self.home.path,
            env=environment,
            umask=0o077,
            check=False,
            **self.home.processes_as.identity,
        )
        if done.returncode != 0:
            raise WorkFailed(done.returncode if done.returncode > 0 else 1)
        answer: dict[str, Any] = json.loads(done.stdout)
        return answer
