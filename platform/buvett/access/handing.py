"""A leader gives access to cases, takes it back, hands a colleague's cases on: each change named in the log.

The leader may give themself cases: somebody has to read what nobody has, and the log names every one. A case is never
left with nobody by it. Whatever does not fit what the leader saw is refused whole.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from buvett.access import grants
from buvett.access.errors import HandingRefused
from buvett.access.holders import cases_of, granting_room, holding, person_named, readers
from buvett.access.memberships import Hat
from buvett.accounts.models import User


@dataclass(frozen=True, kw_only=True)
class Handed:
    """What was done: how many cases ``to``, by name, has that they did not have before."""

    given: int
    to: str


def hand_on(
    hat: Hat | None,
    *,
    code: str,
    of: UUID | None,
    to: UUID,
    expected: str,
    on: date,
    chosen: Collection[UUID] | None = None,
    keeping: bool = False,
) -> Handed:
    """Give ``to`` the cases of ``of`` (None: those with nobody), all or the ``chosen``; take them from ``of``.

    ``expected``: the fingerprint of the list that the leader saw. ``keeping``: ``of`` has them too from now on, which
    only someone who works here can. With nobody's cases the grants of those who had them end.
    Raises as ``granting_room``, NotHere for a person that is nobody here, and HandingRefused: changed, none, same,
    person.
    """
    with granting_room(hat, code=code, on=on, changing=True) as worn:
        here = set(readers(on=on).values_list("user", flat=True))
        if of is not None:
            person_named(of, on=on)
        found = cases_of(of, on=on)
        wanted = set(found.ids if chosen is None else chosen)
        if found.fingerprint != expected or not wanted <= set(found.ids):
            raise HandingRefused("changed")
        if not wanted:
            raise HandingRefused("none")
        if to == of:
            raise HandingRefused("same")
        receiver, by = _receiver(to, here=here), User.objects.get(pk=worn.user)
        cases = [case for case in found.ids if case in wanted]
        had = set(grants.rows_of(to).values_list("content_object_id", flat=True))
        new = [case for case in cases if case not in had]
        grants.give_all(new, to=receiver, by=by)
        if of is None:
            _end_stale(cases, here=here, by=by)
        elif not (keeping and of in here):
            grants.take_all(cases, of=of, by=by)
        return Handed(given=len(new), to=receiver.name)


def settle_case(hat: Hat | None, *, code: str, case: UUID, person: UUID, has: bool, on: date) -> str:
    """Let one person have the case, or no longer have it; the same again changes nothing. Gives the person's name.

    Raises as ``granting_room``, NotHere for a case or person that is none here, and HandingRefused: person, last.
    """
    with granting_room(hat, code=code, on=on, changing=True) as worn:
        here = set(readers(on=on).values_list("user", flat=True))
        held, by = holding(case), User.objects.get(pk=worn.user)
        name = person_named(person, on=on)
        if has:
            receiver = _receiver(person, here=here)
            if person not in held:
                grants.give_all([case], to=receiver, by=by)
                _end_stale([case], here=here, by=by)
        elif person in held:
            if held & here == {person}:
                raise HandingRefused("last")
            grants.take_all([case], of=person, by=by)
        return name


def _receiver(to: UUID, *, here: Collection[UUID]) -> User:
    """Whoever is given cases works here today. Another municipality's and nobody are the same."""
    if to not in here:
        raise HandingRefused("person")
    return User.objects.get(pk=to)


def _end_stale(cases: Collection[UUID], *, here: Collection[UUID], by: User) -> None:
    """End the grants of those who no longer work here, person by person."""
    rows = grants.all_rows().filter(content_object_id__in=cases).exclude(user__in=here)
    stale: dict[UUID, list[UUID]] = {}
    for user, case in rows.order_by("user", "content_object_id").values_list("user", "content_object_id"):
        stale.setdefault(user, []).append(case)
    for user, theirs in stale.items():
        grants.take_all(theirs, of=user, by=by)
