"""Opening, sealing and rotating envelopes on one core: `python -m tests.benchmarks.bench_vault`.

Writes tests/benchmarks/results/vault.md. Each figure is the median of seven rounds, after one to warm up.
"""

import os
import platform
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from uuid import UUID, uuid4

from cryptography.hazmat.backends.openssl import backend

from tenants.vault import envelope, names
from tenants.vault.blind_index import BlindIndex
from tenants.vault.compartments import Compartment
from tenants.vault.issuing import issue
from tenants.vault.keyring import Keyring
from tenants.vault.keystore import KeyStore
from tenants.vault.kms.file import FileKms
from tenants.vault.rotation import Stored, sweep
from tenants.vault.sealing import Opener, Resealer, Sealer

RESULTS = Path(__file__).parent / "results" / "vault.md"
TABLE = "register_case"
TARGET = 20_000
RECORDS = 5_000
ROUNDS = 7

ASSESSMENT = {
    "areas": {"AKT": 2, "BU": 3, "FYS": 1, "NET": 2, "OKO": 4, "PSY": 3, "RUSB": 1, "SOS": 2},
    "birth_year": 1984,
    "blocked": False,
    "children": 2,
    "dwelling": "SMALL",
    "groups": ["RUS", "PSYK"],
    "household": "SINGLE",
    "objected": False,
    "registered": "2026-03-14",
    "situation": "MELL_VEN",
    "support": 3,
    "unanswered": {"areas.NET": "unknown"},
}
IDENTITY = {
    "address": "Øygardsvegen 114, 3870 Fyresdal",
    "family_name": "Bjørgelv Øygarden",
    "given_name": "Åsne Marie",
    "identity_number": "54887300191",
    "phone": "+47 900 00 000",
}


@dataclass
class Bench:
    """A municipality with keys, and records with salts."""

    keyring: Keyring
    municipality: UUID
    records: list[tuple[UUID, bytes]]

    def seal_all(self, compartment: Compartment, payload: dict, *, count: int = RECORDS) -> list[bytes]:
        sealer = Sealer(self.keyring, self.municipality)
        return [sealer.seal(compartment, TABLE, record, salt, payload) for record, salt in self.records[:count]]

    def open_all(self, compartment: Compartment, sealed: list[bytes]) -> None:
        receipt = issue(
            municipality=self.municipality,
            compartments=[compartment],
            records=[record for record, _ in self.records],
            intent=uuid4(),
        )
        opener = Opener(self.keyring, receipt)
        for (record, salt), one in zip(self.records, sealed, strict=False):
            opener.open(compartment, TABLE, record, salt, one)


def build(folder: Path) -> Bench:
    for name in ("keys", "keystore"):
        (folder / name).mkdir(mode=0o700)
    kms = FileKms(folder / "keys", allow_demo=True)
    municipality = uuid4()
    keyring = Keyring(kms, KeyStore(folder / "keystore"))
    for compartment in Compartment:
        kms.create(f"{municipality}/{compartment.label}", demo=True)
    kms.create(f"{municipality}/index", demo=True)
    keyring.create_municipality(municipality)
    keyring.create(names.index_key(municipality, "fnr"))
    return Bench(keyring, municipality, [(uuid4(), os.urandom(16)) for _ in range(RECORDS)])


def per_second(work: Callable[[], object], count: int) -> float:
    """Median number of pieces a second of processor time, so that a busy machine is not counted as our work.

    `work` does `count` pieces on one thread.
    """
    return rates(work, count)[0]


def rates(work: Callable[[], object], count: int) -> tuple[float, float]:
    """Median number of pieces a second: of processor time, and by the clock on the wall."""
    work()
    used, passed = [], []
    for _ in range(ROUNDS):
        began, began_wall = time.process_time(), time.perf_counter()
        work()
        used.append(time.process_time() - began)
        passed.append(time.perf_counter() - began_wall)
    return count / statistics.median(used), count / statistics.median(passed)


def opening(bench: Bench) -> list[str]:
    rows = []
    for compartment, payload in ((Compartment.ASSESSMENT, ASSESSMENT), (Compartment.IDENTITY, IDENTITY)):
        sealed = bench.seal_all(compartment, payload)
        opened, by_clock = rates(lambda c=compartment, s=sealed: bench.open_all(c, s), RECORDS)
        made = per_second(lambda c=compartment, p=payload: bench.seal_all(c, p), RECORDS)
        verdict = "reached" if opened >= TARGET else "MISSED"
        rows.append(
            f"| {compartment.label} | {len(sealed[0])} | {opened:,.0f} ({verdict}) | {by_clock:,.0f} | {made:,.0f} |"
        )
    return rows


