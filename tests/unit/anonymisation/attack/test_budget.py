"""Differential privacy: the attacker checks the ledger's budget and nothing else."""

from dataclasses import replace

import numpy as np
import pytest

from anonymisation import Counts, Programme
from anonymisation.attack import audit
from anonymisation.errors import ReleaseError
from tests.oracle.adapter import publish
from tests.oracle.small import TABLES, programme_text


def release(name="p", *, epsilon=0.5, budget=1.0, period="2026"):
    policy = f'threshold = 5\nmethod = "dp"\n[policy.dp]\nepsilon = {epsilon}\nbudget = {budget}'
    text = programme_text(places=3, kinds=1, tables=TABLES["places"], policy=policy, name=name)
    counts = Counts.from_tables(Programme.parse(text.replace('"2026"', f'"{period}"')), {"places": np.array([1, 2, 3])})
    return replace(publish(counts, set()), stated={"epsilon": epsilon})


def test_budget_within():
    assert audit(release(), history=[release("q", period="2025")]).safe


def test_budget_overrun_by_another_period():
    report = audit(release(), history=[release("q", period="2025"), release("r", period="2024", epsilon=0.1)])
    assert not report.safe


def test_budget_the_same_release_counts_once():
    assert audit(release(epsilon=0.6), history=[release(epsilon=0.6)]).safe


def test_budget_not_stated():
    with pytest.raises(ReleaseError, match="epsilon"):
        audit(replace(release(), stated={}))
