"""Publish, refuse, withdraw: by function calls, on the real database."""

import hashlib
import json
from dataclasses import fields

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext

from buvett.releases import keys
from buvett.releases.errors import PeriodUsed, WrongState
from buvett.releases.lock import lock
from buvett.releases.models import LedgerEntry, Release, Result
from buvett.releases.publish import publish
from buvett.releases.queries import latest, release, releases, run_status
from buvett.releases.states import State
from buvett.releases.withdraw import withdraw
from tenants.isolation.enums import Role
from tenants.isolation.roles import connected_as
from tests.integration.releases.region import Agreed


def test_publish_gives_one_signed_release(region: Agreed) -> None:
    run = region.open()
    region.contribute_all(run)
    lock(run)
    assert publish(run) is State.PUBLISHED
    (summary,) = releases(region.region.slug)
    found = release(summary.id)
    assert found.contributors == tuple(m.code for m in region.members)
    assert found.waiting == ()
    assert found.table("support").cell("REGION", "ALL").value == 101
    assert keys.is_signed(found.body, signature=found.signature, public_key=found.public_key)
    assert hashlib.sha256(found.body).hexdigest() == found.sha256
    with connected_as(Role.PUBLISHER):
        assert LedgerEntry.objects.get(sha256=found.sha256).population == region.programme.population
        assert not keys.box().exists(keys.period_key(region.region.pk, run))


def test_list_of_releases_reads_no_body_twice_and_says_what_the_release_says(region: Agreed) -> None:
    run = region.open()
    region.contribute_all(run)
    lock(run)
    publish(run)
    first = releases(region.region.slug)
    with CaptureQueriesContext(connections["reader"]) as asked:
        (summary,) = releases(region.region.slug)
    assert first == (summary,)
    assert not any('"body"' in query["sql"] for query in asked)
    found = release(summary.id)
    assert all(getattr(found, name.name) == getattr(summary, name.name) for name in fields(summary))
    withdraw(run, region.members[0].pk)
    assert [one.state for one in releases(region.region.slug)] == ["withdrawn"]


def test_publish_again_changes_nothing(region: Agreed) -> None:
    run = region.open()
    region.contribute_all(run)
    lock(run)
    publish(run)
    (before,) = releases(region.region.slug)
    assert publish(run) is State.PUBLISHED
    assert releases(region.region.slug) == (before,)


def test_publish_before_the_lock_refused(region: Agreed) -> None:
    run = region.open()
    region.contribute_all(run)
    with pytest.raises(WrongState):
        publish(run)


def test_publish_shows_who_did_not_deliver_as_waiting(region: Agreed) -> None:
    run, absent = region.open(hours=0), region.members[3]
    region.contribute_all(run, but=[absent])
    lock(run)
    publish(run)
    found = latest(region.region.slug)
    assert found is not None
    assert found.waiting == (absent.code,)
    cell = found.table("support").cell(absent.code, "1")
    assert (cell.value, cell.status, cell.why) == (None, "hidden", "waiting")
    assert run_status(run).awaited == (absent.code,)


def test_withdrawn_release_is_marked_and_the_period_has_one_more_run(region: Agreed) -> None:
    run, member = region.open(), region.members[0]
    region.contribute_all(run)
    lock(run)
    publish(run)
    withdraw(run, member.pk)
    (summary,) = releases(region.region.slug)
    assert (summary.state, latest(region.region.slug)) == ("withdrawn", None)
    with pytest.raises(PeriodUsed):
        region.open()
    with pytest.raises(PeriodUsed):
        region.open(left_out=region.members[1].pk)
    again = region.open(left_out=member.pk)
    with pytest.raises(PeriodUsed):
        region.open(left_out=member.pk)
    with pytest.raises(WrongState):
        region.contribute_all(again)
    region.contribute_all(again, but=[member])
    lock(again)
    publish(again)


def test_withdrawal_after_the_lock_refuses_the_run(region: Agreed) -> None:
    run = region.open()
    region.contribute_all(run)
    with pytest.raises(WrongState):
        withdraw(run, region.members[0].pk)
    lock(run)
    withdraw(run, region.members[0].pk)
    assert publish(run) is State.REFUSED
    assert releases(region.region.slug) == ()
    with connected_as(Role.PUBLISHER):
        assert not Result.objects.filter(lock=run).exists()
        assert not keys.box().exists(keys.period_key(region.region.pk, run))


def test_release_holds_no_true_small_count(region: Agreed) -> None:
    run = region.open()
    region.contribute_all(run)
    lock(run)
    publish(run)
    with connected_as(Role.READER):
        body = json.loads(bytes(Release.objects.get(run=run).body))
    shown = [cell["value"] for table in body["tables"] for cell in table["cells"] if cell["status"] == "shown"]
    assert not [value for value in shown if 0 < value < 5]
