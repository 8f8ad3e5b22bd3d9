"""Make registers of people who do not exist, with the answers that reading them must give.

Written without the program's code lists and readers: labels are typed anew from the domain brief, numbers are computed
here. The answers come from what was put in, never from reading the file.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import Any
from xml.sax.saxutils import escape

import openpyxl

COUNTED_ON = date(2026, 11, 1)
NAMES = [
    "Førenamn",
    "Etternamn",
    "Fødselsnummer",
    "Fødselsår",
    "Telefon",
    "Adresse",
    "Barn u/18",
    "Busituasjon",
    "Målgrupper",
    "Bistandsnivå",
    "Bustadtype",
    "BU",
    "AKT",
    "OKO",
    "FYS",
    "PSY",
    "RUSB",
    "SOS",
    "NET",
    "Registrert",
    "Adressesperre",
    "Motsegn",
    "Merknad",
]
AREAS = NAMES[11:19]
HEADERS = {
    "nn": NAMES,
    "nb": [
        *[
            "Fornavn",
            "Etternavn",
            "Fødselsnr",
            "Født år",
            "Tlf.",
            "Adresse",
            "Barn under 18",
            "Bosituasjon",
            "Målgruppe(r)",
            "Bistandsbehov",
        ],
        *["Ønsket boligtype", *AREAS, "Reg.dato", "Adressesperre", "Innsigelse", "Kommentar"],
    ],
    "en": [
        *[
            "First name",
            "Last name",
            "National ID",
            "Year of birth",
            "Phone",
            "Address",
            "Children under 18",
            "Housing situation",
        ],
        *["Target groups", "Support level", "Wanted dwelling type", *AREAS, "Registered", "Address protection"],
        *["Objection", "Comment"],
    ],
}
# code: nn, nb, en
SITUATION = {
    "EIGD": ("Eigd bustad", "Eid bolig", "Owned dwelling"),
    "LEIGD_PRIV": ("Leigd, privat", "Leid, privat", "Private rental"),
    "LEIGD_KOM": ("Leigd, kommunal", "Leid, kommunal", "Municipal rental"),
    "FRAMLEIGE": ("Framleigd bustad", "Framleid bolig", "Sublet"),
    "FAST_PAAR": ("Bur varig hjå nære pårørande", "Bor varig hos nære pårørende", "Permanently with close family"),
    "MELL_VEN": ("Mellombels hjå vener/slekt", "Midlertidig hos venner/slekt", "Temporarily with friends/family"),
    "MELL_27": ("Mellombels butilbod (stl § 27)", "Midlertidig botilbud", "Temporary accommodation"),
    "AKUTT": ("Akuttovernatting", "Akuttovernatting", "Emergency shelter"),
    "KRISE": ("Krisesenter", "Krisesenter", "Crisis centre"),
    "INST_2M": (
        "Institusjon, utskriving innan 2 md.",
        "Institusjon, utskrives innen 2 md.",
        "Institution, discharge ≤ 2 mo",
    ),
    "FENG_2M": ("Fengsel, lauslating innan 2 md.", "Fengsel, løslates innen 2 md.", "Prison, release ≤ 2 mo"),
    "UTE": ("Ute / utan stad å sove", "Ute / uten sted å sove", "Rough sleeping"),
    "UKJEND": ("Ukjend", "Ukjent", "Unknown"),
}
DWELLING = {
    "KOM_UTLEIGE": ("Kommunal utleigebustad", "Kommunal utleiebolig", "Municipal rental"),
    "OMSORG": ("Omsorgsbustad", "Omsorgsbolig", "Care dwelling"),
    "OMSORG_DOGN": ("Omsorgsbustad m/ heildøgns omsorg", "Heldøgns omsorgsbolig", "24h care dwelling"),
    "SAMLOK": ("Bufellesskap/samlokalisert", "Bofellesskap/samlokalisert", "Shared/co-located"),
    "REHAB": ("Rehabiliteringsbustad (ettervern)", "Rehabiliteringsbolig", "Aftercare dwelling"),
    "EINMANN": ("Einmannsmodul/småhus", "Enmannsmodul/småhus", "Single module/small house"),
    "HJELP_VERN": (
        "Bustad med hjelpe- og vernetiltak",
        "Bolig med hjelpe- og vernetiltak",
        "Dwelling with support and protective measures",
    ),
    "TILPASSA": ("Særleg tilpassa bustad", "Særlig tilpasset bolig", "Specially adapted"),
    "TILVIS": ("Privat m/ tilvisingsrett", "Privat m/ tilvisningsrett", "Private, referral right"),
    "TILDEL": ("Privat m/ tildelingsrett", "Privat m/ tildelingsrett", "Private, allocation right"),
    "MELLOMB": ("Mellombels/overgangsbustad", "Midlertidig/overgangsbolig", "Transitional"),
    "ORDINAER": ("Ordinær eigd/leigd bustad", "Ordinær bolig", "Ordinary market dwelling"),
}
GROUP = {
    "RUS": ("Rusmiddelvanskar", "Rusmiddelproblem", "Substance use"),
    "PSYK": ("Psykisk liding", "Psykisk lidelse", "Mental illness"),
    "ROP": ("Samtidig rus- og psykisk liding", "ROP-lidelse", "Dual diagnosis"),
    "FLYKT": ("Flyktning", "Flyktning", "Refugee"),
    "OKON": ("Økonomisk vanskelegstilt", "Økonomisk vanskeligstilt", "Economic hardship"),
    "UTVH": ("Utviklingshemming", "Utviklingshemming", "Intellectual disability"),
    "FUNK": ("Nedsett funksjonsevne", "Nedsatt funksjonsevne", "Disability"),
    "BARNEFAM": ("Barnefamilie", "Barnefamilie", "Family with children"),
    "UNG": ("Ung i etablering (18–25)", "Ung i etablering", "Young adult"),
    "ELDRE": ("Eldre", "Eldre", "Older person"),
    "LAUSLATING": ("Lauslaten frå fengsel", "Løslatt fra fengsel", "Released from prison"),
    "VALD": ("Utsett for vald", "Voldsutsatt", "Exposed to violence"),
    "ANNA": ("Anna", "Annet", "Other"),
}
ALWAYS = ["RUS", "PSYK", "FLYKT", "OKON", "UTVH", "FUNK", "BARNEFAM", "UNG", "ELDRE", "LAUSLATING"]
SUPPORT = {
    "0": ("Ingen", "Ingen", "None"),
    "1": ("Råd og rettleiing", "Råd og veiledning", "Advice"),
    "2": ("Praktisk bistand (søknad, kjøp/leige, hindre utkasting)", "Praktisk bistand", "Practical help"),
    "3": ("Jamleg buoppfølging (kvar veke)", "Jevnlig booppfølging", "Weekly follow-up"),
    "4": ("Dagleg oppfølging", "Daglig oppfølging", "Daily follow-up"),
    "5": ("Heildøgns bemanning", "Heldøgns bemanning", "24h staffing"),
    "9": ("Ikkje vurdert", "Ikke vurdert", "Not assessed"),
}
LEVEL = {
    "G": ("Grøn", "Grønn", "Green"),
    "Y": ("Gul", "Gul", "Yellow"),
    "R": ("Raud", "Rød", "Red"),
    "U": ("Ukjend", "Ukjent", "Unknown"),
}
FLAGS = {"nn": ("Nei", "Ja"), "nb": ("Nei", "Ja"), "en": ("No", "Yes"), "codes": ("", "x")}
TITLES = ["Kartlegging bustadbehov", "Unnateke offentlegheit", "Adresse og busituasjon, hausten 2026", ""]


def number_for(born: date, rng: Random, *, shift: int = 80, d_number: bool = False) -> str:
    """Return an identity number for the day that passes both checks of the rule before 2032."""
    while True:
        day, month = born.day + (40 if d_number else 0), born.month + shift
        digits = [int(c) for c in f"{day:02}{month:02}{born.year % 100:02}{rng.randrange(1000):03}"]
        for weights in ((3, 7, 6, 1, 8, 9, 4, 5, 2), (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)):
            digits.append(-sum(w * n for w, n in zip(weights, digits, strict=True)) % 11)
        if 10 not in digits:
            return "".join(map(str, digits))


@dataclass(frozen=True, kw_only=True)
class Person:
    """A made-up person as a register holds them: codes, not labels."""

    number: str
    birth_year: int
    given: str
    family: str
    children: int
    situation: str
    groups: tuple[str, ...]
    support: str
    dwelling: str
    areas: dict[str, str]
    registered: date
    protected: bool
    objected: bool
    note: str


def person(rng: Random) -> Person:
    """Return somebody who does not exist."""
    born = date(rng.randint(1940, 2008), 1, 1) + timedelta(days=rng.randrange(365))
    return Person(
        number=number_for(born, rng, shift=rng.choice([80, 80, 80, 65, 40]), d_number=rng.random() < 0.1),
        birth_year=born.year,
        given=rng.choice(["Åse", "Øystein", "Ærnst", "Liv", "Kari", "Ola"]),
        family=rng.choice(["Prøvebakken", "Dømehaug", "Testvoll", "Såmannsgård"]),
        children=rng.choice([0, 0, 0, 1, 2, 3]),
        situation=rng.choice(list(SITUATION)),
        groups=tuple(sorted(rng.sample(list(GROUP), rng.randint(1, 3)))),
        support=rng.choice(list(SUPPORT)),
        dwelling=rng.choice(list(DWELLING)),
        areas={area: rng.choice("GGYYRRU") for area in AREAS},
        registered=COUNTED_ON - timedelta(days=rng.randrange(700)),
        protected=rng.random() < 0.08,
        objected=rng.random() < 0.08,
        note=rng.choice(["", "Ynskjer bustad nær sentrum.", "Har hund; tek med burettleiar.", "«Treng ro» – skjerma"]),
    )


@dataclass(frozen=True, kw_only=True)
class Style:
    """How a file is written. Every field is something that real files differ in."""

    kind: str = "csv"  # csv | xlsx | ods
    encoding: str = "utf-8"
    separator: str = ";"
    line_end: str = "\r\n"
    language: str = "nn"  # nn | nb | en | codes
    group_separator: str = ", "
    dates: str = "iso"  # iso | dotted | real
    numbers: bool = False  # identity numbers, years and counts as numbers: leading zeros are lost
    titles: int = 0
    total: str = ""
    hidden_sheet: bool = False
    other_sheet: bool = False
    blank_rows: bool = False
    shuffled: bool = False
    empty_areas: bool = False
    loud: bool = False  # labels in capitals with blanks around them


@dataclass(frozen=True, kw_only=True)
class Made:
    """A file and what reading it must give; ``issues`` as (row, column, code, severity)."""

    content: bytes
    data_rows: int
    first_data_row: int
    imported: tuple[Person, ...]
    issues: Counter[tuple[int, str, str, str]]
    counts: dict[str, Any] = field(default_factory=dict)


_BREAKS: dict[str, tuple[str, str, str]] = {
    "number": ("Fødselsnummer", "identity_number_invalid", "error"),
    "real": ("Fødselsnummer", "identity_number_not_synthetic", "error"),
    "label": ("Busituasjon", "unknown_label", "error"),
    "group": ("Målgrupper", "unknown_label", "error"),
    "missing": ("Bistandsnivå", "required_missing", "error"),
    "date": ("Registrert", "date_invalid", "error"),
    "future": ("Registrert", "date_in_future", "error"),
    "formula": ("Merknad", "formula_kept_as_text", "warning"),
    "twice": ("Fødselsnummer", "duplicate_in_file", "error"),
}


def make(rng: Random, style: Style, *, people: int = 12) -> Made:
    """Return a file in the style with about ``people`` sound rows and a row of each kind that is not."""
    sound: list[Person] = []
    while len(sound) < people:
        one = person(rng)
        if one.number not in {p.number for p in sound}:
            sound.append(one)
    rows = [_cells(p, style) for p in sound]
    kept, issues = list(sound), Counter()
    for what, (column, code, severity) in _BREAKS.items():
        extra = sound[0] if what == "twice" else person(rng)
        if what != "twice" and extra.number in {p.number for p in kept}:
            continue
        cells = _cells(extra, style)
        _break(cells, what, extra, rng, style)
        issues[(len(rows), column, code, severity)] += 1
        rows.append(cells)
        if severity == "warning":
            kept.append(extra)
    order = list(range(len(NAMES)))
    if style.shuffled:
        rng.shuffle(order)
    header = HEADERS["nn" if style.language == "codes" else style.language]
    sheet: list[list[Any]] = [[title] for title in TITLES[: style.titles]]
    sheet.append([header[i] for i in order])
    first = len(sheet) + 1
    for index, cells in enumerate(rows):
        if style.blank_rows and index == 2:
            sheet.append([])
        sheet.append([cells[NAMES[i]] for i in order])
    if style.total:
        sheet.append([style.total, *[""] * 5, len(rows)])
    content = {"csv": _csv, "xlsx": _xlsx, "ods": _ods}[style.kind](sheet, style, rows)
    return Made(
        content=content,
        data_rows=len(rows),
        first_data_row=first,
        imported=tuple(kept),
        issues=issues,
        counts=count_slowly(kept),
    )


def _cells(p: Person, style: Style) -> dict[str, Any]:
    language = {"nn": 0, "nb": 1, "en": 2}.get(style.language)

    def label(table: dict[str, tuple[str, str, str]], code: str) -> str:
        text = code if language is None else table[code][language]
        return f"  {text.upper()} " if style.loud else text

    no, yes = FLAGS[style.language]
    registered: Any = p.registered
    if style.dates != "real":
        registered = p.registered.isoformat() if style.dates == "iso" else p.registered.strftime("%d.%m.%Y")
    groups = style.group_separator.join(label(GROUP, g).strip() for g in p.groups)
    return {
        "Førenamn": p.given,
        "Etternamn": p.family,
        "Fødselsnummer": int(p.number) if style.numbers else p.number,
        "Fødselsår": p.birth_year if style.numbers else str(p.birth_year),
        "Telefon": "+47 90 00 00 00",
        "Adresse": "Øvre Testgrend 1",
        "Barn u/18": p.children if style.numbers else str(p.children),
        "Busituasjon": label(SITUATION, p.situation),
        "Målgrupper": groups,
        "Bistandsnivå": int(p.support) if style.numbers and language is None else label(SUPPORT, p.support),
        "Bustadtype": label(DWELLING, p.dwelling),
        **{a: "" if style.empty_areas and v == "U" else label(LEVEL, v) for a, v in p.areas.items()},
        "Registrert": registered,
        "Adressesperre": yes if p.protected else no,
        "Motsegn": yes if p.objected else no,
        "Merknad": p.note,
    }


def _break(cells: dict[str, Any], what: str, p: Person, rng: Random, style: Style) -> None:
    """Make the row wrong in one way."""
    if what == "number":
        wrong = p.number[:-1] + str((int(p.number[-1]) + rng.randint(1, 9)) % 10)
        cells["Fødselsnummer"] = int(wrong) if style.numbers else wrong
    elif what == "real":
        cells["Fødselsnummer"] = number_for(date(p.birth_year, 5, 17), rng, shift=0)
    elif what == "label":
        cells["Busituasjon"] = "Bur i bubil"
    elif what == "group":
        cells["Målgrupper"] += style.group_separator + "Romfarar"
    elif what == "missing":
        cells["Bistandsnivå"] = "  "
    elif what == "date":
        cells["Registrert"] = "2025-02-31" if style.dates == "iso" else "31.02.2025"
    elif what == "future":
        late = COUNTED_ON + timedelta(days=rng.randint(1, 900))
        cells["Registrert"] = late if style.dates == "real" else late.isoformat()
    elif what == "formula":
        starts = ['=HYPERLINK("http://example.invalid","x")', "+SUM(1;1)", "-1+1", "@SUM(A1)"]
        cells["Merknad"] = rng.choice([*starts, "\t=1"] if style.kind == "csv" else starts)


def count_slowly(people: list[Person]) -> dict[str, Any]:
    """Count by looking at everybody once for every cell: slow and plain."""
    counted = [p for p in people if not p.protected and not p.objected]
    bands = {"U18": (0, 17), "18_24": (18, 24), "25_44": (25, 44), "45_66": (45, 66), "67P": (67, 200)}

    def of(codes: Any, belongs: Any, always: Any = ()) -> dict[str, int]:
        numbers = {c: sum(1 for p in counted if belongs(p, c)) for c in codes}
        return {c: n for c, n in numbers.items() if n or c in always}

    return {
        "countable": len(counted),
        "by_support": of(SUPPORT, lambda p, c: p.support == c),
        "by_situation": of(SITUATION, lambda p, c: p.situation == c),
        "by_dwelling": of(DWELLING, lambda p, c: p.dwelling == c),
        "by_age_band": of(bands, lambda p, c: bands[c][0] <= COUNTED_ON.year - p.birth_year <= bands[c][1]),
        "by_group": of(GROUP, lambda p, c: c in p.groups, ALWAYS),
        "by_area": {a: of("GYRU", lambda p, c, a=a: p.areas[a] == c, "GYRU") for a in AREAS},
    }


def _csv(sheet: list[list[Any]], style: Style, _: object) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=style.separator, lineterminator=style.line_end).writerows(sheet)
    return out.getvalue().encode(style.encoding, errors="replace")


def _xlsx(sheet: list[list[Any]], style: Style, rows: list[dict[str, Any]]) -> bytes:
    book = openpyxl.Workbook()
    page = book.active
    if style.other_sheet:
        page.title = "Rettleiing"
        page.append(["Koden BU står for busituasjon", "Adresse", "Merknad"])
        page = book.create_sheet("Register")
    for row in sheet:
        # A blank row would be no row at all to openpyxl's append.
        page.append([None if cell == "" else cell for cell in row] or [None])
    if style.titles:
        page.merge_cells("A1:E1")
    if style.hidden_sheet:
        hidden = book.create_sheet("Gamalt", 0)
        hidden.sheet_state = "hidden"
        hidden.append(HEADERS["nn"])
        hidden.append([rows[0][name] for name in NAMES])
        book.active = book.worksheets.index(page)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def ods_archive(content: str, *, manifest: str = "<manifest/>") -> bytes:
    """Return an ODS archive around a content.xml."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet", zipfile.ZIP_STORED)
        archive.writestr("META-INF/manifest.xml", manifest)
        archive.writestr("content.xml", content)
    return out.getvalue()


