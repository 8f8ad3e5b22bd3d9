"""How long a plan's paper takes: `python -m tests.benchmarks.bench_paper` writes results/paper.md.

CPU seconds, not wall time. The largest paper is as long as a version may be (buvett.plans.sending.LONGEST).
"""

import platform
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import tests.conftest  # noqa: F401 - settings first
from buvett.pages.plans.paper import compile_paper
from buvett.plans.sending import LONGEST

RESULTS = Path(__file__).with_name("results") / "paper.md"
SENTENCE = "Ein tekst om bustad og oppfølging i sju kommunar. "


@dataclass(frozen=True)
class Sent:
    """What the compiler asks of a version."""

    sent_at: datetime


def told(*, chapters: int, measures: int, characters: int, run: int) -> dict[str, Any]:
    """A paper with so many chapters and measures, each measure with a number, so many characters of text in all."""
    each = characters // (chapters + measures)
    prose = [{"is_list": False, "lines": [f"Køyring {run}. " + SENTENCE * (each // len(SENTENCE))]}]
    bars = [
        {"label": f"Nivå {n}", "length": 10 * n, "hidden": n % 3 == 0, "own": n == 1, "shown": str(n)}
        for n in range(1, 8)
    ]
    number = {
        "measure": "Tiltak",
        "label": "Bistandsnivå",
        "shown": "7",
        "caption": "Flest",
        "alt": "Flest",
        "source": "Kjelde",
        "bars": bars,
    }
    return {
        "lang": "nn",
        "title": "Plan",
        "author": "Prosjektleiar",
        "running": "Plan, versjon 1",
        "lead": "Regionplan",
        "frozen": "Frosen",
        "notices": [],
        "asks": prose[:0],
        "numbers": [number] * measures,
        "chapters": [{"heading": "Kapittel", "blocks": prose}] * chapters,
        "measures": [{"title": "Tiltak", "about": "Lokalt", "blocks": prose, "number": "7"}] * measures,
        "releases": [],
        "words": {
            "asks": "",
            "numbers": "Tal",
            "measures": "Tiltak",
            "rests": "Kjelder",
            "no_release": "Ingen",
            "columns": ["a", "b", "c", "d"],
        },
    }


def main() -> None:
    """Measure three sizes, worst of three, and write the table."""
    lines = [
        "# A plan's paper (PDF/UA-1 by Typst)",
        "",
        f"typst {version('typst')}, Python {platform.python_version()}. CPU seconds, worst of three.",
        "",
        "| chapters | measures | characters | bytes | CPU s |",
        "| --- | --- | --- | --- | --- |",
    ]
    sent = Sent(sent_at=datetime(2026, 11, 25, tzinfo=UTC))
    for chapters, measures, characters in ((4, 5, 8_000), (20, 20, 80_000), (60, 60, LONGEST)):
        worst, size = 0.0, 0
        for run in range(3):
            # Another text each time: the compiler remembers what it has set.
            paper = told(chapters=chapters, measures=measures, characters=characters, run=run)
            started = time.process_time()
            size = len(compile_paper(paper, sent))  # type: ignore[arg-type]
            worst = max(worst, time.process_time() - started)
        lines.append(f"| {chapters} | {measures} | {characters:,} | {size:,} | {worst:.3f} |")
    RESULTS.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(RESULTS.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
