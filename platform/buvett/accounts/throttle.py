"""Counts failed tries, without keeping what was typed: names and addresses are HMACs under the site's key.

In the database, so that every process counts the same; when it cannot be counted, nobody is let in.
"""

from datetime import datetime

from django.utils.crypto import salted_hmac

from buvett.accounts.errors import TooManyTries
from buvett.accounts.models import FailedSignIn
from buvett.accounts.policies import TRIES_PER_ADDRESS, TRIES_PER_NAME, WINDOW


def key(kind: str, value: str) -> str:
    """64 hex digits that name a typed e-mail, a person's code or an address."""
    return salted_hmac(f"buvett.throttle.{kind}", value.strip().lower(), algorithm="sha256").hexdigest()


def check_may_try(*, name: str, address: str, now: datetime) -> None:
    """Raise TooManyTries when the name or the address has failed too often lately."""
    recent = FailedSignIn.objects.filter(at__gt=now - WINDOW)
    if recent.filter(key=key("name", name)).count() >= TRIES_PER_NAME:
        raise TooManyTries("too many failed tries for this name")
    if recent.filter(key=key("address", address)).count() >= TRIES_PER_ADDRESS:
        raise TooManyTries("too many failed tries from this address")


def count_failure(*, name: str, address: str, now: datetime) -> None:
    """Remember one failure, and forget those that no longer count."""
    FailedSignIn.objects.filter(at__lte=now - WINDOW).delete()
    FailedSignIn.objects.bulk_create(
        [FailedSignIn(key=key("name", name), at=now), FailedSignIn(key=key("address", address), at=now)]
    )


def forget(*, name: str) -> None:
    """A success clears the name's failures; the address keeps its own."""
    FailedSignIn.objects.filter(key=key("name", name)).delete()