def ods_content(*tables: str, styles: str = "") -> str:
    """Return a content.xml around tables."""
    spaces = " ".join(
        f'xmlns:{n}="urn:oasis:names:tc:opendocument:xmlns:{n}:1.0"' for n in ("office", "table", "text", "style")
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {spaces}>'
        f"<office:automatic-styles>{styles}</office:automatic-styles><office:body><office:spreadsheet>"
        f"{''.join(tables)}</office:spreadsheet></office:body></office:document-content>"
    )


def ods_table(rows: list[list[Any]], *, style: str = "") -> str:
    """Return a table as LibreOffice writes it: equal blanks folded, blank rows to the end of the sheet."""
    body = "".join(_ods_row(row) for row in rows)
    rest = '<table:table-row table:number-rows-repeated="1048000"><table:table-cell/></table:table-row>'
    return f'<table:table table:name="Ark" table:style-name="{style}">{body}{rest}</table:table>'


def _ods_row(row: list[Any]) -> str:
    cells = []
    for cell in row:
        if isinstance(cell, int):
            cells.append(f'<table:table-cell office:value-type="float" office:value="{cell}"/>')
        elif isinstance(cell, date):
            cells.append(f'<table:table-cell office:value-type="date" office:date-value="{cell.isoformat()}"/>')
        elif cell == "" and cells and cells[-1].startswith("<table:table-cell table:number-columns-repeated"):
            times = int(cells[-1].split('"')[1]) + 1
            cells[-1] = f'<table:table-cell table:number-columns-repeated="{times}"/>'
        elif cell == "":
            cells.append('<table:table-cell table:number-columns-repeated="1"/>')
        else:
            cells.append(
                f'<table:table-cell office:value-type="string"><text:p>{escape(cell)}</text:p></table:table-cell>'
            )
    return (
        f'<table:table-row>{"".join(cells)}<table:table-cell table:number-columns-repeated="16300"/></table:table-row>'
    )


def _ods(sheet: list[list[Any]], style: Style, rows: list[dict[str, Any]]) -> bytes:
    tables = [ods_table(sheet, style="ta1")]
    styles = (
        '<style:style style:name="ta1"><style:table-properties table:display="true"/></style:style>'
        '<style:style style:name="ta2"><style:table-properties table:display="false"/></style:style>'
    )
    if style.hidden_sheet:
        tables.insert(0, ods_table([HEADERS["nn"], [rows[0][name] for name in NAMES]], style="ta2"))
    return ods_archive(ods_content(*tables, styles=styles))
