"""*Lever tal* in the pages: what each person meets, and what a refused press says."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.utils import timezone

from buvett.access.roles import Role as Named
from buvett.agreements.models import StandingApproval
from buvett.releases.contribute import contribute
from buvett.releases.errors import Obstacle, Waits
from buvett.releases.lock import lock
from buvett.releases.preparing import newest
from buvett.releases.publish import publish
from buvett.releases.queries import release, releases
from tenants.isolation.enums import Purpose, Role
from tenants.isolation.roles import connected_as
from tenants.isolation.scopes import scope
from tests import people as workers
from tests.integration.releases.region import agree, people, person, register

BY = "process:contributor"
TODAY = timezone.localdate()


@pytest.fixture
def region(make_municipality):
    return agree(make_municipality, [people(12, 9, 3), people(11, 7, 0), people(14, 6, 9)])


@pytest.fixture
def open_run(region):
    """A run that waits for the first member's leader, with numbers that lie ready."""
    with connected_as(Role.OWNER):
        StandingApproval.objects.filter(agreement=region.agreement, municipality=region.members[0]).update(
            revoked_on=TODAY
        )
    run = region.open()
    with pytest.raises(Waits):
        contribute(run, region.members[0].pk, by=BY)
    return run


@pytest.fixture
def leader(region):
    return workers.browser(workers.worker(region.members[0], Named.LOCAL_LEADER))


@pytest.fixture
def worker(region):
    return workers.browser(workers.worker(region.members[0]))


def ready(region, run):
    with scope(region.members[0].pk, by="test", purpose=Purpose.REGIONAL):
        return newest(run)


def address(region, run):
    return f"/municipality/{region.members[0].code}/delivery/{run}/"


def text(answer):
    return " ".join(answer.content.decode().split())


def test_leader_approves_what_is_on_the_page(region, open_run, leader):
    path, prepared = address(region, open_run), ready(region, open_run)
    shown = text(leader.get(path))
    assert f'value="{prepared.id}"' in shown
    assert "Klargjort av den automatiske teljinga" in shown
    assert "<b>×</b> – for lite: blir aldri vist" in shown  # three people at level 3
    assert "1 av tala er så lite at det aldri blir vist for kommunen." in shown

    answer = leader.post(path, {"act": "approve", "preparation": prepared.id, "approve-seen": "on"})
    assert (answer.status_code, answer["Location"]) == (302, path)
    assert "Godkjent. Tala blir forsegla og leverte innan eit minutt." in text(leader.get(path))
    contribute(open_run, region.members[0].pk, by=BY)
    assert "Det er éi levering per periode" in text(leader.get(path))


def test_nothing_is_approved_without_having_looked(region, open_run, leader):
    path, prepared = address(region, open_run), ready(region, open_run)
    answer = leader.post(path, {"act": "approve", "preparation": prepared.id})
    assert answer.status_code == 422
    assert "Noko må rettast" in text(answer)
    assert ready(region, open_run).verdict is None


def test_leader_returns_with_a_remark_and_the_case_worker_prepares_anew(region, open_run, leader, worker):
    path, prepared = address(region, open_run), ready(region, open_run)
    assert leader.post(path, {"act": "return", "preparation": prepared.id, "return-remark": ""}).status_code == 422
    leader.post(path, {"act": "return", "preparation": prepared.id, "return-remark": "Sjekk <b>nivå</b> 3"})
    theirs = f"/municipality/{region.members[0].code}/preparations/"
    assert "Sjekk &lt;b&gt;nivå&lt;/b&gt; 3" in text(worker.get(theirs))

    assert worker.post(theirs, {"run": str(open_run)}).status_code == 302
    again = text(worker.post(theirs, {"run": str(open_run)}))
    assert "Det finst nyare tal, eller desse er alt avgjorde." in again
    assert f"Klargjort av case_worker {region.members[0].code}" in text(leader.get(path))


def test_case_worker_sees_no_number(region, open_run, worker):
    register(region.members[0], [person(support="3")] * 20)
    shown = text(worker.get(f"/municipality/{region.members[0].code}/preparations/"))
    assert "<td" not in shown
    assert "talet på personar" not in shown


