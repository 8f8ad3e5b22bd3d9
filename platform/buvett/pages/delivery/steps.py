"""The way of a municipality's numbers, as steps with a sign, a word and a colour."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from buvett.releases.delivering import OwnRun
from buvett.releases.preparing import Prepared, Verdict
from buvett.releases.states import State


@dataclass(frozen=True, kw_only=True)
class Step:
    """``letter`` (a sign), ``word`` and ``kind`` (the tag's colour) say the same thing three ways."""

    label: str | Promise
    letter: str
    word: str | Promise
    kind: str


DONE, NOW, LATER, STOPPED = (
    ("✓", _("done"), "success"),
    ("→", _("now"), "info"),
    ("…", _("later"), "neutral"),
    ("×", _("stopped"), "danger"),
)


def steps(run: OwnRun, prepared: Prepared | None, *, standing: bool) -> tuple[Step, ...]:
    """Prepared, approved, sealed and delivered, locked, published: which are done, which is now."""
    delivered = run.delivered_at is not None
    is_approved = standing or (prepared is not None and prepared.verdict is Verdict.APPROVED)
    done = (
        delivered or prepared is not None,
        delivered or is_approved,
        delivered,
        run.state is not State.OPEN,
        run.state in (State.PUBLISHED, State.WITHDRAWN),
    )
    labels = (_("Prepared"), _("Approved"), _("Sealed and delivered"), _("Locked"), _("Published"))
    found, now_is_told = [], False
    for label, is_done in zip(labels, done, strict=True):
        kind = DONE if is_done else LATER
        if not is_done and not now_is_told:
            kind, now_is_told = (STOPPED if run.state is State.REFUSED else NOW), True
        found.append(Step(label=label, letter=kind[0], word=kind[1], kind=kind[2]))
    return tuple(found)
