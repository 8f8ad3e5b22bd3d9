"""P4: nothing leaves a municipality but counts in tables it has agreed to, approved by a named person."""

import hashlib
import json
import logging
from collections.abc import Callable
from copy import copy
from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import DatabaseError, ProgrammingError, connections
from django.test import override_settings
from django.utils import timezone

from buvett.agreements.enums import Missing
from buvett.agreements.models import AgreementMember, Document, RegionMember, StandingApproval
from buvett.releases import keys, outbox, sealing, trust
from buvett.releases.contribute import contribute
from buvett.releases.errors import Waits
from buvett.releases.lock import lock
from buvett.releases.models import Contribution, Delivery, Planned, Run
from buvett.releases.publish import publish
from buvett.releases.queries import latest
from buvett.releases.runs import binding_of
from buvett.releases.tabulate import pad, padded_length, tabulate, unpad
from buvett.releases.tasks import contribute_task, lock_task, publish_task
from tenants.isolation.enums import Purpose, Role
from tenants.isolation.models import Municipality
from tenants.isolation.roles import connected_as
from tenants.isolation.scopes import scope
from tenants.legal.models import Heimel
from tests.integration.releases.fixtures import small_region
from tests.integration.releases.region import Agreed, person, register

__all__ = ["small_region"]
BY = "process:contributor"
# What a contributor has a right on, or might want one on.
TABLES = (
    "agreements_agreement",
    "agreements_agreementmember",
    "agreements_document",
    "agreements_region",
    "agreements_regionmember",
    "agreements_standingapproval",
    "audit_entry",
    "isolation_municipality",
    "legal_declaration",
    "legal_heimel",
    "register_case",
    "register_person",
    "releases_contribution",
    "releases_counted",
    "releases_decision",
    "releases_delivery",
    "releases_ledgerentry",
    "releases_lock",
    "releases_planned",
    "releases_preparation",
    "releases_release",
    "releases_result",
    "releases_run",
    "vault_recordsalt",
)
WRITTEN_BY_CONTRIBUTOR = {
    "audit_entry",
    "releases_contribution",
    "releases_counted",
    "releases_delivery",
    "releases_preparation",
    "vault_recordsalt",
}
YESTERDAY = timezone.localdate() - timedelta(days=1)


def opened(region: Agreed, run: object, at: int) -> dict[str, object]:
    """What one member's contribution holds, opened with the publisher's key."""
    with connected_as(Role.PUBLISHER):
        row = Contribution.objects.select_related("run__agreement").get(run=run, municipality=region.members[at])
        private = keys.box().get(keys.period_key(region.region.pk, row.run_id))
        binding = binding_of(row.run, row.municipality_id)
    told: dict[str, object] = json.loads(
        unpad(sealing.open_sealed(bytes(row.sealed), private_key=private, binding=binding))
    )
    return told


def end_membership(region: Agreed) -> None:
    AgreementMember.objects.filter(agreement=region.agreement, municipality=region.members[0]).update(
        valid_to=YESTERDAY
    )


def leave_region(region: Agreed) -> None:
    RegionMember.objects.filter(region=region.region, municipality=region.members[0]).update(valid_to=YESTERDAY)


def end_agreement(region: Agreed) -> None:
    region.agreement.valid_to = YESTERDAY
    region.agreement.save()


def end_paper(kind: Document.Kind) -> Callable[[Agreed], None]:
    def end(region: Agreed) -> None:
        Document.objects.filter(agreement=region.agreement, municipality=region.members[0], kind=kind).update(
            valid_to=YESTERDAY
        )

    return end


def change_approval(**changes: object) -> Callable[[Agreed], None]:
    def change(region: Agreed) -> None:
        StandingApproval.objects.filter(agreement=region.agreement, municipality=region.members[0]).update(**changes)

    return change


