"""What row security with a signed context costs: the same rows, plain and protected, on a million rows.

    python -m tests.benchmarks.bench_row_security [--rows 1000000] [--rounds 400]

Makes a server of its own, two tables with the same rows (one protected by the very ``ProtectTable`` of the
migrations), and asks both in turn. Writes ratios and versions to ``tests/benchmarks/results/row-security.md``.
"""

import argparse
import platform
import random
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import django
import psycopg

from tests.conftest import ANOTHER_POSTGRES, FOLDERS, HOME

# isort: split
# The line above has set Django up; models come after it.
from django.core.management import call_command
from django.db import connections, transaction

from buvett.installation.keys import make_context_keys
from buvett.services import ensure_services
from buvett.services.postgres import Postgres
from tenants.isolation.enums import Purpose, Role
from tenants.isolation.models import Municipality
from tenants.isolation.operations import ProtectTable
from tenants.isolation.provision import provision
from tenants.isolation.roles import connected_as
from tenants.isolation.scopes import scope

RESULT = Path(__file__).parent / "results" / "row-security.md"
GOAL = 1.3
MUNICIPALITIES = 350
POINT, NEWEST, GROUPS = "point lookup", "newest 50", "group by two columns"
QUERIES = {
    POINT: "SELECT * FROM {table} WHERE id = %(id)s{and_mine}",
    NEWEST: "SELECT id, category, created FROM {table}{where_mine} ORDER BY created DESC LIMIT 50",
    GROUPS: "SELECT category, status, count(*) FROM {table}{where_mine} GROUP BY category, status",
}
STATEMENT, TRANSACTION, TEN = "statement alone", "transaction of one", "transaction of ten"
# Rows, municipalities, and the times of each query and kind.
Step = tuple[int, int, dict[tuple[str, str], "Times"]]
STATEMENTS = {STATEMENT: 1, TRANSACTION: 1, TEN: 10}


@dataclass
class Times:
    """Milliseconds of both arms, asked in turn."""

    plain: list[float] = field(default_factory=list)
    protected: list[float] = field(default_factory=list)

    @property
    def ratio(self) -> float:
        return statistics.median(self.protected) / statistics.median(self.plain)

    @property
    def quiet_ratio(self) -> float:
        """Of the fastest tenths: what is left when whoever shares the machine does not disturb."""
        return fastest_tenth(self.protected) / fastest_tenth(self.plain)

    @property
    def added(self) -> float:
        """Milliseconds that row security adds to the median."""
        return statistics.median(self.protected) - statistics.median(self.plain)


def fastest_tenth(times: list[float]) -> float:
    return statistics.quantiles(times, n=10)[0]


def p95(times: list[float]) -> float:
    return statistics.quantiles(times, n=20)[-1]


def make_municipalities() -> list[UUID]:
    """Municipalities with the keys of their scopes, as set-up makes them, but without data keys."""
    with connected_as(Role.OWNER):
        call_command("migrate", "isolation", database="owner", verbosity=0)
        made = Municipality.objects.bulk_create(
            Municipality(code=f"{number:04d}", name=f"Prøveheim {number}") for number in range(MUNICIPALITIES)
        )
        role_keys = make_context_keys(FOLDERS)
        for municipality in made:
            provision(municipality.id, role_keys={Role.APP: role_keys[Role.APP]})
    return [municipality.id for municipality in made]


