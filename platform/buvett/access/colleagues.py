"""Names of the people who work here, for those who read what they did."""

from collections.abc import Collection, Mapping
from uuid import UUID

from buvett.accounts.models import User


def names_of(actors: Collection[str]) -> Mapping[str, str]:
    """Actor → name; a process (or someone who is no more) goes by what it is called in the log. One query."""
    people = {}
    for actor in actors:
        try:
            people[UUID(actor)] = actor
        except ValueError:
            continue
    found = dict(User.objects.filter(pk__in=list(people)).values_list("pk", "name"))
    return {actor: actor for actor in actors} | {people[pk]: name for pk, name in found.items()}
