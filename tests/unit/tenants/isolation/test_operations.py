from django.db.migrations.state import ModelState, ProjectState

from tenants.isolation.enums import Role
from tenants.isolation.operations import RESTRICTED, GrantTable, ProtectTable

OPERATION = ProtectTable(
    "Thing",
    grants={"app": "SELECT, INSERT", "publisher": "SELECT"},
    parents={"case_id": "register_case"},
    sees_all=["publisher"],
)


def test_backup_is_the_only_role_without_the_restriction():
    assert set(Role) - set(RESTRICTED) == {Role.BACKUP}


def test_statements_of_a_table_in_order():
    sql = OPERATION.statements("app_thing")

    assert [statement.split(" app_thing")[0].split(' "app_thing"')[0] for statement in sql] == [
        "ALTER TABLE",
        "ALTER TABLE",
        "ALTER TABLE",
        "ALTER TABLE",
        "ALTER TABLE",
        "CREATE POLICY one_municipality ON",
        "CREATE POLICY granted ON",
        "CREATE POLICY backup ON",
        "GRANT SELECT ON",
        "GRANT SELECT, INSERT ON",
        "GRANT SELECT ON",
    ]
    assert sql[1].endswith("PRIMARY KEY (municipality_id, id)")
    assert sql[2].endswith('FOREIGN KEY (municipality_id, "case_id") REFERENCES "register_case" (municipality_id, id)')


def test_role_that_sees_all_is_not_restricted_and_every_other_is():
    (restriction,) = [s for s in OPERATION.statements("t") if "one_municipality" in s]

    to = restriction.split(" TO ")[1].split(" USING ")[0].split(", ")
    assert set(to) == {role.login for role in Role} - {"buvett_backup", "buvett_publisher"}
    assert restriction.count("isolation.current_municipality()") == 2


def test_restriction_is_asked_once_a_statement():
    """A sub-select is evaluated once; a bare call would be asked for each row."""
    (restriction,) = [s for s in OPERATION.statements("t") if "one_municipality" in s]

    assert "USING (municipality_id = (SELECT isolation.current_municipality()))" in restriction
    assert "WITH CHECK (municipality_id = (SELECT isolation.current_municipality()))" in restriction


def test_operations_leave_the_state_alone():
    state = ProjectState()
    state.add_model(ModelState("app", "Thing", []))
    before = state.clone()

    OPERATION.state_forwards("app", state)
    GrantTable("Thing", grants={"app": "SELECT"}).state_forwards("app", state)

    assert state == before


def test_operations_are_written_again_as_they_were():
    for operation in (OPERATION, GrantTable("Thing", grants={"app": "SELECT"})):
        name, positional, named = operation.deconstruct()
        assert name == type(operation).__name__
        assert type(operation)(*positional, **named).deconstruct() == (name, positional, named)
        assert "Thing" in operation.describe()
        assert not operation.reversible
