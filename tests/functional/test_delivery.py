"""A leader delivers the municipality's numbers: on a phone and at a desk, with and without script, by keyboard."""

import shutil
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from anonymisation.programme import Programme
from buvett.agreements import actions
from buvett.agreements.models import Agreement, Document, Region
from buvett.demo import data
from buvett.services import Home, Process
from tenants.isolation.enums import Role
from tenants.isolation.roles import connected_as
from tests.functional.keyboard import enter, enter_as, tick, type_in
from tests.functional.site import CODE, LEADER, WORKER, Site, press
from tests.integration.releases.workers import run_as

OPEN = """
import sys
from datetime import date, timedelta
from uuid import UUID
from django.utils import timezone
from buvett.releases.runs import open_run
print(open_run(UUID(sys.argv[1]), by="project-leader", cut_off=timezone.now() + timedelta(days=1),
    counted_on=date(2026, 11, 1)))
"""
CONTRIBUTE = """
import sys
from uuid import UUID
from buvett.releases.contribute import contribute
from buvett.releases.errors import Waits
from tenants.isolation.models import Municipality
try:
    contribute(UUID(sys.argv[1]), Municipality.objects.get(code=sys.argv[2]).pk, by="process:contributor")
    print("sealed")
except Waits as waits:
    print(waits)
"""


def agree_on(region: str, year: str) -> Agreement:
    """An agreement on the demo's tables for another year, with every paper and no standing approval."""
    name = f"vt-{year}"
    text = (
        data.programme_text("vt-2026")
        .replace('id = "vt-2026"', f'id = "{name}"')
        .replace('period = "2026"', f'period = "{year}"')
        .replace('population = "vt-register"', f'population = "{name}"')
    )
    since, until = data.region().since, timezone.localdate() + timedelta(days=30)
    made = actions.make_agreement(
        Region.objects.get(slug=region), programme=name, text=text, sha256=Programme.parse(text).sha256, since=since
    )
    for member in Agreement.objects.get(programme="vt-2026").members.select_related("municipality"):
        actions.sign(made, member.municipality, since=since)
        for kind in Document.Kind:
            actions.file_document(made, member.municipality, kind=kind, reference="demo", since=since, until=until)
    return made


@pytest.fixture(scope="module", autouse=True)
def periods(installation: Home, region: str) -> Iterator[list[str]]:
    """Three open periods that wait for the leader; made before the browser's event loop begins."""
    years = ["2031", "2032", "2033"]
    with connected_as(Role.OWNER):
        made = [agree_on(region, year) for year in years]
    _hand_over_region_keys(installation)
    for agreement in made:
        run = run_as(installation, Process.PUBLISHER, OPEN, str(agreement.pk))
        assert "approval" in run_as(installation, Process.CONTRIBUTOR, CONTRIBUTE, run, CODE)
    yield list(years)
    with connected_as(Role.OWNER):  # the demo's own agreement is the only live one again
        for agreement in made:
            Agreement.objects.filter(pk=agreement.pk).update(valid_to=data.region().since)


def _hand_over_region_keys(home: Home) -> None:
    """The region's first run was published by the tests' own process: the publisher signs with the same key."""
    for path in home.keys(Process.TEST).glob("region~*.key"):
        own = home.keys(Process.PUBLISHER) / path.name
        if not own.exists():
            own.touch(mode=0o600)
            shutil.copyfile(path, own)


@pytest.fixture
def period(periods: list[str]) -> str:
    """One of them."""
    return periods.pop()


def come_to(page: Page, site: Site, period: str) -> None:
    page.goto(f"{site.address}/")
    press(page.get_by_role("link", name="Lever tal").first)
    press(page.get_by_role("link", name=f"Vest-Telemark, {period}"))
    assert page.get_by_role("heading", level=1).inner_text() == f"Lever tal frå Seljord, {period}"


@pytest.mark.parametrize(("width", "script"), [(320, False), (1280, True)])
def test_leader_returns_then_approves(site: Site, period: str, width: int, script: bool) -> None:
    page = site.window(width=width, script=script)
    site.sign_in(page, LEADER)
    come_to(page, site, period)
    assert page.get_by_text("for lite: blir aldri vist").count() > 3
    page.get_by_label("Kva er gale?").fill("Sjå over alle på nivå 5.")
    press(page.get_by_role("button", name="Send tilbake med merknad"))
    expect(page.get_by_text("Sendt tilbake med merknaden din.")).to_be_visible()

    worker = site.window(width=width, script=script)
    site.sign_in(worker, WORKER)
    press(worker.get_by_role("link", name="Klargjer tal").first)
    card = worker.locator("section.ds-card", has_text=period)
    expect(card.get_by_text("Sjå over alle på nivå 5.")).to_be_visible()
    press(card.get_by_role("button", name="Tel og klargjer"))
    expect(worker.get_by_text("Tala ligg klare for leiaren din.")).to_be_visible()

    come_to(page, site, period)
    expect(page.get_by_text("Klargjort av Sakshandsamar Seljord (demo)")).to_be_visible()
    page.get_by_label("Eg har sett på tala").check()
    press(page.get_by_role("button", name="Godkjenn", exact=True))
    expect(page.get_by_text("Godkjent. Tala blir forsegla og leverte innan eit minutt.")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width if script else True


def test_numbers_are_returned_prepared_and_approved_by_keyboard_alone(
    site: Site, period: str, installation: Home
) -> None:
    page, worker = site.window(), site.window()
    enter_as(page, site, LEADER)
    enter(page.get_by_role("link", name="Lever tal").first)
    enter(page.get_by_role("link", name=f"Vest-Telemark, {period}"))
    run = page.url.rstrip("/").split("/")[-1]
    type_in(page.get_by_label("Kva er gale?"), "Tel ein gong til.")
    enter(page.get_by_role("button", name="Send tilbake med merknad"))
    expect(page.get_by_text("Sendt tilbake med merknaden din.")).to_be_visible()

    enter_as(worker, site, WORKER)
    enter(worker.get_by_role("link", name="Klargjer tal").first)
    card = worker.locator("section.ds-card", has_text=period)
    expect(card.get_by_text("Tel ein gong til.")).to_be_visible()
    enter(card.get_by_role("button", name="Tel og klargjer"))
    expect(worker.get_by_text("Tala ligg klare for leiaren din.")).to_be_visible()

    page.goto(f"{site.address}/municipality/{CODE}/delivery/")
    enter(page.get_by_role("link", name=f"Vest-Telemark, {period}"))
    tick(page.get_by_label("Eg har sett på tala"))
    enter(page.get_by_role("button", name="Godkjenn", exact=True))
    expect(page.get_by_text("Godkjent. Tala blir forsegla").first).to_be_visible()
    assert run_as(installation, Process.CONTRIBUTOR, CONTRIBUTE, run, CODE) == "sealed"
    page.reload()
    expect(page.get_by_text("Det er éi levering per periode")).to_be_visible()
