"""What is missing on which day, and who may approve."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.db import DatabaseError

from buvett.access.models import Membership
from buvett.access.roles import Role as Hat
from buvett.accounts.models import User
from buvett.agreements import actions
from buvett.agreements.enums import Missing
from buvett.agreements.errors import AgreementRefused, ApprovalRefused
from buvett.agreements.models import Agreement, AgreementMember, Document, RegionMember, StandingApproval
from buvett.agreements.queries import approval, live_members, members_of_each, missing, missing_of_members
from tenants.isolation.enums import Purpose, Role
from tenants.isolation.models import Municipality
from tenants.isolation.roles import connected_as
from tenants.isolation.scopes import scope

FIRST, LAST = date(2026, 1, 1), date(2026, 12, 31)
INSIDE = date(2026, 6, 1)
DAY = timedelta(days=1)
EVERYTHING = (Missing.MEMBERSHIP, Missing.PROCESSOR_AGREEMENT, Missing.DPIA, Missing.APPROVAL)


@pytest.fixture
def agreement(municipality: Municipality) -> Agreement:
    """An agreement of one year that nobody has signed."""
    with connected_as(Role.OWNER):
        region = actions.make_region(slug=f"region-{municipality.code}", name="Prøveregionen")
        return actions.make_agreement(region, programme="p", text="text", sha256="ab" * 32, since=FIRST, until=LAST)


def leader(municipality: Municipality, *, role: Hat = Hat.LOCAL_LEADER, name: str = "Leiar Leiarsen") -> User:
    user = User.objects.create_user(
        email=f"{role}-{municipality.code}-{User.objects.count()}@example.invalid", name=name
    )
    Membership.objects.create(user=user, municipality=municipality, role=role, valid_from=FIRST)
    return user


def complete(agreement: Agreement, municipality: Municipality) -> User:
    actions.join_region(agreement.region, municipality, since=FIRST, until=LAST)
    actions.sign(agreement, municipality, since=FIRST, until=LAST)
    for kind in Document.Kind:
        actions.file_document(agreement, municipality, kind=kind, reference="r", since=FIRST, until=LAST)
    user = leader(municipality)
    actions.approve(agreement, municipality, by=user, on=FIRST, until=LAST)
    return user


def test_everything_missing_at_first(agreement: Agreement, municipality: Municipality) -> None:
    with connected_as(Role.CONTRIBUTOR):
        assert missing(agreement, municipality.pk, on=INSIDE) == EVERYTHING
        assert live_members(agreement, on=INSIDE) == ()


@pytest.mark.parametrize(
    ("on", "lacks"), [(FIRST - DAY, EVERYTHING), (FIRST, ()), (INSIDE, ()), (LAST, ()), (LAST + DAY, EVERYTHING)]
)
def test_papers_live_from_the_first_to_the_last_day(
    agreement: Agreement, municipality: Municipality, on: date, lacks: tuple[Missing, ...]
) -> None:
    with connected_as(Role.OWNER):
        complete(agreement, municipality)
    for role in (Role.APP, Role.CONTRIBUTOR, Role.PUBLISHER, Role.READER, Role.OUTBOX):
        with connected_as(role):
            assert missing(agreement, municipality.pk, on=on) == lacks


def test_missing_of_members_is_what_each_lacks_alone(
    agreement: Agreement, municipality: Municipality, neighbour: Municipality
) -> None:
    with connected_as(Role.OWNER):
        complete(agreement, municipality)
        complete(agreement, neighbour)
        Document.objects.filter(municipality=neighbour, kind=Document.Kind.DPIA).update(valid_to=INSIDE - DAY)
    with connected_as(Role.READER):
        assert [member.code for member in live_members(agreement, on=INSIDE)] == [municipality.code, neighbour.code]
        both = [municipality.pk, neighbour.pk]
        assert missing_of_members(agreement, both, on=INSIDE) == {municipality.pk: (), neighbour.pk: (Missing.DPIA,)}
        for day in (INSIDE, INSIDE - timedelta(days=4000), INSIDE + timedelta(days=4000)):
            one_by_one = {one: missing(agreement, one, on=day) for one in both}
            assert missing_of_members(agreement, both, on=day) == one_by_one


@pytest.mark.parametrize("gone", ["nobody", "agreement", "region", "member"])
def test_members_of_each_are_those_of_each_alone(
    agreement: Agreement, municipality: Municipality, neighbour: Municipality, gone: str
) -> None:
    with connected_as(Role.OWNER):
        other = actions.make_agreement(agreement.region, programme="p", text="u", sha256="cd" * 32, since=FIRST)
        for one in (municipality, neighbour):
            actions.join_region(agreement.region, one, since=FIRST, until=LAST)
            actions.sign(agreement, one, since=FIRST, until=LAST)
        actions.sign(other, neighbour, since=INSIDE)
        ended = {
            "agreement": Agreement.objects.filter(pk=agreement.pk),
            "region": RegionMember.objects.filter(municipality=neighbour.pk),
            "member": AgreementMember.objects.filter(municipality=municipality.pk),
        }
        if gone in ended:
            ended[gone].update(valid_to=INSIDE)
        agreement.refresh_from_db()
    both = (agreement, other)
    with connected_as(Role.OUTBOX):
        for day in (FIRST - DAY, FIRST, INSIDE - DAY, INSIDE, INSIDE + DAY, LAST, LAST + DAY):
            alone = {one.pk: frozenset(member.pk for member in live_members(one, on=day)) for one in both}
            found = members_of_each([one.pk for one in both], on=day)
            assert {one.pk: found.get(one.pk, frozenset()) for one in both} == alone
        assert members_of_each([other.pk], on=INSIDE).keys() <= {other.pk}


def test_papers_of_another_agreement_do_not_count(agreement: Agreement, municipality: Municipality) -> None:
    with connected_as(Role.OWNER):
        complete(agreement, municipality)
        other = actions.make_agreement(agreement.region, programme="p", text="u", sha256="cd" * 32, since=FIRST)
    with connected_as(Role.READER):
        assert missing(other, municipality.pk, on=INSIDE) == EVERYTHING


def test_approval_by_the_preparer_does_not_count_but_anothers_does(
    agreement: Agreement, municipality: Municipality
) -> None:
    with connected_as(Role.OWNER):
        first = complete(agreement, municipality)
        by = str(first.pk)
        assert approval(agreement, municipality.pk, on=INSIDE, prepared_by=by) is None
        assert missing(agreement, municipality.pk, on=INSIDE, prepared_by=by) == (Missing.APPROVAL,)
        second = leader(municipality, name="Ein annan")
        actions.approve(agreement, municipality, by=second, on=FIRST + DAY, until=LAST)
        found = approval(agreement, municipality.pk, on=INSIDE, prepared_by=by)
    assert found is not None
    assert found.approved_by_name == "Ein annan"


def test_revoked_approval_counts_until_the_day(agreement: Agreement, municipality: Municipality) -> None:
    with connected_as(Role.OWNER):
        complete(agreement, municipality)
        actions.revoke(StandingApproval.objects.get(agreement=agreement), on=INSIDE)
        assert missing(agreement, municipality.pk, on=INSIDE - DAY) == ()
        assert missing(agreement, municipality.pk, on=INSIDE) == (Missing.APPROVAL,)


@pytest.mark.parametrize("role", [Hat.CASE_WORKER, Hat.USER_REPRESENTATIVE, Hat.CHIEF_EXECUTIVE])
def test_approve_refused_for_who_may_not(agreement: Agreement, municipality: Municipality, role: Hat) -> None:
    with connected_as(Role.OWNER):
        user = leader(municipality, role=role)
        with pytest.raises(ApprovalRefused):
            actions.approve(agreement, municipality, by=user, on=FIRST, until=LAST)


def test_approve_refused_for_a_neighbours_leader(
    agreement: Agreement, municipality: Municipality, neighbour: Municipality
) -> None:
    with connected_as(Role.OWNER):
        user = leader(neighbour)
        with pytest.raises(ApprovalRefused):
            actions.approve(agreement, municipality, by=user, on=FIRST, until=LAST)


def test_approve_refused_without_a_name_or_with_an_end_before_its_beginning(
    agreement: Agreement, municipality: Municipality
) -> None:
    with connected_as(Role.OWNER):
        with pytest.raises(ApprovalRefused):
            actions.approve(agreement, municipality, by=leader(municipality, name=" "), on=FIRST, until=LAST)
        with pytest.raises(ApprovalRefused):
            actions.approve(agreement, municipality, by=leader(municipality), on=LAST, until=FIRST)


def test_leader_approves_from_the_web_process_within_the_scope(
    agreement: Agreement, municipality: Municipality
) -> None:
    with connected_as(Role.OWNER):
        user = leader(municipality)
    with scope(municipality.pk, by=str(user.pk), purpose=Purpose.REGIONAL):
        given = actions.approve(agreement, municipality, by=user, on=FIRST, until=LAST)
        actions.revoke(given, on=INSIDE)
    with connected_as(Role.READER):
        assert StandingApproval.objects.get(pk=given.pk).revoked_on == INSIDE


def test_leader_approves_nothing_outside_a_scope(agreement: Agreement, municipality: Municipality) -> None:
    with connected_as(Role.OWNER):
        user = leader(municipality)
    with pytest.raises(DatabaseError, match="row-level security"):
        actions.approve(agreement, municipality, by=user, on=FIRST, until=LAST)


@pytest.mark.parametrize("act", ["region", "agreement", "member", "document"])
def test_last_day_before_the_first_refused(agreement: Agreement, municipality: Municipality, act: str) -> None:
    late = {"since": LAST, "until": FIRST}
    acts: dict[str, Callable[[], object]] = {
        "region": lambda: actions.join_region(agreement.region, municipality, **late),
        "agreement": lambda: actions.make_agreement(agreement.region, programme="q", text="t", sha256="q", **late),
        "member": lambda: actions.sign(agreement, municipality, **late),
        "document": lambda: actions.file_document(
            agreement, municipality, kind=Document.Kind.DPIA, reference="r", **late
        ),
    }
    with connected_as(Role.OWNER), pytest.raises(AgreementRefused):
        acts[act]()


def test_leaving_ends_what_is_waited_for(agreement: Agreement, municipality: Municipality) -> None:
    with connected_as(Role.OWNER):
        complete(agreement, municipality)
        actions.leave(agreement, municipality, last_day=INSIDE)
        assert [member.code for member in live_members(agreement, on=INSIDE)] == [municipality.code]
        assert live_members(agreement, on=INSIDE + DAY) == ()


def test_making_again_changes_nothing(agreement: Agreement, municipality: Municipality) -> None:
    with connected_as(Role.OWNER):
        user = complete(agreement, municipality)
        actions.join_region(agreement.region, municipality, since=FIRST)
        actions.sign(agreement, municipality, since=INSIDE)
        actions.approve(agreement, municipality, by=user, on=FIRST, until=INSIDE)
        assert missing(agreement, municipality.pk, on=LAST) == ()
