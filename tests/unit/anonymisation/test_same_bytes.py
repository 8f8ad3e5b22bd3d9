"""Committed bytes hold on every Python at hand that has the base install, with one thread and with two."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.anonymisation.same_bytes import COMMITTED
from tests.unit.anonymisation.suppression.test_limits import RELEASES

ROOT = Path(__file__).parents[3]
NEEDED = "import sys, numpy, scipy, highspy; assert sys.version_info >= (3, 11)"


def pythons() -> list[str]:
    """This Python, and others on the path that have the base install."""
    named = [shutil.which(f"python3.{minor}") for minor in range(11, 16)]
    pyenv = sorted(Path("~/.pyenv/versions").expanduser().glob("3.*/bin/python"))
    found = {sys.executable: None} | {str(path): None for path in [*named, *pyenv] if path}
    return [
        python
        for python in found
        if subprocess.run([python, "-c", NEEDED], capture_output=True, check=False).returncode == 0
    ]


@pytest.mark.parametrize("threads", ["1", "2"])
def test_committed_bytes_on_every_python(threads: str):
    several = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), threads)
    for python in pythons():
        told = subprocess.run(
            [python, "-m", "tests.unit.anonymisation.same_bytes", *RELEASES],
            cwd=ROOT,
            env=os.environ | several,
            capture_output=True,
            text=True,
            check=True,
        )
        assert json.loads(told.stdout) == COMMITTED | RELEASES, (python, threads)
