"""P2: nothing about a person is readable at rest.

Tokens are put into every compartment of two municipalities, old and new values, and looked for in everything that is
on disk or goes out: data directory, write-ahead log, dump, broker, logs, error pages, temporary files, key folders.
A control token, stored in clear in each of these places, is found by the same scan, or the scan would prove nothing.
"""

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from datetime import date
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from django.test import Client
from django.utils import timezone

from buvett.services import Process
from buvett.services.binaries import postgres_binaries
from buvett.services.endpoints import embedded
from buvett.services.postgres import Postgres
from tenants.isolation.enums import Purpose
from tenants.isolation.scopes import scope
from tenants.legal import heimel
from tenants.register import changing, column_names, drafts, holding, looking_up, staging, uploading
from tenants.register.drafts import Written
from tenants.register.importing import ColumnMapping, parse_register
from tenants.register.importing.refused_file import refused_file
from tenants.register.kartlegging import blank_assessment
from tenants.register.models import Case, Draft, EarlierEnvelope, StagedRows
from tenants.register.registering import import_file
from tenants.register.states import Verb
from tenants.register.writing import CaseFacts
from tests.attacks.canaries import Scan, token
from tests.data.register_files import number_for
from tests.integration.releases.fixtures import workers
from tests.integration.releases.region import agree, person, register
from tests.integration.releases.workers import Workers, environment, has_ended

__all__ = ["workers"]

ON = date(2026, 11, 1)
PLACES = ("data directory", "write-ahead log", "dump", "broker", "logs", "temporary files", "error pages")
HEADER = (
    "Førenamn;Etternamn;Fødselsnummer;Fødselsår;Telefon;Adresse;Barn u/18;Busituasjon;Målgrupper;Bistandsnivå;"
    "Bustadtype;BU;AKT;OKO;FYS;PSY;RUSB;SOS;NET;Registrert;Adressesperre;Motsegn;Merknad"
)


class House:
    """A municipality with a register full of tokens."""

    def __init__(self, municipality, rng):
        self.municipality = municipality
        self.tokens = []
        self.numbers = [number_for(date(1980, 1, 1 + n), rng) for n in range(6)]

    def token(self):
        self.tokens.append(token())
        return self.tokens[-1]

    def file(self):
        """A register in which every text is a new token; the people are the same each time."""
        rows = [HEADER]
        for number in self.numbers:
            first, last, phone, street, note = (self.token() for _ in range(5))
            rows.append(
                f"{first};{last};{number};1980;{phone};{street};0;UTE;RUS;5;REHAB;G;G;G;G;G;G;G;G;2026-01-01;Nei;Nei;{note}"
            )
        return "\n".join(rows).encode()

    def bring(self):
        report = import_file(
            self.file(), municipality=self.municipality.id, code="0000", by="worker", on=ON, synthetic_mode=True
        ).report
        # Digits count as tokens too: eleven of them do not occur by chance next to each other in so few files.
        assert report["imported"] == len(self.numbers)
        return report

    def by_hand(self):
        """What people write in the pages: a person, a correction, reasons, drafts, an upload that waits."""
        municipality, writer = self.municipality.id, uuid4()
        facts = CaseFacts(
            identity={"given_name": self.token(), "family_name": self.token(), "identity_number": None},
            assessment=blank_assessment(registered="2026-01-01"),
            notes={"text": self.token()},
        )
        with scope(municipality, by=writer, purpose=Purpose.SAK):
            case = changing.register(facts, on=ON)
            later = replace(facts, identity={**facts.identity, "family_name": self.token()})
            changing.correct(case, lambda before: later, revision=1, why=self.token(), on=ON)
            changing.move(case, Verb.BLOCK, revision=2, why=self.token(), on=ON)
            looking_up.by_name({"given_name": self.token(), "family_name": self.token()}, 1980, now=timezone.now())
            for about in (case, None):
                drafts.save(about, Written(fields={"text": [self.token()]}, revision=1), writer=writer, on=ON)
                drafts.save(about, Written(fields={"text": [self.token()]}, revision=1), writer=writer, on=ON)
        refused = self.file().replace(self.numbers[0].encode(), b"12345678901")
        with scope(municipality, by=writer, purpose=Purpose.SAK):
            run = staging.stage(parse_register(refused, counted_on=ON, synthetic_mode=True), on=ON)
            uploading.mend(run, 0, {"Merknad": self.token()}, synthetic_mode=True)
            columns, rows, issues = uploading.refused_rows(run)
            assert len(rows) == 1
            refused_file(columns, rows, issues)
            heading = self.token()
            column_names.remember(ColumnMapping(headers={heading: "Telefon"}))
        unread = self.file().replace(b"Telefon", heading.encode())
        with scope(municipality, by=uuid4(), purpose=Purpose.SAK):
            assert holding.held(staging.keep_unread(unread, on=ON)) == unread


