"""A real installation's regions: who is in, what is agreed, who leaves; all of a command or nothing of it."""

from datetime import date
from uuid import uuid4

import pytest

from buvett.agreements.models import Agreement, AgreementMember, Region, RegionMember
from buvett.agreements.queries import live_members
from buvett.console.region_works import agreement, leave, region
from buvett.console.requests import Request, WorkRefused
from tenants.isolation.enums import Role
from tenants.isolation.roles import connected_as

SINCE, LAST, AFTER = date(2026, 1, 1), date(2026, 12, 31), date(2027, 1, 1)


@pytest.fixture
def owner(municipality, neighbour):
    with connected_as(Role.OWNER):
        yield


@pytest.fixture
def codes(municipality, neighbour):
    return [municipality.code, neighbour.code]


@pytest.fixture
def slug(owner, codes):
    """A region of two."""
    slug = f"r-{uuid4().hex[:12]}"
    assert make(slug, codes) == [f"region {slug}", *(line(code, slug) for code in codes)]
    return slug


def line(code, slug):
    name = RegionMember.objects.get(region__slug=slug, municipality__code=code).municipality.name
    return f"{code} {name} is in {slug} from 2026-01-01"


def make(slug, codes, *, name="Prøveregionen"):
    options = {"slug": slug, "name": name, "municipalities": codes, "since": "2026-01-01"}
    return region(Request(options=options, content=b""))["lines"]


def programme(codes, *, threshold=4, total="R"):
    quoted = ", ".join(f'"{code}"' for code in codes)
    return f"""
[programme]
id = "need"
period = "2026"
population = "people"
contributor = "municipality"
[policy]
threshold = {threshold}
width = 3
[dimensions.municipality]
total = "{total}"
codes = [{quoted}]
[dimensions.support]
total = "T"
codes = ["LOW", "HIGH"]
[[tables]]
id = "support"
dimensions = ["municipality", "support"]
"""


def agree(slug, text, *, codes=(), since="2026-01-01", until=None):
    options = {"region": slug, "municipalities": list(codes), "since": since, "until": until}
    return agreement(Request(options=options, content=text.encode()))["lines"]


def go(slug, code, *, last="2026-12-31"):
    return leave(Request(options={"region": slug, "municipality": code, "last_day": last}, content=b""))["lines"]


def refusal(call):
    with pytest.raises(WorkRefused) as caught:
        call()
    return str(caught.value)


def test_the_same_region_again_changes_nothing(slug, codes):
    assert make(slug, codes) == []
    assert RegionMember.objects.filter(region__slug=slug).count() == 2


def test_region_gets_more_members_later(owner, codes):
    slug = f"r-{uuid4().hex[:12]}"
    make(slug, codes[:1])

    assert make(slug, codes) == [line(codes[1], slug)]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"slug": "Vest Telemark"}, "a–z, 0–9 and hyphens"),
        ({"slug": "a" * 41}, "at most 40"),
        ({"name": " "}, "a region has a name"),
        ({"name": "x" * 81}, "not too long"),
        ({"codes": ["9999"]}, "no municipality has the number 9999"),
    ],
)
def test_region_that_cannot_be_is_refused_and_nothing_is_made(owner, codes, changed, said):
    asked = {"slug": f"r-{uuid4().hex[:12]}", "name": "Prøveregionen", "codes": codes} | changed

    assert said in refusal(lambda: make(asked["slug"], asked["codes"], name=asked["name"]))
    assert not Region.objects.filter(slug=asked["slug"]).exists()


def test_region_is_not_renamed_by_a_slip(slug, codes):
    assert refusal(lambda: make(slug, codes, name="Noko anna")) == f"the region {slug} is called Prøveregionen"


def test_all_of_the_region_sign_and_the_text_is_kept_whole(slug, codes):
    text = programme(codes)

    said = agree(slug, text)

    made = Agreement.objects.get(region__slug=slug)
    assert [one[:4] for one in said] == codes
    assert (made.programme, made.programme_text, made.valid_from) == ("need", text, SINCE)
    assert [one.code for one in live_members(made, on=LAST)] == codes
    assert agree(slug, text) == []


def test_only_those_named_sign_and_others_may_later(slug, codes):
    text = programme(codes)

    assert [one[:4] for one in agree(slug, text, codes=codes[1:])] == codes[1:]
    assert [one[:4] for one in agree(slug, text)] == codes[:1]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"text": "no programme"}, "the programme is not one"),
        ({"text": None}, "not UTF-8"),
        ({"text": "few"}, "the programme's contributors do not include"),
        ({"codes": ["9999"]}, "no municipality has the number 9999"),
        ({"since": "2025-12-31"}, "no municipality is in"),
        ({"until": "2025-12-31"}, "the last day is before the first"),
        ({"slug": "nowhere"}, "there is no region nowhere"),
    ],
)
def test_agreement_that_cannot_be_is_refused_and_nothing_is_made(slug, codes, changed, said):
    asked = {"slug": slug, "text": programme(codes)} | changed
    if asked["text"] == "few":
        asked["text"] = programme([*codes[:1], "0000"])
    content = b"\xff" if asked["text"] is None else asked["text"].encode()
    options = {
        "region": asked["slug"],
        "municipalities": asked.get("codes", []),
        "since": asked.get("since", "2026-01-01"),
        "until": asked.get("until"),
    }

    assert said in refusal(lambda: agreement(Request(options=options, content=content)))
    assert not Agreement.objects.filter(region__slug=slug).exists()


def test_stranger_to_the_region_does_not_sign(owner, codes):
    slug = f"r-{uuid4().hex[:12]}"
    make(slug, codes[:1])

    assert refusal(lambda: agree(slug, programme(codes), codes=codes)) == f"{codes[1]} is not in {slug} on 2026-01-01"


def test_one_version_of_a_programme_at_a_time(slug, codes):
    first, second = programme(codes), programme(codes, threshold=5)
    agree(slug, first)

    assert "another version of need is in force" in refusal(lambda: agree(slug, second, since="2027-01-01"))
    assert agree(slug, first, until="2026-12-31") == [f"need in {slug} has its last day on 2026-12-31"]
    assert [one[:4] for one in agree(slug, second, since="2027-01-01")] == codes
    assert Agreement.objects.filter(region__slug=slug).count() == 2


def test_whoever_leaves_is_a_member_until_the_last_day(slug, codes, neighbour):
    agree(slug, programme(codes))
    made = Agreement.objects.get(region__slug=slug)

    assert go(slug, codes[1]) == [f"{codes[1]} {neighbour.name} is in {slug} until 2026-12-31"]
    assert [one.code for one in live_members(made, on=LAST)] == codes
    assert [one.code for one in live_members(made, on=AFTER)] == codes[:1]
    assert "its last day is set" in refusal(lambda: go(slug, codes[1]))


def test_nobody_leaves_before_having_come(slug, codes):
    agree(slug, programme(codes))

    assert refusal(lambda: go(slug, codes[0], last="2025-12-31")) == "the last day is before the first"
    assert AgreementMember.objects.filter(agreement__region__slug=slug, valid_to=None).count() == 2
