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
from pathlib import Path
from queue import SimpleQueue

from tests.mutation.copies import ROOT, Copy, copy
from tests.mutation.mutants import Mutant, mutants, sample
from tests.mutation.targets import TARGETS, Target

LEAST = 0.90
EQUIVALENTS = Path(__file__).with_name("equivalents.toml")


class Unfit(Exception):
    """The tests fail, or take no tests, without any mutant."""


@dataclass(frozen=True, kw_only=True)
class Result:
    """What became of one mutant: how the tests that killed it ended, or None."""

    mutant: Mutant
    killed: str | None


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
                results = judge(target, copies, jobs=asked.jobs, number=asked.mutants)
                killed += sum(result.killed is not None for result in results)
                tried += len(results)
    except Unfit as error:
        print(error, file=sys.stderr)
        return 2
    share = killed / max(1, tried)
    print(f"{killed} of {tried} mutants killed ({share:.1%}; at least {LEAST:.0%}) in {time.monotonic() - began:.0f} s")
    return 0 if share >= LEAST else 1


def judge(target: Target, copies: "SimpleQueue[Copy]", *, jobs: int, number: int | None) -> list[Result]:
    """Try a module's mutants and print what became of them."""
    source = (ROOT / target.module).read_text(encoding="utf-8")
    equivalent = tomllib.loads(EQUIVALENTS.read_text(encoding="utf-8")).get(target.module, {})
    possible = [mutant for mutant in mutants(source) if mutant.name not in equivalent]
    drawn = sample(possible, number=min(number or target.mutants, target.mutants), module=target.module)
    began = time.monotonic()
    first = copies.get()
    try:
        limits = [_limit(first, target, stage) for stage in target.stages]
    finally:
        copies.put(first)

    def attempt(mutant: Mutant) -> Result:
        place = copies.get()
        try:
            return Result(mutant=mutant, killed=kill(place, target, mutant, limits))
        finally:
            copies.put(place)

    with ThreadPoolExecutor(jobs) as pool:
        results = list(pool.map(attempt, drawn))
    killed = sum(result.killed is not None for result in results)
    took = time.monotonic() - began
    print(
        f"{target.module:48} {killed:3} of {len(results):3} killed, {len(possible):3} possible, {took:4.0f} s",
        flush=True,
    )
    for result in results:
        if result.killed is None:
            print(f"    survived, line {result.mutant.line}: {result.mutant.name}", flush=True)
        elif result.killed != "failed":
            print(f"    {result.killed}, line {result.mutant.line}: {result.mutant.name}", flush=True)
    return results


def kill(place: Copy, target: Target, mutant: Mutant, limits: Sequence[float]) -> str | None:
    """How the first stage that noticed ended; None when the mutant lives."""
    for stage, limit in zip(target.stages, limits, strict=True):
        outcome = place.trial(target.module, mutant.source, tests=stage, limit=limit)
        if outcome.status is None:
            return "took too long"
        if outcome.status:
            return "failed"
    return None


def _limit(place: Copy, target: Target, stage: Sequence[str]) -> float:
    outcome = place.trial(target.module, None, tests=stage, limit=600)
    if outcome.status:
        raise Unfit(f"{target.module}: its tests fail without any mutant\n{outcome.output}")
    if outcome.status is None:
        raise Unfit(f"{target.module}: its tests take more than ten minutes")
    return 30 + 5 * outcome.seconds


if __name__ == "__main__":
    sys.exit(main())
