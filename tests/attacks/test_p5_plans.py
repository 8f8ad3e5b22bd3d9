"""P5 in plans: no draft reaches a reader, nothing that was sent is changed, no hidden number comes back through it."""

import hashlib
import json
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from django.db import DatabaseError, IntegrityError, ProgrammingError, connections, transaction
from django.utils import timezone

from buvett.plans import answering, queries
from buvett.plans.models import Answer, Comment, Version
from buvett.plans.sending import send
from tenants.isolation.enums import Purpose, Role
from tenants.isolation.models import Municipality
from tenants.isolation.regions import region_scope
from tenants.isolation.roles import connected_as
from tenants.isolation.scopes import scope
from tests import people as workers
from tests.integration.plans.plan import Written, write

DRAFTS = ("plans_plan", "plans_chapter", "plans_measure")
SENT = ("plans_version", "plans_answer", "plans_comment")
OTHERS = (Role.CONTRIBUTOR, Role.PUBLISHER, Role.OUTBOX, Role.AUDIT_WRITER)


@pytest.fixture(scope="module")
def written(make_municipality: Callable[..., Municipality]) -> Written:
    return write(make_municipality)


def as_role(role: Role, sql: str) -> None:
    with connected_as(role), transaction.atomic(using=role.value), connections[role.value].cursor() as cursor:
        cursor.execute(sql)


def in_region(written: Written, *, by: object = None) -> AbstractContextManager[object]:
    """The scope of the region, for the project leader unless for somebody else."""
    return region_scope(written.agreed.region.pk, by=str(by or written.leader.user))


def sent(written: Written) -> tuple[object, Version]:
    plan = written.begin("Hemmeleg utkast som vart sendt")
    identifier = send(written.leader, plan, revision=written.revision(plan))
    with connected_as(Role.READER), in_region(written):
        return plan, Version.objects.get(pk=identifier)


@pytest.mark.parametrize("role", [Role.READER, *OTHERS])
@pytest.mark.parametrize("table", DRAFTS)
def test_no_role_but_the_webs_own_reads_a_draft(installation: object, role: Role, table: str) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"):
        as_role(role, f"SELECT * FROM {table}")


@pytest.mark.parametrize("role", OTHERS)
@pytest.mark.parametrize("table", SENT)
def test_workers_have_no_right_on_what_was_sent(installation: object, role: Role, table: str) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"):
        as_role(role, f"SELECT * FROM {table}")


@pytest.mark.parametrize("role", [Role.APP, Role.READER])
@pytest.mark.parametrize("change", ["DELETE FROM {}", "UPDATE {} SET id = id", "TRUNCATE {}"])
@pytest.mark.parametrize("table", SENT)
def test_nothing_that_was_sent_is_changed_or_removed(installation: object, role: Role, change: str, table: str) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"):
        as_role(role, change.format(table))


def test_the_reader_adds_nothing(installation: object) -> None:
    for table in SENT:
        with pytest.raises(ProgrammingError, match="permission denied"):
            as_role(Role.READER, f"INSERT INTO {table} SELECT * FROM {table}")


@pytest.mark.parametrize(("number", "sha256"), [(2, "ab" * 32), (3, None), (1, None)])
def test_a_version_cannot_be_forged(written: Written, number: int, sha256: str | None) -> None:
    """Another text under its hash, a number left out, a number used twice."""
    plan, real = sent(written)
    with pytest.raises(IntegrityError), in_region(written):
        Version.objects.create(
            plan_id=plan,
            region=written.agreed.region,
            number=number,
            body=real.body,
            sha256=sha256 or real.sha256,
            sent_by_id=written.leader.user,
            sent_by_name="Nokon",
            sent_at=timezone.now(),
        )


def give(
    written: Written, version: Version, *, house: Municipality, scoped: Municipality, claimed: object, by: object
) -> None:
    with scope(scoped.pk, by=str(by), purpose=Purpose.KONTROLL), in_region(written, by=by):
        Answer.objects.create(
            version_id=version.pk,
            municipality=house,
            verdict="supports",
            answered_by_id=claimed,
            answered_by_name="Direktør",
            answered_at=timezone.now(),
        )


