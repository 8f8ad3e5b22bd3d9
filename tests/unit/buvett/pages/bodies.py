"""Small release documents, as the publisher writes them."""

from typing import Any

from buvett.pages.regional.tables import Place

PLACES = (
    Place(code="4032", name="Fyresdal", inhabitants=1000),
    Place(code="4036", name="Vinje", inhabitants=3000),
    Place(code="4022", name="Åmli", inhabitants=29),
)
MUNICIPALITY = {"total": "VT", "codes": ["4022", "4032", "4036"]}
SUPPORT = {"total": "ALL", "codes": ["0", "1"]}
SITUATION = {
    "total": "ALL",
    "codes": ["EIGD", "LEIGD_PRIV", "UTE"],
    "levels": {"class": {"EIGEN_LEIGD": ["EIGD", "LEIGD_PRIV"], "BUSTADLAUS": ["UTE"]}},
}
GROUP = {"total": "ALL", "codes": ["RUS", "PSYK"], "multi": True}
AREA = {"total": "ALL", "codes": ["G", "Y", "R", "U"]}


def shown(*key: str, value: int) -> dict[str, Any]:
    return {"key": list(key), "value": value, "status": "shown"}


def hidden(*key: str, why: str = "protected") -> dict[str, Any]:
    return {"key": list(key), "value": None, "status": "hidden", "why": why}


def table(identifier: str, dimensions: list[str], *cells: dict[str, Any], **options: Any) -> dict[str, Any]:
    return {"id": identifier, "dimensions": dimensions, "sensitive": False, "cells": list(cells), **options}


def release(*tables: dict[str, Any], contributors: tuple[str, ...] = ("4022", "4032", "4036")) -> dict[str, Any]:
    return {
        "contributor": "municipality",
        "contributors": list(contributors),
        "dimensions": {
            "municipality": MUNICIPALITY,
            "support": SUPPORT,
            "situation": SITUATION,
            "group": GROUP,
            "area_bu": AREA,
            "unheard_of": {"total": "T", "codes": ["X", "Z"]},
        },
        "tables": list(tables),
    }


def crossed(**changed: dict[str, Any]) -> dict[str, Any]:
    """Municipality × support; a cell is replaced by naming its key: ``VT_ALL=hidden("VT", "ALL")``."""
    cells = {
        f"{place}_{code}": shown(place, code, value=value)
        for place, values in {"VT": (60, 40, 20), "4022": (6, 6, 0), "4032": (24, 14, 10), "4036": (30, 20, 10)}.items()
        for code, value in zip(("ALL", "0", "1"), values, strict=True)
    }
    return table("support", ["municipality", "support"], *(cells | changed).values())
