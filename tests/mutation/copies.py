"""Copies of the tree in which mutants live; the checkout itself is never changed."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parents[2]
PARTS = ("anonymisation", "tenants", "platform", "tests", "pyproject.toml")
SWEEP = "import sys; from buvett.services import remove; remove(sys.argv[1])"


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What the tests said of one source. ``status`` is pytest's, None when they took too long."""

    status: int | None
    seconds: float
    output: str


@dataclass(frozen=True)
class Copy:
    """A copy of the tree and the process that runs trials in it."""

    tree: Path
    process: "subprocess.Popen[str]"

    def trial(self, module: str, source: str | None, *, tests: Sequence[str], limit: float) -> Outcome:
        """Run tests with another source for ``module`` (None: as it is), for at most ``limit`` seconds."""
        request = {"file": str(self.tree / module), "source": source, "tests": list(tests), "limit": limit}
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        return Outcome(**json.loads(self.process.stdout.readline()))


@contextmanager
def copy(root: Path = ROOT, *, parts: Sequence[str] = PARTS) -> Iterator[Copy]:
    """A copy of ``parts`` of a tree, first on the path of everything that is run in it."""
    with TemporaryDirectory(prefix="buvett-mutation-") as folder:
        place = Path(folder)
        place.chmod(0o711)  # servers that were started as root drop to another user
        tree = place / "tree"
        for part in parts:
            _take(root / part, tree / part)
        temporary = place / "tmp"
        temporary.mkdir(mode=0o711)
        temporary.chmod(0o711)
        # Under coverage each trial would take twice as long.
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("COV", "PYTHON", "PYTEST"))}
        environ = {**kept, "PYTHONPATH": f"{tree}:{tree / 'platform'}", "TMPDIR": str(temporary)}
        process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("warm.py")), str(place / "output")],
            cwd=tree,
            env={**environ, "PYTHONSAFEPATH": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            yield Copy(tree, process)
        finally:
            assert process.stdin is not None
            with process:  # its input closes, so it ends
                process.stdin.close()
            for home in temporary.glob("buvett-test-*"):
                subprocess.run([sys.executable, "-c", SWEEP, str(home)], env=environ, check=False)


def _take(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__", ".hypothesis"))
    else:
        shutil.copy2(source, target)