def test_nobody_answers_for_another_municipality_or_as_another_person(
    written: Written, make_municipality: Callable[..., Municipality]
) -> None:
    _, version = sent(written)
    mine, other, _ = written.agreed.members
    me, them = written.chiefs[mine.code].user, written.chiefs[other.code].user
    outsider = make_municipality("Utanfor")
    for attempt in (
        {"house": other, "scoped": mine, "claimed": me, "by": me},
        {"house": mine, "scoped": mine, "claimed": them, "by": me},
        {"house": outsider, "scoped": outsider, "claimed": me, "by": me},  # is not asked
    ):
        with pytest.raises(DatabaseError):
            give(written, version, **attempt)  # type: ignore[arg-type]
    assert queries.version(written.leader, version.pk).answers == ()


def test_an_older_version_takes_no_answer_in_the_database_either(written: Written) -> None:
    plan, first = sent(written)
    send(written.leader, plan, revision=written.revision(plan))  # type: ignore[arg-type]
    mine = written.agreed.members[0]
    me = written.chiefs[mine.code].user
    with pytest.raises(IntegrityError, match="takes no such answer"):
        give(written, first, house=mine, scoped=mine, claimed=me, by=me)


def test_a_comment_in_another_municipalitys_name_is_refused(written: Written) -> None:
    _, version = sent(written)
    mine, other, _ = written.agreed.members
    me = written.chiefs[mine.code].user
    for house, by in ((other, me), (mine, written.chiefs[other.code].user)):
        with (
            pytest.raises(DatabaseError),
            scope(mine.pk, by=str(me), purpose=Purpose.KONTROLL),
            in_region(written, by=me),
        ):
            Comment.objects.create(
                version_id=version.pk,
                municipality=house,
                text="x",
                written_by_id=by,
                written_by_name="x",
                written_at=timezone.now(),
            )


def test_no_hidden_number_is_in_what_was_sent(written: Written) -> None:
    """Whatever is tied: a version holds what the release shows of it, and not more than two cells of it."""
    plan = written.begin()
    hidden, shown = written.hidden(), written.shown()
    written.measure(plan, "Skjult", key=hidden)
    written.measure(plan, "Vist", key=shown)
    identifier = send(written.leader, plan, revision=written.revision(plan))
    with connected_as(Role.READER), in_region(written):
        row = Version.objects.get(pk=identifier)
    body = json.loads(row.body)
    first, second = (measure["number"] for measure in body["measures"])
    assert (first["key"], first["value"], first["why"]) == (list(hidden), None, "protected")
    assert second["value"] == written.release.table("support").cell(*shown).value
    assert "cells" not in row.body
    assert row.sha256 == hashlib.sha256(row.body.encode()).hexdigest()


def test_an_answer_is_told_in_the_own_municipalitys_log_alone(written: Written) -> None:
    _, version = sent(written)
    mine, other, _ = written.agreed.members

    def entries(town: Municipality) -> int:
        with connected_as(Role.BACKUP), connections["backup"].cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM audit_entry WHERE municipality_id = %s AND entry LIKE '%%plan_answered%%'",
                [town.pk],
            )
            return int(cursor.fetchone()[0])

    before = entries(mine), entries(other)
    answering.answer(written.chiefs[mine.code], version.pk, verdict="supports", remark="")
    assert (entries(mine), entries(other)) == (before[0] + 1, before[1])


def test_a_hat_that_ran_out_answers_nothing(written: Written) -> None:
    _, version = sent(written)
    mine = written.agreed.members[0]
    person = workers.user(name="Tidlegare direktør")
    over = workers.give_role(person, written.chiefs[mine.code].role, mine, valid_to=workers.days_ago(1))
    assert over is None
    answer = workers.browser(person).get("/api/v1/plans")
    assert answer.status_code == 403
    assert queries.version(written.leader, version.pk).answers == ()
