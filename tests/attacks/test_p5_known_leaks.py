"""P5: leaks published about other tools. Our attacker finds each in the pattern as it was published; ours has none.

Public examples, with their sources; the numbers are theirs.
"""

import numpy as np
import pytest

from anonymisation import Counts, Programme, Release
from anonymisation.attack import audit
from tests.attacks.test_p5_disclosure import exposed, programme, protects
from tests.oracle.adapter import publish

PUBLIC = "threshold = 3\nwidth = 3\ninsiders = false"


def narrow(release: Release) -> dict[tuple[str, tuple[str, ...]], tuple[int, int | None]]:
    """What whoever has the release alone can place too closely, small or not."""
    (public,) = audit(release).attackers
    return {(e.table, e.key): (e.lower, e.upper) for e in (*public.narrow, *public.disclosed)}


# Two linked tables: age by bloc by year, country by year (SSB's vignette "Linked table suppression").
LINKED = """
[programme]
id = "linked"
period = "2026"
population = "people"
[policy]
threshold = 3
width = 2
insiders = false
[dimensions.age]
total = "ALL"
codes = ["young", "old"]
[dimensions.country]
total = "ALL"
codes = ["Spain", "Portugal", "Iceland"]
[dimensions.country.levels.bloc]
EU = ["Spain", "Portugal"]
NONEU = ["Iceland"]
[dimensions.year]
total = "ALL"
codes = ["2014", "2015", "2016"]
[[tables]]
id = "blocs"
dimensions = ["age", "country", "year"]
levels = { country = ["bloc", "total"] }
[[tables]]
id = "countries"
dimensions = ["country", "year"]
levels = { country = ["code", "total"] }
"""
# young, old by country by year
PEOPLE = [[[6, 0, 7], [0, 0, 2], [8, 2, 2]], [[9, 4, 0], [1, 3, 0], [0, 0, 0]]]


def linked() -> Counts:
    one = Programme.parse(LINKED)
    young_and_old = np.array(PEOPLE)
    return Counts.from_tables(one, {"blocs": young_and_old, "countries": young_and_old.sum(axis=0)})


def test_linked_vignette_spain_2015_from_bloc_and_neighbour():
    counts = linked()
    # Cells that the tables have in common are hidden in both; Spain 2015 is hidden for Iceland's sake, but the other
    # table still shows the EU in 2015.
    hidden = {("countries", (c, y)) for c in ("Spain", "Iceland", "ALL") for y in ("2015", "2016", "ALL")}
    hidden |= {("countries", key) for key in (("Portugal", "2014"), ("Spain", "2014"), ("Portugal", "2016"))}
    hidden |= {
        ("blocs", (a, c, y)) for a in ("young", "ALL") for c in ("NONEU", "ALL") for y in ("2015", "2016", "ALL")
    }
    release = publish(counts, hidden)
    assert ("countries", ("Spain", "2015")) not in release.values
    assert narrow(release)["countries", ("Spain", "2015")] == (4, 4)
    ours = protects(counts)
    assert ("countries", ("Iceland", "2015")) not in ours.values


def test_linked_tables_protected_one_by_one_differ():
    counts = linked()
    # Table by table: the total of 2015 is hidden in one table and shown in the other, and so are Iceland and non-EU.
    hidden = {("countries", (c, y)) for c in ("Iceland", "ALL") for y in ("2015", "2016", "ALL")}
    found = exposed(audit(publish(counts, hidden), counts=counts))
    assert ("public", "countries", ("Iceland", "2015"), 2, 2) in found


def test_three_singletons_in_a_row():
    # UserSupport #135: one look at two singletons is not enough. Each of three knows its own 1 of 3 hidden together.
    one = programme({"place": list("ABCD")}, ["t: place"], policy="threshold = 3\nwidth = 3", contributor="place")
    counts = Counts.from_tables(one, {"t": np.array([1, 1, 1, 9])})
    found = exposed(audit(publish(counts, {("t", (c,)) for c in "ABC"}), counts=counts))
    assert {("A", "t", ("B",), 0, 2), ("B", "t", ("C",), 0, 2), ("C", "t", ("A",), 0, 2)} <= found
    assert {"A", "B", "C"} <= {who for who, *_ in found}
    protects(counts)


def test_margins_beside_one_hidden_cell_of_a_cross():
    # ACRO #198: the small cells are blanked, the margins stay.
    one = programme({"sex": ["f", "m"], "need": ["low", "high"]}, ["t: sex need"], policy=PUBLIC)
    counts = Counts.from_tables(one, {"t": np.array([[9, 2], [7, 8]])})
    found = exposed(audit(publish(counts, {("t", ("f", "high"))}), counts=counts))
    assert found == {("public", "t", ("f", "high"), 2, 2)}
    protects(counts)


def test_reconstruction_of_seven_people():
    # Garfinkel, Abowd and Martindale, CACM 62(3), 2019: statistics on fewer than 3 are suppressed, and still the counts
    # of sex by race follow from the ones that are shown.
    one = programme({"sex": ["female", "male"], "race": ["black", "white"]}, ["t: sex race"], policy=PUBLIC)
    counts = Counts.from_tables(one, {"t": np.array([[3, 1], [1, 2]])})
    hidden = {("t", key) for key in (("female", "white"), ("male", "black"), ("male", "white"))}
    found = exposed(audit(publish(counts, hidden), counts=counts))
    assert found == {("public", "t", key, n, n) for (_, key), n in zip(sorted(hidden), (1, 1, 2), strict=True)}
    protects(counts)


def test_interval_of_fischetti_and_salazar():
    # Their 3 by 3 table of investments: with the cheapest pattern (59) the target is known to lie in 5 to 30.
    policy = "threshold = 23\nwidth = 30\ninsiders = false"
    one = programme({"row": ["I", "II", "III"], "column": ["A", "B", "C"]}, ["t: row column"], policy=policy)
    counts = Counts.from_tables(one, {"t": np.array([[20, 50, 10], [8, 19, 22], [17, 32, 12]])})
    pattern = {("t", (row, column)) for row in ("II", "III") for column in ("A", "C")}
    found = exposed(audit(publish(counts, pattern), counts=counts))
    assert ("public", "t", ("II", "C"), 5, 30) in found


@pytest.mark.parametrize(
    ("values", "hidden"), [((1, 2, 6, 0, 9, 3, 11), "ABDF"), ((1, 1, 6, 7, 8, 9, 10), "ABC")], ids=str
)
def test_vectors_that_a_reference_calls_safe(values: tuple[int, ...], hidden: str):
    # DESIGN.md section 8: seven places, the pattern of the reference; safe from the public, not from the seven.
    places = list("ABCDEFG")
    one = programme({"place": places}, ["t: place"], policy="threshold = 5", contributor="place")
    counts = Counts.from_tables(one, {"t": np.array(values)})
    pattern = publish(counts, {("t", (code,)) for code in hidden})
    assert {who for who, *_ in exposed(audit(pattern, counts=counts))} & set(places)
    protects(counts)