@pytest.mark.parametrize(
    ("breaks", "missing"),
    [
        (end_membership, Missing.MEMBERSHIP),
        (leave_region, Missing.MEMBERSHIP),
        (end_agreement, Missing.MEMBERSHIP),
        (end_paper(Document.Kind.PROCESSOR_AGREEMENT), Missing.PROCESSOR_AGREEMENT),
        (end_paper(Document.Kind.DPIA), Missing.DPIA),
        (change_approval(expires_on=YESTERDAY), Missing.APPROVAL),
        (change_approval(revoked_on=timezone.localdate()), Missing.APPROVAL),
        (change_approval(approved_by_name=" "), Missing.APPROVAL),
        (change_approval(approved_on=date(2099, 1, 1)), Missing.APPROVAL),
    ],
)
def test_nothing_leaves_without_every_paper(
    small_region: Agreed, breaks: Callable[[Agreed], None], missing: Missing
) -> None:
    run, member = small_region.open(), small_region.members[0]
    with connected_as(Role.OWNER):
        breaks(small_region)
    with pytest.raises(Waits) as waits:
        contribute(run, member.pk, by=BY)
    assert waits.value.missing == {member.code: (missing,)}
    with connected_as(Role.PUBLISHER):
        assert not Contribution.objects.filter(run=run).exists()
    with connected_as(Role.READER):
        assert Delivery.objects.get(run=run, municipality=member).waiting_for == missing


def test_nothing_leaves_without_a_live_heimel(small_region: Agreed) -> None:
    run, member = small_region.open(), small_region.members[0]
    with scope(member.pk, by="leader", purpose=Purpose.SAK):
        Heimel.objects.filter(municipality=member, purpose=Purpose.REGIONAL).update(valid_to=YESTERDAY)
    with pytest.raises(Waits) as waits:
        contribute(run, member.pk, by=BY)
    assert waits.value.missing == {member.code: (Missing.HEIMEL,)}
    with connected_as(Role.PUBLISHER):
        assert not Contribution.objects.filter(run=run).exists()


def test_nothing_leaves_that_the_preparer_approves(small_region: Agreed) -> None:
    run, member = small_region.open(), small_region.members[0]
    with pytest.raises(Waits):
        contribute(run, member.pk, by=str(small_region.leaders[member.pk].pk))
    with connected_as(Role.PUBLISHER):
        assert not Contribution.objects.filter(run=run).exists()


def test_exactly_the_agreed_tables_leave(small_region: Agreed) -> None:
    run, member = small_region.open(), small_region.members[0]
    register(member, [person(support="3", situation="UTE", dwelling="REHAB", areas={"RUSB": "R"}, groups=["RUS"])])
    contribute(run, member.pk, by=BY)
    told = opened(small_region, run, 0)
    assert set(told) == {"format", "programme_sha256", "tables"}
    tables = told["tables"]
    assert isinstance(tables, list)
    assert [(table["id"], table["dimensions"]) for table in tables] == [
        ("support", ["municipality", "support"]),
        ("group", ["municipality", "group"]),
    ]
    codes = {code for table in tables for cell in table["cells"] for code in cell["key"]}
    assert codes <= {member.code, "1", "2", "3", "RUS", "OKON", "ALL"}


@pytest.mark.parametrize("flag", ["blocked", "objected", "address_protected"])
def test_a_protected_case_is_not_counted(small_region: Agreed, flag: str) -> None:
    run, member = small_region.open(), small_region.members[0]
    contribute(run, member.pk, by=BY)
    register(small_region.members[1], [person(support="3", groups=["RUS"], **{flag: True})] * 3)
    contribute(run, small_region.members[1].pk, by=BY)
    tables = opened(small_region, run, 1)["tables"]
    assert isinstance(tables, list)
    keys_of_cells = {tuple(cell["key"]) for table in tables for cell in table["cells"]}
    assert (small_region.members[1].code, "3") not in keys_of_cells
    assert (small_region.members[1].code, "RUS") not in keys_of_cells


def test_a_fact_outside_the_lists_holds_everything_back_and_is_not_told(small_region: Agreed) -> None:
    run, member = small_region.open(), small_region.members[0]
    register(member, [person(support="7")])
    with pytest.raises(Waits) as waits:
        contribute(run, member.pk, by=BY)
    assert waits.value.missing == {member.code: (Missing.FACTS,)}
    with connected_as(Role.PUBLISHER):
        assert not Contribution.objects.filter(run=run).exists()


