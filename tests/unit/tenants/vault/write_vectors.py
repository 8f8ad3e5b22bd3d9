"""Writes tests/vectors/vault.json anew: `python -m tests.unit.tenants.vault.write_vectors`. Same bytes each time.

The format is published: a change of the file's existing vectors is a break of the format.
"""

import hashlib
import json
from pathlib import Path
from uuid import UUID

from tenants.vault import blind_index, committing, envelope
from tenants.vault.compartments import Compartment
from tenants.vault.kms.local import wrap_with

FILE = Path(__file__).parents[3] / "vectors" / "vault.json"
PAYLOADS = [
    {},
    {"situation": "UTE", "support": 5, "groups": ["RUS", "PSYK"], "children": None, "blocked": False},
    {"førenamn": "Åse", "etternamn": "Bø", "adresse": "Øygarden 1, 3870 Fyresdal"},
    {"€": 1, "\r": 2, "דּ": 3, "1": 4, "😀": 5, "\u0080": 6, "ö": 7},  # RFC 8785 sorts by UTF-16 units
    {"text": 'quote " back\\slash tab\t newline\n unit\u001f line\u2028'},
    {"whole": 9007199254740991, "least": -9007199254740991, "zero": 0},
    {"nested": {"b": [1, [2, {"c": True}]], "a": {}}},
]


def some(length: int, *parts: object) -> bytes:
    """Bytes that look random and are the same each time."""
    return hashlib.shake_256(repr(parts).encode()).digest(length)


def full(compartment: Compartment, step: int, short_by: int = 0) -> dict:
    """A payload that fills a size of the compartment to the last byte, less `short_by`."""
    return {"t": "x" * (compartment.sizes[step] - 4 - len('{"t":""}') - short_by)}


def envelope_vector(number: int, compartment: Compartment, payload: dict) -> dict:
    municipality, record = (UUID(bytes=some(16, what, number), version=4) for what in ("municipality", "record"))
    table = ("register_case", "register_person", "t", "sak_æøå")[number % 4]
    version = (1, 2, 255, 256, 2**32 - 1)[number % 5]
    key, salt, nonce = some(32, "key", number), some(16, "salt", number), some(12, "nonce", number)
    binding = envelope.Binding(municipality, table, record, compartment, version)
    record_key, commitment = committing.derive(key, label=envelope.LABEL, salt=salt, context=binding.context())
    padded = envelope.pad(payload, compartment=compartment)
    return {
        "municipality": str(municipality),
        "table": table,
        "record": str(record),
        "compartment": compartment.label,
        "key_version": version,
        "data_key": key.hex(),
        "salt": salt.hex(),
        "nonce": nonce.hex(),
        "payload": payload,
        "context": binding.context().hex(),
        "record_key": record_key.hex(),
        "commitment": commitment.hex(),
        "envelope": envelope.seal_padded(key, padded, binding=binding, salt=salt, nonce=nonce).hex(),
    }


def refused_vectors(base: dict) -> list[dict]:
    """The base vector with one thing wrong: none of these may open."""
    sealed = bytes.fromhex(base["envelope"])
    flips = {"format": 0, "compartment": 1, "key version": 5, "nonce": 6, "commitment": 49, "body": 50, "tag": -1}
    changed = [{"why": f"one bit of the {what}", "envelope": _flip(sealed, at).hex()} for what, at in flips.items()] + [
        {"why": "one byte cut", "envelope": sealed[:-1].hex()},
        {"why": "one byte added", "envelope": (sealed + b"\0").hex()},
        {"why": "empty", "envelope": ""},
        {"why": "another municipality", "municipality": str(UUID(int=1))},
        {"why": "another table", "table": base["table"] + "x"},
        {"why": "another record", "record": str(UUID(int=2))},
        {"why": "another compartment", "compartment": "identity"},
        {"why": "another key version", "key_version": base["key_version"] + 1},
        {"why": "another key", "data_key": some(32, "another").hex()},
        {"why": "another salt", "salt": some(16, "another").hex()},
    ]
    bare = {name: value for name, value in base.items() if name not in {"payload", "record_key", "commitment"}}
    return [{**bare, **change} for change in changed]


def wrapped_vector(number: int) -> dict:
    name = ("4032/assessment", "region/vt/signing", "a")[number % 3]
    context, root = some(number * 7, "context", number), some(32, "root", number)
    secret = some((32, 1, 100)[number % 3], "secret", number)
    salt, nonce = some(16, "wrap salt", number), some(12, "wrap nonce", number)
    wrapped = wrap_with(root, secret, name=name, context=context, salt=salt, nonce=nonce)
    fields = {"root_key": root, "context": context, "secret": secret, "wrapped": wrapped}
    return {"name": name, **{field: value.hex() for field, value in fields.items()}}


def index_vector(number: int) -> dict:
    municipality, key = UUID(bytes=some(16, "index", number), version=4), some(32, "index key", number)
    field, value = ("fnr", "telephone")[number % 2], ("01410099999", "", "æøå", "35 06 71 00")[number % 4]
    found = blind_index.compute(key, municipality=municipality, field=field, value=value)
    return {
        "municipality": str(municipality),
        "field": field,
        "value": value,
        "index_key": key.hex(),
        "index": found.hex(),
    }


def vectors() -> dict:
    small = [(compartment, payload) for compartment in Compartment for payload in PAYLOADS]
    edges = [
        (Compartment.IDENTITY, full(Compartment.IDENTITY, 0)),
        (Compartment.ASSESSMENT, full(Compartment.ASSESSMENT, 0)),
        (Compartment.ASSESSMENT, full(Compartment.ASSESSMENT, 0, 1)),
        (Compartment.NOTES, full(Compartment.NOTES, 0)),
        (Compartment.NOTES, full(Compartment.NOTES, 0, -1)),
        (Compartment.STAGING, full(Compartment.STAGING, 1)),
        (Compartment.STAGING, full(Compartment.STAGING, 1, -1)),
        (Compartment.AUDIT, full(Compartment.AUDIT, 1)),
    ]
    opens = [envelope_vector(number, *case) for number, case in enumerate(small + edges)]
    return {
        "format": "buvett/vault-vectors/1",
        "document": "platform/docs/vault.md",
        "envelopes": opens,
        "refused": refused_vectors(opens[8]),
        "wrapped_keys": [wrapped_vector(number) for number in range(6)],
        "blind_indexes": [index_vector(number) for number in range(8)],
    }


def text() -> str:
    """The file's content: one vector a line."""
    lines = []
    for name, value in vectors().items():
        if isinstance(value, list):
            rows = ",\n  ".join(json.dumps(row, ensure_ascii=False) for row in value)
            lines.append(f'"{name}": [\n  {rows}\n]')
        else:
            lines.append(f"{json.dumps(name)}: {json.dumps(value)}")
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _flip(data: bytes, at: int) -> bytes:
    changed = bytearray(data)
    changed[at] ^= 1
    return bytes(changed)


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
