"""What the register's pages and imports cost at a municipality of 2,000 cases (the demo's × 100): CPU and database.

    python -m tests.benchmarks.bench_register

Real servers, the pages' own views, one person who has been given every case. Server time is the process's CPU plus the
database's own time for the statements, so that other work on the machine does not count; wall time stands beside it.
"""

import json
import platform
import statistics
import time
from datetime import date
from pathlib import Path
from random import Random

from django.core.management import call_command
from django.db import connections

import tests.conftest as servers
from buvett.installation import municipalities
from buvett.services import ensure_services
from buvett.warming import warm
from tenants.isolation.enums import Role
from tenants.isolation.roles import connected_as
from tenants.register.registering import import_file
from tests import people
from tests.data.register_files import number_for

CASES, ROWS, ROUNDS = 2000, 20_000, 40
RESULT = Path(__file__).parent / "results" / "register.json"
HEADER = (
    "Førenamn;Etternamn;Fødselsnummer;Fødselsår;Busituasjon;Målgrupper;Bistandsnivå;Bustadtype;Registrert;"
    "Adressesperre;Motsegn"
)
GIVEN = ["Ada", "Bo", "Cecilie", "Dag", "Eva", "Åse", "Ørjan", "Ægir"]


def register(rows: int, *, seed: int) -> bytes:
    """A register of people who do not exist."""
    rng, numbers = Random(seed), set()
    while len(numbers) < rows:
        numbers.add(number_for(date(rng.randrange(1940, 2008), rng.randrange(1, 13), rng.randrange(1, 29)), rng))
    lines = [
        f"{rng.choice(GIVEN)};Oppdikta{n % 97};{number};{1900 + int(number[4:6])};Ute;Eldre;Ingen;"
        "Rehabiliteringsbustad;2026-01-01;Nei;Nei"
        for n, number in enumerate(sorted(numbers))
    ]
    return "\n".join([HEADER, *lines]).encode()


def timed(work) -> dict[str, float]:
    """Milliseconds of one call over many rounds: CPU of this process, and on the clock."""
    work()
    cpu, wall = [], []
    for _ in range(ROUNDS):
        began, clock = time.process_time(), time.perf_counter()
        work()
        cpu.append((time.process_time() - began) * 1000)
        wall.append((time.perf_counter() - clock) * 1000)
    return {
        "cpu_p50_ms": round(statistics.median(cpu), 1),
        "cpu_p95_ms": round(sorted(cpu)[int(ROUNDS * 0.95)], 1),
        "wall_p50_ms": round(statistics.median(wall), 1),
        "wall_p95_ms": round(sorted(wall)[int(ROUNDS * 0.95)], 1),
    }


def main() -> None:
    ensure_services(servers.HOME, environ=servers.ANOTHER_POSTGRES)
    with connected_as(Role.OWNER):
        call_command("migrate", database="owner", verbosity=0)
        house = municipalities.add(servers.FOLDERS, code="9901", name="Storheim", since=date(2024, 1, 1))
        large = municipalities.add(servers.FOLDERS, code="9902", name="Kjempeheim", since=date(2024, 1, 1))
    people.adopt_heimel(house)
    people.adopt_heimel(large)
    worker = people.worker(house)
    found: dict[str, object] = {"python": platform.python_version(), "cases": CASES, "rows": ROWS}
    given = []
    import_file(
        register(CASES, seed=1),
        municipality=house.pk,
        code=house.code,
        by=str(worker.pk),
        on=date(2026, 11, 1),
        synthetic_mode=True,
        after_storing=lambda stored: given.extend(stored.new_cases),
    )
    people.grant(house, *given, to=worker)
    warm()  # as the server's process does before its first reader
    client, base = people.browser(worker), f"/municipality/{house.code}/cases/"
    found["list"] = timed(lambda: client.get(base))
    print(found, flush=True)
    found["search by name"] = timed(lambda: client.post(base, {"text": "ørjan oppdikta9"}))
    print(found, flush=True)
    found["person page"] = timed(lambda: client.get(f"{base}{given[0]}/"))
    print(found, flush=True)
    content = register(ROWS, seed=2)
    for name in ("import of new rows", "import of the same rows"):
        began, clock = time.process_time(), time.perf_counter()
        import_file(
            content,
            municipality=large.pk,
            code=large.code,
            by="bench",
            on=date(2026, 11, 1),
            synthetic_mode=True,
        )
        found[name] = {
            "cpu_s": round(time.process_time() - began, 1),
            "wall_s": round(time.perf_counter() - clock, 1),
        }
    connections.close_all()
    RESULT.write_text(json.dumps(found, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    print(json.dumps(found, indent=2, ensure_ascii=False))


if __name__ == "__main__":
    main()