def test_no_number_is_logged(small_region: Agreed, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    run = small_region.open()
    caplog.clear()
    small_region.contribute_all(run)
    told = [record.getMessage() for record in caplog.records if record.name.startswith(("buvett", "tenants"))]
    assert told == [f"{member.code} has contributed to run {run}" for member in small_region.members]


# The contributor's role can write contributions and nothing else.


@pytest.mark.parametrize("table", TABLES)
def test_contributor_removes_nothing(municipality: Municipality, table: str) -> None:
    for statement in (f"DELETE FROM {table}", f"TRUNCATE {table}"):
        with (
            pytest.raises(ProgrammingError, match="permission denied"),
            connected_as(Role.CONTRIBUTOR),
            scope(municipality.pk, by=BY, purpose=Purpose.REGIONAL),
            connections["contributor"].cursor() as cursor,
        ):
            cursor.execute(statement)


@pytest.mark.parametrize("table", sorted(set(TABLES) - WRITTEN_BY_CONTRIBUTOR))
def test_contributor_writes_to_no_other_table(municipality: Municipality, table: str) -> None:
    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        connected_as(Role.CONTRIBUTOR),
        scope(municipality.pk, by=BY, purpose=Purpose.REGIONAL),
        connections["contributor"].cursor() as cursor,
    ):
        cursor.execute(f"INSERT INTO {table} SELECT * FROM {table}")


@pytest.mark.parametrize("column", ["notes", "person_id", "revision"])
def test_contributor_reads_no_other_column_of_a_case(municipality: Municipality, column: str) -> None:
    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        connected_as(Role.CONTRIBUTOR),
        scope(municipality.pk, by=BY, purpose=Purpose.REGIONAL),
        connections["contributor"].cursor() as cursor,
    ):
        cursor.execute(f"SELECT {column} FROM register_case")


@pytest.mark.parametrize(
    "table", ["register_person", "register_case", "vault_recordsalt", "legal_heimel", "audit_entry"]
)
def test_publisher_reads_no_tenant_table(installation: object, table: str) -> None:
    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        connected_as(Role.PUBLISHER),
        connections["publisher"].cursor() as cursor,
    ):
        cursor.execute(f"SELECT * FROM {table}")


def test_contributor_writes_for_no_other_municipality(small_region: Agreed) -> None:
    run, (mine, other, _) = small_region.open(), small_region.members
    for insert in (
        lambda: Contribution.objects.create(
            municipality=other, run_id=run, sealed=b"x", sha256="x", created_at=timezone.now()
        ),
        lambda: Delivery.objects.create(municipality=other, run_id=run, delivered_at=timezone.now()),
    ):
        with (
            pytest.raises(DatabaseError, match="row-level security"),
            connected_as(Role.CONTRIBUTOR),
            scope(mine.pk, by=BY, purpose=Purpose.REGIONAL),
        ):
            insert()


def test_leader_approves_for_no_other_municipality(small_region: Agreed) -> None:
    mine, other, _ = small_region.members
    leader = small_region.leaders[mine.pk]
    with (
        pytest.raises(DatabaseError, match="row-level security"),
        scope(mine.pk, by=str(leader.pk), purpose=Purpose.REGIONAL),
    ):
        StandingApproval.objects.create(
            agreement=small_region.agreement,
            municipality=other,
            approved_by=leader,
            approved_by_name=leader.name,
            approved_on=date(2026, 1, 1),
            expires_on=date(2099, 1, 1),
        )


def test_contribution_of_another_municipalitys_cells_counts_as_not_delivered(small_region: Agreed) -> None:
    """A hostile contributor seals cells of its neighbour under its own name: the others lose nothing by it."""
    run, (mine, other, third) = small_region.open(), small_region.members
    text = tabulate([person()], small_region.programme, municipality=other.code, counted_on=date(2026, 11, 1))
    with connected_as(Role.CONTRIBUTOR), scope(mine.pk, by=BY, purpose=Purpose.REGIONAL):
        found = Run.objects.select_related("agreement").get(pk=run)
        sealed = sealing.seal(
            pad(text, length=padded_length(small_region.programme)),
            public_key=bytes(found.public_key),
            binding=binding_of(found, mine.pk),
        )
        Contribution.objects.create(
            municipality=mine,
            run_id=run,
            sealed=sealed,
            sha256=hashlib.sha256(sealed).hexdigest(),
            created_at=timezone.now(),
        )
    small_region.contribute_all(run, but=[mine])
    lock(run)
    publish(run)
    release = latest(small_region.region.slug)
    assert release is not None
    assert release.contributors == (other.code, third.code)
    assert release.waiting == (mine.code,)


