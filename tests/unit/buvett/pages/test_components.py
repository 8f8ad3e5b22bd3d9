"""The components of the pages: what they make of attributes and slots, and that nothing said in them becomes markup."""

import re
from typing import Any

import pytest
from django.core.paginator import Paginator
from django.template import Context, Template
from django.utils import translation
from django_cotton.compiler_regex import CottonCompiler

from tests.unit.buvett.pages.messages import BUVETT

DOCS = BUVETT.parent / "docs" / "faces.md"
HOSTILE = '"><script>alert(1)</script>'


def render(source: str, **context: Any) -> str:
    """A piece of a page, as the loader compiles it, in English."""
    with translation.override("en"):
        return str(Template(CottonCompiler().process("{% load i18n %}" + source)).render(Context(context)))


def test_every_component_is_in_the_guide() -> None:
    names = {path.stem.replace("_", "-") for path in (BUVETT / "pages" / "templates" / "cotton").glob("*.html")}
    guide = DOCS.read_text(encoding="utf-8")

    assert {name for name in names if f"`c-{name}`" not in guide} == set()
    assert set(re.findall(r"`c-([a-z-]+)`", guide)) <= names


def test_page_head_has_one_heading_its_lead_and_the_way_back() -> None:
    html = render('<c-page-head title="Title" lead="Lead" back="/there/" back_label="There">more</c-page-head>')

    assert re.findall(r"<h1[^>]*>([^<]*)</h1>", html) == ["Title"]
    assert '<p class="lead">Lead</p>' in html
    assert '<a class="ds-link" href="/there/">There</a>' in html
    assert "more" in html


def test_page_head_without_a_lead_or_a_way_back_has_neither() -> None:
    html = render('<c-page-head title="Title" />')

    assert ("lead" in html, "back" in html) == (False, False)


def test_slot_of_the_same_name_does_what_the_attribute_does() -> None:
    html = render('<c-page-head title="T"><c-slot name="lead">A <b>lead</b></c-slot></c-page-head>')

    assert '<p class="lead">A <b>lead</b></p>' in html


@pytest.mark.parametrize(
    "source",
    [
        '<c-page-head title="{{ said }}" lead="{{ said }}" back="{{ said }}" back_label="{{ said }}" />',
        '<c-card heading="{{ said }}" id="x">{{ said }}</c-card>',
        '<c-alert heading="{{ said }}">{{ said }}</c-alert>',
        '<c-field label="{{ said }}" for="x" help="{{ said }}" error="{{ said }}">{{ said }}</c-field>',
        '<c-number label="{{ said }}" value="{{ said }}" period="{{ said }}" source="{{ said }}" />',
        '<c-table id="x" caption="{{ said }}"><tr><td>{{ said }}</td></tr></c-table>',
        '<c-empty heading="{{ said }}">{{ said }}</c-empty>',
        '<c-tag letter="{{ said }}">{{ said }}</c-tag>',
        '<c-tick id="x" name="x" label="{{ said }}" />',
        '<c-choices legend="{{ said }}" help="{{ said }}" id="x">{{ said }}</c-choices>',
        '<c-tabs label="{{ said }}"><c-tab href="{{ said }}">{{ said }}</c-tab></c-tabs>',
    ],
)
def test_what_is_said_is_never_markup(source: str) -> None:
    html = render(source, said=HOSTILE)

    assert "alert(1)" in html
    assert "<script" not in html


def test_card_is_named_by_its_heading() -> None:
    html = render('<c-card heading="H" id="here" level="3">text</c-card>')

    assert '<section class="ds-card" aria-labelledby="here">' in html
    assert re.search(r'<h3 id="here"[^>]*>H</h3>', html)


@pytest.mark.parametrize(("live", "role"), [("now", 'role="alert"'), ("soon", 'role="status"'), ("", "")])
def test_alert_is_read_as_urgently_as_it_is(live: str, role: str) -> None:
    html = render(f'<c-alert kind="danger" live="{live}">x</c-alert>')

    assert 'data-color="danger"' in html
    assert re.findall(r'role="\w+"', html) == ([role] if role else [])


def test_field_with_help_and_error_names_both() -> None:
    html = render('<c-field label="L" for="f" help="h" error="e" optional="yes"><input id="f"></c-field>')

    assert '<label class="ds-label" for="f">' in html
    assert set(re.findall(r'id="([^"]*)"', html)) == {"f", "f-help", "f-error"}
    assert "(optional)" in html


def test_table_scrolls_by_the_keyboard_under_its_caption() -> None:
    html = render('<c-table id="t" caption="C"><tbody></tbody></c-table>')

    assert 'class="scroll" role="region" aria-labelledby="t" tabindex="0"' in html
    assert '<caption id="t">C</caption>' in html


def test_empty_list_says_what_to_do_next() -> None:
    html = render('<c-empty heading="None">why<c-slot name="action"><a href="/new/">New</a></c-slot></c-empty>')

    assert re.search(r'<div class="buttons"><a href="/new/">New</a></div>', html)


def test_number_says_what_when_and_from_where() -> None:
    html = render('<c-number label="People" value="143" period="2026" source="own mapping" definition="BISTAND" />')

    assert "<dt>People</dt>" in html
    assert [text.strip() for text in re.findall(r'<dd class="fine">([^<]*)</dd>', html)] == [
        "Period: 2026",
        "Source: own mapping",
        "Definition: BISTAND",
    ]


def test_tag_is_letter_word_and_colour() -> None:
    html = render('<c-tag letter="R" kind="danger">Red</c-tag>')

    assert 'data-color="danger"' in html
    assert re.sub(r"<[^>]*>", "", html).strip() == "R – Red"


def test_tab_that_is_open_says_so() -> None:
    html = render('<c-tabs label="Ways"><c-tab href="/a/" current="yes">A</c-tab><c-tab href="/b/">B</c-tab></c-tabs>')

    assert re.findall(r'<a href="(/./)"(?: aria-current="(page)")?>', html) == [("/a/", "page"), ("/b/", "")]


def test_pages_of_a_list_lead_on_and_back_and_keep_the_search() -> None:
    pages = Paginator(range(50), 20)

    html = render('<c-pagination :page="page" query="{{ query }}" />', page=pages.page(2), query="q=x&")

    assert re.findall(r'href="([^"]*)"', html) == ["?q=x&amp;page=1", "?q=x&amp;page=3"]
    assert "Page 2 of 3" in html


def test_one_page_alone_needs_no_way_on() -> None:
    assert render('<c-pagination :page="page" />', page=Paginator(range(5), 20).page(1)).strip() == ""