def test_changed_register_offers_a_new_count_and_no_approval(region, open_run, leader):
    register(region.members[0], [person(support="3")])
    path, prepared = address(region, open_run), ready(region, open_run)
    shown = text(leader.get(path))
    assert "Registeret er endra" in shown
    assert 'name="approve-seen"' not in shown
    refused = leader.post(path, {"act": "approve", "preparation": prepared.id, "approve-seen": "on"})
    assert (refused.status_code, "Be om ny teljing" in text(refused)) == (422, True)
    assert leader.post(path, {"act": "recount", "preparation": prepared.id}).status_code == 302
    assert "Ei ny teljing er på veg" in text(leader.get(path))


def test_whoever_prepared_meets_an_explanation_not_a_button(region, open_run):
    member = region.members[0]
    both = workers.worker(member)
    leads = workers.give_role(both, Named.LOCAL_LEADER, member)
    works = next(hat for hat in workers.hats_of(both.pk, on=TODAY) if hat.role is Named.CASE_WORKER)
    register(member, [person(support="3")])
    assert (
        workers.browser(both, hat=works)
        .post(f"/municipality/{member.code}/preparations/", {"run": str(open_run)})
        .status_code
        == 302
    )
    as_leader = workers.browser(both, hat=leads)
    path = address(region, open_run)
    shown = text(as_leader.get(path))
    assert "Ein annan leiar må avgjere" in shown
    assert 'name="approve-seen"' not in shown
    refused = as_leader.post(path, {"act": "approve", "preparation": ready(region, open_run).id, "approve-seen": "on"})
    assert (refused.status_code, "Du har klargjort desse tala sjølv" in text(refused)) == (422, True)


@pytest.mark.parametrize("sent", [{}, {"act": "nothing"}, {"act": "approve", "preparation": "x", "approve-seen": "on"}])
def test_a_press_that_means_nothing_does_nothing(region, open_run, leader, sent):
    assert leader.post(address(region, open_run), sent).status_code in (200, 422)
    assert ready(region, open_run).verdict is None


@pytest.mark.parametrize("run", ["", "x", "a\x00b", str(UUID(int=7))])
def test_a_run_that_is_none_takes_no_numbers(region, worker, run):
    assert worker.post(f"/municipality/{region.members[0].code}/preparations/", {"run": run}).status_code == 422


def test_standing_approval_is_given_and_taken_back_at_the_page(region, open_run, leader):
    path = address(region, open_run)
    for until in ("", "i morgon", str(TODAY), str(TODAY + timedelta(days=400))):
        assert leader.post(path, {"act": "standing", "standing-until": until}).status_code == 422, until
    leader.post(path, {"act": "standing", "standing-until": str(TODAY + timedelta(days=30))})
    assert "har godkjent på førehand, til" in text(leader.get(path))
    leader.post(path, {"act": "end"})
    assert "har godkjent på førehand, til" not in text(leader.get(path))


def test_project_leader_withdraws_with_a_reason(region, leader):
    run = region.open()
    region.contribute_all(run)
    lock(run)
    publish(run)
    (found,) = releases(region.region.slug)
    boss = workers.user(name="Prosjekt Leiarsen")
    workers.give_role(boss, Named.PROJECT_LEADER, of=region.region)
    browser = workers.browser(boss)
    path = f"/release/{found.id}/withdraw/"
    assert f'href="{path}"' in text(browser.get(f"/region/{region.region.slug}/releases/"))
    assert f'href="{path}"' not in text(leader.get(f"/region/{region.region.slug}/releases/"))
    assert "Trekk tilbake tala for Prøveregionen, 2026" in text(browser.get(path))
    assert browser.post(path, {"reason": " "}).status_code == 422
    assert browser.post(path, {"reason": "Feil i tala"}).status_code == 302
    told = release(found.id).withdrawal
    assert (told and told.reason) == "Feil i tala"
    assert "Feil i tala" in text(browser.get(path))
    assert browser.post(path, {"reason": "Igjen"}).status_code == 422


def test_every_obstacle_has_its_words():
    from buvett.agreements.enums import Missing
    from buvett.pages.delivery.words import MISSING, OBSTACLES

    assert (set(OBSTACLES), set(MISSING)) == (set(Obstacle), set(Missing))
