"""Letting someone in anew who has lost password or second factor: the work of two people, never of one.

Whoever asks and whoever confirms are two, neither is the person, and every municipality that the person has a role in
takes part: two colleagues in one house cannot open another's door. For someone with a role of the region, which is at
home in all of it, the two are of two municipalities, or of one and the operator's console. Nor does a leader become two
by inviting a colleague: two people count as two where neither gave the other a role in the house or the link by which
the other came in, nor any third did so for both (``memberships.behind``). What is done ends every session, takes
password and second factors away and makes a one-time link.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import combinations
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from buvett.access.account_log import told
from buvett.access.enums import Permission
from buvett.access.errors import MembershipRefused, NotHere
from buvett.access.memberships import Hat, behind, unended
from buvett.access.models import Reset, ResetConsent
from buvett.access.policies import check_can_in
from buvett.access.regions import regions_of_house
from buvett.accounts import invitations
from buvett.accounts.invitations import Link
from buvett.accounts.models import User
from tenants.audit.enums import Action

LASTS = timedelta(days=3)
AT_CONSOLE = "console"


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """Where a reset stands after a consent: done with a link, or waiting for others.

    Neither a link nor somebody to wait for: those who have taken part do not count as two yet.
    """

    link: Link | None
    waits_for: frozenset[UUID]  # municipalities that have to take part yet; empty and no link: a second person


@dataclass(frozen=True, kw_only=True)
class _Part:
    """One consent: whose, and for which municipality; None and None: at the console."""

    by: UUID | None
    house: UUID | None

    @property
    def people(self) -> frozenset[UUID]:
        """Who may stand behind it; nobody of the house at the console."""
        return behind(self.by, house=self.house) if self.by and self.house else frozenset()


class _OvertakenError(Exception):
    """Somebody else took part while this consent was on its way."""


def ask(hat: Hat, *, code: str, user: UUID, on: date) -> Outcome:
    """Ask to let a person in anew, or confirm what somebody else has asked.

    Raises NotHere, NotAllowed or MembershipRefused (own, demo, twice).
    """
    hat = check_can_in(hat, Permission.RESET_SIGN_IN, code=code)
    person = User.objects.filter(pk=user).first()
    if person is None or not is_at_home(person, house=hat.house, on=on):
        raise NotHere("no such person in this municipality")
    check_can_reset(hat.user, person)
    return _consent(person, by=hat.user, house=hat.house, on=on)


def confirm_at_console(person: User, *, on: date) -> Outcome:
    """The operator's part at the console, where no house has two people who count as two.

    Raises NotHere where none asked.
    """
    if open_reset(person.pk, now=timezone.now()) is None:
        raise NotHere("nobody has asked to let that person in anew")
    return _consent(person, by=None, house=None, on=on)


def can_reset(by: UUID, person: User) -> bool:
    """Whether ``by`` may take part in letting the person in anew: never oneself, never an invented person."""
    return by != person.pk and not person.demo


def check_can_reset(by: UUID, person: User) -> None:
    """Raise MembershipRefused (own, demo) when not."""
    if not can_reset(by, person):
        raise MembershipRefused("demo" if person.demo else "own")


def is_at_home(person: User, *, house: UUID, on: date) -> bool:
    """Whether the person has a role in the house, or one of its region or of the installation, at home in all of it."""
    own = Q(municipality=house) | Q(municipality=None, region=None)
    of_region = Q(municipality=None, region__in=regions_of_house(house, on=on))
    return unended(on=on).filter(own | of_region, user=person).exists()


def open_reset(user: UUID, *, now: datetime) -> Reset | None:
    """The reset of the person that waits for someone."""
    return Reset.objects.filter(user=user, done_at=None, expires_at__gt=now).order_by("-asked_at").first()


def _consent(person: User, *, by: UUID | None, house: UUID | None, on: date) -> Outcome:
    """Take part, as things stand; anew where somebody else took part meanwhile."""
    try:
        return _consent_as_seen(person, by=by, house=house, on=on)
    except _OvertakenError:
        return _consent(person, by=by, house=house, on=on)


def _consent_as_seen(person: User, *, by: UUID | None, house: UUID | None, on: date) -> Outcome:
    now = timezone.now()
    found = open_reset(person.pk, now=now)
    given = _given(found)
    if any(other.by == by for other in given):
        raise MembershipRefused("twice")
    parts = given | {_Part(by=by, house=house)}
    waits_for = _needed(person, on=on) - {part.house for part in parts}
    done = not waits_for and _are_two(parts, of_region=_is_of_region(person, on=on))
    link = None
    actor: UUID | str = by or AT_CONSOLE
    with told(Action.RESET_DONE if done else Action.RESET_ASKED, about=person, by=actor):
        # The person's row is locked: consents at the same moment, the first ones too, come one after the other.
        User.objects.select_for_update().get(pk=person.pk)
        reset = open_reset(person.pk, now=now)
        if reset != found or _given(reset) != given:
            raise _OvertakenError
        reset = reset or Reset.objects.create(user=person, asked_at=now, expires_at=now + LASTS)
        ResetConsent.objects.create(reset=reset, by_id=by, municipality_id=house, given_at=now)
        if done:
            Reset.objects.filter(pk=reset.pk).update(done_at=now)
            invitations.shut_out(person)
            link = invitations.make(person, by=by, now=now, lasts=invitations.AFTER_RESET)
    return Outcome(link=link, waits_for=frozenset(waits_for))


def _given(reset: Reset | None) -> frozenset[_Part]:
    rows = reset.consents.values_list("by", "municipality") if reset else ()
    return frozenset(_Part(by=by, house=house) for by, house in rows)


def _are_two(parts: Iterable[_Part], *, of_region: bool) -> bool:
    """Whether two of the parts are two people's: no one person stands behind both.

    For someone of the region the two are of two municipalities, or of one and the console.
    """
    return any(
        not (one.people & other.people) and not (of_region and one.house == other.house)
        for one, other in combinations(parts, 2)
    )


def _needed(person: User, *, on: date) -> set[UUID]:
    houses = unended(on=on).filter(user=person).exclude(municipality=None)
    return set(houses.values_list("municipality", flat=True))


def _is_of_region(person: User, *, on: date) -> bool:
    return unended(on=on).filter(user=person, municipality=None).exists()