def make_tables(*, rows: int, municipalities: list[UUID]) -> None:
    """``bench_plain`` and ``bench_protected`` with the same rows; sizes of municipalities differ by about forty."""
    weights = [1 / (place + 9) for place in range(len(municipalities))]
    sizes = [max(60, round(rows * weight / sum(weights))) for weight in weights]
    with connections["owner"].cursor() as cursor:
        for table in ("bench_plain", "bench_protected"):
            cursor.execute(f"DROP TABLE IF EXISTS {table}")
            cursor.execute(
                f"CREATE TABLE {table} (municipality_id uuid NOT NULL, id uuid NOT NULL, category smallint NOT NULL,"
                " status smallint NOT NULL, created timestamptz NOT NULL, body bytea NOT NULL,"
                f" CONSTRAINT {table}_pkey PRIMARY KEY (municipality_id, id))"
            )
            cursor.execute(f"CREATE INDEX ON {table} (municipality_id, created DESC)")
        cursor.execute("GRANT SELECT ON bench_plain TO buvett_app")
        for statement in ProtectTable("Bench", grants={"app": "SELECT"}).statements("bench_protected"):
            cursor.execute(statement)
    with Postgres(home=HOME).superuser_connection("buvett") as connection:
        connection.execute(
            "INSERT INTO bench_plain SELECT m.id, gen_random_uuid(), (random() * 12)::int, (random() * 5)::int,"
            " timestamptz '2026-01-01' + random() * interval '300 days', sha256(random()::text::bytea) || sha256('x')"
            " FROM unnest(%s::uuid[], %s::int[]) AS m (id, size) CROSS JOIN LATERAL generate_series(1, m.size)"
            " ORDER BY random()",
            (municipalities, sizes),
        )
        connection.execute("INSERT INTO bench_protected SELECT * FROM bench_plain")
        for table in ("bench_plain", "bench_protected"):
            connection.execute(f"VACUUM (ANALYZE) {table}")


def some_ids(municipalities: list[UUID]) -> dict[UUID, UUID]:
    """One record of each municipality."""
    with Postgres(home=HOME).superuser_connection("buvett") as connection:
        found = connection.execute(
            "SELECT DISTINCT ON (municipality_id) municipality_id, id FROM bench_plain WHERE municipality_id = ANY(%s)",
            (municipalities,),
        )
        return dict(found.fetchall())


@contextmanager
def plainly(municipality: UUID) -> Iterator[None]:
    """The transaction that one has without row security."""
    with transaction.atomic(using="app", durable=True):
        yield


@contextmanager
def scoped(municipality: UUID) -> Iterator[None]:
    """The platform's scope."""
    with scope(municipality, by="bench", purpose=Purpose.SAK):
        yield


def ask(query: str, *, table: str, mine: bool, values: dict[str, UUID]) -> None:
    text = QUERIES[query].format(
        table=table,
        and_mine=" AND municipality_id = %(municipality)s" if mine else "",
        where_mine=" WHERE municipality_id = %(municipality)s" if mine else "",
    )
    connections["app"].connection.execute(text, values, prepare=True).fetchall()


def timed(
    query: str, enter: Callable[[UUID], AbstractContextManager[None]], *, kind: str, values: dict[str, UUID]
) -> float:
    """Milliseconds of one question: with the transaction round it, or the statement in a transaction that is open."""
    mine = enter is plainly
    table = "bench_plain" if mine else "bench_protected"
    begin = time.perf_counter()
    with enter(values["municipality"]):
        if kind == STATEMENT:
            connections["app"].connection.execute("SELECT 1")  # BEGIN travels with the first statement
            begin = time.perf_counter()
        for _ in range(STATEMENTS[kind]):
            ask(query, table=table, mine=mine, values=values)
        done = time.perf_counter()
    return ((done if kind == STATEMENT else time.perf_counter()) - begin) * 1000


def measure(*, municipalities: list[UUID], rounds: int) -> dict[tuple[str, str], Times]:
    """Both arms in turn, the same municipality and record for both, in random order."""
    chance, ids = random.Random(1), some_ids(municipalities)
    found = {(query, kind): Times() for query in QUERIES for kind in STATEMENTS}
    for turn in range(rounds + 20):
        municipality = chance.choice(municipalities)
        values = {"municipality": municipality, "id": ids[municipality]}
        for (query, kind), times in found.items():
            arms = [(plainly, times.plain), (scoped, times.protected)]
            chance.shuffle(arms)
            for enter, into in arms:
                took = timed(query, enter, kind=kind, values=values)
                if turn >= 20:  # warm
                    into.append(took)
    return found


