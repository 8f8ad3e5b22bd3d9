"""Planning and sending: nothing is lost, nothing is planned twice."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from buvett.releases import outbox
from buvett.releases.contribute import contribute
from buvett.releases.lock import lock
from buvett.releases.models import Planned
from buvett.releases.publish import publish
from buvett.releases.tasks import contribute_task
from tenants.isolation.enums import Role
from tenants.isolation.roles import connected_as
from tests.integration.releases.fixtures import region, small_region
from tests.integration.releases.region import Agreed

__all__ = ["region", "small_region"]
BY = "process:contributor"


class Broker:
    """Notes what is sent; ``broken`` says after how many it fails."""

    def __init__(self, broken: int | None = None) -> None:
        self.sent: list[tuple[str, UUID]] = []
        self.broken = broken

    def send(self, kind: Planned.Kind, identifier: UUID) -> None:
        if self.broken is not None and len(self.sent) >= self.broken:
            raise ConnectionError("the broker is gone")
        self.sent.append((kind.value, identifier))


def planned(run: UUID) -> dict[str, int]:
    with connected_as(Role.OUTBOX):
        kinds = list(Planned.objects.filter(run=run).values_list("kind", flat=True))
    return {kind: kinds.count(kind) for kind in kinds}


def sent_of(run: UUID, broker: Broker) -> list[str]:
    with connected_as(Role.OUTBOX):
        ours = set(Planned.objects.filter(run=run).values_list("pk", flat=True))
    return sorted(kind for kind, identifier in broker.sent if identifier in ours)


def test_plan_follows_the_run_and_plans_nothing_twice(small_region: Agreed) -> None:
    run = small_region.open()
    outbox.plan()
    outbox.plan()
    assert planned(run) == {"contribute": 3}
    small_region.contribute_all(run)
    outbox.plan()
    assert planned(run) == {"contribute": 3, "lock": 1}
    lock(run)
    outbox.plan()
    assert planned(run) == {"contribute": 3, "lock": 1, "publish": 1}
    publish(run)
    outbox.plan()
    assert planned(run) == {"contribute": 3, "lock": 1, "publish": 1}


def test_lock_is_planned_at_the_cut_off_though_not_all_are_in(small_region: Agreed) -> None:
    run = small_region.open(hours=0)
    contribute(run, small_region.members[0].pk, by=BY)
    outbox.plan()
    assert planned(run) == {"contribute": 3, "lock": 1}


def test_plan_asks_no_more_however_many_runs_are_open(small_region: Agreed, region: Agreed) -> None:
    small_region.open()
    outbox.plan()
    with CaptureQueriesContext(connections[Role.OUTBOX.value]) as before:
        outbox.plan()
    another = region.open()
    outbox.plan()
    assert planned(another) == {"contribute": 4}
    with CaptureQueriesContext(connections[Role.OUTBOX.value]) as after:
        outbox.plan()
    assert len(after) == len(before)


def test_relay_sends_once_and_again_only_after_a_while(small_region: Agreed, monkeypatch: pytest.MonkeyPatch) -> None:
    run, broker = small_region.open(), Broker()
    outbox.plan()
    outbox.relay(broker.send)
    outbox.relay(broker.send)
    assert sent_of(run, broker) == ["contribute"] * 3
    monkeypatch.setattr(outbox, "AGAIN", timedelta(0))
    outbox.relay(broker.send)
    assert sent_of(run, broker) == ["contribute"] * 6


def test_relay_sends_nothing_that_is_done(small_region: Agreed, monkeypatch: pytest.MonkeyPatch) -> None:
    run, broker = small_region.open(), Broker()
    outbox.plan()
    with connected_as(Role.OUTBOX):
        work = Planned.objects.filter(run=run).first()
    assert work is not None
    assert work.municipality_id is not None
    contribute(run, work.municipality_id, by=BY, planned=work.pk)
    monkeypatch.setattr(outbox, "AGAIN", timedelta(0))
    outbox.relay(broker.send)
    assert sent_of(run, broker) == ["contribute"] * 2


def test_relay_loses_nothing_when_the_broker_breaks(small_region: Agreed) -> None:
    run, broken, mended = small_region.open(), Broker(broken=1), Broker()
    outbox.plan()
    with pytest.raises(ConnectionError):
        outbox.relay(broken.send)
    outbox.relay(mended.send)
    assert sent_of(run, mended) == ["contribute"] * 3


def test_planned_work_of_a_refused_run_is_called_done(small_region: Agreed) -> None:
    run = small_region.open(hours=0)
    outbox.plan()
    with connected_as(Role.OUTBOX):
        late = Planned.objects.get(run=run, municipality=small_region.members[2])
    small_region.contribute_all(run, but=small_region.members[2:])
    lock(run)
    with connected_as(Role.CONTRIBUTOR):
        contribute_task(str(late.pk))
    with connected_as(Role.OUTBOX):
        late.refresh_from_db()
    assert late.done_at is not None
    assert late.done_at <= timezone.now()
