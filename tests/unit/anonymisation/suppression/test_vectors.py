"""Patterns that a reference text calls safe and that are not, and the first programme on synthetic registers."""

from pathlib import Path

import numpy as np
import pytest

from anonymisation import Counts, Programme, protect
from anonymisation.attack import audit
from anonymisation.programme import EXAMPLE
from tests.oracle.compare import attacker
from tests.oracle.small import Setting

ROOT = Path(__file__).parents[4]
VECTORS = [(1, 2, 6, 0, 9, 3, 11), (1, 1, 6, 7, 8, 9, 10)]


def seven(policy: str) -> Programme:
    """One count for each of seven places, and their sum."""
    text = EXAMPLE.replace('["A", "B", "C"]', '["A", "B", "C", "D", "E", "F", "G"]')
    text = text.split("[dimensions.situation]")[0] + '[[tables]]\nid = "need"\ndimensions = ["place"]\n'
    return Programme.parse(text.replace("threshold = 5", f"threshold = 5\n{policy}"))


@pytest.mark.parametrize("vector", VECTORS)
@pytest.mark.parametrize("rule_aware", ["true", "false"])
def test_vector_of_design_is_protected_from_insiders(vector: tuple[int, ...], rule_aware: str):
    programme = seven(f"rule_aware = {rule_aware}")
    counts = Counts.from_tables(programme, {"need": np.array(vector)})
    release = protect(programme, counts).release
    assert attacker(Setting(counts, release)) == (True, True, {})
    small = [code for code, n in zip("ABCDEFG", vector, strict=True) if 0 < n < 5]
    assert all(("need", (code,)) not in release.values for code in small)


def test_contributor_that_is_waiting():
    programme = Programme.parse(EXAMPLE)
    counts = Counts.from_tables(programme, {"situation": np.array([[9, 6], [8, 7], [0, 0]])}, contributors=["A", "B"])
    release = protect(programme, counts).release
    why = {cell.key: cell.why for _, cell in release if cell.key[0] == "C"}
    assert set(map(str, why.values())) == {"waiting"}
    assert release.values["situation", ("REGION", "ALL")] == 30
    assert release.contributors == ("A", "B")


@pytest.mark.long
def test_vt_2026_is_safe_and_shows_enough():
    programme = Programme.load(ROOT / "platform/buvett/releases/programmes/vt-2026.toml")
    counts = Counts.load(ROOT / "tests/data/vt-2026/counts.json", programme)
    release = protect(programme, counts).release
    report = audit(release, counts=counts)
    assert (report.safe, report.complete) == (True, True)
    assert sum(value > 0 for value in release.values.values()) >= 0.35 * 222
    assert release.values["support", ("VT", "ALL")] == 143
