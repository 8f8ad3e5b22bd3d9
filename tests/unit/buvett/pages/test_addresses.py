"""Every address × every role × own and other municipality. An address without a line here fails the first test."""

from dataclasses import dataclass
from uuid import uuid4

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from buvett.access.roles import LOCAL, REGIONAL, Role
from buvett.agreements.models import Document
from buvett.plans.sending import send
from buvett.plans.writing import make_plan, save_chapter, save_measure
from buvett.releases.lock import lock
from buvett.releases.publish import publish
from buvett.releases.queries import releases
from tenants.isolation.enums import Purpose
from tenants.isolation.scopes import scope
from tenants.legal.models import Heimel
from tests import people
from tests.integration.releases.region import agree
from tests.integration.releases.region import people as counted

ALL = frozenset(Role)
WORKERS = frozenset({Role.CASE_WORKER, Role.LOCAL_LEADER})
LEADERS = frozenset({Role.LOCAL_LEADER})
READERS = ALL - {Role.OPERATIONS}
WRITERS = frozenset({Role.PROJECT_LEADER, Role.INTERMUNICIPAL_MEMBER})


@dataclass(frozen=True, kw_only=True)
class Address:
    """``path``: {own}, {other}, {case}, {foreign} … are filled in; ``other``: the same of another municipality."""

    path: str
    roles: frozenset[Role] = ALL
    other: str = ""
    method: str = "get"
    gives: int = 200
    without_right: int = 403
    signed_out: int = 302


