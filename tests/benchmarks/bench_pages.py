"""Server time of list, person and regional pages with the demo's data a hundred times.

    python -m tests.benchmarks.bench_pages [--times 100] [--rounds 60]

Makes a server of its own and the demo region in it: its registers, and so many times more people in every municipality,
one release by the real push, and copies of it as earlier releases. Asks each page in turn, signed in as the person who
comes for it, and writes times and versions to ``tests/benchmarks/results/pages.md``.
"""

import argparse
import os
import platform
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import django

from tests.conftest import ANOTHER_POSTGRES, FOLDERS, HOME

# isort: split
# The line above has set Django up; models come after it.
from django.core.management import call_command
from django.db import connections, transaction
from django.test import Client
from django.utils import timezone

from buvett.accounts.models import User
from buvett.console import push_works, register_works
from buvett.console.requests import Request
from buvett.demo import data, seeding
from buvett.services import ensure_services
from buvett.warming import warm
from tenants.isolation.enums import Role
from tenants.isolation.models import Municipality
from tenants.isolation.roles import connected_as
from tests import people

REGISTERS = Path(__file__).parents[1] / "data" / "registers"
RESULT = Path(__file__).parent / "results" / "pages.md"
GOAL = 150  # milliseconds, p95
CODE = "4022"
AT_A_TIME = 500


@dataclass
class Times:
    """Milliseconds of one page: on the clock, and of this process's own work."""

    clock: list[float] = field(default_factory=list)
    work: list[float] = field(default_factory=list)


def ready(times: int) -> dict[str, int]:
    """The demo region with so many times its people and releases; gives what there is."""
    ensure_services(HOME, environ=ANOTHER_POSTGRES)
    with connected_as(Role.OWNER):
        call_command("migrate", database="owner", verbosity=0)
        seeding.make_region(FOLDERS)
    seeding.make_people(timezone.localdate())
    counts = {}
    for path in sorted(REGISTERS.glob("4*")):
        request = Request(
            options={"municipality": path.name[:4], "counted_on": "2026-11-01"}, content=path.read_bytes()
        )
        counts[path.name[:4]] = register_works.bring(request)["report"]["imported"]
    push = Request(options={"region": data.region().slug}, content=b"")
    for work in (push_works.open_period, push_works.contribute, push_works.publish):
        work(push)
    for code, imported in counts.items():
        municipality = Municipality.objects.get(code=code, valid_to=None)
        worker = someone(f"sakshandsamar@{municipality.name.lower()}.demo.invalid")
        names = [f"Person {number}" for number in range(imported * (times - 1))]
        for start in range(0, len(names), AT_A_TIME):
            people.register(municipality, names=names[start : start + AT_A_TIME], to=worker)
    copy_release(times - 1)
    return {"people": sum(counts.values()) * times, "in the list": counts[CODE] * times, "releases": times}


def copy_release(times: int) -> None:
    """Earlier releases by copying the one that was published: the owner puts the rules aside for a moment."""
    with connections["owner"].cursor() as cursor, transaction.atomic(using="owner"):
        cursor.execute("ALTER TABLE releases_run DISABLE TRIGGER USER")
        cursor.execute("ALTER TABLE releases_release NO FORCE ROW LEVEL SECURITY")
        cursor.execute(
            """WITH copied AS (
                INSERT INTO releases_run (id, agreement_id, period, attempt, state, cut_off, counted_on, public_key,
                                          signature, signed_with, opened_by, opened_at)
                SELECT gen_random_uuid(), agreement_id, (1900 + n)::text, 0, state, cut_off, counted_on, public_key,
                       signature, signed_with, opened_by, opened_at - n * interval '1 day'
                FROM releases_run, generate_series(1, %s) AS n RETURNING id, opened_at)
            INSERT INTO releases_release (id, run_id, revision, state, body, sha256, signature, public_key,
                                          published_at)
            SELECT gen_random_uuid(), copied.id, 0, one.state, one.body, encode(sha256(copied.id::text::bytea), 'hex'),
                   one.signature, one.public_key, copied.opened_at
            FROM copied, releases_release AS one""",
            [times],
        )
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE releases_release FORCE ROW LEVEL SECURITY")
        cursor.execute("ALTER TABLE releases_run ENABLE TRIGGER USER")


