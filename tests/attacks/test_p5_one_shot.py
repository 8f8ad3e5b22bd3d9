"""P5, one shot (DESIGN.md section 4, rules a to h): a member that varies its own data learns what one try teaches."""

import hashlib
import logging
import re
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, ProgrammingError, connections, transaction
from django.utils import timezone

from anonymisation import Programme, protect
from anonymisation import Release as Protected
from anonymisation.counts import Counts
from buvett.releases import keys, outbox
from buvett.releases.contribute import contribute
from buvett.releases.errors import AlreadyContributed, PeriodUsed, WrongState
from buvett.releases.lock import lock
from buvett.releases.methods import protect_and_attack
from buvett.releases.models import Contribution, LedgerEntry, Planned, Release, Result, Run
from buvett.releases.publish import protect_once, publish, release_once
from buvett.releases.queries import latest, releases, run_status
from buvett.releases.runs import binding_of
from buvett.releases.sealing import open_sealed
from buvett.releases.states import State
from buvett.releases.tabulate import tabulate, unpad
from buvett.releases.withdraw import withdraw
from tenants.isolation.enums import Purpose, Role
from tenants.isolation.models import Municipality
from tenants.isolation.roles import connected_as
from tenants.isolation.scopes import scope
from tests.integration.releases.fixtures import small_region
from tests.integration.releases.region import COUNTED_ON, Agreed, people, register

__all__ = ["small_region"]
BY = "process:contributor"
REGISTERS = (people(7, 6, 2), people(8, 5, 0), people(6, 9, 1))  # as in small_region


def as_role(role: Role, sql: str, *values: object) -> list[tuple[object, ...]]:
    """Run a statement as a role of the platform, outside the platform's code."""
    with connected_as(role), transaction.atomic(using=role.value), connections[role.value].cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall() if cursor.description else []


def opened(region: Agreed, run: UUID, member: Municipality) -> bytes:
    """What a contribution holds."""
    with connected_as(Role.PUBLISHER):
        row = Contribution.objects.select_related("run__agreement").get(run=run, municipality=member)
        private = keys.box().get(keys.period_key(region.region.pk, run))
        return unpad(open_sealed(bytes(row.sealed), private_key=private, binding=binding_of(row.run, member.pk)))


def published(region: Agreed) -> bytes:
    """The one release that readers see."""
    (summary,) = releases(region.region.slug)
    found = latest(region.region.slug)
    assert found is not None
    assert found.sha256 == summary.sha256
    return found.body


def of_one_try(region: Agreed) -> bytes:
    """What the first data of everyone give, protected and attacked once, with the region's own secret."""
    parts = [
        Counts.parse(
            tabulate(people_there, region.programme, municipality=member.code, counted_on=COUNTED_ON),
            region.programme,
            contributors=[member.code],
        )
        for member, people_there in zip(region.members, REGISTERS, strict=True)
    ]
    key = keys.tie_key(region.region.pk, programme_sha256=region.programme.sha256, period="2026")
    body = protect_and_attack(Counts.merge(parts), history=(), key=key)
    assert body is not None
    return body


# (a) one contribution by municipality, programme version and period, whatever it contains


@pytest.mark.parametrize("more", [0, 1, 25])
def test_a_second_contribution_refused_whatever_it_contains(small_region: Agreed, more: int) -> None:
    run, member = small_region.open(), small_region.members[0]
    contribute(run, member.pk, by=BY)
    with connected_as(Role.PUBLISHER):
        before = list(Contribution.objects.filter(run=run).values())
    register(member, people(more))
    with pytest.raises(AlreadyContributed):
        contribute(run, member.pk, by=BY)
    with connected_as(Role.PUBLISHER):
        assert list(Contribution.objects.filter(run=run).values()) == before


def test_a_second_contribution_refused_by_the_database(small_region: Agreed) -> None:
    run, member = small_region.open(), small_region.members[0]
    contribute(run, member.pk, by=BY)
    with (
        pytest.raises(IntegrityError),
        connected_as(Role.CONTRIBUTOR),
        scope(member.pk, by=BY, purpose=Purpose.REGIONAL),
    ):
        Contribution.objects.create(municipality=member, run_id=run, sealed=b"x", sha256="x", created_at=timezone.now())