def own_key_for(run: UUID, *, signer: Ed25519PrivateKey | None) -> None:
    """What whoever rules the database can do: put a key pair of its own in the run, signed by a key of its own."""
    _, public = sealing.new_key()
    with connected_as(Role.PUBLISHER):
        found = Run.objects.select_related("agreement").get(pk=run)
        found.public_key = public
        if signer is not None:
            found.signature = signer.sign(trust.statement(found))
            found.signed_with = signer.public_key().public_bytes_raw()
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "UPDATE releases_run SET public_key = %s, signature = %s, signed_with = %s WHERE id = %s",
            [bytes(found.public_key), bytes(found.signature), bytes(found.signed_with), run],
        )


@pytest.mark.parametrize("signed", [False, True])
def test_nothing_is_sealed_to_a_key_that_the_region_did_not_sign(small_region: Agreed, signed: bool) -> None:
    run, (first, second, _) = small_region.open(), small_region.members
    contribute(run, first.pk, by=BY)  # from now on the contributor knows the region
    own_key_for(run, signer=Ed25519PrivateKey.generate() if signed else None)

    with pytest.raises(Waits) as refused:
        contribute(run, second.pk, by=BY)

    assert refused.value.missing == {second.code: (Missing.KEY,)}
    with connected_as(Role.CONTRIBUTOR), scope(second.pk, by=BY, purpose=Purpose.REGIONAL):
        assert not Contribution.objects.filter(run=run, municipality=second.pk).exists()
    with connected_as(Role.READER):
        assert Delivery.objects.get(run=run, municipality=second.pk).waiting_for == Missing.KEY


def test_a_signature_of_another_run_does_not_help(small_region: Agreed) -> None:
    run, first = small_region.open(), small_region.members[0]
    with connected_as(Role.CONTRIBUTOR):
        found = Run.objects.select_related("agreement").get(pk=run)
    assert trust.is_signed_by_region(found)

    for name, value in (
        ("id", uuid4()),
        ("attempt", 1),
        ("left_out_id", first.pk),
        ("period", "2027"),
        ("counted_on", date(2020, 1, 1)),
    ):
        other = copy(found)
        setattr(other, name, value)
        assert not trust.is_signed_by_region(other), name


@pytest.mark.parametrize("told", [None, "", "not a key", "0" * 64, "æ"])
def test_production_knows_a_region_by_the_operators_file_only(small_region: Agreed, told: str | None) -> None:
    run = small_region.open()
    place = trust.place(small_region.region.pk)
    with connected_as(Role.CONTRIBUTOR), override_settings(MODE="production"):
        found = Run.objects.select_related("agreement").get(pk=run)
        if told is not None:
            place.write_text(told, encoding="utf-8")
        assert not trust.is_signed_by_region(found)
        assert place.exists() == (told is not None)

        place.write_text(bytes(found.signed_with).hex() + "\n", encoding="utf-8")
        assert trust.is_signed_by_region(found)

        place.chmod(0o666)  # anyone could have written it
        assert not trust.is_signed_by_region(found)


def test_forged_and_repeated_messages_do_nothing(small_region: Agreed) -> None:
    run = small_region.open()
    outbox.plan()
    with connected_as(Role.OUTBOX):
        work = list(Planned.objects.filter(run=run, kind="contribute").order_by("municipality__code"))
    junk = ["", "1", "x" * 5000, str(uuid4()), None, 7, {"id": 1}, str(run)]
    for task, role in (
        (contribute_task, Role.CONTRIBUTOR),
        (lock_task, Role.PUBLISHER),
        (publish_task, Role.PUBLISHER),
    ):
        with connected_as(role):
            for message in junk:
                task(message)
    with connected_as(Role.PUBLISHER):
        for piece in work:  # another process's work: row security hides it
            lock_task(str(piece.pk))
            publish_task(str(piece.pk))
        assert not Contribution.objects.filter(run=run).exists()
    with connected_as(Role.CONTRIBUTOR):
        for _ in range(3):
            for piece in reversed(work):
                contribute_task(str(piece.pk))
    with connected_as(Role.PUBLISHER):
        assert Contribution.objects.filter(run=run).count() == len(work)
    with connected_as(Role.OUTBOX):
        assert not Planned.objects.filter(run=run, kind="contribute", done_at=None).exists()
