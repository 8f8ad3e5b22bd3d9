"""A municipality's register as the tests change it, one scope at a time."""

from contextlib import contextmanager
from datetime import date
from uuid import uuid4

from tenants.audit.enums import Action
from tenants.isolation.enums import Purpose
from tenants.isolation.scopes import scope
from tenants.legal import heimel
from tenants.register import changing
from tenants.register.kartlegging import blank_assessment, with_answers
from tenants.register.models import Case, Person
from tenants.register.writing import CaseFacts, Known, opened

ON = date(2026, 11, 1)
ADA, BO = "01818512321", "15929045618"  # synthetic numbers of the domain brief


def adopt(municipality):
    with scope(municipality.id, by="set-up", purpose=Purpose.SAK):
        heimel.adopt_standard()
    return municipality


@contextmanager
def room(house, by="worker"):
    with scope(house.id, by=by, purpose=Purpose.SAK):
        yield


def facts(name="Ada", *, number=ADA, text=None, **answers):
    answers = {"birth_year": 1985, "dwelling": "EINMANN"} | answers
    return CaseFacts(
        identity={
            "given_name": name,
            "family_name": "Oppdikta",
            "identity_number": number,
            "phone": None,
            "address": None,
        },
        assessment=with_answers(blank_assessment(registered=ON.isoformat()), answers),
        notes={"text": text},
    )


def registered(house, *args, **kwargs):
    with room(house):
        return changing.register(facts(*args, **kwargs), on=ON)


def read(house, case):
    """The case's facts and revision."""
    with room(house, by="looker"):
        row = Case.objects.select_related("person").get(id=case)
        ((_, found),) = opened([Known(row.person, row)], action=Action.CASE_OPENED)
        return found, row.revision


def correct(house, case, *, revision, by="worker", why="", identity=None, notes=None, **answers):
    def change(before):
        return CaseFacts(
            identity={**before.identity, **(identity or {})},
            assessment=with_answers(before.assessment, answers),
            notes={**before.notes, **(notes or {})},
        )

    with room(house, by=by):
        return changing.correct(case, change, revision=revision, why=why, on=ON)


def someone():
    return uuid4()


def rows_of(house, model, **only):
    with room(house, by="looker"):
        return model.objects.filter(**only).count()


__all__ = ["ADA", "BO", "ON", "Person", "adopt", "correct", "facts", "read", "registered", "room", "rows_of", "someone"]
