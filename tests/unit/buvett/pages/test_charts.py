import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from buvett.pages.regional.charts import NUMBER, WIDTH, Chart, charts_of
from buvett.pages.regional.findings import finding
from buvett.pages.regional.tables import tables_of
from tests.unit.buvett.pages.bodies import PLACES, crossed, hidden, release, shown, table


def drawn(*cells: dict[str, object]) -> Chart:
    body = release(table("support", ["support"], shown("ALL", value=60), *cells))
    (found,) = tables_of(body, places=PLACES, region="R", total="Alle", language="nn")
    (chart,) = charts_of(found)
    return chart


def panels(**changed: dict[str, object]) -> tuple[Chart, ...]:
    (found,) = tables_of(release(crossed(**changed)), places=PLACES, region="R", total="Alle", language="nn")
    return charts_of(found)


def test_longest_bar_fills_the_room_and_the_others_follow() -> None:
    assert [bar.length for bar in drawn(shown("0", value=40), shown("1", value=20)).bars] == [266, 133]


def test_hidden_bar_has_the_full_length_whatever_the_others_are() -> None:
    for other in (0, 1, 4000):
        assert drawn(hidden("0"), shown("1", value=other)).bars[0].length == WIDTH - NUMBER


def test_total_is_not_a_bar() -> None:
    chart = drawn(shown("0", value=40), shown("1", value=20))

    assert [bar.label for bar in chart.bars] == ["Ingen", "Råd og rettleiing"]
    assert chart.whole is not None
    assert chart.whole.value == 60


def test_group_with_its_codes_is_not_drawn_twice() -> None:
    codes = {"ALL": 9, "EIGEN_LEIGD": 8, "EIGD": 5, "LEIGD_PRIV": 3, "BUSTADLAUS": 1}
    body = release(table("situation", ["situation"], *(shown(code, value=n) for code, n in codes.items())))
    (found,) = tables_of(body, places=PLACES, region="R", total="Alle", language="en")

    (chart,) = charts_of(found)

    assert [bar.label for bar in chart.bars] == ["Owned dwelling", "Private rental", "Homeless"]


def test_municipalities_give_a_panel_for_each_code_on_one_scale() -> None:
    first, second = panels()

    assert (first.title, second.title) == ("Ingen", "Råd og rettleiing")
    assert [bar.length for bar in first.bars] == [186, 266, 80]  # 14, 20 and 6 of 20
    assert [bar.length for bar in second.bars] == [133, 133, 0]
    assert [chart.whole.value for chart in (first, second) if chart.whole] == [40, 20]


def test_charts_of_a_page_have_their_own_names() -> None:
    names = [chart.id for chart in panels()]

    assert len(set(names)) == len(names)


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


def test_finding_in_nynorsk() -> None:
    with translation.override("nn"):
        assert (
            finding(drawn(shown("0", value=40), hidden("1")))
            == "Flest av dei som er viste: Ingen (40). 1 av 2 tal er skjult."
        )


@given(st.lists(st.one_of(st.none(), st.integers(0, 10**6)), min_size=2, max_size=2))
def test_bars_stay_in_the_drawing(values: list[int | None]) -> None:
    cells = [
        hidden(code) if value is None else shown(code, value=value)
        for code, value in zip(("0", "1"), values, strict=True)
    ]

    chart = drawn(*cells)

    assert all(0 <= bar.length <= WIDTH - NUMBER for bar in chart.bars)
    assert all(bar.bar_y + 16 <= chart.height for bar in chart.bars)
