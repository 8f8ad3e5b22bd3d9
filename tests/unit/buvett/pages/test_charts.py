import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from decimal import Decimal

import pytest
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from buvett.pages.regional.charts import Chart, charts_of, region_chart
from buvett.pages.regional.drawing import LINE, ROOM, SVG, WIDTH, svg_of
from buvett.pages.regional.findings import finding
from buvett.pages.regional.measures import Measure
from buvett.pages.regional.tables import Table, tables_of
from tests.unit.buvett.pages.bodies import PLACES, crossed, hidden, release, shown, table


def only(body: dict[str, object], language: str = "nn") -> Table:
    (found,) = tables_of(body, places=PLACES, region="R", total="Alle", language=language)
    return found


def drawn(*cells: dict[str, object], whole: int = 60, measure: Measure = Measure.COUNT) -> Chart:
    found = only(release(table("support", ["support"], shown("ALL", value=whole), *cells)))
    (chart,) = charts_of(found, measure=measure)
    return chart


def panels(measure: Measure = Measure.COUNT, **changed: dict[str, object]) -> tuple[Chart, ...]:
    return charts_of(only(release(crossed(**changed))), measure=measure)


def test_longest_bar_fills_the_room_and_the_others_follow() -> None:
    assert [bar.length for bar in drawn(shown("0", value=40), shown("1", value=20)).bars] == [1.0, 0.5]


def test_hidden_bar_has_the_full_length_whatever_the_others_are() -> None:
    for other in (0, 1, 4000):
        assert drawn(hidden("0"), shown("1", value=other)).bars[0].length == 1.0


def test_total_is_not_a_bar() -> None:
    chart = drawn(shown("0", value=40), shown("1", value=20))

    assert [bar.label for bar in chart.bars] == ["Ingen", "Råd og rettleiing"]
    assert chart.whole is not None
    assert chart.whole.value == 60


def test_group_with_its_codes_is_not_drawn_twice() -> None:
    codes = {"ALL": 9, "EIGEN_LEIGD": 8, "EIGD": 5, "LEIGD_PRIV": 3, "BUSTADLAUS": 1}
    body = release(table("situation", ["situation"], *(shown(code, value=n) for code, n in codes.items())))

    (chart,) = charts_of(only(body, "en"))

    assert [bar.label for bar in chart.bars] == ["Owned dwelling", "Private rental", "Homeless"]


def test_municipalities_give_a_panel_for_each_code_on_one_scale() -> None:
    first, second = panels()

    assert (first.title, second.title) == ("Ingen", "Råd og rettleiing")
    assert [bar.length for bar in first.bars] == [0.7, 1.0, 0.3]  # 14, 20 and 6 of 20
    assert [bar.length for bar in second.bars] == [0.5, 0.5, 0.0]
    assert [chart.whole.value for chart in (first, second) if chart.whole] == [40, 20]


def test_region_of_a_table_over_municipalities_has_its_own_chart() -> None:
    chart = region_chart(only(release(crossed(VT_1=hidden("VT", "1")))))

    assert chart is not None
    assert [(bar.label, bar.shown.text) for bar in chart.bars] == [("Ingen", "40"), ("Råd og rettleiing", "skjult")]
    assert chart.whole is not None
    assert chart.whole.value == 60


def test_table_of_codes_has_no_second_chart_of_the_region() -> None:
    body = release(table("support", ["support"], shown("ALL", value=9), shown("0", value=9)))

    assert region_chart(only(body)) is None


def test_charts_of_a_page_have_their_own_names() -> None:
    names = [chart.id for chart in panels()]

    assert len(set(names)) == len(names)


def test_shares_are_of_the_municipality_and_missing_where_the_base_is_too_small() -> None:
    first, _ = panels(Measure.SHARE)

    # Fyresdal has 24 counted, Åmli 6: no share. Vinje has 30.
    assert [bar.shown.value for bar in first.bars] == [None, 65, None]
    assert [bar.shown.text for bar in first.bars] == ["–", "65\u202f%", "–"]
    assert first.lacking == 2


def test_rates_are_of_the_municipalitys_own_inhabitants() -> None:
    first, _ = panels(Measure.RATE)

    assert [bar.shown.value for bar in first.bars] == [Decimal("14.0"), Decimal("6.7"), None]
    assert first.bars[0].length == 1.0


@pytest.mark.parametrize("measure", Measure)
def test_hidden_cell_has_no_number_by_any_measure(measure: Measure) -> None:
    first, _ = panels(measure, **{"4036_0": {**hidden("4036", "0"), "value": 3}})

    assert first.bars[1].shown.value is None
    assert first.bars[1].shown.text == "skjult"


@pytest.mark.parametrize("measure", [Measure.SHARE, Measure.RATE])
def test_hidden_total_gives_no_share(measure: Measure) -> None:
    found = only(release(crossed(**{"4036_ALL": hidden("4036", "ALL")})))
    first, _ = charts_of(found, measure=measure)

    assert first.bars[1].shown.value == (None if measure is Measure.SHARE else Decimal("6.7"))


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ((shown("0", value=40), shown("1", value=20)), "Most: Ingen (40)."),
        ((shown("0", value=30), shown("1", value=30)), "Most: Ingen and Råd og rettleiing (30)."),
        ((shown("0", value=0), shown("1", value=0)), "All are zero."),
        ((hidden("0"), hidden("1")), "All numbers are hidden."),
        ((shown("0", value=40), hidden("1")), "Most among those shown: Ingen (40). 1 of 2 numbers is hidden."),
        ((shown("0", value=0), hidden("1")), "1 of 2 numbers is hidden."),
    ],
)
def test_finding_is_said_in_words(cells: tuple[dict[str, object], ...], said: str) -> None:
    with translation.override("en"):
        assert finding(drawn(*cells)) == said