@pytest.mark.parametrize("change", ["DELETE FROM {}", "UPDATE {} SET sealed = ''"])
def test_a_contribution_cannot_be_taken_back_or_changed(small_region: Agreed, change: str) -> None:
    run, member = small_region.open(), small_region.members[0]
    contribute(run, member.pk, by=BY)
    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        connected_as(Role.CONTRIBUTOR),
        scope(member.pk, by=BY, purpose=Purpose.REGIONAL),
        connections["contributor"].cursor() as cursor,
    ):
        cursor.execute(change.format("releases_contribution"))


def test_a_period_has_one_run(small_region: Agreed) -> None:
    small_region.open()
    with pytest.raises(PeriodUsed):
        small_region.open()


def test_a_one_more_run_takes_the_same_counts(small_region: Agreed) -> None:
    first, second, _ = small_region.members
    run = small_region.open()
    small_region.contribute_all(run)
    lock(run)
    before = opened(small_region, run, second)
    withdraw(run, first.pk)
    register(second, people(20, 0, 9))
    again = small_region.open(left_out=first.pk)
    contribute(again, second.pk, by=BY)
    assert opened(small_region, again, second) == before


def test_a_what_was_counted_cannot_be_changed(small_region: Agreed) -> None:
    run, member = small_region.open(), small_region.members[0]
    contribute(run, member.pk, by=BY)
    for change in ("DELETE FROM releases_counted", "UPDATE releases_counted SET period = '2027'"):
        with (
            pytest.raises(ProgrammingError, match="permission denied"),
            connected_as(Role.CONTRIBUTOR),
            scope(member.pk, by=BY, purpose=Purpose.REGIONAL),
            connections["contributor"].cursor() as cursor,
        ):
            cursor.execute(change)
    for role in (Role.PUBLISHER, Role.APP, Role.READER, Role.OUTBOX):
        with pytest.raises(ProgrammingError, match="permission denied"):
            as_role(role, "SELECT * FROM releases_counted")


# (b) before the lock nothing derived from anyone else's contribution is computed or shown


def test_b_before_the_lock_only_who_has_delivered_is_known(small_region: Agreed) -> None:
    run = small_region.open()
    small_region.contribute_all(run, but=small_region.members[2:])
    with pytest.raises(WrongState):
        publish(run)
    with pytest.raises(WrongState):
        lock(run)
    with connected_as(Role.PUBLISHER):
        assert not Result.objects.filter(lock=run).exists()
    status = run_status(run)
    assert status.contributed == tuple(member.code for member in small_region.members[:2])
    assert set(vars(status.members[0])) == {"code", "name", "delivered_at", "missing"}
    assert releases(small_region.region.slug) == ()


def test_b_a_member_sees_no_row_of_another_and_all_rows_are_of_one_length(small_region: Agreed) -> None:
    run, member = small_region.open(), small_region.members[0]
    small_region.contribute_all(run)
    with connected_as(Role.CONTRIBUTOR), scope(member.pk, by=BY, purpose=Purpose.REGIONAL):
        assert [row.municipality_id for row in Contribution.objects.all()] == [member.pk]
    with connected_as(Role.PUBLISHER):
        assert len({len(row.sealed) for row in Contribution.objects.filter(run=run)}) == 1


@pytest.mark.parametrize("role", [Role.READER, Role.OUTBOX, Role.APP])
@pytest.mark.parametrize("table", ["releases_contribution", "releases_lock", "releases_result", "releases_ledgerentry"])
def test_b_no_other_role_may_look(installation: object, role: Role, table: str) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"):
        as_role(role, f"SELECT * FROM {table}")


def test_b_a_contribution_after_the_lock_comes_too_late(small_region: Agreed) -> None:
    run, late = small_region.open(hours=0), small_region.members[2]
    small_region.contribute_all(run, but=[late])
    lock(run)
    with pytest.raises(WrongState):
        contribute(run, late.pk, by=BY)
    with (
        pytest.raises(IntegrityError, match="takes no contribution"),
        connected_as(Role.CONTRIBUTOR),
        scope(late.pk, by=BY, purpose=Purpose.REGIONAL),
    ):
        Contribution.objects.create(municipality=late, run_id=run, sealed=b"x", sha256="x", created_at=timezone.now())


# (c) protect runs once per locked set; retries reuse what is stored


def test_c_a_retry_reuses_the_stored_result(small_region: Agreed) -> None:
    run = small_region.open()
    small_region.contribute_all(run)
    lock(run)
    with connected_as(Role.PUBLISHER):
        protect_once(run)
        stored = bytes(Result.objects.get(lock=run).body)
        # Without the private key nothing can be opened again: what follows can only come from what is stored.
        keys.forget_run(small_region.region.pk, run)
        protect_once(run)
    assert publish(run) is State.PUBLISHED
    assert published(small_region) == stored


