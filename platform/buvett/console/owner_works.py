"""Work of the owner (schema, municipalities, population) and the demo's people."""

import csv
import io
import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

from django.conf import settings
from django.core.management import call_command

from buvett.access.errors import RegionUnknown
from buvett.console.requests import Answer, Request, WorkRefused
from buvett.demo import seeding
from buvett.installation import completing, municipalities
from buvett.installation.keys import KeyFolders, make_account_key
from tenants.isolation.models import Municipality

COLUMNS = ["code", "year", "inhabitants", "source"]


def migrate(request: Request) -> Answer:
    """Bring the schema to this version; all of it or, where a person has to decide first, as it was."""
    try:
        call_command("migrate", database="owner", verbosity=0)
    except RegionUnknown as refusal:
        raise WorkRefused(str(refusal)) from None
    return {}


def install(request: Request) -> Answer:
    """The schema and the demo region without people; the same again changes nothing."""
    if not settings.SYNTHETIC:
        raise WorkRefused("the demo region is made in synthetic mode only")
    migrate(request)
    folders = KeyFolders(root=Path(request.options["keys"]), keystore=settings.KEYSTORE_FOLDER, demo=True)
    make_account_key(folders)
    seeding.make_region(folders)
    return {}


def people(request: Request) -> Answer:
    """The demo's people (as the web process)."""
    if not settings.SYNTHETIC:
        raise WorkRefused("demo people are made in synthetic mode only")
    seeding.make_people(datetime.now(UTC).date())
    return {}


def population(request: Request) -> Answer:
    """Figures from a CSV file with a header: code, year, inhabitants, source. All rows or none."""
    try:
        text = request.content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise WorkRefused("the file is not UTF-8") from None
    reader = csv.DictReader(io.StringIO(text))
    if reader.fieldnames is None or list(reader.fieldnames) != COLUMNS:
        raise WorkRefused(f"the file must have the columns {', '.join(COLUMNS)}, in that order")
    found = []
    for row in reader:
        at = f"line {reader.line_num}"
        municipality = Municipality.objects.filter(code=row["code"], valid_to=None).first()
        if municipality is None:
            raise WorkRefused(f"{at}, column code: no municipality has that number")
        try:
            year, inhabitants = int(row["year"]), int(row["inhabitants"])
        except (TypeError, ValueError):
            raise WorkRefused(f"{at}: year and inhabitants are whole numbers") from None
        if not 1900 <= year <= 2100 or not 0 < inhabitants < 10_000_000:
            raise WorkRefused(f"{at}: year or inhabitants cannot be right")
        if not (row["source"] or "").strip():
            raise WorkRefused(f"{at}, column source: every figure has a source")
        found.append((municipality, year, inhabitants, row["source"].strip()))
    for municipality, year, inhabitants, source in found:
        municipalities.set_population(municipality, year=year, inhabitants=inhabitants, source=source, demo=False)
    return {"figures": len(found)}


def keys(request: Request) -> Answer:
    """Every key that is missing, in the folders of the processes that use it."""
    return _made(lambda: completing.complete(_folders(request)))


def municipality(request: Request) -> Answer:
    """A municipality of a real installation, with its keys; the same again changes nothing."""
    code, name = str(request.options["code"]), str(request.options["name"]).strip()
    if not re.fullmatch(r"[0-9]{4}", code):
        raise WorkRefused("a municipality's number has four digits")
    if not name or len(name) > Municipality._meta.get_field("name").max_length:
        raise WorkRefused("a municipality has a name, not too long")
    since = date.fromisoformat(request.options["since"])
    return _made(lambda: completing.add(_folders(request), code=code, name=name, since=since))


def _folders(request: Request) -> KeyFolders:
    if settings.MODE != "production":
        raise WorkRefused("these are the keys of a real installation (BUVETT_MODE=production); a demo makes its own")
    return KeyFolders(root=Path(request.options["keys"]), keystore=settings.KEYSTORE_FOLDER, demo=False)


def _made(work: Callable[[], tuple[str, ...]]) -> Answer:
    try:
        return {"lines": list(work())}
    except completing.KeysRefused as refusal:
        raise WorkRefused(str(refusal)) from None


WORKS = {
    "install": install,
    "keys": keys,
    "migrate": migrate,
    "municipality": municipality,
    "people": people,
    "population": population,
}