@pytest.fixture
def temporary(monkeypatch, tmp_path):
    """A folder that everything takes for its temporary one."""
    folder = tmp_path / "tmp"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    return folder


def superuser(home):
    return Postgres(home=home).superuser_connection("buvett")


def dump(home):
    """What the backup role's dump holds, as text."""
    program = postgres_binaries(home).folder / "pg_dump"
    done = subprocess.run(
        [program, "--enable-row-security", "--schema=public", "--dbname", embedded(home).database("backup")],
        capture_output=True,
        check=False,
        cwd="/",
    )
    assert done.returncode == 0, done.stderr.decode()[-500:]
    return done.stdout


def scan(home, temporary, tokens, *, pages=()):
    """Look everywhere, with everything written out."""
    with superuser(home) as connection:
        connection.autocommit = True
        connection.execute("CHECKPOINT")
    looked = Scan(tokens)
    data = home.postgres / "data"
    looked.folder("write-ahead log", data / "pg_wal")
    looked.folder("data directory", data, but=data / "pg_wal")
    looked.bytes("dump", dump(home))
    looked.folder("logs", home.logs)
    looked.folder("temporary files", temporary)
    looked.folder("key store", home.keystore)
    looked.folder("keys", home.path / "keys")
    looked.folder("broker", home.valkey)
    for page in pages:
        looked.bytes("error pages", page)
    return looked


@pytest.fixture
def two_houses(make_municipality):
    """Two municipalities, each with people, old values and new ones, and one more compartment by hand."""
    from random import Random

    houses = []
    for seed in (1, 2):
        municipality = make_municipality()
        with scope(municipality.id, by="set-up", purpose=Purpose.SAK):
            heimel.adopt_standard()
        house = House(municipality, Random(seed))
        house.bring()
        second = house.bring()
        assert second["updated"] == len(house.numbers)
        register(municipality, [person(support="1", remark=house.token())])
        house.by_hand()
        houses.append(house)
    return houses


def error_pages(tokens):
    """Answers to requests that carry tokens and go wrong: unknown page, bad form, wrong sign-in, broken body."""
    client = Client(raise_request_exception=False)
    found = []
    for one in tokens[:5]:
        found += [
            client.get(f"/sak/{one}/").content,
            client.get("/", {"q": one}).content,
            client.post("/sign-in/", {"password": one}).content,
            client.post(
                f"/api/v1/releases/{one}", data=json.dumps({"a": one}), content_type="application/json"
            ).content,
            client.get("/", HTTP_HOST=f"{one}.invalid").content,
        ]
    return found


def test_tokens_of_people_are_nowhere_at_rest(installation, two_houses, temporary):
    tokens = [one for house in two_houses for one in (*house.tokens, *house.numbers)]

    looked = scan(installation, temporary, tokens, pages=error_pages([h.tokens[0] for h in two_houses]))

    assert {place: len(seen) for place, seen in looked.found.items() if seen} == {}
    with scope(two_houses[0].municipality.id, by="looker", purpose=Purpose.SAK):
        # There was something to find.
        assert (EarlierEnvelope.objects.count() > 0, Draft.objects.count(), StagedRows.objects.count()) == (True, 2, 1)


def rows_with(code, rows):
    """How many rows hold the code, as text or as whole bytes of a binary column."""
    return sum(any(code in (v if isinstance(v, bytes) else str(v).encode()) for v in row) for row in rows)


def test_codes_of_people_are_in_no_row(installation, two_houses):
    """Codes are common words of the code lists, so they are looked for in the houses' rows of the confidential tables.

    Three given bytes occur by chance once in about 16 million places of a ciphertext, so one row of these few hundred
    may hold such a code (and more would among all that other tests have written); in clear, each of the dozen rows with
    that code would.
    """
    by_chance = {b"UTE": 1, b"RUS": 1, b"REHAB": 0, b"identity_number": 0, b"situation": 0}
    tables = (
        *("register_person", "register_case", "register_earlierenvelope", "register_change", "register_draft"),
        *("register_importrun", "register_stagedrows", "register_heldfile", "register_columnnames"),
        *("register_lookup", "audit_entry"),
    )

    with superuser(installation) as connection:
        for table in tables:
            of_houses = f'SELECT * FROM "{table}" WHERE municipality_id = ANY(%s)'
            rows = connection.execute(of_houses, [[house.municipality.pk for house in two_houses]]).fetchall()
            assert rows, table
            assert [code for code, most in by_chance.items() if rows_with(code, rows) > most] == []


def test_a_code_in_clear_would_be_found():
    assert rows_with(b"RUS", [(b"..RUS..", "x"), (b"", "RUS"), (b"\x00", "no")]) == 2


