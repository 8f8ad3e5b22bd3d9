"""Waiting for the workers to publish, and a look at the release with the public's eyes (as the web process)."""

import sys
import time

from anonymisation.attack import audit
from anonymisation.release import Release
from buvett.console.requests import Answer, Request
from buvett.releases import queries


def await_release(request: Request) -> Answer:
    """Wait until there is a release, telling what happens; then let the public's attacker look at it."""
    deadline = time.monotonic() + float(request.options.get("seconds", 100))
    told = ""
    while True:
        releases = queries.releases()
        if releases:
            report = audit(Release.parse(queries.release(releases[0].id).body))
            return {"releases": len(releases), "audit_safe": bool(report.safe and report.complete)}
        line = _progress(str(request.options["region"]))
        if line != told:
            print(line, file=sys.stderr, flush=True)
            told = line
        if time.monotonic() > deadline:
            return {"releases": 0, "audit_safe": False}
        time.sleep(0.3)


def _progress(region: str) -> str:
    runs = queries.runs(region)
    if not runs:
        return "waiting for the period to open"
    run = runs[0]
    return f"{run.state}: {len(run.contributed)} of {len(run.members)} municipalities have contributed"


WORKS = {"await": await_release}
