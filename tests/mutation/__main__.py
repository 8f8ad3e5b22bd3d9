"""python -m tests.mutation [--only TEXT] [--mutants N] [--jobs N]: break the rules one at a time, see who notices.

Exit 0: at least 90 % of the mutants were killed. 1: fewer. 2: the tests fail without any mutant, or nothing was meant.
"""

import argparse
import sys
import time
import tomllib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import repeat
from pathlib import Path
from queue import SimpleQueue

from tests.mutation.copies import ROOT, Copy, Outcome, copy
from tests.mutation.mutants import Mutant, mutants, sample
from tests.mutation.targets import TARGETS, Target

LEAST = 0.90
EQUIVALENTS = Path(__file__).with_name("equivalents.toml")


class Unfit(Exception):
    """The tests fail, or take no tests, without any mutant."""


@dataclass(frozen=True, kw_only=True)
class Result:
    """What became of one mutant: how the tests that killed it ended, empty if none did."""

    mutant: Mutant
    killed: str


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what was asked for; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description="Mutation tests of the rules.")
    parser.add_argument("--only", default="", metavar="TEXT", help="modules whose path contains this")
    parser.add_argument("--mutants", type=int, metavar="N", help="at most so many of each module")
    parser.add_argument("--jobs", type=int, default=2, metavar="N", help="trials at once (2)")
    asked = parser.parse_args(arguments)
    targets = [target for target in TARGETS if asked.only in target.module]
    if not targets:
        print(f"no module is called like {asked.only}", file=sys.stderr)
        return 2
    began = time.monotonic()
    killed = tried = 0
    try:
        with ExitStack() as stack:
            copies: SimpleQueue[Copy] = SimpleQueue()
            for _ in range(asked.jobs):
                copies.put(stack.enter_context(copy()))
            for target in targets:
                source = (ROOT / target.module).read_text(encoding="utf-8")
                results = judge(target, copies, jobs=asked.jobs, number=asked.mutants, source=source)
                killed += sum(bool(result.killed) for result in results)
                tried += len(results)
    except Unfit as error:
        print(error, file=sys.stderr)
        return 2
    share = killed / max(1, tried)
    print(f"{killed} of {tried} mutants killed ({share:.1%}; at least {LEAST:.0%}) in {time.monotonic() - began:.0f} s")
    return 0 if share >= LEAST else 1


def judge(target: Target, copies: "SimpleQueue[Copy]", *, jobs: int, number: int | None, source: str) -> list[Result]:
    """Try the mutants of a module's source, stage by stage, and print what became of them."""
    equivalent = tomllib.loads(EQUIVALENTS.read_text(encoding="utf-8")).get(target.module, {})
    possible = [mutant for mutant in mutants(source) if mutant.name not in equivalent]
    drawn = sample(possible, number=min(number or target.mutants, target.mutants), module=target.module)
    began = time.monotonic()
    found = {mutant.name: "" for mutant in drawn}

    def attempt(mutant: Mutant, stage: Sequence[str], limit: float) -> None:
        place = copies.get()
        try:
            found[mutant.name] = fate(place.trial(target.module, mutant.source, tests=stage, limit=limit))
        finally:
            copies.put(place)

    for stage in target.stages:
        if alive := [mutant for mutant in drawn if not found[mutant.name]]:
            limit = _limit(copies, target, stage)
            with ThreadPoolExecutor(jobs) as pool:
                list(pool.map(attempt, alive, repeat(stage), repeat(limit)))
    results = [Result(mutant=mutant, killed=found[mutant.name]) for mutant in drawn]
    killed = sum(bool(result.killed) for result in results)
    took = time.monotonic() - began
    print(
        f"{target.module:48} {killed:3} of {len(results):3} killed, {len(possible):3} possible, {took:4.0f} s",
        flush=True,
    )
    for result in results:
        if not result.killed:
            print(f"    survived, line {result.mutant.line}: {result.mutant.name}", flush=True)
        elif result.killed != "failed":
            print(f"    {result.killed}, line {result.mutant.line}: {result.mutant.name}", flush=True)
    return results


def fate(outcome: Outcome) -> str:
    """How the tests noticed a mutant; empty when they did not."""
    if outcome.status is None:
        return "took too long"
    return "failed" if outcome.status else ""


def _limit(copies: "SimpleQueue[Copy]", target: Target, stage: Sequence[str]) -> float:
    place = copies.get()
    try:
        outcome = place.trial(target.module, None, tests=stage, limit=600)
    finally:
        copies.put(place)
    if outcome.status:
        raise Unfit(f"{target.module}: its tests fail without any mutant\n{outcome.output}")
    if outcome.status is None:
        raise Unfit(f"{target.module}: its tests take more than ten minutes")
    return 30 + 5 * outcome.seconds


if __name__ == "__main__":
    sys.exit(main())
