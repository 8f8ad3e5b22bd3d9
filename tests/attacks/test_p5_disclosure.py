"""P5: no published number, alone or with everything before and one municipality's own counts, reveals a small count.

Known leaks of published work and of careless practice: our attacker finds each, and our own pattern does not have it.
"""

import json
from itertools import product

import numpy as np
import pytest

from anonymisation import Counts, Programme, Release
from anonymisation.attack import AuditReport, audit
from anonymisation.errors import NoSafeRelease
from anonymisation.protection import protect
from tests.oracle.adapter import publish, region, true_world
from tests.oracle.safe import Verdict
from tests.oracle.worlds import enumerate_worlds

VT = ("4032", "4024", "4028", "4030", "4022", "4034", "4036")


def programme(dimensions: dict[str, list[str]], tables: list[str], *, policy: str, contributor: str = "") -> Programme:
    """A programme over plain lists; each table is `id: dimension dimension`, or with levels in TOML after `|`."""
    head = f'contributor = "{contributor}"\n' if contributor else ""
    text = f'[programme]\nid = "leak"\nperiod = "2026"\npopulation = "people"\n{head}[policy]\n{policy}\n'
    for name, codes in dimensions.items():
        listed = ", ".join(f'"{code}"' for code in codes)
        text += f'[dimensions.{name}]\ntotal = "ALL"\ncodes = [{listed}]\n'
    for table in tables:
        name, _, rest = table.partition(":")
        axes, _, more = rest.partition("|")
        listed = ", ".join(f'"{axis}"' for axis in axes.split())
        text += f'[[tables]]\nid = "{name}"\ndimensions = [{listed}]\n{more}\n'
    return Programme.parse(text)


def exposed(report: AuditReport) -> set[tuple[str, str, tuple[str, ...], int, int | None]]:
    """Everything that is found, as (who, table, key, lower, upper)."""
    return {(a.who, e.table, e.key, e.lower, e.upper) for a in report.attackers for e in a.disclosed}


def protects(counts: Counts, *history: Release) -> Release:
    """Our own release of the same counts, which must be safe for the attacker."""
    release = protect(counts.programme, counts, history=history).release
    report = audit(release, history=history, counts=counts)
    assert exposed(report) == set()
    assert report.safe
    assert report.complete
    return release


def vt(values: tuple[int, ...], hidden: str, *, total: bool = True) -> tuple[Counts, Release]:
    """One row of the seven municipalities with the pattern of the domain brief, section 12: `:` is hidden."""
    one = programme({"place": list(VT)}, ["need: place"], policy="threshold = 5", contributor="place")
    counts = Counts.from_tables(one, {"need": np.array(values)})
    cells = {("need", (code,)) for code, mark in zip(VT, hidden.split(), strict=True) if mark == ":"}
    return counts, publish(counts, cells if total else cells | {("need", ("ALL",))})


def test_domain_vector_with_a_zero_and_a_two_behind_three():
    counts, release = vt((1, 2, 6, 0, 9, 3, 11), ": : 6 : 9 : 11")
    # Hidden are 1, 2, 0 and 3, together 6. Hjartdal knows its 2, so 0 to 4 are left for each of the others.
    assert exposed(audit(release, counts=counts)) == {
        ("4024", "need", ("4032",), 0, 4),
        ("4024", "need", ("4034",), 0, 4),
        ("4034", "need", ("4032",), 0, 3),
        ("4034", "need", ("4024",), 0, 3),
    }
    assert audit(release).safe
    protects(counts)


def test_domain_vector_with_two_ones():
    counts, release = vt((1, 1, 6, 7, 8, 9, 10), ": : : 7 8 9 10")
    # Hidden are 1, 1 and 6, together 8. Kviteseid knows its 6: 2 are left for the two others.
    assert exposed(audit(release, counts=counts)) == {
        ("4028", "need", ("4032",), 0, 2),
        ("4028", "need", ("4024",), 0, 2),
    }
    protects(counts)


def test_domain_vector_two_hidden_solve_each_other():
    counts, release = vt((8, 7, 6, 2, 9, 5, 12), "8 7 6 : 9 : 12")
    assert exposed(audit(release, counts=counts)) == {("4034", "need", ("4030",), 2, 2)}
    protects(counts)


def test_domain_vector_nothing_small():
    counts, release = vt((8, 7, 6, 5, 9, 5, 12), "8 7 6 5 9 5 12")
    assert audit(release, counts=counts).safe
    assert protects(counts).to_json()["tables"] == release.to_json()["tables"]


def test_total_minus_shown_minus_own():
    counts, release = vt((8, 7, 6, 2, 9, 5, 12), "8 7 6 : 9 5 12")
    found = exposed(audit(release, counts=counts))
    assert ("public", "need", ("4030",), 2, 2) in found
    assert audit(release).attackers[0].disclosed[0].key == ("4030",)


