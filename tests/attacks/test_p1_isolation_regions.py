"""P1 between regions: a role of one region reads and writes nothing of another's plans, by page or by SQL."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID, uuid4

import pytest
from django.db import DatabaseError, connections, transaction
from django.utils import timezone

from buvett.access.memberships import Hat
from buvett.access.models import Membership
from buvett.access.roles import Role as Named
from buvett.agreements.models import Region
from buvett.plans import answering, queries, writing
from buvett.plans.drafts import draft, drafts
from buvett.plans.errors import NoPlan
from buvett.plans.sending import send
from tenants.isolation.enums import Purpose, Role
from tenants.isolation.errors import ScopeRefused
from tenants.isolation.models import Municipality
from tenants.isolation.regions import region_scope
from tenants.isolation.roles import connected_as
from tenants.isolation.scopes import scope
from tests import people as workers
from tests.unit.buvett.access.test_members import told

DRAFTS = ("plans_plan", "plans_chapter", "plans_measure")
SENT = ("plans_version", "plans_answer", "plans_comment")
TOLD = {"title": "Tiltak", "text": "", "reach": "local", "owner": "Leiar", "due": ""}


@dataclass(frozen=True, kw_only=True)
class World:
    """One region with its people and a plan that has been sent, answered and commented. ``secret`` is in all of it."""

    region: Region
    members: tuple[Municipality, Municipality]
    leader: Hat
    chief: Hat
    plan: UUID
    version: UUID
    secret: str


def make(make_municipality: Callable[..., Municipality], secret: str) -> World:
    members = (make_municipality(), make_municipality())
    region = workers.region(*members)
    leader = workers.give_role(workers.user(name=f"Leiar {secret}"), Named.PROJECT_LEADER, of=region)
    chief = workers.give_role(workers.user(name=f"Direktør {secret}"), Named.CHIEF_EXECUTIVE, members[0])
    plan = writing.make_plan(leader, region=region.slug, title=secret)
    writing.save_chapter(leader, plan, revision=1, heading=secret, text=secret)
    writing.save_measure(leader, plan, revision=2, **TOLD | {"title": secret})
    version = send(leader, plan, revision=3)
    answering.answer(chief, version, verdict="sends_back", remark=secret)
    answering.comment(leader, version, text=secret)
    return World(region=region, members=members, leader=leader, chief=chief, plan=plan, version=version, secret=secret)


@pytest.fixture(scope="module")
def worlds(make_municipality: Callable[..., Municipality]) -> tuple[World, World]:
    return make(make_municipality, "Heimleg-plan-A"), make(make_municipality, "Framand-plan-B")


def browser(hat: Hat) -> object:
    return workers.browser(workers.User.objects.get(pk=hat.user))


def rows(role: Role, table: str) -> str:
    """All that the role sees of the table, as text."""
    with connections[role.value].cursor() as cursor:
        cursor.execute(f"SELECT * FROM {table}")
        return repr(cursor.fetchall())


def count(role: Role, table: str) -> int:
    with connections[role.value].cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")
        return int(cursor.fetchone()[0])


@pytest.mark.parametrize("who", ["leader", "chief"])
def test_pages_and_programs_of_one_region_show_nothing_of_another(worlds: tuple[World, World], who: str) -> None:
    own, other = worlds
    client = browser(getattr(own, who))
    for path in ("/plans/", "/drafts/", "/api/v1/plans", f"/plans/{own.version}/"):
        text = client.get(path).content.decode()  # type: ignore[attr-defined]
        assert other.secret not in text
        assert own.secret in text or (who, path) == ("chief", "/drafts/")
    for path in (f"/plans/{other.version}/", f"/plans/{other.version}/paper.pdf", f"/api/v1/plans/{other.version}"):
        answer = client.get(path)  # type: ignore[attr-defined]
        assert answer.status_code == 404
        assert other.secret not in answer.content.decode(errors="replace")


def test_a_draft_of_another_region_is_neither_read_nor_changed(worlds: tuple[World, World]) -> None:
    own, other = worlds
    assert [one.id for one in drafts(own.leader)] == [own.plan]
    before = draft(other.leader, other.plan)
    for forbidden in (
        lambda: draft(own.leader, other.plan),
        lambda: writing.change_plan(own.leader, other.plan, revision=before.revision, title="x", asks=""),
        lambda: writing.save_chapter(own.leader, other.plan, revision=before.revision, heading="x", text=""),
        lambda: writing.remove_part(own.leader, other.plan, revision=before.revision, part=before.chapters[0].id),
        lambda: writing.make_plan(own.leader, region=other.region.slug, title="x"),
        lambda: send(own.leader, other.plan, revision=before.revision),
        lambda: queries.version(own.leader, other.version),
        lambda: answering.comment(own.leader, other.version, text="x"),
        lambda: answering.answer(own.chief, other.version, verdict="supports", remark=""),
    ):
        with pytest.raises(NoPlan):
            forbidden()
    assert browser(own.leader).get(f"/drafts/{other.plan}/").status_code == 404  # type: ignore[attr-defined]
    assert draft(other.leader, other.plan) == before


def test_a_region_joined_tomorrow_or_left_yesterday_is_no_region_of_ours(worlds: tuple[World, World]) -> None:
    own, other = worlds
    with connected_as(Role.OWNER):
        for dates in ({"valid_from": workers.days_ago(-1)}, {"valid_to": workers.days_ago(1)}):
            other.region.members.create(municipality=own.members[0], **{"valid_from": workers.SINCE, **dates})
    assert [one.region for one in queries.sent(own.chief)] == [own.region.slug]


@pytest.mark.parametrize("role", [Role.APP, Role.READER])
def test_without_a_scope_there_are_no_rows(worlds: tuple[World, World], role: Role) -> None:
    for table in SENT if role is Role.READER else (*DRAFTS, *SENT):
        assert count(role, table) == 0


@pytest.mark.parametrize("role", [Role.APP, Role.READER])
def test_in_a_scope_there_are_the_rows_of_that_region_alone(worlds: tuple[World, World], role: Role) -> None:
    own, other = worlds
    for table in SENT if role is Role.READER else (*DRAFTS, *SENT):
        with connected_as(role), region_scope(own.region.pk, by=own.leader.user):
            text = rows(role, table)
        assert own.secret in text
        assert other.secret not in text


def test_a_municipalitys_scope_shows_no_row_of_its_region(worlds: tuple[World, World]) -> None:
    own, _ = worlds
    with scope(own.members[0].pk, by=own.chief.user, purpose=Purpose.KONTROLL):
        assert [count(Role.APP, table) for table in (*DRAFTS, *SENT)] == [0] * 6


def test_a_regions_scope_shows_no_row_of_a_municipality(worlds: tuple[World, World]) -> None:
    own, _ = worlds
    workers.register(own.members[0], names=["Ada"])
    with region_scope(own.region.pk, by=own.leader.user):
        assert count(Role.APP, "register_case") == 0


def test_no_context_is_made_up_or_taken_from_elsewhere(worlds: tuple[World, World]) -> None:
    """Another region's name in one's own token, a token kept from before, a municipality's token, plain text."""
    own, other = worlds

    def token(setting: str) -> str:
        with connections["app"].cursor() as cursor:
            cursor.execute("SELECT current_setting(%s)", [setting])
            return str(cursor.fetchone()[0])

    with region_scope(own.region.pk, by=own.leader.user):
        signed = token("buvett.region")
        renamed = signed.replace(str(own.region.pk), str(other.region.pk))
    with scope(own.members[0].pk, by=own.chief.user, purpose=Purpose.KONTROLL):
        of_house = token("buvett.context")
    as_region = of_house.replace("1|", "2|", 1)
    for forged in (signed, renamed, of_house, as_region, str(other.region.pk), "2|x", signed[:-1], "x" * 400):
        with pytest.raises(DatabaseError, match="no valid scope"):
            count_with(forged)


