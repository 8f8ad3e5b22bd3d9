"""A region with a release, its people with their hats on, and a plan."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.utils import timezone

from buvett.access.memberships import Hat
from buvett.access.roles import Role
from buvett.plans import writing
from buvett.plans.drafts import draft
from buvett.releases import queries
from buvett.releases.lock import lock
from buvett.releases.publish import publish
from buvett.releases.queries import ReleaseDetail
from tenants.isolation.models import Municipality
from tests import people as workers
from tests.integration.releases.region import Agreed, agree, people

TODAY = timezone.localdate()
DUE = date(2027, 6, 30)


@dataclass
class Written:
    """A plan's world. ``chiefs``: by municipality code."""

    agreed: Agreed
    release: ReleaseDetail
    run: UUID
    leader: Hat
    member: Hat
    chiefs: dict[str, Hat]

    def begin(self, title: str = "Bustadplan") -> UUID:
        return writing.make_plan(self.leader, region=self.agreed.region.slug, title=title)

    def revision(self, plan: UUID) -> int:
        return draft(self.leader, plan).revision

    def chapter(self, plan: UUID, heading: str = "Bakgrunn", text: str = "Tekst.") -> UUID:
        return writing.save_chapter(self.leader, plan, revision=self.revision(plan), heading=heading, text=text)

    def measure(self, plan: UUID, title: str = "Felles bustadrådgjevar", *, key: tuple[str, ...] | None = None) -> UUID:
        """A measure; ``key``: tied to that cell of the table "support"."""
        made = writing.save_measure(
            self.leader,
            plan,
            revision=self.revision(plan),
            title=title,
            text="",
            reach="intermunicipal",
            owner="Prosjektleiar",
            due=DUE.isoformat(),
        )
        if key is not None:
            self.tie(plan, made, key)
        return made

    def tie(self, plan: UUID, measure: UUID, key: tuple[str, ...]) -> None:
        writing.tie_number(
            self.leader,
            plan,
            revision=self.revision(plan),
            measure=measure,
            release=self.release.id,
            table="support",
            key=key,
        )

    def shown(self) -> tuple[str, ...]:
        """A cell that is shown."""
        return next(cell.key for cell in self.release.table("support").cells if cell.status == "shown")

    def hidden(self) -> tuple[str, ...]:
        """A cell that is hidden."""
        return next(cell.key for cell in self.release.table("support").cells if cell.status == "hidden")


def write(make_municipality: Callable[..., Municipality]) -> Written:
    """A published region of three with few people, so that something is hidden."""
    agreed = agree(make_municipality, [people(7, 6, 2), people(8, 5, 0), people(6, 9, 1)])
    run = agreed.open()
    agreed.contribute_all(run)
    lock(run)
    publish(run)
    release = queries.latest(agreed.region.slug)
    assert release is not None
    chiefs = {}
    for member in agreed.members:
        chief = workers.user(name=f"Direktør {member.code}")
        chiefs[member.code] = workers.give_role(chief, Role.CHIEF_EXECUTIVE, member)
    return Written(
        agreed=agreed,
        release=release,
        run=run,
        leader=workers.give_role(workers.user(name="Prosjekt Leiarsen"), Role.PROJECT_LEADER, of=agreed.region),
        member=workers.give_role(workers.user(name="Medlem Medlemsen"), Role.INTERMUNICIPAL_MEMBER, of=agreed.region),
        chiefs=chiefs,
    )