ISSUE_136 = {"A": 2, "B": 2, "I": 8, "J": 8, "K": 3, "L": 3, "M": 3, "N": 7}


def issue_136(threshold: int) -> Counts:
    """Regions with two groupings that cross: counties, and small against big."""
    text = f"""
[programme]
id = "issue-136"
period = "2026"
population = "people"
[policy]
threshold = {threshold}
width = 1
zeros = "publish"
[dimensions.region]
total = "ALL"
codes = ["A", "B", "I", "J", "K", "L", "M", "N"]
[dimensions.region.levels.county]
county-1 = ["A", "B", "I", "J"]
county-2 = ["K", "L", "M", "N"]
[dimensions.region.levels.group]
small = ["A", "B", "I", "J", "K", "N"]
BIG = ["L", "M"]
[[tables]]
id = "by_county"
dimensions = ["region"]
levels = {{ region = ["code", "county", "total"] }}
[[tables]]
id = "by_group"
dimensions = ["region"]
levels = {{ region = ["code", "group", "total"] }}
"""
    one = Programme.parse(text)
    values = np.array(list(ISSUE_136.values()))
    return Counts.from_tables(one, {"by_county": values, "by_group": values})


def hide_regions(codes: str) -> set[tuple[str, tuple[str, ...]]]:
    return {(table, (code,)) for table, code in product(("by_county", "by_group"), codes)}


def test_linked_tables_issue_136_cross_table_relation():
    counts = issue_136(4)
    # Tables protected one by one hide A, B and K: small minus county-1 is K + N, and N is shown, so K follows.
    report = audit(publish(counts, hide_regions("ABK")), counts=counts)
    assert ("public", "by_county", ("K",), 3, 3) in exposed(report)
    protects(counts)


def test_linked_tables_issue_136_published_patterns_are_narrow():
    # GaussSuppression's own patterns promise no width: A + B = 4 and L + M = 6 are left (sdc.md, section 4).
    for threshold, hidden, pairs in ((3, "AB", "AB"), (4, "ABKLMN", "ABLM")):
        counts = issue_136(threshold)
        wide = Programme.from_json(
            counts.programme.to_json()
            | {
                "policy": counts.programme.policy.to_json() | {"width": 7},
                "tables": [table.to_json() | {"width": 7} for table in counts.programme.tables],
            }
        )
        counts = Counts.from_tables(wide, dict(counts.tables))
        report = audit(publish(counts, hide_regions(hidden)), counts=counts)
        assert {key for _, _, key, _, _ in exposed(report)} >= {(code,) for code in pairs}
        protects(counts)


def test_differencing_geography():
    # Handbook on SDC, 5.2: the same people in two areas, one a little larger.
    one = programme(
        {"place": ["inner", "ring", "far"], "size": ["30P", "16_30", "U16"], "sex": ["M", "F"]},
        ["first: place size sex"],
        policy="threshold = 3\ninsiders = false",
    )
    inner, outer = [[50, 54], [128, 140], [39, 49]], [[52, 55], [130, 140], [39, 49]]
    values = np.array([inner, np.array(outer) - np.array(inner), [[20, 20]] * 3])
    counts = Counts.from_tables(one, {"first": values})
    hidden = {
        ("first", key)
        for key in one.tables[0].published(one)
        if key[0] == "ring" and (values[1].sum() and key[1] != "ALL" and key[2] != "ALL")
    }
    found = exposed(audit(publish(counts, hidden), counts=counts))
    # Every total is shown, and the other areas: what is hidden comes back by subtraction.
    assert ("public", "first", ("ring", "30P", "M"), 2, 2) in found
    assert ("public", "first", ("ring", "30P", "F"), 1, 1) in found
    assert ("public", "first", ("ring", "16_30", "M"), 2, 2) in found
    protects(counts)


def test_differencing_linking_two_tables_with_a_shared_margin():
    # Handbook on SDC, 5.2, in our words: of 102 who live here 58 + 21 are men and so on; women by subtraction.
    one = programme(
        {"where": ["both", "live_only", "work_only"], "sex": ["M", "F"]},
        ["men: where sex", "all: where"],
        policy="threshold = 6\nwidth = 6\ninsiders = false",
    )
    values = np.array([[21, 1], [58, 5], [23, 4]])
    counts = Counts.from_tables(one, {"men": values, "all": values.sum(axis=1)})
    hidden = {("men", key) for key in one.tables[0].published(one) if key[1] != "M"}
    found = exposed(audit(publish(counts, hidden), counts=counts))
    for code, women in (("both", 1), ("live_only", 5), ("work_only", 4)):
        assert ("public", "men", (code, "F"), women, women) in found
    protects(counts)


