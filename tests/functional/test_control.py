"""Who controls and who keeps it running, by the keyboard alone: the data protection officer, operations."""

import re
import uuid

import pytest
from playwright.sync_api import expect

from tests.functional.keyboard import PHONE_WITH_SCRIPT, PHONE_WITHOUT_SCRIPT, choose, enter, enter_as, fits, type_in
from tests.functional.site import CODE, OFFICER, OPERATIONS, WORKER, Site, press

pytestmark = pytest.mark.browser
COLLEAGUE = "Sakshandsamar Seljord (demo)"


@pytest.mark.parametrize(("width", "script"), PHONE_WITH_SCRIPT)
def test_officer_asks_by_colleague_case_and_time(site: Site, width: int, script: bool) -> None:
    worker = site.window()
    site.sign_in(worker, WORKER)
    worker.goto(f"{site.address}/cases/")
    link = worker.locator("tbody a").first
    name, reference = link.inner_text(), str(link.get_attribute("href")).split("/")[-2][:8]
    press(link)
    worker.goto(f"{site.address}/municipality/{CODE}/cases/{uuid.uuid4()}/")  # refused: nobody's case

    page = site.window(width=width, script=script)
    enter_as(page, site, OFFICER)
    enter(page.get_by_role("link", name="Kven har sett").last)
    rows = page.locator("tbody tr")
    expect(rows.first.get_by_role("cell").first).to_contain_text("! – utan tildeling")  # unassigned looks stand first
    assert fits(page, width)

    choose(page.get_by_label("Kollega"), COLLEAGUE)
    type_in(page.get_by_label("Saksreferanse"), reference)
    enter(page.get_by_role("button", name="Vis", exact=True))
    expect(rows.first).to_contain_text("opna ei sak")
    expect(rows.first).to_contain_text(reference)
    assert set(page.locator("tbody th").all_inner_texts()) == {COLLEAGUE}
    assert name not in page.locator("body").inner_text()
    assert fits(page, width)

    type_in(page.locator("#id_until"), "01012001")  # before the first day: explained, nothing is shown
    enter(page.get_by_role("button", name="Vis", exact=True))
    expect(page.get_by_text("Siste dag må vere den første dagen eller seinare").first).to_be_visible()
    expect(rows).to_have_count(0)
    assert fits(page, width)
    enter(page.get_by_role("link", name="Dei siste 30 dagane"))
    choose(page.locator("#id_show"), "Alt i loggen")
    enter(page.get_by_role("button", name="Vis", exact=True))
    expect(rows.first).to_be_visible()

    enter(page.get_by_role("link", name="Heimlar og avtalar").last)
    for heading in ("Teieplikterklæringar", "Heimlar", "Avtalar om kva som går ut av huset"):
        expect(page.get_by_role("heading", name=heading).first).to_be_visible()
    assert fits(page, width)
    for closed in (f"municipality/{CODE}/cases/", "drafts/", "operations/"):
        answer = page.goto(f"{site.address}/{closed}")
        assert answer is not None
        assert answer.status == 403, closed
        assert name not in answer.text()


@pytest.mark.parametrize(("width", "script"), PHONE_WITHOUT_SCRIPT)
def test_operations_sees_what_runs_what_was_and_what_comes(site: Site, width: int, script: bool) -> None:
    page = site.window(width=width, script=script)
    enter_as(page, site, OPERATIONS)
    enter(page.get_by_role("link", name="Drift", exact=True).last)
    expect(page.get_by_role("table").first.get_by_text("svarar")).to_have_count(3)
    expect(page.get_by_role("heading", name="Siste køyring")).to_be_visible()
    expect(page.get_by_role("heading", name="Neste køyring")).to_be_visible()
    expect(page.get_by_role("main")).to_contain_text(re.compile(r", 20\d\d: (publisert|open for leveransar)"))
    expect(page.get_by_role("table").last.locator("tbody tr")).to_have_count(2)
    assert fits(page, width)
    enter(page.get_by_role("link", name="Drift", exact=True))  # has anything changed meanwhile?
    expect(page.get_by_role("heading", level=1)).to_have_text("Drift")

    for closed in ("region/", "plans/", "drafts/"):
        answer = page.goto(f"{site.address}/{closed}")
        assert answer is not None
        assert answer.status == 403, closed
    answer = page.goto(f"{site.address}/municipality/{CODE}/cases/")
    assert answer is not None
    assert answer.status == 404
    enter(page.get_by_role("link", name="Til framsida"))
    enter(page.get_by_role("button", name="Logg ut"))
    expect(page.get_by_role("heading", name="Logg inn", exact=True)).to_be_visible()
