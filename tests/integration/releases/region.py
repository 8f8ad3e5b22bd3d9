"""A small agreed region with synthetic people, as set-up and demo make it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID, uuid4

from django.utils import timezone

from anonymisation.programme import Programme
from buvett.access.models import Membership
from buvett.access.roles import Role as Hat
from buvett.accounts.models import User
from buvett.agreements import actions
from buvett.agreements.models import Agreement, Document, Region
from buvett.installation import regions
from buvett.releases.contribute import contribute
from buvett.releases.runs import open_run
from buvett.services import Home, Process
from tenants.isolation.enums import Purpose, Role
from tenants.isolation.models import Municipality
from tenants.isolation.roles import connected_as
from tenants.isolation.scopes import scope
from tenants.legal.heimel import adopt_standard
from tenants.register.models import Case, Person
from tenants.vault import salts
from tenants.vault.compartments import Compartment
from tenants.vault.process import keyring
from tenants.vault.sealing import Sealer
from tests.conftest import FOLDERS
from tests.integration.releases.workers import run_as

COUNTED_ON = date(2026, 11, 1)
SINCE = date(2024, 1, 1)
_NUMBERS = count(1)

PROGRAMME = """
[programme]
id = "prove-{number}"
period = "2026"
population = "prove-{number}"
contributor = "municipality"
[policy]
threshold = 5
width = 5
min_contributors = {least}
[dimensions.municipality]
total = "REGION"
codes = [{codes}]
[dimensions.support]
total = "ALL"
codes = ["1", "2", "3"]
[dimensions.group]
total = "ALL"
codes = ["RUS", "OKON"]
multi = true
[[tables]]
id = "support"
dimensions = ["municipality", "support"]
[[tables]]
id = "group"
dimensions = ["municipality", "group"]
levels = {{ municipality = ["total"] }}
"""


def person(*, support: str = "1", groups: Sequence[str] = (), **changed: Any) -> dict[str, Any]:
    """A synthetic assessment, as the register keeps it."""
    return {
        "support": support,
        "dwelling": "ORDINAER",
        "situation": "EIGD",
        "birth_year": 1980,
        "groups": list(groups),
        "areas": {},
        "address_protected": False,
        "objected": False,
        "blocked": False,
        **changed,
    }


def people(ones: int, twos: int = 0, threes: int = 0) -> list[dict[str, Any]]:
    """So many people at support level 1, 2 and 3; those at 1 belong to OKON."""
    return [
        *(person(support="1", groups=["OKON"]) for _ in range(ones)),
        *(person(support="2") for _ in range(twos)),
        *(person(support="3") for _ in range(threes)),
    ]


def register(municipality: Municipality, assessments: Iterable[dict[str, Any]]) -> None:
    """Put people into a municipality's register."""
    with scope(municipality.pk, by="caseworker", purpose=Purpose.SAK):
        sealer = Sealer(keyring(), municipality.pk)
        for assessment in assessments:
            identifier = uuid4()
            salt = salts.create(identifier)
            owner = Person.objects.create(municipality=municipality, identity=b"-", created_month=SINCE)
            Case.objects.create(
                id=identifier,
                municipality=municipality,
                person=owner,
                assessment=sealer.seal(Compartment.ASSESSMENT, "register_case", identifier, salt, assessment),
                notes=b"-",
                changed_month=SINCE,
            )


@dataclass
class Agreed:
    """A region, its members in the order of their codes, a leader for each, and an agreement that lacks nothing."""

    region: Region
    agreement: Agreement
    programme: Programme
    members: list[Municipality]
    leaders: dict[UUID, User] = field(default_factory=dict)

    def open(self, *, by: str = "project-leader", hours: float = 24, left_out: UUID | None = None) -> UUID:
        """Open a run whose cut-off lies so many hours ahead."""
        return open_run(
            self.agreement.pk,
            by=by,
            cut_off=timezone.now() + timedelta(hours=hours),
            counted_on=COUNTED_ON,
            left_out=left_out,
        )

    def open_as_publisher(self, home: Home, *, hours: float = 24) -> UUID:
        """Open a run as the publisher's own process does: the private key is in its folders only."""
        program = (
            "import sys\nfrom datetime import date, timedelta\nfrom uuid import UUID\n"
            "from django.utils import timezone\nfrom buvett.releases.runs import open_run\n"
            "print(open_run(UUID(sys.argv[1]), by='project-leader', counted_on=date.fromisoformat(sys.argv[2]),"
            " cut_off=timezone.now() + timedelta(hours=float(sys.argv[3]))))"
        )
        told = run_as(home, Process.PUBLISHER, program, str(self.agreement.pk), str(COUNTED_ON), str(hours))
        return UUID(told)

    def contribute_all(self, run: UUID, *, but: Sequence[Municipality] = ()) -> None:
        """Everyone contributes."""
        for member in self.members:
            if member not in but:
                contribute(run, member.pk, by="process:contributor")


def agree(
    make_municipality: Callable[..., Municipality],
    registers: Sequence[Iterable[dict[str, Any]]],
    *,
    least: int = 3,
    papers: bool = True,
) -> Agreed:
    """A region with one municipality for each register; ``papers``: every paper and approval is in place."""
    members = sorted((make_municipality(f"Prøve{n}") for n in range(len(registers))), key=lambda m: m.code)
    number = next(_NUMBERS)
    codes = ", ".join(f'"{member.code}"' for member in members)
    text = PROGRAMME.format(number=f"{number}-{uuid4().hex[:8]}", codes=codes, least=least)
    programme = Programme.parse(text)
    with connected_as(Role.OWNER):
        region = regions.add(FOLDERS, slug=programme.id, name="Prøveregionen")
        agreement = actions.make_agreement(
            region, programme=programme.id, text=text, sha256=programme.sha256, since=SINCE
        )
        agreed = Agreed(region=region, agreement=agreement, programme=programme, members=members)
        for member in members:
            actions.join_region(region, member, since=SINCE)
            actions.sign(agreement, member, since=SINCE)
            if papers:
                complete(agreed, member)
    for member, assessments in zip(members, registers, strict=True):
        with scope(member.pk, by="leader", purpose=Purpose.SAK):
            adopt_standard()
        register(member, assessments)
    return agreed


def complete(agreed: Agreed, member: Municipality) -> None:
    """Give a member its two papers, a leader and the leader's standing approval (as the owner)."""
    for kind in Document.Kind:
        actions.file_document(
            agreed.agreement, member, kind=kind, reference="synthetic", since=SINCE, until=date(2099, 1, 1)
        )
    leader = User.objects.create_user(email=f"{uuid4().hex}@example.invalid", name=f"Leiar {member.code}")
    agreed.leaders[member.pk] = leader
    Membership.objects.create(user=leader, municipality=member, role=Hat.LOCAL_LEADER, valid_from=SINCE)
    actions.approve(agreed.agreement, member, by=leader, on=SINCE, until=date(2099, 1, 1))


def in_the_past() -> datetime:
    """A cut-off that has passed."""
    return timezone.now() - timedelta(seconds=1)