def test_differencing_two_programmes_of_one_period():
    # Handbook on SDC, 5.2: bands <20 with 6 and <25 with 7 tell that one man is 20 to 24.
    text = """
[programme]
id = "{name}"
period = "2026"
population = "people"
[policy]
threshold = 5
insiders = false
[dimensions.age]
total = "ALL"
codes = ["U20", "20_24", "25_39"]
[dimensions.age.levels.band]
{bands}
[[tables]]
id = "{name}"
dimensions = ["age"]
levels = {{ age = ["band", "total"] }}
"""
    first = Programme.parse(text.format(name="first", bands='YOUNG = ["U20"]\nOLD = ["20_24", "25_39"]'))
    second = Programme.parse(text.format(name="second", bands='YOUNG2 = ["U20", "20_24"]\nOLD2 = ["25_39"]'))
    before = publish(Counts.from_tables(first, {"first": np.array([6, 1, 8])}), set())
    counts = Counts.from_tables(second, {"second": np.array([6, 1, 8])})
    assert audit(publish(counts, set()), counts=counts).safe
    found = exposed(audit(publish(counts, set()), history=[before], counts=counts))
    assert ("public", "second", ("20_24",), 1, 1) in found


def test_group_disclosure():
    # Handbook on SDC, 5.2: all six married people work full time.
    one = programme(
        {"status": ["married", "divorced", "single"], "hours": ["full", "part"]},
        ["work: status hours|sensitive = true"],
        policy="threshold = 2\nwidth = 2\ninsiders = false",
    )
    counts = Counts.from_tables(one, {"work": np.array([[6, 0], [5, 1], [2, 2]])})
    report = audit(publish(counts, set()), counts=counts)
    groups = {(e.key, e.margin) for e in report.attackers[0].disclosed if e.margin}
    assert (("married", "full"), "hours") in groups
    assert (("divorced", "full"), "hours") in groups
    protects(counts)


def test_margins_beside_hidden_cells():
    # ACRO issue 198: primary suppression with the margins left in place.
    one = programme({"a": ["x", "y"], "b": ["u", "v"]}, ["t: a b"], policy="threshold = 5\ninsiders = false")
    counts = Counts.from_tables(one, {"t": np.array([[2, 9], [8, 7]])})
    found = exposed(audit(publish(counts, {("t", ("x", "u"))}), counts=counts))
    assert found == {("public", "t", ("x", "u"), 2, 2)}
    protects(counts)


def test_interval_of_the_handbook():
    # Handbook on SDC, 4.2, Example 3: the first hidden cell lies in 3 to 6, the others as the same relations say.
    one = programme(
        {"a": ["1", "2", "3"], "b": ["1", "2"]}, ["t: a b"], policy="threshold = 7\nwidth = 7\ninsiders = false"
    )
    counts = Counts.from_tables(one, {"t": np.array([[5, 2], [1, 2], [3, 3]])})
    hidden = {("t", (a, b)) for a in "12" for b in "12"}
    found = exposed(audit(publish(counts, hidden), counts=counts))
    assert {
        (key, low, high) for _, _, key, low, high in found if key in {("1", "1"), ("1", "2"), ("2", "1"), ("2", "2")}
    } == {
        (("1", "1"), 3, 6),
        (("1", "2"), 1, 4),
        (("2", "1"), 0, 3),
        (("2", "2"), 0, 3),
    }


def test_correction_apart_by_one_case():
    counts, before = vt((8, 7, 6, 5, 9, 5, 12), "8 7 6 5 9 5 12")
    after = Counts.from_tables(counts.programme, {"need": np.array([8, 7, 6, 5, 9, 5, 13])})
    report = audit(publish(after, set(), revision=1), history=[before], counts=after)
    assert ("public", "need", ("4036",), 1, 1) in exposed(report)


def test_region_without_any_safe_number_is_empty_or_refused():
    counts, release = vt((0, 0, 0, 0, 0, 0, 4), ": : : : : : :")
    assert not audit(release, counts=counts).safe
    try:
        protects(counts)
    except NoSafeRelease:
        pytest.fail("everything hidden is always safe for a first release")


@pytest.mark.parametrize("seed", range(6))
def test_own_pattern_is_safe_for_oracle_and_attacker(seed):
    random = np.random.default_rng(seed)
    policy = f"threshold = 3\nwidth = 3\nrule_aware = {json.dumps(bool(seed % 2))}\nmin_contributors = {1 + seed % 3}"
    one = programme({"place": ["A", "B", "C"]}, ["need: place"], policy=policy, contributor="place")
    counts = Counts.from_tables(one, {"need": random.integers(0, 6, 3)})
    release = protects(counts)
    where = region(release)
    worlds = enumerate_worlds(where, 15)
    assert worlds is not None
    assert Verdict(where, worlds).findings(true_world(where, [counts])) == []