def test_c_a_stored_result_cannot_be_replaced(small_region: Agreed) -> None:
    run = small_region.open()
    small_region.contribute_all(run)
    lock(run)
    with connected_as(Role.PUBLISHER):
        protect_once(run)
    for change in ("DELETE FROM releases_result", "UPDATE releases_result SET body = ''", "DELETE FROM releases_lock"):
        with pytest.raises(ProgrammingError, match="permission denied"):
            as_role(Role.PUBLISHER, change)


# (d) what is seen by anyone is in the ledger before


def test_d_no_release_without_its_ledger_entry(small_region: Agreed) -> None:
    run = small_region.open()
    small_region.contribute_all(run)
    lock(run)
    with connected_as(Role.PUBLISHER):
        protect_once(run)
        # An entry of that hash is in the way, so the ledger cannot take the release's own.
        body = bytes(Result.objects.get(lock=run).body)
        found = LedgerEntry(
            sha256=hashlib.sha256(body).hexdigest(),
            region=small_region.region,
            population="another",
            period="2026",
            body=b"",
            entered_at=timezone.now(),
        )
        found.save(force_insert=True)
        with pytest.raises(IntegrityError):
            release_once(run)
        assert Run.objects.get(pk=run).state == State.LOCKED
        assert not Release.objects.filter(run=run).exists()
    assert releases(small_region.region.slug) == ()


def test_d_everything_that_readers_see_is_in_the_ledger(small_region: Agreed) -> None:
    run = small_region.open()
    small_region.contribute_all(run)
    lock(run)
    publish(run)
    body = published(small_region)
    with connected_as(Role.PUBLISHER):
        assert [bytes(entry.body) for entry in LedgerEntry.objects.filter(region=small_region.region)] == [body]
    for change in ("DELETE FROM releases_ledgerentry", "UPDATE releases_release SET body = ''"):
        with pytest.raises(ProgrammingError, match="permission denied"):
            as_role(Role.PUBLISHER, change)


# (e) a refusal or withdrawal after the lock ends the period; one more run, without that member


def test_e_a_withdrawal_ends_the_period_but_for_one_run_without_the_member(small_region: Agreed) -> None:
    first, second, third = small_region.members
    run = small_region.open()
    small_region.contribute_all(run)
    lock(run)
    withdraw(run, first.pk)
    assert publish(run) is State.REFUSED
    for other in (None, second.pk, third.pk):
        with pytest.raises(PeriodUsed):
            small_region.open(left_out=other)
    again = small_region.open(left_out=first.pk)
    with pytest.raises(WrongState):
        contribute(again, first.pk, by=BY)
    small_region.contribute_all(again, but=[first])
    lock(again)
    assert publish(again) is State.PUBLISHED
    assert [summary.contributors for summary in releases(small_region.region.slug)] == [(second.code, third.code)]
    withdraw(again, second.pk)
    for other in (None, first.pk, second.pk):
        with pytest.raises(PeriodUsed):
            small_region.open(left_out=other)


def test_e_a_run_that_has_ended_cannot_be_opened_again(small_region: Agreed) -> None:
    run = small_region.open()
    small_region.contribute_all(run)
    lock(run)
    withdraw(run, small_region.members[0].pk)
    for state in ("open", "locked", "published"):
        with pytest.raises(IntegrityError, match="no such move"):
            as_role(Role.PUBLISHER, "UPDATE releases_run SET state = %s WHERE id = %s", state, run)


# (f) editing a register never triggers a run


def test_f_an_edited_register_plans_nothing(small_region: Agreed) -> None:
    run = small_region.open()
    small_region.contribute_all(run)
    lock(run)
    publish(run)
    before = published(small_region)
    register(small_region.members[0], people(9, 9, 9))
    outbox.plan()
    with connected_as(Role.OUTBOX):
        assert not Planned.objects.filter(run=run).exists()
        assert Run.objects.filter(agreement=small_region.agreement).count() == 1
    assert publish(run) is State.PUBLISHED
    assert published(small_region) == before


# (g) a refused release says "too detailed", not where


