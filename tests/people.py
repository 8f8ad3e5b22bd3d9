"""Synthetic people who work, and synthetic people who are registered, as the program itself makes them."""

from collections.abc import Sequence
from datetime import date, timedelta
from functools import cache
from itertools import count
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.test import Client, RequestFactory
from django.test.client import ClientHandler
from django.utils import timezone

from buvett.access import grants
from buvett.access.memberships import Hat, hats_of
from buvett.access.models import Membership
from buvett.access.roles import REGIONAL, Role
from buvett.accounts import sessions
from buvett.accounts.models import User
from buvett.agreements.actions import join_region
from buvett.agreements.models import Region
from buvett.installation import regions
from tenants.isolation.enums import Purpose
from tenants.isolation.enums import Role as DatabaseRole
from tenants.isolation.models import Municipality
from tenants.isolation.roles import connected_as
from tenants.isolation.scopes import scope
from tenants.legal import declarations, heimel
from tenants.register.importing import ParsedRow
from tenants.register.storing import store

SINCE = date(2024, 1, 1)
_NUMBERS = count(1)


def user(*, name: str = "Prøve Person", demo: bool = False, password: str | None = None) -> User:
    """Someone with an account and no role; without a password only the tests' ``browser`` lets them in."""
    email = f"person-{next(_NUMBERS)}@example.invalid"
    return User.objects.create_user(email=email, name=name, demo=demo, password=password)


def region(*members: Municipality, slug: str = "", name: str = "Prøveregionen") -> Region:
    """A region as set-up makes it, with its key; the municipalities belong to it."""
    from tests.conftest import FOLDERS

    with connected_as(DatabaseRole.OWNER):
        made = regions.add(FOLDERS, slug=slug or f"region-{next(_NUMBERS)}", name=name)
        for member in members:
            join_region(made, member, since=SINCE)
    return made


@cache
def _some_region() -> Region:
    return region()


def give_role(
    to: User, role: Role, municipality: Municipality | None = None, *, of: Region | None = None, **dates: date | None
) -> Hat:
    """A live membership, unless ``valid_from`` and ``valid_to`` say otherwise. ``of``: the region of a role of one."""
    if role in REGIONAL and of is None:
        of = _some_region()
    membership = Membership.objects.create(
        user=to, municipality=municipality, region=of, role=role.value, **{"valid_from": SINCE, **dates}
    )
    live = [hat for hat in hats_of(to.pk, on=timezone.localdate()) if hat.membership == membership.pk]
    return live[0] if live else None  # type: ignore[return-value]


def worker(municipality: Municipality, role: Role = Role.CASE_WORKER, *, signed: bool = True) -> User:
    """Someone with a role in the municipality and, if wanted, a declaration signed today."""
    made = user(name=f"{role.value} {municipality.code}")
    give_role(made, role, municipality)
    if signed:
        sign(made, municipality, on=timezone.localdate())
    return made


def sign(by: User, municipality: Municipality, *, on: date) -> None:
    """Sign the teieplikterklæring on a day."""
    with scope(municipality.pk, by=by.pk, purpose=Purpose.KONTROLL):
        declarations.sign(by.pk, language="nn", on=on)


def adopt_heimel(municipality: Municipality) -> None:
    """The standard legal bases."""
    with scope(municipality.pk, by="set-up", purpose=Purpose.SAK):
        heimel.adopt_standard()


def register(municipality: Municipality, *, names: Sequence[str], to: User | None = None) -> tuple[UUID, ...]:
    """A case for each name, granted to ``to``."""
    rows = [row(name) for name in names]
    with scope(municipality.pk, by="register", purpose=Purpose.SAK):
        cases = store(rows, on=timezone.localdate()).new_cases
        if to is not None:
            grants.give_new(cases, to=to, by=to)
    return tuple(cases)


def grant(municipality: Municipality, *cases: UUID, to: User) -> None:
    """Grants on cases that are there."""
    with scope(municipality.pk, by="register", purpose=Purpose.SAK):
        grants.give_new(cases, to=to, by=to)


def row(name: str, **changed: Any) -> ParsedRow:
    """Facts about a synthetic person, as an accepted row of a file has them."""
    number = next(_NUMBERS)
    return ParsedRow(
        row=number,
        identity={
            "given_name": name,
            "family_name": "Oppdikta",
            "identity_number": f"{number:011d}",
            "phone": "00000000",
            "address": "Ingen veg 1",
        },
        assessment={
            "birth_year": 1980,
            "children": None,
            "situation": "MELL_VEN",
            "groups": ["OKON"],
            "support": "3",
            "dwelling": "EINMANN",
            "areas": {"BU": "R", "AKT": "G", "OKO": "U", "FYS": "U", "PSY": "U", "RUSB": "U", "SOS": "U", "NET": "Y"},
            "registered": "2026-08-21",
            "address_protected": False,
            "objected": False,
            "blocked": False,
            "household": None,
            "skills": None,
            "unanswered": {"children": "declined", "areas.OKO": "not_asked"},
            **changed,
        },
        notes={"text": "Noko oppdikta."},
    )


class _Handler(ClientHandler):
    """Django's own, but its middleware is loaded once: each loading looks at every static file."""

    def load_middleware(self, is_async: bool = False) -> None:
        self._middleware_chain = _middleware()


@cache
def _middleware() -> Any:
    first = ClientHandler()
    first.load_middleware()
    return first._middleware_chain  # type: ignore[attr-defined]  # Django keeps it to itself


def browser(of: User | None = None, *, hat: Hat | None = None) -> Client:
    """A client that speaks to the site; signed in as someone, with one of several hats on."""
    client = Client(headers={"host": "localhost"})
    client.handler = _Handler(enforce_csrf_checks=False)
    if of is not None:
        of.refresh_from_db(fields=["password", "session_round"])  # whoever signed out everywhere signs in anew
        client.force_login(of, backend="buvett.accounts.backends.PasswordBackend")
        session = client.session
        sessions.prove(session, of, by="totp")
        session.save()
    if hat is not None:
        answer = client.post("/role/", {"membership": str(hat.membership)})
        assert answer.status_code == 302, answer.status_code
    return client


def days_ago(days: int) -> date:
    """A day before today."""
    return timezone.localdate() - timedelta(days=days)


def request() -> HttpRequest:
    """A request as an action meets it, without a page."""
    made = RequestFactory().post("/", headers={"host": "localhost"})
    made.session = {}  # type: ignore[assignment]
    return made