ADDRESSES = {
    "front": Address(path="/", signed_out=200),
    "sign_in": Address(path="/sign-in/", method="post", gives=403, signed_out=403),
    "mfa_authenticate": Address(path="/sign-in/code/", gives=302),
    "sign_in_by_click": Address(path="/sign-in/demo/", method="post", gives=404, signed_out=404),
    "sign_out": Address(path="/sign-out/", method="post", gives=302),
    "sign_out_everywhere": Address(path="/sign-out/everywhere/", method="post", gives=302),
    "own_account": Address(path="/account/"),
    "own_app": Address(path="/account/app/"),
    "own_key": Address(path="/account/key/"),
    "own_factor_remove": Address(path="/account/factor/0/remove/", method="post", gives=403),  # without the password
    "own_recovery_codes": Address(path="/account/recovery-codes/"),
    "own_password": Address(path="/account/password/"),
    "invitation": Address(path="/invitation/", gives=404, signed_out=404),
    "invitation_link": Address(path="/invitation/x/", gives=302),
    "hat": Address(path="/role/"),
    "language": Address(path="/language/nb/", gives=302),
    "regions": Address(path="/region/", roles=READERS),
    "region": Address(path="/region/{region}/", roles=READERS, other="/region/nowhere/"),
    "subject": Address(path="/region/{region}/need/support/", roles=READERS, other="/region/{region}/need/nothing/"),
    "completeness": Address(
        path="/region/{region}/completeness/", roles=READERS, other="/region/nowhere/completeness/"
    ),
    "releases": Address(path="/region/{region}/releases/", roles=READERS, other="/region/nowhere/releases/"),
    **{
        f"table_{kind}": Address(
            path=f"/region/{{region}}/releases/{{release}}/support.{kind}",
            roles=READERS,
            other=f"/region/nowhere/releases/{{release}}/support.{kind}",
        )
        for kind in ("csv", "json", "xlsx")
    },
    "operations": Address(path="/operations/", roles=frozenset({Role.OPERATIONS})),
    "glossary": Address(path="/words/", signed_out=200),
    "own_cases": Address(path="/cases/", roles=WORKERS, gives=302),
    "cases": Address(path="/municipality/{own}/cases/", roles=WORKERS, other="/municipality/{other}/cases/"),
    "case": Address(
        path="/municipality/{own}/cases/{case}/", roles=WORKERS, other="/municipality/{other}/cases/{foreign}/"
    ),
    "case_new": Address(path="/municipality/{own}/cases/new/", roles=WORKERS, other="/municipality/{other}/cases/new/"),
    "case_edit": Address(
        path="/municipality/{own}/cases/{case}/edit/",
        roles=WORKERS,
        other="/municipality/{other}/cases/{foreign}/edit/",
    ),
    "case_move": Address(
        path="/municipality/{own}/cases/{case}/state/close/",
        roles=WORKERS,
        other="/municipality/{other}/cases/{foreign}/state/close/",
    ),
    "case_looks": Address(
        path="/municipality/{own}/cases/{case}/looks/",
        roles=WORKERS,
        other="/municipality/{other}/cases/{foreign}/looks/",
    ),
    "uploads": Address(path="/municipality/{own}/uploads/", roles=WORKERS, other="/municipality/{other}/uploads/"),
    "columns": Address(
        path="/municipality/{own}/uploads/columns/", roles=WORKERS, other="/municipality/{other}/uploads/columns/"
    ),
    # An upload is its own person's; what it answers to others is in tests/unit/buvett/pages/register/test_uploads.py.
    "upload": Address(
        path="/municipality/{own}/uploads/{nothing}/",
        roles=WORKERS,
        other="/municipality/{other}/uploads/{nothing}/",
        gives=404,
    ),
    "upload_columns": Address(
        path="/municipality/{own}/uploads/{nothing}/columns/",
        roles=WORKERS,
        other="/municipality/{other}/uploads/{nothing}/columns/",
        gives=404,
    ),
    "upload_row": Address(
        path="/municipality/{own}/uploads/{nothing}/rows/0/",
        roles=WORKERS,
        other="/municipality/{other}/uploads/{nothing}/rows/0/",
        gives=404,
    ),
    "upload_refused": Address(
        path="/municipality/{own}/uploads/{nothing}/refused/",
        roles=WORKERS,
        other="/municipality/{other}/uploads/{nothing}/refused/",
        method="post",
        gives=404,
    ),
    "upload_undo": Address(
        path="/municipality/{own}/uploads/{nothing}/undo/",
        roles=WORKERS,
        other="/municipality/{other}/uploads/{nothing}/undo/",
        gives=404,
    ),
    "declaration": Address(
        path="/municipality/{own}/declaration/", roles=WORKERS, other="/municipality/{other}/declaration/"
    ),
    "people": Address(
        path="/municipality/{own}/people/",
        roles=frozenset({Role.LOCAL_LEADER, Role.CHIEF_EXECUTIVE}),
        other="/municipality/{other}/people/",
    ),
    "person_new": Address(
        path="/municipality/{own}/people/new/",
        roles=frozenset({Role.LOCAL_LEADER}),
        other="/municipality/{other}/people/new/",
    ),
    "person": Address(
        path="/municipality/{own}/people/{membership}/",
        roles=frozenset({Role.LOCAL_LEADER, Role.CHIEF_EXECUTIVE}),
        other="/municipality/{other}/people/{membership}/",
    ),
    **{
        name: Address(
            path=f"/municipality/{{own}}/access/{path}",
            roles=frozenset({Role.LOCAL_LEADER}),
            other=f"/municipality/{{other}}/access/{foreign}",
        )
        for name, path, foreign in (
            ("access", "", ""),
            ("access_nobody", "nobody/", "nobody/"),
            ("access_person", "{user}/", "{user}/"),
            ("access_case", "case/{case}/", "case/{foreign}/"),
        )
    },
    "counts": Address(
        path="/municipality/{own}/counts/",
        roles=frozenset({Role.LOCAL_LEADER}),
        other="/municipality/{other}/counts/",
    ),
    "deliveries": Address(
        path="/municipality/{own}/delivery/",
        roles=frozenset({Role.LOCAL_LEADER}),
        other="/municipality/{other}/delivery/",
    ),
    "delivery": Address(
        path="/municipality/{own}/delivery/{run}/",
        roles=frozenset({Role.LOCAL_LEADER}),
        other="/municipality/{other}/delivery/{run}/",
    ),
    "preparations": Address(
        path="/municipality/{own}/preparations/",
        roles=frozenset({Role.CASE_WORKER}),
        other="/municipality/{other}/preparations/",
    ),
    "withdraw_release": Address(
        path="/release/{release}/withdraw/",
        roles=frozenset({Role.PROJECT_LEADER}),
        other="/release/{nothing}/withdraw/",
    ),
    "plans": Address(path="/plans/", roles=READERS),
    "plan": Address(path="/plans/{version}/", roles=READERS, other="/plans/{nothing}/"),
    "plan_paper": Address(path="/plans/{version}/paper.pdf", roles=READERS, other="/plans/{nothing}/paper.pdf"),
    "drafts": Address(path="/drafts/", roles=WRITERS),
    "draft": Address(path="/drafts/{plan}/", roles=WRITERS, other="/drafts/{nothing}/"),
    "chapter_new": Address(path="/drafts/{plan}/chapter/", roles=WRITERS, other="/drafts/{nothing}/chapter/"),
    "chapter": Address(
        path="/drafts/{plan}/chapter/{chapter}/", roles=WRITERS, other="/drafts/{plan}/chapter/{nothing}/"
    ),
    "measure_new": Address(path="/drafts/{plan}/measure/", roles=WRITERS, other="/drafts/{nothing}/measure/"),
    "measure": Address(
        path="/drafts/{plan}/measure/{measure}/", roles=WRITERS, other="/drafts/{plan}/measure/{nothing}/"
    ),
    "measure_number": Address(
        path="/drafts/{plan}/measure/{measure}/number/",
        roles=WRITERS,
        other="/drafts/{plan}/measure/{nothing}/number/",
    ),
    "log": Address(
        path="/municipality/{own}/log/",
        roles=frozenset({Role.DATA_PROTECTION_OFFICER}),
        other="/municipality/{other}/log/",
    ),
    "papers": Address(
        path="/municipality/{own}/papers/",
        roles=frozenset({Role.DATA_PROTECTION_OFFICER, Role.LOCAL_LEADER}),
        other="/municipality/{other}/papers/",
    ),
    "bases": Address(
        path="/municipality/{own}/papers/bases/", roles=LEADERS, other="/municipality/{other}/papers/bases/"
    ),
    "basis": Address(
        path="/municipality/{own}/papers/bases/{basis}/",
        roles=LEADERS,
        other="/municipality/{other}/papers/bases/{basis}/",
    ),
    "paper": Address(
        path="/municipality/{own}/papers/{paper}/", roles=LEADERS, other="/municipality/{other}/papers/{paper}/"
    ),
    "paper_new": Address(
        path="/municipality/{own}/papers/agreement/{agreement}/",
        roles=LEADERS,
        other="/municipality/{other}/papers/agreement/{agreement}/",
    ),
    "status": Address(path="/status/", signed_out=200),
    "api_releases": Address(path="/api/v1/releases", roles=READERS, signed_out=401),
    "api_release": Address(
        path="/api/v1/releases/{release}", roles=READERS, other="/api/v1/releases/{nothing}", signed_out=401
    ),
    "api_table": Address(
        path="/api/v1/releases/{release}/tables/support",
        roles=READERS,
        other="/api/v1/releases/{release}/tables/nothing",
        signed_out=401,
    ),
    "api_plans": Address(path="/api/v1/plans", roles=READERS, signed_out=401),
    "api_plan": Address(path="/api/v1/plans/{version}", roles=READERS, other="/api/v1/plans/{nothing}", signed_out=401),
    "api_cases": Address(path="/api/v1/me/cases", roles=WORKERS, signed_out=401),
    "api_schema": Address(path="/api/v1/openapi.json", signed_out=200),
}
# Whoever asks for these of another municipality is told the same as whoever asks for what never was.
FOREIGN = {name: address for name, address in ADDRESSES.items() if "{other}" in address.other}


