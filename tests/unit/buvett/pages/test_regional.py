"""The regional pages over real releases: the newest, an earlier one, another region's, a withdrawn one; downloads."""

import csv
import io
import json

import pytest

from buvett.access.roles import Role
from buvett.releases import queries
from buvett.releases.lock import lock
from buvett.releases.publish import publish
from buvett.releases.withdraw import withdraw
from tests import people
from tests.integration.releases.region import agree
from tests.integration.releases.region import people as counted


def released(make_municipality):
    region = agree(make_municipality, [counted(7, 6, 2), counted(8, 5, 0), counted(6, 9, 1)])
    run = region.open()
    region.contribute_all(run)
    lock(run)
    publish(run)
    return region, run


@pytest.fixture(scope="module")
def here(make_municipality):
    return released(make_municipality)


@pytest.fixture(scope="module")
def elsewhere(make_municipality):
    """Another region, whose release is withdrawn in the end."""
    region, run = released(make_municipality)
    withdraw(run, region.members[0].pk)
    return region


@pytest.fixture(scope="module")
def reader(here):
    someone = people.user()
    people.give_role(someone, Role.PROJECT_LEADER)
    return people.browser(someone)


def path(region, rest=""):
    return f"/region/{region.region.slug}/{rest}"


def release_of(region):
    (release,) = queries.releases(region.region.slug)
    return release


def test_newest_release_is_shown_and_called_nothing_else(here, reader):
    text = reader.get(path(here[0])).content.decode()

    assert "3 av 3 kommunar har levert." in text
    assert "Dette er ei tidlegare publisering." not in text


def test_release_can_be_named_in_the_address(here, reader):
    answer = reader.get(path(here[0]), {"release": str(release_of(here[0]).id)})

    assert answer.status_code == 200


@pytest.mark.parametrize("wanted", ["nothing", "0", "\x00", "00000000-0000-4000-8000-000000000000"])
def test_unknown_release_is_not_found(here, reader, wanted):
    assert reader.get(path(here[0]), {"release": wanted}).status_code == 404


def test_release_of_another_region_is_not_found(here, elsewhere, reader):
    other = release_of(elsewhere).id

    assert reader.get(path(here[0]), {"release": str(other)}).status_code == 404
    assert reader.get(path(here[0], f"releases/{other}/support.csv")).status_code == 404


def test_withdrawn_release_is_not_the_newest_and_says_what_it_is(elsewhere, reader):
    release = release_of(elsewhere)

    newest = reader.get(path(elsewhere)).content.decode()
    old = reader.get(path(elsewhere, "need/support/"), {"release": str(release.id)}).content.decode()
    listed = reader.get(path(elsewhere, "releases/")).content.decode()
    file = reader.get(path(elsewhere, f"releases/{release.id}/support.csv")).content.decode()

    assert "Ingenting er publisert enno." in newest
    for text in (old, file):
        assert "Denne publiseringa er trekt tilbake: ikkje bruk tala." in text
    assert "trekt tilbake" in listed


def test_link_to_another_measure_stays_in_the_release(elsewhere, reader):
    release = release_of(elsewhere)

    text = reader.get(path(elsewhere, "need/support/"), {"release": str(release.id)}).content.decode()

    assert f"?show=share&amp;release={release.id}" in text


@pytest.mark.parametrize("show", ["count", "share"])
def test_measure_is_chosen_by_link(here, reader, show):
    text = reader.get(path(here[0], "need/support/"), {"show": show}).content.decode()

    assert ("prosent av alle som er talde" in text) is (show == "share")
    assert text.count('aria-current="true"') >= 1


@pytest.mark.parametrize("show", ["", "rates", "COUNT", "count'"])
def test_unknown_measure_is_not_found(here, reader, show):
    assert reader.get(path(here[0], "need/support/"), {"show": show}).status_code == 404


def test_every_number_of_the_page_is_one_of_the_release(here, reader):
    """Nothing that the release does not show stands in a cell of the page, by count."""
    release = queries.release(release_of(here[0]).id)
    allowed = {str(cell.value) for cell in release.table("support").cells if cell.value is not None}
    text = reader.get(path(here[0], "need/support/")).content.decode()

    cells = {part.split("</td>")[0].strip() for part in text.split('<td class="number">')[1:]}
    numbers = {cell for cell in cells if cell.isdigit()}
    assert numbers
    assert numbers <= allowed


@pytest.mark.parametrize("kind", ["csv", "json", "xlsx"])
def test_download_is_a_file_with_a_name_and_is_not_kept(here, reader, kind):
    answer = reader.get(path(here[0], f"releases/{release_of(here[0]).id}/support.{kind}"))

    assert answer.status_code == 200
    assert answer["Content-Disposition"].endswith(f'-support.{kind}"')
    assert answer["Cache-Control"] == "no-store"


def test_downloads_agree_with_the_release(here, reader):
    release = queries.release(release_of(here[0]).id)
    own = {cell.key: cell.value for cell in release.table("support").cells}
    base = path(here[0], f"releases/{release.id}/support")

    lines = list(csv.DictReader(io.StringIO(reader.get(f"{base}.csv").content.decode())))
    dataset = json.loads(reader.get(f"{base}.json").content)

    assert [int(line["persons"]) if line["persons"] else None for line in lines] == list(own.values())
    assert {line["municipality"]: line["Kommune"] for line in lines}[here[0].members[0].code] == "Prøve0"
    assert sorted(value for value in dataset["value"] if value is not None) == sorted(
        value for value in own.values() if value is not None
    )
    assert dataset["extension"]["sha256"] == release.sha256


def test_table_that_is_not_there_is_not_found(here, reader):
    assert reader.get(path(here[0], f"releases/{release_of(here[0]).id}/nothing.csv")).status_code == 404


def test_region_without_anything_says_what_comes_next(make_municipality, reader):
    region = agree(make_municipality, [counted(7), counted(8), counted(6)])

    overview = reader.get(path(region)).content.decode()
    completeness = reader.get(path(region, "completeness/")).content.decode()
    releases = reader.get(path(region, "releases/")).content.decode()

    assert "Ingenting er publisert enno." in overview
    assert "Sjå kven som er venta på, og kva som manglar" in overview
    assert "Ingen periode er opna enno" in completeness
    assert "Ingenting er publisert enno." in releases
    assert reader.get(path(region, "need/support/")).status_code == 404


def test_completeness_names_the_paper_that_is_missing(make_municipality, reader):
    region = agree(make_municipality, [counted(7), counted(8), counted(6)], papers=False)
    region.open(hours=1)

    text = reader.get(path(region, "completeness/")).content.decode()

    assert "databehandlaravtalen er ikkje signert eller har gått ut" in text
    assert "leiaren har ikkje godkjent tala" in text
    assert "Ho ventar på 3 kommunar." in text
