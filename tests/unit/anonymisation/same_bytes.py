"""Prints the SHA-256 of rounded, cell-key and suppressed releases: `python -m tests.unit.anonymisation.same_bytes`.

Needs the base install only, so that any Python with NumPy, SciPy and HiGHS can run it.
"""

import hashlib
import json
import sys
import tempfile
from pathlib import Path

import numpy as np

from anonymisation import Counts, Programme, protect
from anonymisation.cellkey import perturb_counts
from anonymisation.programme import EXAMPLE
from anonymisation.rounding import round_counts
from tests.benchmarks.disclosure import CASES

ROOT = Path(__file__).parents[3]
VT = (ROOT / "platform/buvett/releases/programmes/vt-2026.toml").read_text(encoding="utf-8")
PERSONS = """
[programme]
id = "persons"
period = "2026"
population = "persons"
contributor = "place"
[policy]
threshold = 4
method = "cellkey"
[dimensions.place]
total = "ALL"
codes = ["A", "B", "C"]
[dimensions.home]
total = "ALL"
codes = ["OWN", "RENT"]
[[tables]]
id = "homes"
dimensions = ["place", "home"]
"""

COMMITTED = {
    "round": "de90405dcbca9843327fa3237b5b0c2246815ecf011104a52d9e507f2c332c78",
    "cellkey": "6b1af5cd1fef5a6b8fbd51e93cf346fe2c80d2edde197153dfbf3ba04d628ea8",
}


def vt_rounded() -> Programme:
    """vt-2026 under rounding; the attackers of clause (iii) are suppression's."""
    return Programme.parse(VT.replace('"suppress"', '"round"').replace("rule_aware = true", "rule_aware = false"))


def rounded() -> bytes:
    """The synthetic registers of vt-2026, rounded."""
    told = Counts.load(ROOT / "tests/data/vt-2026/counts.json", Programme.parse(VT))
    return round_counts(Counts.from_tables(vt_rounded(), told.tables), history=(), key=b"committed")[0].to_bytes()


def keyed() -> bytes:
    """Ninety persons under cell keys."""
    lines = [f"p{at},{'ABC'[at % 7 % 3]},{'OWN' if at % 5 else 'RENT'}\n" for at in range(90)]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "persons.csv"
        path.write_text("person,place,home\n" + "".join(lines), encoding="utf-8")
        counts = Counts.load(path, Programme.parse(PERSONS), key=b"committed")
    return perturb_counts(counts, history=())[0].to_bytes()


def suppressed(name: str) -> bytes:
    """A case's release by suppression: `example` under clause (iii), or a case of the benchmark."""
    if name in CASES:
        programme, counts = CASES[name].load()
    else:
        programme = Programme.parse(EXAMPLE.replace("= 5", "= 5\nrule_aware = true", 1))
        counts = Counts.from_tables(programme, {"situation": np.array([[9, 6], [8, 1], [7, 5]])})
    return protect(programme, counts, key=b"sameness").release.to_bytes()


if __name__ == "__main__":
    found = {"round": rounded(), "cellkey": keyed()} | {name: suppressed(name) for name in sys.argv[1:]}
    sys.stdout.write(json.dumps({name: hashlib.sha256(raw).hexdigest() for name, raw in found.items()}) + "\n")
