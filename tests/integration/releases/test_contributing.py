"""Contribute and lock, by function calls, on the real database."""

import hashlib
from datetime import timedelta

import pytest
from django.utils import timezone

from anonymisation.counts import Counts
from buvett.agreements.enums import Missing
from buvett.agreements.models import StandingApproval
from buvett.releases import keys, sealing
from buvett.releases.contribute import contribute
from buvett.releases.errors import AlreadyContributed, Waits, WrongState
from buvett.releases.lock import lock
from buvett.releases.models import Contribution, Delivery, Lock, Run
from buvett.releases.runs import binding_of, run_of
from buvett.releases.tabulate import padded_length, unpad
from tenants.isolation.enums import Role
from tenants.isolation.roles import connected_as
from tests.integration.releases.region import Agreed

BY = "process:contributor"


def test_contribution_opens_to_the_registers_counts(region: Agreed) -> None:
    run, member = region.open(), region.members[0]
    contribute(run, member.pk, by=BY)
    with connected_as(Role.PUBLISHER):
        row = Contribution.objects.select_related("run__agreement").get(run=run)
        private = keys.box().get(keys.period_key(region.region.pk, run))
        padded = sealing.open_sealed(bytes(row.sealed), private_key=private, binding=binding_of(row.run, member.pk))
    counts = Counts.parse(unpad(padded), region.programme, contributors=[member.code])
    assert counts.tables["support"].tolist() == [[12, 9, 8], [0, 0, 0], [0, 0, 0], [0, 0, 0]]
    assert counts.tables["group"].tolist() == [[0, 12, 29], [0, 0, 0], [0, 0, 0], [0, 0, 0]]
    assert len(row.sealed) == padded_length(region.programme) + sealing.OVERHEAD
    assert row.sha256 == hashlib.sha256(row.sealed).hexdigest()
    assert row.approved_by == region.leaders[member.pk].name


def test_contribution_twice_refused(region: Agreed) -> None:
    run, member = region.open(), region.members[0]
    contribute(run, member.pk, by=BY)
    with pytest.raises(AlreadyContributed):
        contribute(run, member.pk, by=BY)


def test_contribution_waits_without_an_approval(region: Agreed) -> None:
    run, member = region.open(), region.members[1]
    with connected_as(Role.OWNER):
        StandingApproval.objects.filter(agreement=region.agreement, municipality=member).update(
            revoked_on=timezone.localdate()
        )
    with pytest.raises(Waits) as waits:
        contribute(run, member.pk, by=BY)
    assert waits.value.missing == {member.code: (Missing.APPROVAL,)}
    with connected_as(Role.READER):
        told = Delivery.objects.get(run=run, municipality=member)
    assert (told.delivered_at, told.waiting_for) == (None, "approval")


def test_contribution_not_approved_by_whoever_prepares_it(region: Agreed) -> None:
    run, member = region.open(), region.members[2]
    with pytest.raises(Waits) as waits:
        contribute(run, member.pk, by=str(region.leaders[member.pk].pk))
    assert waits.value.missing == {member.code: (Missing.APPROVAL,)}


def test_lock_waits_until_all_are_in_or_cut_off(region: Agreed) -> None:
    run = region.open()
    region.contribute_all(run, but=region.members[3:])
    with pytest.raises(WrongState):
        lock(run)
    contribute(run, region.members[3].pk, by=BY)
    lock(run)
    with connected_as(Role.PUBLISHER):
        locked = Lock.objects.get(run=run)
        assert [entry["municipality"] for entry in locked.contributors] == [m.code for m in region.members]
        assert run_of(run).state == "locked"


def test_lock_at_cut_off_leaves_out_who_did_not_deliver(region: Agreed) -> None:
    run = region.open(hours=0)
    region.contribute_all(run, but=region.members[3:])
    lock(run)
    with connected_as(Role.PUBLISHER):
        codes = [entry["municipality"] for entry in Lock.objects.get(run=run).contributors]
    assert codes == [m.code for m in region.members[:3]]
    with pytest.raises(WrongState):
        contribute(run, region.members[3].pk, by=BY)


def test_lock_waits_for_an_expired_approval_and_names_it(region: Agreed) -> None:
    run = region.open(hours=0)
    region.contribute_all(run)
    with connected_as(Role.OWNER):
        StandingApproval.objects.filter(agreement=region.agreement, municipality=region.members[1]).update(
            expires_on=timezone.localdate() - timedelta(days=1)
        )
    with pytest.raises(Waits) as waits:
        lock(run)
    assert waits.value.missing == {region.members[1].code: (Missing.APPROVAL,)}
    with connected_as(Role.READER):
        assert Run.objects.get(pk=run).state == "open"


def test_lock_again_changes_nothing(region: Agreed) -> None:
    run = region.open()
    region.contribute_all(run)
    lock(run)
    with connected_as(Role.PUBLISHER):
        first = Lock.objects.get(run=run).locked_at
    lock(run)
    with connected_as(Role.PUBLISHER):
        assert Lock.objects.get(run=run).locked_at == first