def test_tokens_are_nowhere_after_a_kill_in_mid_import(installation, two_houses, temporary):
    house = two_houses[0]
    content = house.file()
    program = (
        "import os, signal, sys\nimport django\ndjango.setup()\n"
        "from datetime import date\nfrom uuid import UUID\n"
        "from tenants.register.registering import import_file\n"
        "import_file(sys.stdin.buffer.read(), municipality=UUID(sys.argv[1]), code='0000', by='worker',"
        " on=date(2026, 11, 1), synthetic_mode=True,"
        " after_storing=lambda stored: os.kill(os.getpid(), signal.SIGKILL))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(house.municipality.id)],
        input=content,
        env=environment(installation, Process.WEB) | {"TMPDIR": str(temporary)},
        capture_output=True,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()[-800:]
    with scope(house.municipality.id, by="looker", purpose=Purpose.SAK):
        assert StagedRows.objects.filter(run__by="worker").count() == 1  # it died between staging and storing

    looked = scan(installation, temporary, [*house.tokens, *house.numbers])

    assert {place: len(seen) for place, seen in looked.found.items() if seen} == {}
    house.bring()
    with scope(house.municipality.id, by="looker", purpose=Purpose.SAK):
        assert StagedRows.objects.filter(run__by="worker").count() == 0


def test_tokens_are_nowhere_after_a_push_through_real_workers(
    installation, make_municipality, temporary, workers: Workers
):
    token_of = token()
    registers = [[person(support="1", remark=token_of) for _ in range(9)] for _ in range(3)]
    agreed = agree(make_municipality, registers)
    run = agreed.open_as_publisher(installation)

    workers.until(lambda: has_ended(run))

    looked = scan(installation, temporary, [token_of])
    looked.bytes("workers' log", workers.log.read_bytes())
    assert {place: len(seen) for place, seen in looked.found.items() if seen} == {}
    with scope(agreed.members[0].pk, by="looker", purpose=Purpose.SAK):
        assert Case.objects.count() == 9


def test_control_token_in_clear_is_found_in_each_place(installation, temporary):
    """The same scan finds a token that somebody did store in clear: in a row, the broker, a log, a temporary file."""
    control = token()
    with superuser(installation) as connection:
        connection.autocommit = True
        connection.execute("CREATE TABLE public.careless (value text)")
        connection.execute("GRANT SELECT ON public.careless TO buvett_backup")
        for _ in range(3):  # an edge between two pages of the log cuts a token in two: once, not three times
            connection.execute(psycopg.sql.SQL("INSERT INTO public.careless VALUES ({})").format(control))
        connection.execute("ALTER TABLE public.careless SET (autovacuum_enabled = false)")
        connection.execute("CHECKPOINT")
    log = installation.logs / "careless.log"
    log.write_text(f"someone logged {control}\n", encoding="utf-8")
    (temporary / "upload.xlsx").write_bytes(control.encode("utf-16-le"))
    from redis import Redis

    with Redis.from_url(_redis(embedded(installation).broker("contributor"))) as broker:
        broker.set("contributor:careless", control)
    try:
        # Valkey holds a write back, for two seconds at most, while the disk is busy with an earlier one.
        for _ in range(100):
            if any(control.encode() in path.read_bytes() for path in installation.valkey.rglob("*.aof")):
                break
            time.sleep(0.1)
        looked = scan(installation, temporary, [control], pages=[f"<p>{control}</p>".encode()])
    finally:
        log.unlink()
        with superuser(installation) as connection:
            connection.execute("DROP TABLE public.careless")
        with Redis.from_url(_redis(embedded(installation).broker("contributor"))) as broker:
            broker.set("contributor:careless", "")

    assert [place for place in PLACES if looked.found.get(place) != {control}] == []


@pytest.mark.parametrize("place", ["hexadecimal", "Base64, shifted by one", "UTF-16"])
def test_control_token_in_another_form_is_found(place):
    import base64

    control = token()
    content = {
        "hexadecimal": control.encode().hex().encode(),
        "Base64, shifted by one": base64.b64encode(b"x" + control.encode() + b"yz"),
        "UTF-16": control.encode("utf-16-le"),
    }[place]
    looked = Scan([control])

    looked.bytes(place, b"before " + content + b" after")

    assert looked.found == {place: {control}}


def test_nothing_is_left_in_the_real_temporary_folder(installation, two_houses):
    tokens = [one for house in two_houses for one in house.tokens]
    looked = Scan(tokens)
    mine = [path for path in Path("/tmp").iterdir() if path.stat().st_uid == os.geteuid() and path.is_file()]

    for path in mine:
        looked.bytes("/tmp", path.read_bytes())

    assert {place: seen for place, seen in looked.found.items() if seen} == {}


def _redis(url):
    """redis-py's form of kombu's address of a unix socket."""
    return url.replace("redis+socket://", "unix://").replace("?virtual_host=0", "?db=0")
