"""P9: everyone can use it. Nynorsk first, marked up for screen readers, no script needed, nothing from elsewhere."""

import itertools
import re
from collections import Counter
from html.parser import HTMLParser
from uuid import uuid4

import pytest
from django.test import Client

from buvett.access.memberships import hats_of
from buvett.access.roles import Role
from buvett.releases.lock import lock
from buvett.releases.publish import publish
from tests import people
from tests.integration.releases.region import agree
from tests.integration.releases.region import people as counted
from tests.unit.buvett.pages.messages import messages

LANGUAGES = ("nn", "nb", "en")
PAGES = (
    "front",
    "home",
    "role",
    "regions",
    "region",
    "subject",
    "shares",
    "completeness",
    "releases",
    "waiting",
    "waiting_overview",
    "operations",
    "glossary",
    "cases",
    "case",
    "declaration",
    "counts",
    "missing",
    "refused",
)
NECESSARY = {"sessionid", "csrftoken", "django_language"}


class Page(HTMLParser):
    """What a page is made of: its elements with their attributes, and its text."""

    VOID = frozenset({"meta", "link", "input", "br", "img"})

    def __init__(self, text):
        super().__init__()
        self.elements, self.texts, self.open, self.faults = [], [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes), tuple(self.open)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.elements.append((tag, dict(attributes), tuple(self.open)))

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.faults.append(tag)

    def handle_data(self, data):
        self.texts.append(" ".join(data.split()))

    def all(self, tag):
        return [attributes for name, attributes, _ in self.elements if name == tag]

    @property
    def ids(self):
        return [attributes["id"] for _, attributes, _ in self.elements if "id" in attributes]


@pytest.fixture(scope="module")
def world(make_municipality):
    """Who asks for which page, and where it is."""
    house = make_municipality("Prøveheim")
    people.adopt_heimel(house)
    worker, leader, reader = people.worker(house), people.worker(house, Role.LOCAL_LEADER), people.user()
    people.give_role(reader, Role.PROJECT_LEADER)
    people.give_role(reader, Role.CHIEF_EXECUTIVE, house)
    operations = people.user()
    people.give_role(operations, Role.OPERATIONS)
    hat = hats_of(reader.pk, on=people.days_ago(0))[0]
    (case,) = people.register(house, names=["Ada"], to=worker)
    slugs = []
    for but in (0, 1):
        agreed = agree(make_municipality, [counted(7, 6, 2), counted(8, 5, 0), counted(6, 9, 1), counted(9, 8, 6)])
        run = agreed.open(hours=0 if but else 1)
        agreed.contribute_all(run, but=agreed.members[:but])
        lock(run)
        publish(run)
        slugs.append(agreed.region.slug)
    own = f"/municipality/{house.code}"
    return {
        "front": (None, None, "/"),
        "home": (worker, None, "/"),
        "role": (reader, None, "/role/"),
        "regions": (reader, hat, "/region/"),
        "region": (reader, hat, f"/region/{slugs[0]}/"),
        "subject": (reader, hat, f"/region/{slugs[0]}/need/support/"),
        "shares": (reader, hat, f"/region/{slugs[0]}/need/support/?show=share"),
        "completeness": (reader, hat, f"/region/{slugs[1]}/completeness/"),
        "releases": (reader, hat, f"/region/{slugs[0]}/releases/"),
        "waiting": (reader, hat, f"/region/{slugs[1]}/need/support/"),
        "waiting_overview": (reader, hat, f"/region/{slugs[1]}/"),
        "operations": (operations, None, "/operations/"),
        "glossary": (None, None, "/words/"),
        "cases": (worker, None, f"{own}/cases/"),
        "case": (worker, None, f"{own}/cases/{case}/"),
        "declaration": (worker, None, f"{own}/declaration/"),
        "counts": (leader, None, f"{own}/counts/"),
        "missing": (worker, None, f"{own}/cases/{uuid4()}/"),
        "refused": (worker, None, f"{own}/counts/"),
    }


@pytest.fixture(scope="module")
def answers(world):
    """Every page in every language, asked for once."""
    found = {}
    for name, (who, hat, path) in world.items():
        client = people.browser(who, hat=hat)
        for language in LANGUAGES:
            client.get(f"/language/{language}/")
            found[name, language] = client.get(path)
    return found


