"""Life in the demo after its first release: a plan that was sent back and sent anew, and a next period that is open."""

from datetime import date
from uuid import UUID

from anonymisation import Programme
from buvett.access.memberships import Hat, hats_of
from buvett.access.roles import Role
from buvett.accounts.models import User
from buvett.agreements import actions as agreements
from buvett.agreements.models import Agreement, Document, Region
from buvett.demo import data
from buvett.demo.seeding import LASTS
from buvett.plans import answering, sending, writing
from buvett.plans.drafts import draft, drafts
from buvett.plans.enums import Verdict
from buvett.releases import queries
from buvett.releases.queries import ReleaseDetail, Table
from tenants.isolation.enums import Purpose
from tenants.isolation.models import Municipality
from tenants.isolation.scopes import scope

TITLE = "Plan for bustadsosialt arbeid i Vest-Telemark 2027–2030"
ASKS = """Rådmannsutvalet blir bedt om å støtte planen, eller sende han tilbake med merknad.

- Tiltaka blir tekne inn i budsjettet for 2027.
- Kvar kommune peikar ut ein ansvarleg."""
BACKGROUND = """Sju kommunar har kartlagt kven som slit med å skaffe eller halde på ein bustad.
Kvar for seg er tala for små til å syne fram. Saman viser dei kva vi må gjere i fellesskap.

Alle personar i denne demoen er oppdikta."""
AIMS = """- Ingen skal måtte bu i mellombels bustad lenger enn tre månader.
- Oppfølging i bustaden skal kome før vedtak om utkasting.
- Kommunane deler fagfolk der kvar er for liten."""
# Title, text, reach, owner, due, table.
MEASURES = (
    (
        "Felles buoppfølging på kveld og helg",
        "Eitt team for sju kommunar, med base i Seljord.",
        "intermunicipal",
        "Prosjektleiar",
        "2027-09-01",
        "support",
    ),
    (
        "Mellombelse bustader i kvar kommune",
        "Minst éi ledig mellombels buining til kvar tid.",
        "local",
        "Teknisk sjef i kvar kommune",
        "2028-01-01",
        "situation",
    ),
)
LATER = (
    "Buskule for unge",
    "Kurs i økonomi, nabolag og dagleg drift av ein heim.",
    "intermunicipal",
    "Leiar for Nav",
    "2028-06-30",
    "age",
)
SENT_BACK = "Kven dekkjer det i åra etter prosjektet? Legg ved noko om dei unge."


def make_plan() -> bool:
    """As the web process: a plan in two versions, one sent back, one supported so far. Once; False when it is there."""
    demo = data.region()
    leader = _hat(Role.PROJECT_LEADER, None)
    release = queries.latest(demo.slug)
    if release is None or any(one.region == demo.slug for one in drafts(leader)):
        return False
    plan = writing.make_plan(leader, region=demo.slug, title=TITLE)
    writing.change_plan(leader, plan, revision=_at(leader, plan), title=TITLE, asks=ASKS)
    for heading, text in (("Bakgrunn", BACKGROUND), ("Mål", AIMS)):
        writing.save_chapter(leader, plan, revision=_at(leader, plan), heading=heading, text=text)
    for measure in MEASURES:
        _measure(leader, plan, release, measure)
    first = sending.send(leader, plan, revision=_at(leader, plan))
    answering.answer(_hat(Role.CHIEF_EXECUTIVE, "4030"), first, verdict=Verdict.SENDS_BACK.value, remark=SENT_BACK)
    _measure(leader, plan, release, LATER)
    second = sending.send(leader, plan, revision=_at(leader, plan))
    answering.comment(leader, second, text="Tiltak for unge er lagt til etter merknaden frå Nissedal.")
    answering.answer(_hat(Role.CHIEF_EXECUTIVE, "4034"), second, verdict=Verdict.SUPPORTS.value, remark="")
    return True


def agree_on_next_period(on: date) -> None:
    """As the owner: the same tables for the year after, signed by all from today. The same again changes nothing."""
    demo = data.region()
    name, text = next_programme()
    region = Region.objects.get(slug=demo.slug)
    if Agreement.objects.filter(region=region, programme=name).exists():
        return
    made = agreements.make_agreement(region, programme=name, text=text, sha256=Programme.parse(text).sha256, since=on)
    for row in demo.municipalities:
        agreements.sign(made, Municipality.objects.get(code=row.code, valid_to=None), since=on)


def file_papers_of_next_period(on: date) -> None:
    """As the web process: the papers of each municipality, but no approval in advance: the leaders are to look."""
    agreement = Agreement.objects.get(region__slug=data.region().slug, programme=next_programme()[0])
    for row in data.region().municipalities:
        municipality = Municipality.objects.get(code=row.code, valid_to=None)
        leader = _hat(Role.LOCAL_LEADER, row.code)
        with scope(municipality.id, by=leader.user, purpose=Purpose.REGIONAL):
            for kind in Document.Kind:
                agreements.file_document(
                    agreement,
                    municipality,
                    kind=kind,
                    reference=f"demo-{kind.value}-{row.code}",
                    since=agreement.valid_from,
                    until=on + LASTS,
                )


def next_programme() -> tuple[str, str]:
    """(name, text) of the programme for the year after the bundled one."""
    name = data.region().programme
    stem, year = name.rsplit("-", 1)
    later = str(int(year) + 1)
    text = data.programme_text(name)
    return f"{stem}-{later}", text.replace(f'id = "{name}"', f'id = "{stem}-{later}"').replace(
        f'period = "{year}"', f'period = "{later}"'
    )


def _measure(leader: Hat, plan: UUID, release: ReleaseDetail, told: tuple[str, str, str, str, str, str]) -> None:
    title, text, reach, owner, due, table = told
    made = writing.save_measure(
        leader,
        plan,
        revision=_at(leader, plan),
        title=title,
        text=text,
        reach=reach,
        owner=owner,
        due=due,
    )
    writing.tie_number(
        leader,
        plan,
        revision=_at(leader, plan),
        measure=made,
        release=release.id,
        table=table,
        key=_largest(release.table(table), region={*release.contributors, *release.waiting}),
    )


def _largest(table: Table, *, region: set[str]) -> tuple[str, ...]:
    """The region's largest shown number below the total; the total where all others are hidden."""
    totals = {one.name: one.total for one in table.dimensions}
    found = []
    for cell in table.cells:
        own = [code for one, code in zip(table.dimensions, cell.key, strict=True) if not set(one.codes) & region]
        is_total = all(code in totals.values() for code in own)
        if not set(cell.key) & region:
            found.append((not is_total and cell.value is not None, cell.value or 0, cell.key))
    return max(found)[2]


def _at(leader: Hat, plan: UUID) -> int:
    return draft(leader, plan).revision


def _hat(role: Role, municipality: str | None) -> Hat:
    user = User.objects.get(email=data.person(role, municipality).email)
    return next(hat for hat in hats_of(user.pk, on=date.today()) if hat.role is role)  # noqa: DTZ011 - a demo's day
