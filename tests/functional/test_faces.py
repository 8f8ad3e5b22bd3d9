"""First journeys in a real browser: with and without script, on a phone, by the keyboard alone, on paper."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.functional.site import CODE, LEADER, OPERATIONS, PROJECT_LEADER, WIDTHS, WORKER, Site, press

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("script", [True, False])
@pytest.mark.parametrize("width", WIDTHS)
def test_case_worker_comes_to_a_case_and_out_again(site: Site, width: str, script: bool) -> None:
    page = site.window(width=WIDTHS[width], script=script)
    site.sign_in(page, WORKER)
    press(page.get_by_role("link", name="Sakene våre").first)
    name = page.locator("tbody a").first.inner_text()
    press(page.locator("tbody a").first)
    assert page.get_by_role("heading", level=1).inner_text() == name
    expect(page.get_by_role("heading", name="Heimel")).to_be_visible()
    press(page.get_by_role("button", name="Logg ut"))
    page.goto(f"{site.address}/municipality/{CODE}/cases/")

    expect(page.get_by_role("heading", name="Logg inn", exact=True)).to_be_visible()


@pytest.mark.parametrize("script", [True, False])
def test_project_leader_reads_the_region_and_its_hidden_cells(site: Site, script: bool) -> None:
    page = site.window(script=script)
    site.sign_in(page, PROJECT_LEADER)
    press(page.get_by_role("link", name="Regionen").first)
    press(page.get_by_role("link", name="Vest-Telemark"))

    assert page.get_by_role("heading", level=1).inner_text() == "Bustadbehov i Vest-Telemark"
    expect(page.get_by_text("7 av 7 kommunar har levert.")).to_be_visible()
    expect(page.get_by_text("Demotal.").first).to_be_visible()
    assert page.get_by_role("link", name="Sakene våre").count() == 0
    press(page.get_by_role("link", name="Bistandsnivå").first)
    assert page.locator("td .cell-hidden").count() > 10
    assert page.get_by_role("img").count() == 8  # the region, and each of seven levels by municipality
    press(page.get_by_role("link", name="per 1 000 innbyggjarar"))
    expect(page.get_by_text("Innbyggjarar: 1. januar").first).to_be_visible()
    press(page.get_by_role("link", name="Kven har levert"))
    assert page.locator("td", has_text="levert").count() >= 7


def test_numbers_change_shape_in_place_and_the_end_of_a_session_is_a_whole_page(site: Site) -> None:
    page = site.window()
    site.sign_in(page, PROJECT_LEADER)
    page.goto(f"{site.address}/region/{site.region}/need/situation/")
    page.evaluate("window.stayed = true")
    share = page.get_by_role("link", name="prosent av alle")
    share.focus()
    page.keyboard.press("Enter")

    expect(share).to_have_attribute("aria-current", "true")
    expect(share).to_be_focused()
    expect(page.get_by_role("main")).to_have_count(1)
    expect(page).to_have_url(re.compile("show=share"))
    assert page.evaluate("window.stayed") is True

    page.go_back()
    expect(page.get_by_role("link", name="talet på personar")).to_have_attribute("aria-current", "true")
    page.context.clear_cookies()
    press(page.get_by_role("link", name="prosent av alle"))
    expect(page.get_by_role("heading", name="Logg inn", exact=True)).to_be_visible()
    expect(page.get_by_role("link", name="Planar")).to_have_count(0)


def test_leader_sees_the_own_true_counts(site: Site) -> None:
    page = site.window()
    site.sign_in(page, LEADER)
    press(page.get_by_role("link", name="Våre eigne tal").first)

    assert page.get_by_role("heading", level=1).inner_text() == "Sanne tal i Seljord"
    expect(page.get_by_text("27 saker kan teljast.")).to_be_visible()


def test_keyboard_alone_from_the_front_to_a_case(site: Site) -> None:
    page = site.window()
    page.goto(f"{site.address}/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "ds-skip-link"
    _tab_to(page, WORKER)
    _enter(page)
    _tab_to(page, "Sakene våre")
    _enter(page)
    name = page.locator("tbody a").first.inner_text()
    _tab_to(page, name)
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
    _enter(page)

    assert page.get_by_role("heading", level=1).inner_text() == name


def test_keyboard_reaches_wide_tables(site: Site) -> None:
    page = site.window(width=320)
    site.sign_in(page, PROJECT_LEADER)
    site.show(page, "subject")
    table = page.locator(".scroll").first
    table.focus()
    page.keyboard.press("ArrowRight")

    # The page's policy forbids the evaluation that Playwright's own waiting uses.
    for _ in range(100):
        if table.evaluate("element => element.scrollLeft") > 0:
            return
        page.wait_for_timeout(100)
    raise AssertionError("the table does not move under the keyboard")


def test_someone_elses_case_is_not_found(site: Site) -> None:
    theirs, mine = site.window(), site.window()
    site.sign_in(theirs, "sakshandsamar@tokke.demo.invalid")
    theirs.goto(f"{site.address}/cases/")
    path = theirs.locator("tbody a").first.get_attribute("href")
    site.sign_in(mine, WORKER)

    answer = mine.goto(f"{site.address}{path}")

    assert answer is not None
    assert answer.status == 404
    assert mine.get_by_role("heading", level=1).inner_text() == "Her er det ingenting"


@pytest.mark.parametrize("script", [True, False])
def test_operations_sees_what_runs_and_nothing_else(site: Site, script: bool) -> None:
    page = site.window(width=WIDTHS["phone"], script=script)
    site.sign_in(page, OPERATIONS)
    press(page.get_by_role("link", name="Drift", exact=True).first)

    assert page.get_by_role("heading", level=1).inner_text() == "Drift"
    assert page.locator("td", has_text="svarar").count() == 3
    assert page.get_by_role("link", name="Regionen").count() == 0
    press(page.get_by_role("link", name="Kva orda tyder"))
    expect(page.get_by_text("heimel", exact=True)).to_be_visible()


def test_charts_keep_their_difference_in_forced_colours_and_without_motion(site: Site) -> None:
    page = site.window()
    site.sign_in(page, PROJECT_LEADER)
    site.show(page, "subject")
    page.emulate_media(forced_colors="active", reduced_motion="reduce")

    bar, hidden = page.locator(".chart-bar").first, page.locator(".chart-hidden").first
    fill = "element => getComputedStyle(element).fill"
    assert bar.evaluate(fill) != hidden.evaluate(fill)
    assert "hatch" in hidden.evaluate(fill)
    assert page.evaluate("getComputedStyle(document.querySelector('.ds-button')).transitionDuration") == "0s"


def test_printed_page_leaves_out_the_menus(site: Site) -> None:
    page = site.window()
    site.sign_in(page, PROJECT_LEADER)
    site.show(page, "subject")
    page.emulate_media(media="print")

    expect(page.get_by_role("button", name="Logg ut")).not_to_be_visible()
    expect(page.locator("table").first).to_be_visible()


def _enter(page: Page) -> None:
    """Press Enter on what has the focus, and wait for the page that it leads to."""
    with page.expect_navigation():
        page.keyboard.press("Enter")


def _tab_to(page: Page, text: str, *, at_most: int = 120) -> None:
    """Press the tabulator until the link or button that has the focus holds the text."""
    for _ in range(at_most):
        page.keyboard.press("Tab")
        focus = page.evaluate("[document.activeElement.tagName, document.activeElement.innerText || '']")
        if focus[0] in {"A", "BUTTON"} and text in focus[1]:
            return
    raise AssertionError(f"the keyboard does not reach: {text}")