each_page = pytest.mark.parametrize("name", PAGES)
each_language = pytest.mark.parametrize("language", LANGUAGES)


def page(answers, name, language="nn"):
    return Page(answers[name, language].content.decode())


@each_page
def test_pages_answer(answers, name):
    expected = {"missing": 404, "refused": 403}.get(name, 200)

    assert [answers[name, language].status_code for language in LANGUAGES] == [expected] * 3


@each_page
@each_language
def test_page_says_its_language(answers, name, language):
    found = page(answers, name, language)

    assert found.all("html")[0]["lang"] == language
    assert answers[name, language]["Content-Language"] == language


@each_page
@pytest.mark.parametrize("language", ["nn", "nb"])
def test_no_english_text_on_a_norwegian_page(answers, name, language):
    english = {text for text in messages() if isinstance(text, str) and "%" not in text and len(text) > 12}
    found = page(answers, name, language)

    assert english & set(found.texts) == set()


def test_nynorsk_is_first_whatever_the_browser_prefers(installation):
    answer = Client(headers={"host": "localhost", "accept-language": "en, nb;q=0.5"}).get("/")

    assert answer["Content-Language"] == "nn"
    assert "Kva bustader treng regionen?" in answer.content.decode()


def test_unknown_language_is_not_found_and_a_foreign_cookie_is_nynorsk(installation):
    client = people.browser()
    assert client.get("/language/xx/").status_code == 404
    client.cookies["django_language"] = "../../etc"

    assert client.get("/")["Content-Language"] == "nn"


def test_language_stays_chosen_and_leads_back(installation):
    client = people.browser()

    answer = client.get("/language/nb/?next=/status/")

    assert answer["Location"] == "/status/"
    assert client.get("/")["Content-Language"] == "nb"


@each_page
def test_page_is_well_formed_and_every_id_is_one(answers, name):
    found = page(answers, name)

    assert (found.faults, found.open) == ([], [])
    assert [key for key, times in Counter(found.ids).items() if times > 1] == []


@each_page
def test_page_has_one_main_one_heading_and_a_title(answers, name):
    found = page(answers, name)

    assert (len(found.all("main")), len(found.all("h1")), len(found.all("title")) >= 1) == (1, 1, True)
    levels = [int(tag[1]) for tag, _, _ in found.elements if re.fullmatch(r"h[1-6]", tag)]
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))


@each_page
def test_nothing_inline_and_nothing_from_elsewhere(answers, name):
    found = page(answers, name)

    assert re.findall(r"<script[^>]*>\s*[^<\s]", answers[name, "nn"].content.decode()) == []
    for tag, attributes, _ in found.elements:
        assert tag not in {"style", "iframe", "object"}
        assert tag != "script" or (attributes.keys() == {"src", "defer"} and attributes["src"].startswith("/static/"))
        assert "style" not in attributes
        assert not [key for key in attributes if key.startswith("on")]
        for key in ("href", "src", "action"):
            assert re.match(r"[/#?]", attributes.get(key, "/")), (tag, attributes)


@each_page
def test_policy_allows_own_files_only(answers, name):
    policy = dict(part.strip().split(" ", 1) for part in answers[name, "nn"]["Content-Security-Policy"].split(";"))

    assert policy["default-src"] == "'none'"
    assert policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert {policy[key] for key in ("style-src", "script-src", "img-src", "connect-src", "form-action")} == {"'self'"}
    assert answers[name, "nn"]["X-Content-Type-Options"] == "nosniff"
    assert answers[name, "nn"]["X-Frame-Options"] == "DENY"
    assert answers[name, "nn"]["Referrer-Policy"] == "same-origin"
    assert answers[name, "nn"]["Cache-Control"] == "no-store"


def test_only_necessary_cookies_are_set(world):
    set_by_anything = set()
    for who, hat, path in world.values():
        client = people.browser(who, hat=hat)
        client.get("/language/nn/")
        client.get(path)
        set_by_anything |= set(client.cookies)

    assert set_by_anything <= NECESSARY


