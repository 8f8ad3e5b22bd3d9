"""Every kind of page once: axe in each scheme, each window's width, no complaint in the console, a picture.

Each person signs in once, each page is visited once; width and scheme change in the window that is open.
"""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.functional.site import WIDTHS, Site

pytestmark = pytest.mark.browser
# The docs' own pictures are written anew with RENEW_PICTURES=1 only: an ordinary run leaves the clone as it was.
DOCS = Path(__file__).parents[2] / "platform" / "docs"
PICTURES = DOCS / "pictures"
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"], "resultTypes": ["violations"]}
# Another scheme changes colours and nothing else.
CONTRAST = {"runOnly": {"type": "rule", "values": ["color-contrast"]}, "resultTypes": ["violations"]}
SERIOUS = {"serious", "critical"}
KINDS = tuple(Site(address="", region="", browser=None).pages())  # type: ignore[arg-type]


class Tour:
    """A window for each person who has a page to see."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.windows: dict[str | None, Page] = {}
        self.language = "nn"

    def show(self, kind: str) -> Page:
        """The page of that kind, in the window of the person who may see it."""
        who, _ = self.site.pages()[kind]
        if who not in self.windows:
            self.windows[who] = self.site.window(language=self.language)
            if who:
                self.site.sign_in(self.windows[who], who)
        page = self.windows[who]
        self.site.show(page, kind)
        return page

    def speak(self, language: str) -> None:
        """Every window in that language from now on."""
        self.language = language
        for page in self.windows.values():
            page.goto(f"{self.site.address}/language/{language}/")


@pytest.fixture(scope="module")
def tour(address: str, region: str, chromium: Browser) -> Iterator[Tour]:
    site = Site(address=address, region=region, browser=chromium)
    yield Tour(site)
    site.close()
    assert site.complaints == []


def faults(page: Page, rules: Mapping[str, object] = RULES) -> list[tuple[str, str, list[str]]]:
    """What axe calls serious or critical on the page: rule, weight, places."""
    there = page.evaluate("'axe' in window")  # since an earlier look at the page
    answer = (Axe("true") if there else Axe()).run(page, options=rules).response
    return [
        (found["id"], found["impact"], [node["html"][:160] for node in found["nodes"][:3]])
        for found in answer["violations"]
        if found["impact"] in SERIOUS
    ]


@dataclass(frozen=True, kw_only=True)
class Look:
    """What one visit of a page gives: faults in the light and in the dark, how wide it is in each window."""

    light: list[tuple[str, str, list[str]]]
    dark: list[tuple[str, str, list[str]]]
    wide: dict[str, int]


def look(page: Page) -> Look:
    """Look at the page that is open in every scheme and width; it is as before afterwards."""
    light = faults(page)
    page.emulate_media(color_scheme="dark")
    dark = faults(page, CONTRAST)
    page.emulate_media(color_scheme="light")
    wide = {}
    for width, pixels in WIDTHS.items():
        page.set_viewport_size({"width": pixels, "height": 900})
        wide[width] = page.evaluate("document.documentElement.scrollWidth")
    page.set_viewport_size({"width": WIDTHS["desk"], "height": 900})
    return Look(light=light, dark=dark, wide=wide)


@pytest.fixture(scope="module")
def looks(tour: Tour) -> dict[str, Look]:
    """Every kind of page, visited once."""
    return {kind: look(tour.show(kind)) for kind in KINDS}


def test_axe_finds_nothing_serious(looks: dict[str, Look]) -> None:
    assert {kind: seen.light for kind, seen in looks.items() if seen.light} == {}


def test_axe_finds_nothing_serious_in_the_dark(looks: dict[str, Look]) -> None:
    assert {kind: seen.dark for kind, seen in looks.items() if seen.dark} == {}


@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_is_wider_than_the_window(looks: dict[str, Look], width: str) -> None:
    wide = {kind: seen.wide[width] for kind, seen in looks.items()}

    assert {kind: pixels for kind, pixels in wide.items() if pixels > WIDTHS[width]} == {}


@pytest.mark.long  # the words of every language are looked at in tests/attacks/test_p9_faces.py
@pytest.mark.parametrize("language", ["nb", "en"])
def test_axe_finds_nothing_serious_in_another_language(tour: Tour, language: str) -> None:
    tour.speak(language)
    found, spoken = {}, set()
    for kind in KINDS:
        page = tour.show(kind)
        spoken.add(page.locator("html").get_attribute("lang"))
        found[kind] = faults(page)
    tour.speak("nn")

    assert {kind: told for kind, told in found.items() if told} == {}
    assert spoken == {language}


def test_docs_have_a_picture_of_every_page_and_show_it(tour: Tour, tmp_path: Path) -> None:
    renew = os.environ.get("RENEW_PICTURES") == "1"
    shown = (DOCS / "pictures.md").read_text(encoding="utf-8")
    for kind in KINDS:
        picture = (PICTURES if renew else tmp_path) / f"{kind}.png"
        if renew or kind == "region":  # taking one costs half a second: an ordinary run proves that it works
            tour.show(kind).screenshot(path=picture)
            assert picture.read_bytes().startswith(b"\x89PNG")

    assert [kind for kind in KINDS if f"(pictures/{kind}.png)" not in shown] == []
    assert [kind for kind in KINDS if not (PICTURES / f"{kind}.png").is_file()] == []
