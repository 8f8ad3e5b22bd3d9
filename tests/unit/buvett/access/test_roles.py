"""The roles as a matrix: what each may do, and that every right is asked for somewhere."""

import ast
from pathlib import Path
from uuid import uuid4

import pytest

import buvett
from buvett.access.enums import Permission
from buvett.access.errors import NotAllowed, NotHere
from buvett.access.memberships import Hat
from buvett.access.policies import OWN_HOUSE, can, can_in, check_can, check_can_in
from buvett.access.roles import LOCAL, PERMISSIONS, Role

P = Permission
MATRIX = {
    Role.CASE_WORKER: {
        P.SEE_CASES,
        P.CHANGE_CASES,
        P.IMPORT_REGISTER,
        P.PREPARE_CONTRIBUTION,
        P.SEE_RELEASES,
        P.SEE_PLANS,
    },
    Role.LOCAL_LEADER: {
        P.SEE_CASES,
        P.CHANGE_CASES,
        P.LIFT_MARKS,
        P.GRANT_CASES,
        P.IMPORT_REGISTER,
        P.SEE_OWN_COUNTS,
        P.APPROVE_CONTRIBUTION,
        P.SEE_RELEASES,
        P.SEE_PLANS,
        P.MANAGE_MEMBERS,
        P.RESET_SIGN_IN,
        P.SEE_PAPERS,
        P.KEEP_PAPERS,
    },
    Role.USER_REPRESENTATIVE: {P.SEE_RELEASES, P.SEE_PLANS},
    Role.PROJECT_LEADER: {P.SEE_RELEASES, P.SEE_PLANS, P.WRITE_PLAN, P.SEND_PLAN, P.COMMENT_PLAN, P.WITHDRAW_RELEASE},
    Role.INTERMUNICIPAL_MEMBER: {P.SEE_RELEASES, P.SEE_PLANS, P.WRITE_PLAN, P.COMMENT_PLAN},
    Role.CHIEF_EXECUTIVE: {P.SEE_RELEASES, P.SEE_PLANS, P.COMMENT_PLAN, P.ANSWER_PLAN, P.RESET_SIGN_IN},
    Role.DATA_PROTECTION_OFFICER: {P.SEE_RELEASES, P.SEE_PLANS, P.READ_LOG, P.SEE_PAPERS},
    Role.OPERATIONS: {P.SEE_OPERATIONS},
}
SOURCE = Path(buvett.__path__[0])


def hat(role: Role, *, code: str = "4032") -> Hat:
    municipality = uuid4() if code else None
    return Hat(membership=uuid4(), user=uuid4(), role=role, municipality=municipality, code=code, name="")


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("permission", Permission)
def test_role_has_exactly_its_rights(role: Role, permission: Permission) -> None:
    assert can(hat(role), permission) is (permission in MATRIX[role])


def test_every_role_has_a_line_in_the_table() -> None:
    assert set(PERMISSIONS) == set(Role)


def test_every_right_belongs_to_a_role_and_is_asked_for() -> None:
    asked = {
        node.attr
        for path in SOURCE.rglob("*.py")
        if path.parent.name != "access" or path.name not in {"roles.py", "enums.py", "policies.py"}
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "Permission"
    }

    assert {permission.name for permission in Permission} <= asked
    assert frozenset().union(*PERMISSIONS.values()) == frozenset(Permission)


@pytest.mark.parametrize("role", sorted(LOCAL))
@pytest.mark.parametrize("permission", sorted(OWN_HOUSE))
def test_local_role_worn_in_no_municipality_gives_no_right_on_people(role: Role, permission: Permission) -> None:
    assert not can(hat(role, code=""), permission)


@pytest.mark.parametrize("permission", Permission)
def test_no_hat_gives_nothing(permission: Permission) -> None:
    assert not can(None, permission)
    with pytest.raises(NotAllowed):
        check_can(None, permission)


@pytest.mark.parametrize("permission", Permission)
def test_another_municipality_is_not_here_whatever_the_role(permission: Permission) -> None:
    for role in Role:
        with pytest.raises(NotHere):
            check_can_in(hat(role), permission, code="4036")
        assert not can_in(hat(role), permission, municipality=uuid4())


def test_own_municipality_without_the_right_is_refused() -> None:
    with pytest.raises(NotAllowed):
        check_can_in(hat(Role.USER_REPRESENTATIVE), Permission.SEE_CASES, code="4032")


def test_own_municipality_with_the_right_gives_the_hat() -> None:
    mine = hat(Role.CASE_WORKER)

    assert check_can_in(mine, Permission.SEE_CASES, code="4032") is mine
    assert mine.municipality is not None
    assert can_in(mine, Permission.SEE_CASES, municipality=mine.municipality)


def test_hat_of_the_region_has_no_house() -> None:
    with pytest.raises(NotHere):
        _ = hat(Role.PROJECT_LEADER, code="").house
    with pytest.raises(NotHere):
        check_can_in(hat(Role.PROJECT_LEADER, code=""), Permission.SEE_RELEASES, code="")
