"""Each kind of process finds its own addresses and keys, and nobody else's."""

from pathlib import Path

import pytest

from buvett.services.endpoints import Endpoints, configured, embedded
from buvett.services.environment import process_environment
from buvett.services.errors import NoAddress
from buvett.services.home import Home
from buvett.services.roles import BROKER_USERS, DATABASE_ROLES, ROLES, Process
from buvett.services.users import current_user
from buvett.settings.environment import Environment
from buvett.settings.environment import Process as Settled

SERVED = [process for process in Process if process is not Process.TEST]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home(path=tmp_path / "h", runner=current_user(), servers_as=current_user())
    made._make()
    return made


@pytest.fixture
def endpoints(home: Home) -> Endpoints:
    return embedded(home)


def environment(process: Process, home: Home, endpoints: Endpoints, **changes: object) -> dict[str, str]:
    wanted: dict[str, object] = {"mode": "demo", "environ": {"PATH": "/bin"}, **changes}
    return process_environment(process, endpoints=endpoints, home=home, **wanted)  # type: ignore[arg-type]


@pytest.mark.parametrize("process", Process)
def test_table_agrees_with_the_settings(process: Process) -> None:
    settled = Settled(process.value)

    assert {role.value for role in settled.roles} == set(DATABASE_ROLES[process])
    assert set(settled.queues) == set(BROKER_USERS[process])


@pytest.mark.parametrize("process", SERVED)
def test_environment_is_accepted_by_the_settings(process: Process, home: Home, endpoints: Endpoints) -> None:
    read = Environment.read(environment(process, home, endpoints))

    assert read.process.value == process.value
    assert read.key_folder == home.keys(process)
    assert all(read.brokers.values())


@pytest.mark.parametrize("process", SERVED)
def test_environment_of_a_production_process_with_a_demo_key_is_not_made(
    process: Process, home: Home, endpoints: Endpoints
) -> None:
    made = environment(process, home, endpoints, mode="production")

    assert not made.get("BUVETT_SECRET_KEY", "").startswith("demo-only-")


@pytest.mark.parametrize("process", SERVED)
def test_environment_names_no_password_file_of_another_role(process: Process, home: Home, endpoints: Endpoints) -> None:
    text = "\n".join(environment(process, home, endpoints).values())

    assert [role for role in ROLES if f"{role}.pgpass" in text] == [r for r in ROLES if r in DATABASE_ROLES[process]]


@pytest.mark.parametrize("process", SERVED)
def test_environment_holds_no_broker_password_of_another_user(
    process: Process, home: Home, endpoints: Endpoints
) -> None:
    text = "\n".join(environment(process, home, endpoints).values())

    held = {user for user, url in endpoints.brokers.items() if url in text}

    assert held == set(BROKER_USERS[process].values())


@pytest.mark.parametrize("process", SERVED)
def test_environment_of_whoever_starts_is_left_behind(process: Process, home: Home, endpoints: Endpoints) -> None:
    source = {"PATH": "/bin", "BUVETT_KMS_TOKEN": "x", "LD_PRELOAD": "y", "PGPASSWORD": "z", "PYTHONPATH": "w"}

    made = environment(process, home, endpoints, environ=source)

    assert not {"BUVETT_KMS_TOKEN", "LD_PRELOAD", "PGPASSWORD", "PYTHONPATH"} & set(made)


def test_environment_cookie_key_is_the_web_process_alone_and_stays(home: Home, endpoints: Endpoints) -> None:
    keys = [environment(process, home, endpoints).get("BUVETT_SECRET_KEY") for process in SERVED]

    assert [process for process, key in zip(SERVED, keys, strict=True) if key] == [Process.WEB]
    assert environment(Process.WEB, home, endpoints)["BUVETT_SECRET_KEY"] in keys


def test_environment_synthetic_only_when_asked_for(home: Home, endpoints: Endpoints) -> None:
    assert "BUVETT_SYNTHETIC" not in environment(Process.WEB, home, endpoints)
    assert environment(Process.WEB, home, endpoints, synthetic=True)["BUVETT_SYNTHETIC"] == "1"


def test_environment_of_another_database(home: Home, endpoints: Endpoints) -> None:
    made = environment(Process.WEB, home, endpoints, database="prøve")

    assert "@/pr%C3%B8ve?" in made["BUVETT_DATABASE_APP"]


def test_configured_nothing_is_none(home: Home) -> None:
    assert configured({"PATH": "/bin"}, home=home) is None


def test_configured_addresses_go_to_their_own_processes(home: Home) -> None:
    source = {f"BUVETT_DATABASE_{role.upper()}": f"postgresql://buvett_{role}@db/{role}" for role in ROLES}
    source |= {f"BUVETT_BROKER_{user.upper()}": f"rediss://{user}:x@broker/0" for user in ("contributor", "outbox")}

    found = configured(source, home=home)

    assert found is not None
    assert not found.embedded
    made = environment(Process.CONTRIBUTOR, home, found)
    assert {name: value for name, value in made.items() if name.startswith(("BUVETT_DATABASE", "BUVETT_BROKER"))} == {
        "BUVETT_DATABASE_CONTRIBUTOR": "postgresql://buvett_contributor@db/contributor",
        "BUVETT_DATABASE_AUDIT_WRITER": "postgresql://buvett_audit_writer@db/audit_writer",
        "BUVETT_BROKER_CONTRIBUTOR": "rediss://contributor:x@broker/0",
    }


def test_configured_in_part_names_the_missing_setting(home: Home) -> None:
    found = configured({"BUVETT_DATABASE_PUBLISHER": "postgresql://a@b/c"}, home=home)

    assert found is not None
    with pytest.raises(NoAddress, match="BUVETT_BROKER_PUBLISHER"):
        environment(Process.PUBLISHER, home, found)
    with pytest.raises(NoAddress, match="BUVETT_DATABASE_OWNER"):
        environment(Process.OWNER, home, found)


def test_configured_broker_without_database_is_refused(home: Home) -> None:
    with pytest.raises(NoAddress):
        configured({"BUVETT_BROKER_OUTBOX": "rediss://x"}, home=home)


def test_endpoints_shown_in_a_log_hide_the_broker_passwords(endpoints: Endpoints) -> None:
    secret = endpoints.broker("outbox").split(":")[2].split("@")[0]

    assert secret not in repr(endpoints)
