"""P7: a job that dies loses nothing and publishes nothing twice.

Real beat, workers, broker and database; each is killed (-9) at each boundary of each step. Afterwards there is exactly
one release, with the bytes that an undisturbed computation gives; everyone who contributed is in it; the run's private
key is gone; nothing planned is left.
"""

import random
import time
from pathlib import Path
from uuid import UUID

import pytest
from django.conf import settings

from anonymisation.counts import Counts
from buvett.releases import keys, outbox
from buvett.releases.methods import protect_and_attack
from buvett.releases.models import Contribution, LedgerEntry, Planned, Release, Result
from buvett.releases.tabulate import tabulate
from buvett.releases.tasks import contribute_task, lock_task, publish_task
from tenants.isolation.enums import Role
from tenants.isolation.roles import connected_as
from tests.integration.releases.fixtures import small_region, workers
from tests.integration.releases.region import COUNTED_ON, Agreed, people
from tests.integration.releases.stopping_worker import PLACES
from tests.integration.releases.workers import Workers, has_ended

__all__ = ["small_region", "workers"]
REGISTERS = (people(7, 6, 2), people(8, 5, 0), people(6, 9, 1))  # as in small_region
# One run in which each of these is killed at every one of its places, one after the other. What is killed alone, at one
# place of one run, comes with --long.
TOGETHER = {
    "worker": (
        "relay: sent, not noted",
        "contribution: before its commit",
        "contribution: after its commit",
        "protect: after, result not stored",
        "protect: result stored",
        "release: before its commit",
        "release: after its commit",
    ),
    "database": ("contribution: before its commit", "protect: after, result not stored", "release: after its commit"),
    "broker": ("relay: sent, not noted", "contribution: after its commit", "release: before its commit"),
    "beat": ("relay: planned, not sent",),
}
ALONE = [
    pytest.param(what, place, id=f"{what}, {place}")
    for what in ("worker", "database", "broker", "beat")
    for place in PLACES
]


def undisturbed(keys_of: Path, region: Agreed, monkeypatch: pytest.MonkeyPatch) -> bytes:
    """The bytes that the release must have: the same people, counted and protected here, with the publisher's key.

    ``keys_of``: the folder of keys of the process that opened the run.
    """
    parts = [
        Counts.parse(
            tabulate(register, region.programme, municipality=member.code, counted_on=COUNTED_ON),
            region.programme,
            contributors=[member.code],
        )
        for member, register in zip(region.members, REGISTERS, strict=True)
    ]
    with monkeypatch.context() as patch:
        patch.setattr(settings, "KEY_FOLDER", keys_of)
        patch.setenv("BUVETT_KEYS", str(keys_of))
        key = keys.tie_key(region.region.pk, programme_sha256=region.programme.sha256, period="2026")
    body = protect_and_attack(Counts.merge(parts), history=(), key=key)
    assert body is not None
    return body


def check_one_release(run: UUID, region: Agreed, expected: bytes) -> None:
    """Exactly one release, equal bytes, nothing lost."""
    with connected_as(Role.PUBLISHER):
        assert [bytes(row.body) for row in Release.objects.filter(run__agreement=region.agreement)] == [expected]
        assert [bytes(row.body) for row in LedgerEntry.objects.filter(region=region.region)] == [expected]
        assert bytes(Result.objects.get(lock=run).body) == expected
        assert Contribution.objects.filter(run=run).count() == len(region.members)
    with connected_as(Role.OUTBOX):
        kinds = sorted(Planned.objects.filter(run=run).values_list("kind", flat=True))
    assert kinds == ["contribute"] * len(region.members) + ["lock", "publish"]
    assert list(Path(settings.KEYSTORE_FOLDER).glob(f"region/*/period/{run}/*.wrapped")) == []


def push(workers: Workers, region: Agreed, monkeypatch: pytest.MonkeyPatch) -> None:
    """One run to its end, whatever is killed; then there is exactly one release and nothing is lost."""
    run = region.open_as_publisher(workers.home)
    workers.until(lambda: has_ended(run))
    assert workers.stops_left == []
    check_one_release(run, region, undisturbed(workers.keys, region, monkeypatch))


@pytest.mark.parametrize("what", TOGETHER)
def test_kill_again_and_again_publishes_once(
    workers: Workers, small_region: Agreed, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    workers.start()
    for place in TOGETHER[what]:
        workers.stop_at(place, what)
    push(workers, small_region, monkeypatch)


@pytest.mark.long
@pytest.mark.parametrize(("what", "place"), ALONE)
def test_kill_loses_nothing_and_doubles_nothing(
    workers: Workers, small_region: Agreed, monkeypatch: pytest.MonkeyPatch, what: str, place: str
) -> None:
    workers.start()
    workers.stop_at(place, what)
    push(workers, small_region, monkeypatch)


def test_duplicate_and_reordered_deliveries_end_in_the_same_state(
    small_region: Agreed, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, order = small_region.open(), random.Random(7)
    tasks = [(contribute_task, Role.CONTRIBUTOR), (lock_task, Role.PUBLISHER), (publish_task, Role.PUBLISHER)]
    for _ in range(4):  # each step plans the next
        outbox.plan()
        with connected_as(Role.OUTBOX):
            work = [str(pk) for pk in Planned.objects.filter(run=run).values_list("pk", flat=True)]
        # Every message once to three times, to every worker, in any order.
        deliveries = [(task, role, piece) for task, role in tasks for piece in work for _ in range(order.randint(1, 3))]
        order.shuffle(deliveries)
        for task, role, piece in deliveries:
            with connected_as(role):
                task(piece)
    check_one_release(run, small_region, undisturbed(settings.KEY_FOLDER, small_region, monkeypatch))


@pytest.mark.long
@pytest.mark.parametrize("seed", range(10))
def test_random_kills_publish_once(
    workers: Workers, small_region: Agreed, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    order = random.Random(seed)
    workers.start()
    run = small_region.open_as_publisher(workers.home)
    for _ in range(5):
        time.sleep(order.uniform(0, 3))
        workers.kill(order.choice(["beat", "outbox", "contributor", "publisher", "database", "broker"]))
        workers.until(lambda: True)
    workers.until(lambda: has_ended(run))
    check_one_release(run, small_region, undisturbed(workers.keys, small_region, monkeypatch))
