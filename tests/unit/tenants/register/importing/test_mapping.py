"""A municipality's own names, and what is wrong with a mapping."""

from __future__ import annotations

import pytest

from tenants.register.importing import RefusedCode, RefusedFile, parse_register, read_mapping
from tests.data.register_files import COUNTED_ON, NAMES

_ROW = "Liv;Ætteby;17865528469;1955;99606110;Å 1;3;{};Eldre;1;OMSORG;G;G;G;G;G;G;G;G;2025-10-31;Nei;Nei;"


def register(names: list[str], situation: str) -> bytes:
    """Return a register with one person."""
    return f"{';'.join(names)}\r\n{_ROW.format(situation)}\r\n".encode()


def test_own_header_and_label_are_read():
    names = ["Klient-ID" if n == "Fødselsnummer" else n for n in NAMES]
    mapping = read_mapping('[headers]\n"Klient-ID" = "Fødselsnummer"\n[labels.Busituasjon]\n"Bur i bubil" = "UTE"\n')
    parsed = parse_register(register(names, "bur i BUBIL"), counted_on=COUNTED_ON, synthetic_mode=True, mapping=mapping)
    assert [(r.identity["identity_number"], r.assessment["situation"]) for r in parsed.rows] == [("17865528469", "UTE")]
    assert parsed.issues == ()


def test_same_file_without_mapping_is_refused():
    names = ["Klient-ID" if n == "Fødselsnummer" else n for n in NAMES]
    with pytest.raises(RefusedFile) as caught:
        parse_register(register(names, "UTE"), counted_on=COUNTED_ON, synthetic_mode=True)
    assert caught.value.code is RefusedCode.MISSING_COLUMNS


def test_own_header_wins_over_a_known_alias():
    names = [{"Merknad": "Adresse", "Adresse": "Heimen"}.get(n, n) for n in NAMES]
    mapping = read_mapping('[headers]\n"Heimen" = "Adresse"\n"Adresse" = "Merknad"\n')
    parsed = parse_register(register(names, "UTE"), counted_on=COUNTED_ON, synthetic_mode=True, mapping=mapping)
    assert parsed.rows[0].identity["address"] == "Å 1"
    assert parsed.rows[0].notes == {"text": None}


def test_empty_mapping_changes_nothing():
    mapping = read_mapping("")
    parsed = parse_register(register(NAMES, "UTE"), counted_on=COUNTED_ON, synthetic_mode=True, mapping=mapping)
    assert len(parsed.rows) == 1


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("[headers", "no valid TOML"),
        ("[header]\n", "unknown key 'header'"),
        ('[headers]\n"A" = "Finst ikkje"\n', "'Finst ikkje', which does not exist"),
        ('[labels."Finst ikkje"]\n"a" = "UTE"\n', "'Finst ikkje', which does not exist"),
        ('[labels.Fødselsår]\n"a" = "b"\n', "no valid TOML"),
        ('[labels."Fødselsår"]\n"a" = "b"\n', "no code list"),
        ("[headers]\nA = 3\n", "table of texts"),
        ("headers = 3\n", "table of texts"),
        ("labels = 3\n", "table of texts"),
        ("[labels]\nBusituasjon = 3\n", "table of texts"),
    ],
)
def test_wrong_mapping_is_refused_in_one_sentence(text, part):
    with pytest.raises(RefusedFile) as caught:
        read_mapping(text)
    assert caught.value.code is RefusedCode.MAPPING_INVALID
    assert part in caught.value.sentence
    assert "\n" not in caught.value.sentence


def test_label_for_nothing_known_is_refused_when_the_file_is_read():
    mapping = read_mapping('[labels.Busituasjon]\n"Bur i bubil" = "BUBIL"\n')
    with pytest.raises(RefusedFile) as caught:
        parse_register(register(NAMES, "UTE"), counted_on=COUNTED_ON, synthetic_mode=True, mapping=mapping)
    assert caught.value.code is RefusedCode.MAPPING_INVALID
