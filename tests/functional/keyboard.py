"""The site by the keyboard alone: what cannot be reached with Tab cannot be used."""

from playwright.sync_api import Locator, expect

FURTHEST = 150


def tab_to(locator: Locator) -> Locator:
    """Press Tab until that one element has the focus, visibly; fails where the keyboard does not come to it."""
    page = locator.page
    expect(locator).to_be_visible()
    for _ in range(FURTHEST):
        page.keyboard.press("Tab")
        if locator.evaluate("element => element.matches(':focus-visible')"):
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
