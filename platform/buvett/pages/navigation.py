"""Where one can go from every page, by the rights of the hat that is on: a line here is all that a page needs."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from buvett.access.enums import Permission
from buvett.access.memberships import Hat
from buvett.access.policies import can


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One way on. ``own``: the address takes the number of the hat's municipality. ``in_menu``: also in the header."""

    address: str
    label: str | Promise
    about: str | Promise
    permission: Permission
    own: bool = False
    in_menu: bool = True


# What a role comes for first: its own house, then the region.
ENTRIES = (
    Entry(
        address="cases",
        label=_("Our cases"),
        about=_("The cases that you have been given. Each look is written in the log first."),
        permission=Permission.SEE_CASES,
        own=True,
    ),
    Entry(
        address="deliveries",
        label=_("Deliver numbers"),
        about=_("Look at your municipality's numbers, approve or return them, follow them to the release."),
        permission=Permission.APPROVE_CONTRIBUTION,
        own=True,
    ),
    Entry(
        address="preparations",
        label=_("Prepare numbers"),
        about=_("Count the register, so that your leader can approve what leaves the house."),
        permission=Permission.PREPARE_CONTRIBUTION,
        own=True,
    ),
    Entry(
        address="declaration",
        label=_("Declaration of confidentiality"),
        about=_("Read and sign it before the first case, and once a year."),
        permission=Permission.SEE_CASES,
        own=True,
        in_menu=False,
    ),
    Entry(
        address="counts",
        label=_("Our own counts"),
        about=_("Your municipality's true numbers, before anything is released. Confidential."),
        permission=Permission.SEE_OWN_COUNTS,
        own=True,
    ),
    Entry(
        address="people",
        label=_("Our people"),
        about=_("Who works here in which role and until when: invite, lengthen, end, let in anew."),
        permission=Permission.RESET_SIGN_IN,
        own=True,
    ),
    Entry(
        address="access",
        label=_("Who has the cases"),
        about=_("Which colleague has how many cases, and which are with nobody: give access, hand on, take back."),
        permission=Permission.GRANT_CASES,
        own=True,
    ),
    Entry(
        address="log",
        label=_("Who has looked"),
        about=_("By colleague, case reference and time, the unassigned first. No content of any case."),
        permission=Permission.READ_LOG,
        own=True,
    ),
    Entry(
        address="papers",
        label=_("Legal bases and agreements"),
        about=_("Declarations, legal bases, agreements and assessments, with their dates."),
        permission=Permission.SEE_PAPERS,
        own=True,
    ),
    Entry(
        address="regions",
        label=_("The region"),
        about=_("The pooled need, as released: tables, charts, definitions."),
        permission=Permission.SEE_RELEASES,
    ),
    Entry(
        address="plans",
        label=_("Plans"),
        about=_("Regional plans as they were sent, with their numbers, answers and comments."),
        permission=Permission.SEE_PLANS,
    ),
    Entry(
        address="drafts",
        label=_("Write plan"),
        about=_("The draft: chapters, measures with released numbers; sent to the chief executives."),
        permission=Permission.WRITE_PLAN,
    ),
    Entry(
        address="operations",
        label=_("Operations"),
        about=_("Whether everything runs: services, queues, the last and the next run. Nothing of the content."),
        permission=Permission.SEE_OPERATIONS,
    ),
)


@dataclass(frozen=True, kw_only=True)
class Way:
    """An entry that the hat may follow. ``current``: the page that is open, or one below it."""

    entry: Entry
    path: str
    current: bool


def ways(hat: Hat | None, *, path: str) -> Iterator[Way]:
    """The entries that the hat gives the right to, in their order; ``path``: the page that is open."""
    for entry in ENTRIES:
        if hat is not None and can(hat, entry.permission):
            there = reverse(entry.address, args=[hat.code] if entry.own else [])
            yield Way(entry=entry, path=there, current=path.startswith(there))
