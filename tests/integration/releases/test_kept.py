"""A rotation shreds no key that still opens what a municipality has counted, prepared or remarked."""

from buvett.console import key_works
from buvett.console.requests import Request
from buvett.releases.kept import needs_older_keys
from tenants.register import rotating
from tenants.vault.compartments import Compartment
from tests.integration.releases.fixtures import small_region

__all__ = ["small_region"]


def needing(municipality):
    return {c for c in rotating.ROTATED if needs_older_keys(municipality.pk, c, by="test")}


def test_older_keys_are_needed_from_the_first_delivery_on(small_region):
    one, other = small_region.members[:2]
    before = needing(one)
    run = small_region.open()
    small_region.contribute_all(run, but=[other])

    assert (before, needing(one), needing(other)) == (set(), {Compartment.ASSESSMENT}, set())


def test_finishing_a_rotation_keeps_them_and_says_so(small_region):
    one = small_region.members[0]
    small_region.contribute_all(small_region.open())

    answer = key_works.rotate(Request(options={"municipality": one.code, "finish": True}, content=b""))

    assert answer["lines"] == [
        "identity: 0 older versions shredded",
        "assessment: older versions kept, numbers or remarks are sealed under them",
        "notes: 0 older versions shredded",
    ]