def check_plans(municipality: UUID) -> str:
    """The protected table is reached by index with the policy as its condition; returns that line of the plan."""
    with scope(municipality, by="bench", purpose=Purpose.SAK):
        plan = connections["app"].connection.execute(
            "EXPLAIN SELECT id FROM bench_protected ORDER BY created DESC LIMIT 50"
        )
        lines = [str(line).strip() for (line,) in plan.fetchall()]
    (condition,) = [line for line in lines if line.startswith("Index Cond")]
    return condition


def verdicts(found: dict[tuple[str, str], Times]) -> list[str]:
    """For each kind, whether every query is within the goal, and which is not."""
    lines = [f"Goal: ≤ {GOAL} × plain (quiet).", ""]
    for kind in STATEMENTS:
        over = [query for query in QUERIES if found[query, kind].quiet_ratio > GOAL]
        lines.append(f"- {kind}: {'NOT reached for ' + ', '.join(over) if over else 'reached'}")
    return lines


def report(growth: list[Step], *, rows: int, plan: str) -> str:
    """The results as Markdown; the first step of ``growth`` is the size that the goal is about."""
    first = growth[0][2]
    with Postgres(home=HOME).superuser_connection() as connection:
        version = str(connection.execute("SHOW server_version").fetchone()[0])  # type: ignore[index]
    lines = [
        "# What row security costs",
        "",
        (
            f"`python -m tests.benchmarks.bench_row_security`, {datetime.now(UTC):%Y-%m-%d}; PostgreSQL {version},"
            f" Python {platform.python_version()}, Django {django.get_version()}, psycopg {psycopg.__version__},"
            " Unix socket, shared machine."
        ),
        "",
        (
            f"{rows:,} rows, {MUNICIPALITIES} municipalities. Protected ÷ plain, asked in turn; plain is the same table"
            " without row security and with the municipality in the WHERE. *Quiet* is the ratio of the fastest tenths,"
            " which other work on the machine disturbs least."
        ),
        *verdicts(first),
        "",
        "| query | kind | ratio, quiet | ratio of medians | plain median (ms) | added (ms) | protected p95 (ms) |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for (query, kind), times in first.items():
        lines.append(
            f"| {query} | {kind} | {times.quiet_ratio:.2f} | {times.ratio:.2f} | {statistics.median(times.plain):.3f}"
            f" | {times.added:+.3f} | {p95(times.protected):.3f} |"
        )
    lines += [
        "",
        (
            "A scope has two more round trips than a plain transaction (read pid and time, set the signed context), the"
            " same however many statements follow: they weigh most on a transaction with one short statement."
        ),
        "",
        f"The policy is the index's condition: `{plan}`.",
        "",
        "## How it grows",
        "",
        "Quiet ratio of the statement alone (and of a transaction of one; of ten).",
        "",
        "| rows | municipalities | " + " | ".join(QUERIES) + " |",
        "| --- | --- | " + " | ".join("---" for _ in QUERIES) + " |",
    ]
    for count, places, found in sorted(growth, key=lambda step: step[:2]):
        cells = [
            "{:.2f} ({:.2f}; {:.2f})".format(*(found[query, kind].quiet_ratio for kind in STATEMENTS))
            for query in QUERIES
        ]
        lines.append(f"| {count:,} | {places} | " + " | ".join(cells) + " |")
    return "\n".join([*lines, ""])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=400)
    options = parser.parse_args()
    ensure_services(HOME, environ=ANOTHER_POSTGRES)
    municipalities = make_municipalities()
    growth: list[Step] = []
    sizes = [(options.rows, 350), (options.rows, 35), (options.rows // 10, 350), (options.rows // 100, 350)]
    for rows, places in sizes:
        print(f"{rows:,} rows, {places} municipalities …", flush=True)
        make_tables(rows=rows, municipalities=municipalities[:places])
        rounds = options.rounds if not growth else options.rounds // 4
        growth.append((rows, places, measure(municipalities=municipalities[:places], rounds=rounds)))
        text = report(growth, rows=options.rows, plan=check_plans(municipalities[0]))
        RESULT.parent.mkdir(exist_ok=True)
        RESULT.write_text(text, encoding="utf-8")
    print(text)
    connections.close_all()


if __name__ == "__main__":
    main()
