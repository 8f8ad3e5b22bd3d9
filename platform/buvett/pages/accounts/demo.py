"""The people of the one-click sign-in, by where they work: the region first, then each municipality."""

from dataclasses import dataclass
from datetime import date

from buvett.access.memberships import Hat, hats_of_each
from buvett.accounts import queries
from buvett.accounts.models import User
from buvett.locale.norwegian import sorting


@dataclass(frozen=True, kw_only=True)
class Person:
    """Someone to sign in as, with the roles that they may put on."""

    user: User
    hats: tuple[Hat, ...]


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where people work: a municipality, or (without a name) the region."""

    name: str
    people: tuple[Person, ...]


def places(*, on: date) -> tuple[Place, ...]:
    """The demo's people by place; nobody outside a demo. Whoever works in two places stands in the municipality's."""
    users = tuple(queries.demo_people())
    hats = hats_of_each((user.pk for user in users), on=on)
    found: dict[str, list[Person]] = {}
    for user in users:
        own = hats.get(user.pk, ())
        found.setdefault(max((hat.name for hat in own if hat.municipality), default=""), []).append(
            Person(user=user, hats=own)
        )
    return tuple(Place(name=name, people=tuple(found[name])) for name in sorted(found, key=sorting))
