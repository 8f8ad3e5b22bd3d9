from buvett.pages.regional.subjects import subjects_of
from buvett.pages.regional.tables import tables_of
from tests.unit.buvett.pages.bodies import PLACES, crossed, release, shown, table


def read(*tables: dict[str, object]) -> tuple[object, ...]:
    return tables_of(release(*tables), places=PLACES, region="R", total="Alle", language="nn")


def test_tables_on_one_list_are_one_subject_in_a_fixed_order() -> None:
    found = subjects_of(
        read(
            table("area_bu", ["area_bu"], shown("ALL", value=9), shown("G", value=9)),
            table("group", ["group"], shown("ALL", value=9), shown("RUS", value=5)),
            table("situation", ["situation"], shown("ALL", value=9), shown("EIGEN_LEIGD", value=8)),
            table("situation_detail", ["situation"], shown("ALL", value=9), shown("EIGD", value=5)),
            crossed(),
        )
    )

    assert [(subject.slug, [one.id for one in subject.tables]) for subject in found] == [
        ("support", ["support"]),
        ("situation", ["situation", "situation_detail"]),
        ("group", ["group"]),
        ("areas", ["area_bu"]),
    ]
    assert found[3].title == "Funksjonsområde"


def test_table_on_an_unknown_list_is_a_subject_of_its_own_and_comes_last() -> None:
    found = subjects_of(read(table("odd", ["unheard_of"], shown("T", value=9), shown("X", value=9)), crossed()))

    assert [subject.slug for subject in found] == ["support", "odd"]
