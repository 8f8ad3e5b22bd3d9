import subprocess
import sys
from pathlib import Path

import pytest

from buvett.services.roles import DATABASE_ROLES
from buvett.services.roles import Process as ServiceProcess
from buvett.settings.databases import database
from buvett.settings.environment import Environment, Process, Refused

WEB = {
    "BUVETT_PROCESS": "web",
    "BUVETT_MODE": "demo",
    "BUVETT_DATABASE_APP": "postgresql://a@/b",
    "BUVETT_DATABASE_READER": "postgresql://r@/b",
    "BUVETT_DATABASE_AUDIT_WRITER": "postgresql://w@/b",
    "BUVETT_DATABASE_AUDIT_READER": "postgresql://v@/b",
    "BUVETT_SECRET_KEY": "demo-only-secret",
    "BUVETT_HOME": "/home",
    "BUVETT_KEYS": "/keys",
    "BUVETT_KEYSTORE": "/keystore",
}


def test_whole_environment_is_read():
    found = Environment.read(WEB)

    assert (found.process, found.mode, found.synthetic) == (Process.WEB, "demo", False)
    assert found.key_folder == Path("/keys")
    assert found.allowed_hosts == ["localhost", "127.0.0.1", "[::1]"]


@pytest.mark.parametrize("name", sorted(WEB))
def test_missing_setting_refuses_to_start_and_names_it(name):
    with pytest.raises(Refused, match=f"missing setting: {name}"):
        Environment.read({key: value for key, value in WEB.items() if key != name})


@pytest.mark.parametrize(
    "name",
    [
        "BUVETT_DATABASE_OWNER",
        "BUVETT_DATABASE_CONTRIBUTOR",
        "BUVETT_DATABASE_PUBLISHER",
        "BUVETT_DATABASE_SOMETHING_NEW",
        "BUVETT_BROKER_PUBLISHER",
    ],
)
def test_another_processs_address_refuses_to_start(name):
    with pytest.raises(Refused, match=f"{name} belongs to another process than web"):
        Environment.read(WEB | {name: "postgresql://x@/b"})


@pytest.mark.parametrize(("name", "value"), [("BUVETT_PROCESS", "everything"), ("BUVETT_MODE", "develop")])
def test_unknown_choice_is_refused_with_those_that_exist(name, value):
    with pytest.raises(Refused, match=f"{name} is one of "):
        Environment.read(WEB | {name: value})


def test_process_with_every_role_is_for_tests_only():
    with pytest.raises(Refused, match="BUVETT_MODE=test only"):
        Environment.read(WEB | {"BUVETT_PROCESS": "test"})


def test_production_refuses_the_demos_secret():
    with pytest.raises(Refused, match="BUVETT_SECRET_KEY is a demo's"):
        Environment.read(WEB | {"BUVETT_MODE": "production", "BUVETT_HOSTS": "a.invalid"})


@pytest.mark.parametrize(
    ("told", "behind"), [({}, False), ({"BUVETT_PROXY": "1"}, True), ({"BUVETT_PROXY": "no"}, False)]
)
def test_a_proxy_is_believed_where_one_is_named(told, behind):
    assert Environment.read(WEB | told).behind_proxy is behind


def test_production_needs_its_hosts_named():
    with pytest.raises(Refused, match="BUVETT_HOSTS"):
        Environment.read(WEB | {"BUVETT_MODE": "production", "BUVETT_SECRET_KEY": "long and random"})


def test_process_that_signs_no_cookie_needs_no_secret():
    publisher = {key: value for key, value in WEB.items() if "DATABASE" not in key and "SECRET" not in key}

    found = Environment.read(
        publisher | {"BUVETT_PROCESS": "publisher", "BUVETT_DATABASE_PUBLISHER": "postgresql://p@/b"}
    )

    assert found.process is Process.PUBLISHER


def test_refusal_is_told_where_it_happens_and_is_exit_code_2():
    done = subprocess.run(
        [sys.executable, "-c", "import buvett.settings"], env={"BUVETT_PROCESS": "web"}, capture_output=True, text=True
    )

    assert (done.returncode, done.stderr) == (2, "buvett: missing setting: BUVETT_MODE\n")


def test_roles_of_each_process_are_those_that_the_services_give_it():
    """Two tables, since one is read before Django can start; they say the same."""
    ours = {process.value: {role.value for role in process.roles} for process in Process}

    assert ours == {process.value: set(DATABASE_ROLES[process]) for process in ServiceProcess}


def test_address_becomes_a_connection_with_values_beside_the_statement():
    found = database("postgresql://a%20b@/name?host=/run/s&passfile=/p%20q&sslmode=require", name="APP")

    assert (found["USER"], found["NAME"], found["HOST"], found["PORT"]) == ("a b", "name", "/run/s", "")
    assert found["OPTIONS"] == {"passfile": "/p q", "sslmode": "require", "server_side_binding": True}


def test_address_behind_pgbouncer_has_no_server_side_cursors_and_no_kept_connection():
    found = database("postgresql://a@host:6432/name?pgbouncer=1", name="APP")

    assert (found["DISABLE_SERVER_SIDE_CURSORS"], found["CONN_MAX_AGE"]) == (True, 0)
    assert (found["HOST"], found["PORT"]) == ("host", "6432")


@pytest.mark.parametrize("url", ["mysql://a@/b", "postgresql:///b", "nonsense"])
def test_other_address_is_refused_and_named(url):
    with pytest.raises(Refused, match="BUVETT_DATABASE_APP"):
        database(url, name="APP")