def someone(email: str) -> User:
    """A demo person."""
    return User.objects.get(email=email)


def pages() -> Iterator[tuple[str, Client, str]]:
    """What is measured: name, who asks, address."""
    worker = people.browser(someone("sakshandsamar@seljord.demo.invalid"))
    reader = people.browser(someone("prosjektleiar@demo.invalid"))
    region = f"/region/{data.region().slug}"
    listed = worker.get(f"/municipality/{CODE}/cases/").content.decode()
    case = listed.split(f"/municipality/{CODE}/cases/")[-1].split("/")[0]
    for part in listed.split(f'href="/municipality/{CODE}/cases/')[1:]:
        if len(part.split("/")[0]) == len("00000000-0000-0000-0000-000000000000"):
            case = part.split("/")[0]
            break
    yield "list of cases", worker, f"/municipality/{CODE}/cases/"
    yield "one person", worker, f"/municipality/{CODE}/cases/{case}/"
    yield "region, overview", reader, f"{region}/"
    yield "region, support level", reader, f"{region}/need/support/"
    yield "region, dwelling type per 1,000", reader, f"{region}/need/dwelling/?show=rate"
    yield "region, function areas", reader, f"{region}/need/areas/"
    yield "completeness", reader, f"{region}/completeness/"
    yield "releases", reader, f"{region}/releases/"


def measure(rounds: int) -> dict[str, Times]:
    """Each page in turn, so often; the first time of each is not counted (a process reads and draws once)."""
    asked = list(pages())
    warm()  # as the server's process does before its first reader
    found: dict[str, Times] = {name: Times() for name, _, _ in asked}
    for turn in range(rounds + 1):
        for name, client, path in asked:
            clock, work = time.perf_counter(), time.process_time()
            answer = client.get(path)
            if answer.status_code != 200:
                raise SystemExit(f"{path} answered {answer.status_code}")
            if turn:
                found[name].clock.append(1000 * (time.perf_counter() - clock))
                found[name].work.append(1000 * (time.process_time() - work))
    return found


def report(found: dict[str, Times], held: dict[str, int], rounds: int) -> str:
    """The page for the results folder."""
    lines = f"""\
# Server time of the pages

`python -m tests.benchmarks.bench_pages`, {datetime.now(tz=UTC).date()}; Python {platform.python_version()}, Django
{django.__version__}, PostgreSQL over a Unix socket, shared machine.

{held["people"]:,} people in seven municipalities, {held["in the list"]:,} of them in the list, {held["releases"]}
releases; each page {rounds} times in turn, whole answer in one process. *Work* is the web process's processor time,
which other work disturbs little; *clock* is what passed, the database's part and everyone else's with it: the machine
of {os.cpu_count()} cores had {os.getloadavg()[1]:.0f} processes that wanted to run. Goal: p95 below {GOAL} ms.

| page | work, median (ms) | work, p95 | goal | clock, median | clock, p95 | goal |
| --- | --- | --- | --- | --- | --- | --- |""".splitlines()
    for name, times in found.items():
        p95 = [statistics.quantiles(values, n=20)[-1] for values in (times.work, times.clock)]
        reached = ["reached" if value < GOAL else "NOT reached" for value in p95]
        lines.append(
            f"| {name} | {statistics.median(times.work):.0f} | {p95[0]:.0f} | {reached[0]} | "
            f"{statistics.median(times.clock):.0f} | {p95[1]:.0f} | {reached[1]} |"
        )
    return "\n".join([*lines, ""])


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=60)
    options = parser.parse_args()
    held = ready(options.times)
    text = report(measure(options.rounds), held, options.rounds)
    RESULT.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
