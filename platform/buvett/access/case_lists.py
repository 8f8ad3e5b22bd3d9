"""The list of the cases that a person has been given, and the search in it. All inside ``case_room``.

A list opens one small envelope a case: name, states, what nobody has asked about. No number, no address, no finding.
"""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import QuerySet

from buvett.access.control import reference
from buvett.access.grants import cases_granted
from buvett.accounts.models import User
from buvett.locale import norwegian
from tenants.audit.entries import record_intent
from tenants.audit.enums import Action
from tenants.register import drafts, looking_up
from tenants.register.identity_number import IdentityNumberError, parse
from tenants.register.lines import TABLE
from tenants.register.models import Case
from tenants.register.states import Listing, State, listing_of
from tenants.vault import salts
from tenants.vault.compartments import Compartment
from tenants.vault.process import keyring
from tenants.vault.sealing import Opener


@dataclass(frozen=True, kw_only=True, repr=False)
class ListedCase:
    """A line of the case list. ``name`` is empty for whoever is masked; ``missing``: facts nobody has asked about."""

    id: UUID
    name: str
    states: frozenset[State]
    missing: tuple[str, ...]
    draft: bool
    changed_month: date

    @property
    def reference(self) -> str:
        """Eight characters to name the case by where the person's name must not stand."""
        return reference(self.id)


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What a search asks for. ``state`` None: what is being worked on. ``everything``: in whatever state.

    ``missing``: the name of a fact, or ``any``.
    """

    text: str = ""
    state: State | None = None
    everything: bool = False
    missing: str = ""
    drafts: bool = False


def listed(
    user: User, wanted: Wanted = Wanted(), *, now: datetime | None = None, synthetic_mode: bool = True
) -> tuple[ListedCase, ...]:
    """The person's granted cases that the search finds, in Norwegian order of names, the nameless last.

    The intent is committed before a line is opened. A text of eleven digits that is an identity number is looked up
    by its blind index (throttled: raises TooManyLookUps) and finds that one case, whatever its state; any other text
    is looked for in names, where masked people have none.
    """
    rows = cases_granted(user)
    number = _number(wanted.text, synthetic_mode=synthetic_mode)
    if number is not None and now is not None:
        rows = rows.filter(pk=looking_up.by_number(number, now=now))
        wanted = Wanted(everything=True)
    found = [line for line in _lines(rows, user) if _fits(line, wanted)]
    return tuple(sorted(found, key=lambda line: (not line.name, norwegian.sorting(line.name), line.id)))


def _lines(rows: QuerySet[Case], user: User) -> list[ListedCase]:
    cases = list(rows.values_list("id", "changed_month", "line"))
    if not cases:
        return []
    identifiers = [case for case, _, _ in cases]
    receipt = record_intent(Action.CASES_LISTED, compartments=[Compartment.IDENTITY], records=identifiers)
    opener, salt_of = Opener(keyring(), receipt), salts.of_many(identifiers)
    begun = drafts.begun(writer=user.pk)
    found = []
    for case, changed_month, sealed in cases:
        if case not in salt_of:  # without its salt a case is shredded
            continue
        line = opener.open(Compartment.IDENTITY, TABLE, case, salt_of[case], bytes(sealed))
        found.append(
            ListedCase(
                id=case,
                name=line["name"],
                states=frozenset(map(State, line["states"])),
                missing=tuple(line["missing"]),
                draft=case in begun,
                changed_month=changed_month,
            )
        )
    return found


def _fits(line: ListedCase, wanted: Wanted) -> bool:
    if wanted.state is not None:
        right_state = wanted.state in line.states
    else:
        right_state = wanted.everything or listing_of(line.states) is not Listing.ON_REQUEST
    words = wanted.text.lower().split()
    name = line.name.lower()
    return (
        right_state
        and all(word in name for word in words)
        and (not wanted.drafts or line.draft)
        and (not wanted.missing or wanted.missing in line.missing or (wanted.missing == "any" and bool(line.missing)))
    )


def _number(text: str, *, synthetic_mode: bool) -> str | None:
    try:
        return parse(text, synthetic_mode=synthetic_mode).digits if text.strip() else None
    except IdentityNumberError:
        return None