def test_finding_of_shares_and_rates() -> None:
    with translation.override("en"):
        assert finding(panels(Measure.RATE)[0]) == (
            "Most among those shown: Fyresdal (14,0 per 1,000). “–” means that the base is hidden or below 30."
        )
        assert finding(drawn(shown("0", value=40), shown("1", value=20), measure=Measure.SHARE)) == (
            "Most: Ingen (65\u202f%)."
        )


def test_finding_in_nynorsk() -> None:
    with translation.override("nn"):
        assert (
            finding(drawn(shown("0", value=40), hidden("1")))
            == "Flest av dei som er viste: Ingen (40). 1 av 2 tal er skjult."
        )


def elements(svg: str, tag: str) -> list[ET.Element]:
    return list(ET.fromstring(svg).iter(f"{{{SVG}}}{tag}"))


def ends(path: ET.Element) -> float:
    """How far to the right a bar goes: ``M0,0h190v16h-190Z``."""
    found = re.match(r"M[\d.]+,[\d.]+h([\d.]+)", path.attrib["d"])
    return float(found[1]) if found else 0.0


def test_drawing_has_a_bar_and_a_number_for_each_cell() -> None:
    chart = drawn(shown("0", value=40), shown("1", value=20))

    svg = svg_of(chart, finding="Flest: Ingen (40).")

    bars = [path for path in elements(svg, "path") if path.get("class") == "chart-bar"]
    assert [ends(bar) for bar in bars] == [ROOM, ROOM / 2]
    assert [text.text for text in elements(svg, "text")] == ["Ingen", "Råd og rettleiing", "40", "20"]


def test_drawing_hatches_what_is_hidden_over_the_full_length_with_a_word() -> None:
    chart = drawn(hidden("0"), shown("1", value=20))

    svg = svg_of(chart, finding="")

    (bar,) = [path for path in elements(svg, "path") if path.get("class") == "chart-hidden"]
    assert (ends(bar), bar.get("fill"), bar.get("stroke-dasharray")) == (ROOM, "url(#support-0-hatch)", "3,2")
    assert [pattern.get("id") for pattern in elements(svg, "pattern")] == ["support-0-hatch"]
    assert "skjult" in [text.text for text in elements(svg, "text")]


def test_drawing_needs_no_style_and_no_script_and_says_what_it_shows() -> None:
    svg = svg_of(drawn(shown("0", value=40), hidden("1")), finding="Eit funn & <meir>.")
    root = ET.fromstring(svg)

    assert (root.get("role"), root.get("aria-labelledby")) == ("img", "support-0-t support-0-d")
    assert [e.text for e in (*elements(svg, "title"), *elements(svg, "desc"))] == ["Bistandsnivå", "Eit funn & <meir>."]
    assert {e.tag.split("}")[1] for e in root.iter()} <= {
        "svg",
        "title",
        "desc",
        "defs",
        "pattern",
        "rect",
        "path",
        "g",
        "text",
    }
    assert [
        e.attrib for e in root.iter() if "style" in e.attrib or any(name.startswith("on") for name in e.attrib)
    ] == []
    assert [e.attrib for e in root if any(name.startswith("aria-") for name in e.attrib)] == []
    assert {"width", "height"} & root.attrib.keys() == set()
    assert root.attrib["viewBox"].split()[2:] == [str(WIDTH + 1), str(2 * LINE)]


def test_long_label_is_broken_and_nothing_of_it_lost() -> None:
    long = "Praktisk bistand (søknad, kjøp/leige, hindre utkasting)"
    chart = drawn(shown("0", value=40), shown("1", value=20))
    chart = replace(chart, bars=(replace(chart.bars[0], label=long), chart.bars[1]))

    svg = svg_of(chart, finding="")

    parts = {text.text for text in elements(svg, "text")}
    assert {"Praktisk bistand (søknad, kjøp/leige, hindre", "utkasting)", "Råd og rettleiing"} <= parts
    assert ET.fromstring(svg).attrib["viewBox"].split()[3] == str(2 * (LINE + 15))


def test_drawing_is_the_same_each_time() -> None:
    chart = drawn(shown("0", value=40), hidden("1"))

    assert svg_of(chart, finding="x") == svg_of(chart, finding="x")


@settings(max_examples=25, deadline=None)
@given(st.lists(st.one_of(st.none(), st.integers(0, 10**6)), min_size=2, max_size=2))
def test_bars_stay_in_the_drawing(values: list[int | None]) -> None:
    cells = [
        hidden(code) if value is None else shown(code, value=value)
        for code, value in zip(("0", "1"), values, strict=True)
    ]

    svg = svg_of(drawn(*cells, whole=10**7), finding="")

    bars = [path for path in elements(svg, "path") if path.get("class") in {"chart-bar", "chart-hidden"}]
    assert len(bars) == 2
    assert all(0 <= ends(bar) <= ROOM for bar in bars)
    assert len(elements(svg, "text")) == 4