@each_page
def test_every_field_has_a_label_and_every_form_its_guard(answers, name):
    found = page(answers, name)
    labels = {attributes["for"] for attributes in found.all("label")}

    for attributes in found.all("input"):
        assert attributes["type"] == "hidden" or attributes["id"] in labels
    guards = [a for a in found.all("input") if a.get("name") == "csrfmiddlewaretoken"]
    assert len(guards) == len([a for a in found.all("form") if a["method"] == "post"])
    for attributes in found.all("a"):
        assert attributes.get("href")


@each_page
def test_tables_have_names_and_headings(answers, name):
    found = page(answers, name)

    for attributes in found.all("th"):
        assert attributes["scope"] in {"col", "row"}
    for _, attributes, _around in found.elements:
        if attributes.get("class") == "scroll":
            assert attributes["tabindex"] == "0"
            assert attributes["aria-labelledby"] in found.ids
    tables = [around for tag, _, around in found.elements if tag == "table"]
    assert all("main" in around for around in tables)


@pytest.mark.parametrize("name", ["subject", "shares", "waiting"])
@each_language
def test_each_chart_has_a_name_a_finding_and_its_table(answers, name, language):
    found = page(answers, name, language)
    drawings = found.all("svg")

    assert drawings
    for drawing in drawings:
        assert drawing["role"] == "img"
        assert set(drawing["aria-labelledby"].split()) <= set(found.ids)
    sections = [a for a in found.all("section") if a.get("class") == "table"]
    assert len(found.all("table")) == len(sections)
    assert len(found.all("desc")) == len(drawings)


def test_hidden_cells_are_words_with_one_sentence_why(answers):
    text = " ".join(page(answers, "subject").texts)

    assert "skjult av personvernomsyn" in text
    assert "«Skjult» tyder skjult av personvernomsyn: talet kunne, åleine eller saman med andre," in text


def test_municipality_that_is_awaited_is_named(answers):
    text = " ".join(page(answers, "waiting").texts)

    assert "«Ventar» tyder at tal frå Prøve0 ikkje var komne då publiseringa vart låst." in text
    assert "3 av 4 kommunar har levert." in " ".join(page(answers, "waiting_overview").texts)


def test_numbers_say_what_they_are_and_for_when(answers):
    text = " ".join(page(answers, "subject").texts)

    assert "Bistandsnivå, etter kommune: talet på personar, 2026" in text
    assert "Periode: 2026." in text
    assert "Definisjon: kodeliste BISTAND" in text
    assert "Kjelde: kommunane si eiga kartlegging, talt av bu-vett." in text


def test_region_without_a_release_says_who_is_awaited(make_municipality):
    agreed = agree(make_municipality, [counted(7), counted(8), counted(6)])
    run = agreed.open()
    agreed.contribute_all(run, but=agreed.members[1:])
    reader = people.user()
    people.give_role(reader, Role.PROJECT_LEADER)

    text = " ".join(Page(people.browser(reader).get(f"/region/{agreed.region.slug}/").content.decode()).texts)

    assert "Ingenting er publisert enno." in text
    assert "Prøve0: levert" in text
    assert "Prøve1: ventar" in text


def test_case_shows_level_as_letter_and_word_and_keeps_answers_apart(answers):
    texts = page(answers, "case").texts

    assert {"R – Raud", "G – Grøn", "Y – Gul", "ikkje spurt", "ville ikkje svare", "Mellombels hjå vener/slekt"} <= set(
        texts
    )


@pytest.mark.parametrize("path", ["/nothing/", "/region/%00/", "/municipality/4032/cases/not-an-id/"])
def test_error_page_repeats_nothing_that_was_asked_for(installation, path):
    answer = people.browser().get(path)

    assert answer.status_code == 404
    text = answer.content.decode()
    assert path.strip("/") not in text
    assert "Her er det ingenting" in text


def test_bad_request_has_its_page(installation):
    answer = Client(headers={"host": "elsewhere.example"}).get("/")

    assert answer.status_code == 400
    assert "Førespurnaden var ikkje til å forstå" in answer.content.decode()
    assert "elsewhere" not in answer.content.decode()


def test_status_tells_only_that_it_answers(installation):
    answer = people.browser().get("/status/")

    assert answer.json() == {"ok": True}
