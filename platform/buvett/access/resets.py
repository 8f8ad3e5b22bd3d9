"""Letting someone in anew who has lost password or second factor: the work of two people, never of one.

Whoever asks and whoever confirms are two, neither is the person, and every municipality that the person has a role in
takes part: two colleagues in one house cannot open another's door. What is done ends every session, takes password and
second factors away and makes a one-time link.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.utils import timezone

from buvett.access.account_log import told
from buvett.access.enums import Permission
from buvett.access.errors import MembershipRefused, NotHere
from buvett.access.memberships import Hat, unended
from buvett.access.models import Reset, ResetConsent
from buvett.access.policies import check_can_in
from buvett.accounts import invitations
from buvett.accounts.invitations import Link
from buvett.accounts.models import User
from tenants.audit.enums import Action

LASTS = timedelta(days=3)
AT_CONSOLE = "console"


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """Where a reset stands after a consent: done with a link, or waiting for others."""

    link: Link | None
    waits_for: frozenset[UUID]  # municipalities that have to take part yet; empty and no link: any second person


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
    """The operator's part at the console, where a municipality has one leader only. Raises NotHere where none asked."""
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
    """Whether the person has a role in the house, or one of the region, which is at home in all."""
    houses = set(unended(on=on).filter(user=person).values_list("municipality", flat=True))
    return house in houses or None in houses


def open_reset(user: UUID, *, now: datetime) -> Reset | None:
    """The reset of the person that waits for someone."""
    return Reset.objects.filter(user=user, done_at=None, expires_at__gt=now).order_by("-asked_at").first()


def _consent(person: User, *, by: UUID | None, house: UUID | None, on: date) -> Outcome:
    now = timezone.now()
    found = open_reset(person.pk, now=now)
    if found is not None and found.consents.filter(by=by).exists():
        raise MembershipRefused("twice")
    people = set(found.consents.values_list("by", flat=True)) if found else set()
    houses = set(found.consents.values_list("municipality", flat=True)) if found else set()
    waits_for = _needed(person, on=on) - houses - {house}
    done = len(people | {by}) >= 2 and not waits_for
    link = None
    actor: UUID | str = by or AT_CONSOLE
    with told(Action.RESET_DONE if done else Action.RESET_ASKED, about=person, by=actor):
        # Locked: a second consent at the same moment waits here, and counts after this one or not at all.
        locked = Reset.objects.select_for_update().filter(pk=found.pk, done_at=None).first() if found else None
        if found is not None and locked is None:
            raise MembershipRefused("twice")
        reset = locked or Reset.objects.create(user=person, asked_at=now, expires_at=now + LASTS)
        ResetConsent.objects.create(reset=reset, by_id=by, municipality_id=house, given_at=now)
        if done:
            Reset.objects.filter(pk=reset.pk).update(done_at=now)
            invitations.shut_out(person)
            link = invitations.make(person, now=now, lasts=invitations.AFTER_RESET)
    return Outcome(link=link, waits_for=frozenset(waits_for))


def _needed(person: User, *, on: date) -> set[UUID]:
    houses = unended(on=on).filter(user=person).exclude(municipality=None)
    return set(houses.values_list("municipality", flat=True))
