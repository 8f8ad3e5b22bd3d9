"""What makes the demo live after its first release: a plan with answers, and a next period that waits for leaders."""

from datetime import UTC, datetime

from django.conf import settings

from buvett.console.requests import Answer, Request, WorkRefused
from buvett.demo import leaving as leaving_colleague
from buvett.demo import planning


def plan(request: Request) -> Answer:
    """The demo's plan (as the web process)."""
    _check_synthetic()
    return {"made": planning.make_plan()}


def leaving(request: Request) -> Answer:
    """A colleague who has left and her cases (as the web process)."""
    _check_synthetic()
    return {"made": leaving_colleague.leave(datetime.now(UTC).date())}


def next_agreement(request: Request) -> Answer:
    """The agreement on the next period (as the owner)."""
    _check_synthetic()
    planning.agree_on_next_period(datetime.now(UTC).date())
    return {}


def next_papers(request: Request) -> Answer:
    """Its papers, without approvals (as the web process)."""
    _check_synthetic()
    planning.file_papers_of_next_period(datetime.now(UTC).date())
    return {}


def _check_synthetic() -> None:
    if not settings.SYNTHETIC:
        raise WorkRefused("the demo's plan and period are made in synthetic mode only")


WORKS = {"plan": plan, "leaving": leaving, "next_agreement": next_agreement, "next_papers": next_papers}