@pytest.fixture(scope="module")
def world(make_municipality):
    """Two municipalities with cases, someone in each role, a released region."""
    agreed = agree(make_municipality, [counted(7, 6, 2), counted(8, 5, 0), counted(6, 9, 1)])
    house, neighbour = agreed.members[0], make_municipality("Grannheim")
    users = {}
    for municipality in (house, neighbour):
        people.adopt_heimel(municipality)
    for role in Role:
        users[role] = people.user(name=role.value)
        people.give_role(
            users[role], role, house if role in LOCAL else None, of=agreed.region if role in REGIONAL else None
        )
        if role in WORKERS:
            people.sign(users[role], house, on=people.days_ago(0))
    (case,) = people.register(house, names=["Ada"], to=users[Role.CASE_WORKER])
    people.grant(house, case, to=users[Role.LOCAL_LEADER])
    (foreign,) = people.register(neighbour, names=["Bo"], to=people.worker(neighbour))
    run = agreed.open()
    agreed.contribute_all(run)
    lock(run)
    publish(run)
    (release,) = releases(agreed.region.slug)
    writer = people.give_role(people.user(name="Skrivar"), Role.PROJECT_LEADER, of=agreed.region)
    plan = make_plan(writer, region=agreed.region.slug, title="Plan")
    chapter = save_chapter(writer, plan, revision=1, heading="Kapittel", text="")
    told = {"title": "Tiltak", "text": "", "reach": "local", "owner": "Leiar", "due": ""}
    measure = save_measure(writer, plan, revision=2, **told)
    with scope(house.pk, by="test", purpose=Purpose.KONTROLL):
        basis = Heimel.objects.first().pk
    names = {
        "version": str(send(writer, plan, revision=3)),
        "chapter": str(chapter),
        "measure": str(measure),
        "plan": str(plan),
        "run": str(run),
        "basis": str(basis),
        "paper": str(Document.objects.filter(municipality=house).first().pk),
        "agreement": str(agreed.agreement.pk),
        "own": house.code,
        "other": neighbour.code,
        "case": str(case),
        "user": str(users[Role.CASE_WORKER].pk),
        "membership": str(users[Role.CASE_WORKER].memberships.get().pk),
        "foreign": str(foreign),
        "region": agreed.region.slug,
        "release": str(release.id),
        "nothing": str(uuid4()),
    }
    return names, users


