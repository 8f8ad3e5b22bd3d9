"""Finding a registered person without opening anything: by identity number, or by name and year of birth.

Both by blind index, within the scope's municipality alone. Every look-up is in the log before it is answered, and a
person has so many an hour: an index that may be asked without end is a list of who is known.
"""

import unicodedata
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from tenants.audit.entries import record_question
from tenants.audit.enums import Action
from tenants.isolation.scopes import current_scope
from tenants.register.errors import TooManyLookUps
from tenants.register.models import Case, LookUp
from tenants.register.states import is_masked, states_of
from tenants.vault.blind_index import BlindIndex
from tenants.vault.process import keyring

NUMBER_FIELD = "identity-number"
NAME_FIELD = "name-and-birth-year"
INDEXED_FIELDS = (NUMBER_FIELD, NAME_FIELD)
WINDOW = timedelta(hours=1)
LOOK_UPS = 60  # a person an hour: far more than anyone registers, far less than a list of inhabitants


class Indexes:
    """The blind indexes of the scope's municipality."""

    def __init__(self) -> None:
        municipality = current_scope().municipality
        self._number = BlindIndex(keyring(), municipality, NUMBER_FIELD)
        self._name = BlindIndex(keyring(), municipality, NAME_FIELD)

    def number(self, identity: Mapping[str, Any]) -> bytes | None:
        """The index of the identity number, 16 bytes; None without one."""
        digits = identity.get("identity_number")
        return self._number.of(digits) if digits else None

    def name(self, identity: Mapping[str, Any], assessment: Mapping[str, Any]) -> bytes | None:
        """The index of name and year of birth; None where one is not known, and for whoever is masked."""
        if is_masked(states_of(assessment)):
            return None
        value = _name_and_year(identity, assessment.get("birth_year"))
        return self._name.of(value) if value else None


def by_number(digits: str, *, now: datetime) -> UUID | None:
    """The case of the person with that identity number, if there is one. Raises TooManyLookUps."""
    _count_and_tell("identity_number", now=now)
    index = BlindIndex(keyring(), current_scope().municipality, NUMBER_FIELD)
    return _cases().filter(person__number_index__in=index.candidates(digits)).values_list("id", flat=True).first()


def by_name(identity: Mapping[str, Any], birth_year: int | None, *, now: datetime) -> tuple[UUID, ...]:
    """The cases of people with that name and year of birth, spelt alike but for case and blanks. Raises as above."""
    value = _name_and_year(identity, birth_year)
    if value is None:
        return ()
    _count_and_tell("name_and_birth_year", now=now)
    index = BlindIndex(keyring(), current_scope().municipality, NAME_FIELD)
    found = _cases().filter(person__name_index__in=index.candidates(value)).order_by("id")
    return tuple(found.values_list("id", flat=True))


def _cases() -> QuerySet[Case]:
    return Case.objects.filter(municipality_id=current_scope().municipality)


def _count_and_tell(what: str, *, now: datetime) -> None:
    scope = current_scope()
    mine = LookUp.objects.filter(municipality_id=scope.municipality, by=scope.by)
    mine.filter(at__lte=now - WINDOW).delete()
    if mine.count() >= LOOK_UPS:
        raise TooManyLookUps(f"at most {LOOK_UPS} look-ups an hour")
    LookUp.objects.create(municipality_id=scope.municipality, by=scope.by, at=now)
    record_question(Action.NUMBER_LOOKED_UP, details={"by_what": what})


def _name_and_year(identity: Mapping[str, Any], birth_year: int | None) -> str | None:
    names = [str(identity.get(part) or "") for part in ("given_name", "family_name")]
    folded = [" ".join(unicodedata.normalize("NFKC", name).casefold().split()) for name in names]
    return "|".join([*folded, str(birth_year)]) if all(folded) and birth_year else None
