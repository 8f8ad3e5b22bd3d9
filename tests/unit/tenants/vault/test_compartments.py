from tenants.vault.compartments import BY_CODE, Compartment


def test_codes_labels_and_sizes_are_the_published_ones() -> None:
    found = {
        compartment.label: (compartment.code, compartment.sizes[0], compartment.sizes[-1])
        for compartment in Compartment
    }
    assert found == {
        "identity": (1, 1024, 1024),
        "assessment": (2, 1024, 1024),
        "notes": (3, 1024, 65536),
        "staging": (4, 1024, 33554432),
        "audit": (5, 1024, 16384),
    }


def test_code_gives_its_compartment() -> None:
    assert {code: compartment.label for code, compartment in BY_CODE.items()} == {
        1: "identity",
        2: "assessment",
        3: "notes",
        4: "staging",
        5: "audit",
    }


def test_sizes_rise() -> None:
    for compartment in Compartment:
        assert list(compartment.sizes) == sorted(set(compartment.sizes))