def ask(world, name, role, *, other=False):
    names, users = world
    address = ADDRESSES[name]
    client = people.browser(users[role] if role else None)
    path = (address.other if other else address.path).format(**names)
    if address.method == "post":
        return client.post(path, {"email": f"{uuid4().hex}@example.invalid"})
    return client.get(path)


def patterns(found):
    for pattern in found:
        if isinstance(pattern, URLResolver):
            yield from patterns(pattern.url_patterns)
        elif isinstance(pattern, URLPattern):
            yield pattern


def routes(found):
    for pattern in patterns(found):
        yield pattern.name, str(pattern.pattern)


def test_every_address_has_a_line_here():
    assert sorted(str(name) for name, _ in routes(get_resolver().url_patterns)) == sorted(ADDRESSES)


def test_views_that_are_open_to_all_are_named_here():
    """Any other has the guard, or the API's permission."""
    unguarded = {
        pattern.name
        for pattern in patterns(get_resolver().url_patterns)
        if not hasattr(pattern.callback, "permission") and not hasattr(getattr(pattern.callback, "cls", None), "needs")
    }

    assert unguarded == {
        "front",
        "sign_in",
        "mfa_authenticate",
        "sign_in_by_click",
        "sign_out",
        "invitation",
        "invitation_link",
        "language",
        "status",
        "glossary",
        "api_schema",
    }


def test_every_page_about_a_municipality_is_tried_from_outside():
    assert {name for name, route in routes(get_resolver().url_patterns) if ":code>" in route} == set(FOREIGN)


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("name", ADDRESSES)
def test_answer_in_the_own_house(world, name, role):
    address = ADDRESSES[name]
    expected = address.gives if role in address.roles else address.without_right
    if name in FOREIGN and role not in LOCAL:
        expected = 404  # whoever belongs to the region has no house

    assert ask(world, name, role).status_code == expected


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("name", FOREIGN)
def test_answer_about_another_municipality_is_not_found(world, name, role):
    assert ask(world, name, role, other=True).status_code == 404


@pytest.mark.parametrize("name", [name for name, a in ADDRESSES.items() if a.other and name not in FOREIGN])
def test_answer_about_what_never_was(world, name):
    assert ask(world, name, Role.PROJECT_LEADER, other=True).status_code == 404


@pytest.mark.parametrize("name", ADDRESSES)
def test_answer_to_nobody(world, name):
    address = ADDRESSES[name]

    answer = ask(world, name, None)

    assert answer.status_code == address.signed_out
    if answer.status_code == 302:
        assert answer["Location"].startswith("/")


@pytest.mark.parametrize("name", FOREIGN)
def test_nobody_learns_whether_a_municipality_or_case_exists(world, name):
    here, there = ask(world, name, None), ask(world, name, None, other=True)

    assert (here.status_code, here["Location"].split("?")[0]) == (there.status_code, there["Location"].split("?")[0])


@pytest.mark.parametrize("method", ["put", "patch", "delete", "trace"])
@pytest.mark.parametrize("name", ADDRESSES)
def test_other_methods_are_refused(world, name, method):
    names, users = world
    client = people.browser(users[Role.LOCAL_LEADER])

    assert getattr(client, method)(ADDRESSES[name].path.format(**names)).status_code == 405


def test_csrf_is_asked_for_in_every_form(world):
    names, users = world
    client = people.browser(users[Role.CASE_WORKER])
    client.handler.enforce_csrf_checks = True

    for path in (
        "/sign-in/",
        "/sign-in/code/",
        "/sign-in/demo/",
        "/sign-out/",
        "/sign-out/everywhere/",
        "/account/app/",
        "/account/key/",
        "/account/factor/0/remove/",
        "/account/recovery-codes/",
        "/account/password/",
        "/invitation/",
        "/role/",
        "/municipality/{own}/declaration/",
    ):
        answer = client.post(path.format(**names), {})
        assert (path, answer.status_code) == (path, 403)


@pytest.mark.parametrize("role", [Role.CASE_WORKER, Role.LOCAL_LEADER])
def test_case_of_a_neighbour_under_the_own_address_is_not_found(world, role):
    names, users = world
    client = people.browser(users[role])

    answers = [
        client.get(f"/municipality/{names['own']}/cases/{case}/") for case in (names["foreign"], names["nothing"])
    ]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].content == answers[1].content
