"""Make the demo region: by the owner what belongs to all, by the web process what people do."""

from datetime import date, timedelta

from anonymisation import Programme
from buvett.access.models import Membership
from buvett.access.roles import REGIONAL, Role
from buvett.accounts.models import User
from buvett.agreements import actions as agreements
from buvett.agreements.models import Agreement, Document, Region
from buvett.demo import data
from buvett.installation import municipalities, regions
from buvett.installation.keys import KeyFolders
from tenants.isolation.enums import Purpose
from tenants.isolation.models import Municipality
from tenants.isolation.scopes import scope
from tenants.legal import declarations, heimel

# What must not run out while someone looks at the demo.
LASTS = timedelta(days=2 * 365)
SIGNERS = (Role.CASE_WORKER, Role.LOCAL_LEADER)


def make_region(folders: KeyFolders) -> None:
    """As the owner: municipalities with keys and population, the region, its agreement. The same again is nothing."""
    demo = data.region()
    text = data.programme_text(demo.programme)
    region = regions.add(folders, slug=demo.slug, name=demo.name)
    agreement = agreements.make_agreement(
        region,
        programme=demo.programme,
        text=text,
        sha256=Programme.parse(text).sha256,
        since=demo.since,
    )
    for row in demo.municipalities:
        municipality = municipalities.add(folders, code=row.code, name=row.name, since=demo.since)
        municipalities.set_population(
            municipality,
            year=demo.population_year,
            inhabitants=row.inhabitants,
            source=demo.population_source,
            demo=True,
        )
        agreements.join_region(region, municipality, since=demo.since)
        agreements.sign(agreement, municipality, since=demo.since)


def make_people(on: date) -> None:
    """As the web process: people with roles; in each municipality legal bases, declarations, papers and approval."""
    for person in data.people():
        _make_person(person, since=data.region().since, until=on + LASTS)
    agreement = Agreement.objects.get(programme=data.region().programme)
    for row in data.region().municipalities:
        municipality = Municipality.objects.get(code=row.code, valid_to=None)
        leader = _user(Role.LOCAL_LEADER, row.code)
        with scope(municipality.id, by=leader.id, purpose=Purpose.SAK):
            heimel.adopt_standard()
            for role in SIGNERS:
                signer = _user(role, row.code)
                if not declarations.has_valid(signer.id, on=on):
                    declarations.sign(signer.id, language="nn", on=on)
            for kind in Document.Kind:
                agreements.file_document(
                    agreement,
                    municipality,
                    kind=kind,
                    reference=f"demo-{kind.value}-{row.code}",
                    since=data.region().since,
                    until=on + LASTS,
                )
            agreements.approve(agreement, municipality, by=leader, on=on, until=on + LASTS)


def _make_person(person: data.DemoPerson, *, since: date, until: date) -> None:
    user = User.objects.filter(email=person.email).first()
    if user is None:
        user = User.objects.create_user(email=person.email, name=person.name, demo=True)
    municipality = Municipality.objects.get(code=person.municipality, valid_to=None) if person.municipality else None
    region = Region.objects.get(slug=data.region().slug) if person.role in REGIONAL else None
    Membership.objects.get_or_create(
        user=user,
        municipality=municipality,
        region=region,
        role=person.role.value,
        valid_from=since,
        ended_at=None,
        defaults={"valid_to": until},
    )


def _user(role: Role, municipality: str) -> User:
    return User.objects.get(email=data.person(role, municipality).email)