def growth(bench: Bench) -> list[str]:
    rows = []
    for size in Compartment.STAGING.sizes[:13:2]:
        count = max(4, min(RECORDS, 2**24 // size))
        payload = {"content": "x" * (size - 4 - len('{"content":""}'))}
        sealed = bench.seal_all(Compartment.STAGING, payload, count=count)
        opened = per_second(lambda s=sealed: bench.open_all(Compartment.STAGING, s), count)
        made = per_second(lambda p=payload, n=count: bench.seal_all(Compartment.STAGING, p, count=n), count)
        rows.append(f"| {size:,} | {opened:,.0f} | {1e6 / opened:,.1f} | {opened * size / 2**20:,.0f} | {made:,.0f} |")
    return rows


def number_of_keys(folder: Path) -> list[str]:
    """Opening when every record lies in another municipality: the cache is asked for another key each time."""
    rows = []
    for count in (1, 35, 350):
        inner = folder / f"m{count}"
        inner.mkdir(mode=0o700)
        for name in ("keys", "keystore"):
            (inner / name).mkdir(mode=0o700)
        kms = FileKms(inner / "keys", allow_demo=True)
        keyring = Keyring(kms, KeyStore(inner / "keystore"))
        openers, sealed = [], []
        for _ in range(count):
            municipality, record, salt = uuid4(), uuid4(), os.urandom(16)
            name = names.compartment_key(municipality, Compartment.ASSESSMENT)
            kms.create(name.root, demo=True)
            keyring.create(name)
            receipt = issue(
                municipality=municipality, compartments=[Compartment.ASSESSMENT], records=[record], intent=uuid4()
            )
            openers.append(Opener(keyring, receipt))
            one = Sealer(keyring, municipality).seal(Compartment.ASSESSMENT, TABLE, record, salt, ASSESSMENT)
            sealed.append((record, salt, one))

        def work(openers: list[Opener] = openers, sealed: list[tuple[UUID, bytes, bytes]] = sealed) -> None:
            for turn in range(RECORDS):
                record, salt, one = sealed[turn % len(sealed)]
                openers[turn % len(openers)].open(Compartment.ASSESSMENT, TABLE, record, salt, one)

        rows.append(f"| {count} | {per_second(work, RECORDS):,.0f} |")
    return rows


def rotation(bench: Bench) -> float:
    """Envelopes resealed a second, without a database."""
    sealed = bench.seal_all(Compartment.ASSESSMENT, ASSESSMENT)
    name = names.compartment_key(bench.municipality, Compartment.ASSESSMENT)
    stored = [
        Stored(Compartment.ASSESSMENT, TABLE, record, salt, one)
        for (record, salt), one in zip(bench.records, sealed, strict=True)
    ]
    bench.keyring.rotate(name)
    resealer = Resealer(bench.keyring, bench.municipality)
    return per_second(lambda: sweep(resealer, [stored], replace=lambda _, __: True), RECORDS)


def pieces(bench: Bench) -> list[str]:
    """What one opening is made of, in microseconds."""
    record, salt = bench.records[0]
    (sealed,) = bench.seal_all(Compartment.ASSESSMENT, ASSESSMENT, count=1)
    header = envelope.read_header(sealed)
    binding = envelope.Binding(bench.municipality, TABLE, record, Compartment.ASSESSMENT, header.key_version)
    name = names.compartment_key(bench.municipality, Compartment.ASSESSMENT)
    key = bench.keyring.key(name, header.key_version)
    padded = envelope.open_padded(key, sealed, header=header, binding=binding, salt=salt)
    steps: dict[str, Callable[[], object]] = {
        "read the header": lambda: envelope.read_header(sealed),
        "take the key from the cache": lambda: bench.keyring.key(name, header.key_version),
        "derive, compare the commitment, decrypt": lambda: envelope.open_padded(
            key, sealed, header=header, binding=binding, salt=salt
        ),
        "check the padding, read the JSON": lambda: envelope.unpad(padded),
    }
    return [
        f"| {what} | {1e6 / per_second(lambda s=step: [s() for _ in range(2000)], 2000):.1f} |"
        for what, step in steps.items()
    ]


def report() -> str:
    with tempfile.TemporaryDirectory() as folder:
        bench = build(Path(folder))
        index = BlindIndex(bench.keyring, bench.municipality, "fnr")
        measured = (
            f"Measured {datetime.now(UTC):%Y-%m-%d} by `python -m tests.benchmarks.bench_vault`, one thread; Python "
            f"{platform.python_version()}, cryptography {version('cryptography')} ({backend.openssl_version_text()}), "
            f"rfc8785 {version('rfc8785')}; {cpu()}, {os.cpu_count()} cores shared with other work, load "
            f"{os.getloadavg()[0]:.1f} at the start."
        )
        how = (
            f"{RECORDS:,} records a round, median of {ROUNDS} rounds, by processor time unless it says otherwise. To "
            f"reach: opening one compartment of a record ≥ {TARGET:,} a second and core. No database in these figures."
        )
        lines = [
            "# Vault: what it costs",
            "",
            measured,
            how,
            "",
            "| compartment | bytes stored | opened a second | by the clock | sealed a second |",
            "| --- | --- | --- | --- | --- |",
            *opening(bench),
            "",
            "## One opening of an assessment, in microseconds",
            "| step | µs |",
            "| --- | --- |",
            *pieces(bench),
            "",
            "## Growth with the size of the payload (staging, payload fills its size class)",
            "| padded bytes | opened a second | µs each | MiB a second | sealed a second |",
            "| --- | --- | --- | --- | --- |",
            *growth(bench),
            "",
            "## Growth with the number of municipalities (another one's envelope each time)",
            "| municipalities | opened a second |",
            "| --- | --- |",
            *number_of_keys(Path(folder)),
            "",
            "## Rotation and look-up",
            f"- resealed under a new key: {rotation(bench):,.0f} envelopes a second (to reach: 5,000)",
            f"- blind index: {per_second(lambda: [index.of('54887300191') for _ in range(5000)], 5000):,.0f} a second",
            "",
        ]
    return "\n".join(lines)


def cpu() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    return next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), platform.machine())


if __name__ == "__main__":
    RESULTS.parent.mkdir(exist_ok=True)
    text = report()
    RESULTS.write_text(text, encoding="utf-8")
    print(text)