def count_with(token: str) -> None:
    """Ask for plans with that text as the region's context."""
    with transaction.atomic(using="app"), connections["app"].cursor() as cursor:
        cursor.execute("SELECT set_config('buvett.region', %s, true)", [token])
        count(Role.APP, "plans_plan")


def test_a_region_without_a_key_has_no_rows(installation: object) -> None:
    with pytest.raises(DatabaseError, match="no valid scope"), region_scope(uuid4(), by="x"):
        count(Role.APP, "plans_version")


def test_scopes_of_two_regions_or_two_people_are_not_entered_at_once(worlds: tuple[World, World]) -> None:
    own, other = worlds
    for region, by in ((other.region, own.leader), (own.region, own.chief)):
        with region_scope(own.region.pk, by=own.leader.user):
            enter(region, by)
    with scope(own.members[0].pk, by=own.chief.user, purpose=Purpose.KONTROLL):
        enter(own.region, own.leader)
    with transaction.atomic(using="app"):
        enter(own.region, own.leader)


def enter(region: Region, by: Hat) -> None:
    """A region's scope that is refused where we are."""
    with pytest.raises(ScopeRefused), region_scope(region.pk, by=by.user):
        pass


def insert(table: str, **values: object) -> None:
    names = ", ".join(values)
    marks = ", ".join(["%s"] * len(values))
    with connections["app"].cursor() as cursor:
        cursor.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", list(values.values()))


