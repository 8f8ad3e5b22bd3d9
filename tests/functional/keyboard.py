"""The site by the keyboard alone: what cannot be reached with Tab cannot be used."""

from playwright.sync_api import Locator, Page, expect

from tests.functional.site import Site

FURTHEST = 2000  # other tests' regions and runs stand on the way
# Each role with and without script, on a phone and at a desk: (width, script). Half of the roles the other way round.
PHONE_WITH_SCRIPT = ((320, True), (1280, False))
PHONE_WITHOUT_SCRIPT = ((320, False), (1280, True))


def tab_to(locator: Locator) -> Locator:
    """Hold Tab down until that one element has the focus, visibly; fails where the keyboard does not come to it."""
    page = locator.page
    expect(locator).to_be_visible()
    element = locator.element_handle()  # looked for once: after each press it would be half of the time
    for _ in range(FURTHEST):
        page.keyboard.down("Tab")
        if element.evaluate("element => element.matches(':focus-visible')"):
            page.keyboard.up("Tab")
            return locator
    raise AssertionError(f"the keyboard does not reach {locator}")


def type_in(locator: Locator, text: str) -> None:
    """Come to a field and type."""
    tab_to(locator)
    locator.page.keyboard.type(text)


def tick(locator: Locator) -> None:
    """Come to a box and tick it with the space bar."""
    tab_to(locator)
    locator.page.keyboard.press("Space")
    expect(locator).to_be_checked()


def enter(locator: Locator) -> None:
    """Come to a link, button or field and press Enter, and wait for the page that it leads to."""
    tab_to(locator)
    with locator.page.expect_navigation():
        locator.page.keyboard.press("Enter")


def choose(locator: Locator, label: str) -> None:
    """Come to a list and type the beginning of what is chosen, as one does in a closed list."""
    type_in(locator, label)
    expect(locator.locator("option:checked")).to_have_text(label)


def enter_as(page: Page, site: Site, email: str) -> None:
    """The demo's one click, by the keyboard."""
    page.goto(f"{site.address}/")
    enter(page.locator("form", has_text=email).get_by_role("button"))


def fits(page: Page, width: int) -> bool:
    """Whether nothing is wider than the window."""
    return bool(page.evaluate("document.documentElement.scrollWidth") <= width)
