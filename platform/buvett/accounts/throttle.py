"""Counts failed tries, without keeping what was typed: names and addresses are HMACs under the site's key.

In the database, so that every process counts the same; when it cannot be counted, nobody is let in. A try is counted
before it is made and taken out again when it succeeds: tries at the same moment cannot all slip in below the limit.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import connections, transaction
from django.utils.crypto import salted_hmac

from buvett.accounts.errors import TooManyTries
from buvett.accounts.models import FailedSignIn
from buvett.accounts.policies import TRIES_PER_ADDRESS, TRIES_PER_NAME, WINDOW
from tenants.isolation.roles import current_role


def key(kind: str, value: str) -> str:
    """64 hex digits that name a typed e-mail, a person's code or an address."""
    return salted_hmac(f"buvett.throttle.{kind}", value.strip().lower(), algorithm="sha256").hexdigest()


@contextmanager
def one_try(*, name: str, address: str, now: datetime, clears: bool = True) -> Iterator[None]:
    """Make one try inside. Whatever it raises, it stays counted as a failure for the name and for the address.

    A success is not counted, and with ``clears`` forgets the name's failures; the address keeps its own. Raises
    TooManyTries instead of trying. The next try of the same name or address waits only until this one is counted.
    """
    FailedSignIn.objects.filter(at__lte=now - WINDOW).delete()
    with transaction.atomic(using=current_role().value, durable=True):
        _one_at_a_time(name=name, address=address)
        check_may_try(name=name, address=address, now=now)
        counted = count_failure(name=name, address=address, now=now)
    yield
    FailedSignIn.objects.filter(pk__in=[row.pk for row in counted]).delete()
    if clears:
        FailedSignIn.objects.filter(key=key("name", name)).delete()


def check_may_try(*, name: str, address: str, now: datetime) -> None:
    """Raise TooManyTries when the name or the address has failed too often lately."""
    for kind, value, most in (("name", name, TRIES_PER_NAME), ("address", address, TRIES_PER_ADDRESS)):
        times = FailedSignIn.objects.filter(at__gt=now - WINDOW, key=key(kind, value)).order_by("-at")
        # The try that has to be forgotten before there is room for another.
        oldest = times.values_list("at", flat=True)[most - 1 : most].first()
        if oldest is not None:
            raise TooManyTries(f"too many failed tries for this {kind}", after=oldest + WINDOW - now)


def is_shut(*, name: str, now: datetime) -> bool:
    """Whether the name has failed so often that even the right password is refused."""
    return FailedSignIn.objects.filter(at__gt=now - WINDOW, key=key("name", name)).count() >= TRIES_PER_NAME


def count_failure(*, name: str, address: str, now: datetime) -> list[FailedSignIn]:
    """Remember one failure; the rows that do."""
    return FailedSignIn.objects.bulk_create(
        [FailedSignIn(key=key("name", name), at=now), FailedSignIn(key=key("address", address), at=now)]
    )


def _one_at_a_time(*, name: str, address: str) -> None:
    """Hold name and address until the transaction ends; in one order, so that no two wait for each other."""
    with connections[current_role().value].cursor() as cursor:
        for one in sorted((key("name", name), key("address", address))):
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"throttle:{one}"])
