import threading

import pytest
from django.test import override_settings

from tenants.isolation.enums import Role
from tenants.isolation.roles import RoleRouter, connected_as, current_role


def test_role_is_the_processs_main_one():
    with override_settings(MAIN_ROLE="contributor"):
        assert current_role() is Role.CONTRIBUTOR


def test_role_nested_and_back():
    with connected_as(Role.READER):
        with connected_as(Role.AUDIT_WRITER):
            inner = current_role()
        outer = current_role()

    assert (inner, outer, current_role()) == (Role.AUDIT_WRITER, Role.READER, Role.APP)


def test_role_is_back_after_an_error():
    with pytest.raises(RuntimeError), connected_as(Role.READER):
        raise RuntimeError

    assert current_role() is Role.APP


def test_role_of_one_thread_is_not_anothers():
    seen = []
    with connected_as(Role.READER):
        thread = threading.Thread(target=lambda: seen.append(current_role()))
        thread.start()
        thread.join()

    assert seen == [Role.APP]


def test_router_sends_queries_to_the_current_role():
    router = RoleRouter()
    with connected_as(Role.PUBLISHER):
        assert (router.db_for_read(object), router.db_for_write(object)) == ("publisher", "publisher")
    assert router.allow_relation(object, object)


@pytest.mark.parametrize(("alias", "allowed"), [("owner", True), ("default", True), ("app", False), ("reader", False)])
def test_migrations_run_as_the_owner_only(alias, allowed):
    assert RoleRouter().allow_migrate(alias, "register") is allowed


@pytest.mark.parametrize("role", Role)
def test_login_is_the_roles_name_in_postgresql(role):
    assert role.login == f"buvett_{role.value}"