def careless(region: Agreed) -> bytes:
    """A release of the same people that hides nothing, under another programme."""
    text = region.agreement.programme_text.replace(region.programme.id, "careless", 1)
    for name, wanted in (("threshold", 1), ("width", 1), ("min_contributors", 1)):
        text = re.sub(rf"^{name} = \d+$", f"{name} = {wanted}", text, flags=re.MULTILINE)
    programme = Programme.parse(text)
    parts = [
        Counts.parse(
            tabulate(people_there, programme, municipality=member.code, counted_on=COUNTED_ON),
            programme,
            contributors=[member.code],
        )
        for member, people_there in zip(region.members, REGISTERS, strict=True)
    ]
    return protect(programme, Counts.merge(parts)).release.to_bytes()


def test_g_a_refusal_names_no_table_and_no_cell(small_region: Agreed, caplog: pytest.LogCaptureFixture) -> None:
    # Everything has been told about these people already: nothing that is safe can follow.
    body = careless(small_region)
    with connected_as(Role.PUBLISHER):
        LedgerEntry.objects.create(
            sha256=hashlib.sha256(body).hexdigest(),
            region=small_region.region,
            population=small_region.programme.population,
            period="2026",
            body=body,
            entered_at=timezone.now(),
        )
    run = small_region.open()
    small_region.contribute_all(run)
    lock(run)
    caplog.clear()
    caplog.set_level(logging.DEBUG)
    assert publish(run) is State.REFUSED
    told = [record.getMessage() for record in caplog.records if record.name.startswith(("buvett", "tenants", "anon"))]
    assert told == [f"run {run} is refused: too detailed"]
    with connected_as(Role.PUBLISHER):
        result = Result.objects.get(lock=run)
        assert (result.safe, result.body) == (False, None)
        assert not keys.box().exists(keys.period_key(small_region.region.pk, run))
    assert run_status(run).state is State.REFUSED


def test_e_a_run_without_the_one_who_withdrew_is_a_correction_that_tells_no_difference(small_region: Agreed) -> None:
    run = small_region.open()
    small_region.contribute_all(run)
    lock(run)
    publish(run)
    withdraw(run, small_region.members[0].pk)
    again = small_region.open(left_out=small_region.members[0].pk)
    small_region.contribute_all(again, but=small_region.members[:1])
    lock(again)

    assert publish(again) is State.PUBLISHED

    with connected_as(Role.PUBLISHER):
        rows = Release.objects.filter(run__in=[run, again]).order_by("published_at")
        first, second = (Protected.parse(bytes(row.body)) for row in rows)
    assert (first.revision, second.revision) == (0, 1)
    both = [(first.values[place], second.values[place]) for place in first.values.keys() & second.values.keys()]
    # What both show differs by nobody, or by too many to be small.
    assert [abs(one - other) for one, other in both if 0 < abs(one - other) < 5] == []


# (h) twenty tries with any data of one's own teach what one try teaches


def test_h_twenty_tries_teach_what_one_teaches(small_region: Agreed) -> None:
    run, leader_of = small_region.open(), small_region.members[0]
    contribute(run, leader_of.pk, by=BY)
    answers = set()
    for attempt in range(20):
        register(leader_of, people(attempt % 3 + 1, attempt % 2))
        with pytest.raises(AlreadyContributed) as refusal:
            contribute(run, leader_of.pk, by=BY)
        with pytest.raises(PeriodUsed) as used:
            small_region.open(by=str(small_region.leaders[leader_of.pk].pk))
        answers.add((str(refusal.value), str(used.value), run_status(run).contributed))
    assert len(answers) == 1
    small_region.contribute_all(run, but=[leader_of])
    lock(run)
    for attempt in range(20):
        register(leader_of, people(attempt % 2 + 1))
        publish(run)
    assert published(small_region) == of_one_try(small_region)
    # Taking the numbers back buys no other try: the one run that is left is without this member.
    withdraw(run, leader_of.pk)
    again = small_region.open(left_out=leader_of.pk)
    with pytest.raises(WrongState):
        contribute(again, leader_of.pk, by=BY)


def test_h_a_forged_row_for_another_run_is_refused(small_region: Agreed) -> None:
    """The leader's own database rights (those of the contributor) do not reach a run that does not exist."""
    member = small_region.members[0]
    with (
        pytest.raises(IntegrityError),
        connected_as(Role.CONTRIBUTOR),
        scope(member.pk, by=BY, purpose=Purpose.REGIONAL),
    ):
        Contribution.objects.create(
            municipality=member, run_id=uuid4(), sealed=b"x", sha256="x", created_at=timezone.now()
        )