def comment_by(user: UUID, version: UUID, municipality: UUID | None = None) -> None:
    insert(
        "plans_comment",
        id=uuid4(),
        version_id=version,
        municipality_id=municipality,
        text="x",
        written_by_id=user,
        written_by_name="x",
        written_at=timezone.now(),
    )


def version_by(user: UUID, world: World, *, region: Region) -> None:
    insert(
        "plans_version",
        id=uuid4(),
        plan_id=world.plan,
        region_id=region.pk,
        number=2,
        body="{}",
        sha256=hashlib.sha256(b"{}").hexdigest(),
        sent_by_id=user,
        sent_by_name="x",
        sent_at=timezone.now(),
    )


def test_nothing_is_written_into_another_region(worlds: tuple[World, World]) -> None:
    own, other = worlds
    me = own.leader.user
    for forbidden in (
        lambda: comment_by(me, other.version),
        lambda: version_by(me, other, region=other.region),
        lambda: version_by(me, other, region=own.region),
        lambda: insert("plans_chapter", id=uuid4(), plan_id=other.plan, position=9, heading="x", text=""),
    ):
        with pytest.raises(DatabaseError), region_scope(own.region.pk, by=me):
            forbidden()
    with region_scope(own.region.pk, by=me), connections["app"].cursor() as cursor:
        for statement in ("UPDATE plans_plan SET title = 'x'", "DELETE FROM plans_chapter"):
            cursor.execute(f"{statement} WHERE {'id' if 'UPDATE' in statement else 'plan_id'} = %s", [other.plan])
            assert cursor.rowcount == 0


def test_whoever_writes_is_whoever_the_scope_is_signed_for(worlds: tuple[World, World]) -> None:
    own, _ = worlds
    with pytest.raises(DatabaseError), region_scope(own.region.pk, by=own.leader.user):
        version_by(own.chief.user, own, region=own.region)
    with pytest.raises(DatabaseError), region_scope(own.region.pk, by=own.leader.user):
        comment_by(own.chief.user, own.version)


def test_the_regions_own_comment_is_by_someone_who_works_there_today(worlds: tuple[World, World]) -> None:
    own, other = worlds
    gone = workers.give_role(workers.user(), Named.PROJECT_LEADER, of=own.region)
    Membership.objects.filter(pk=gone.membership).update(ended_at=timezone.now())
    for who in (own.chief, other.leader, gone):
        with pytest.raises(DatabaseError), region_scope(own.region.pk, by=who.user):
            comment_by(who.user, own.version)


def test_a_municipality_outside_the_region_comments_on_nothing_there(worlds: tuple[World, World]) -> None:
    own, other = worlds
    outside, me = other.members[0], other.chief.user
    with (
        pytest.raises(DatabaseError),
        scope(outside.pk, by=me, purpose=Purpose.KONTROLL),
        region_scope(own.region.pk, by=me),
    ):
        comment_by(me, own.version, outside.pk)


def test_what_the_region_writes_is_in_the_log_of_each_of_its_municipalities(worlds: tuple[World, World]) -> None:
    own, other = worlds
    before = [told(house) for house in (*own.members, *other.members)]
    answering.comment(own.leader, own.version, text="Til alle.")
    now = [told(house) for house in (*own.members, *other.members)]
    assert [n[len(b) :] for b, n in zip(before, now, strict=True)] == [["plan_commented"], ["plan_commented"], [], []]
    assert all("plan_sent" in actions for actions in now)


def test_no_log_no_comment_of_the_region(worlds: tuple[World, World]) -> None:
    from tests.attacks.test_p3_gates import taken_away

    own, _ = worlds
    before = len(queries.version(own.leader, own.version).comments)
    with taken_away("INSERT", "audit_entry", "buvett_app"), pytest.raises(DatabaseError):
        answering.comment(own.leader, own.version, text="Utan logg.")
    assert len(queries.version(own.leader, own.version).comments) == before
