"""P1: the catalogue of the migrated database, walked. A table that a later migration adds is met here."""

import re
import subprocess
from pathlib import Path

import pytest
from django.apps import apps

from tenants.isolation.enums import Role
from tenants.isolation.models import TenantModel
from tests.attacks.p1_house import superuser
from tests.conftest import ANOTHER_POSTGRES

# Tables that say something about a municipality which everybody in the region may know, with the reason. They hold no
# record and no number of a municipality's own; whatever is not here has the whole row security of a tenant table.
ABOUT_MUNICIPALITIES = {
    "access_membership": "a person's hats are read before a scope can be entered",
    "access_resetconsent": "in which municipality someone helped to let a colleague in anew",
    "agreements_agreementmember": "who has signed is public",
    "agreements_document": "that a paper exists, and until when",
    "agreements_regionmember": "who is in the region is public",
    "agreements_standingapproval": "that a leader has approved, and until when",
    "isolation_population": "statistics of SSB",
    "plans_answer": "what a chief executive answers, for the whole region to read",
    "plans_comment": "what is remarked on a sent plan, for the whole region to read",
    "releases_delivery": "whether a municipality has delivered, never what",
    "releases_planned": "that work is planned, never what it holds",
}
KEYS = "isolation.context_key"
# The publisher opens sealed contributions of every member; it sees nothing else of a municipality's.
SEES_ALL = {"releases_contribution": {Role.PUBLISHER.login}}
DEFINER_FUNCTIONS = {"isolation.current_municipality()", "isolation.current_region()"}
MINE = "(municipality_id = ( SELECT isolation.current_municipality() AS current_municipality))"


@pytest.fixture(scope="module")
def ask(installation):
    """Puts a question to the catalogue; gives all rows."""
    with superuser(installation) as connection:
        yield lambda question, **values: connection.execute(question, values or None).fetchall()


@pytest.fixture(scope="module")
def tenant_tables(ask):
    """Every table with a municipality_id, but for those that are about municipalities."""
    found = ask(
        "SELECT c.oid::regclass::text FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid"
        " WHERE a.attname = 'municipality_id' AND NOT a.attisdropped AND c.relkind IN ('r', 'p', 'f')"
    )
    return sorted({name for (name,) in found} - ABOUT_MUNICIPALITIES.keys() - {KEYS})


def test_tenant_tables_are_those_of_the_models(tenant_tables):
    models = {model._meta.db_table for model in apps.get_models() if issubclass(model, TenantModel)}

    assert set(tenant_tables) == models
    assert {"register_case", "register_person", "audit_entry", "vault_recordsalt"} <= models


def test_tables_about_municipalities_all_exist(ask):
    found = {name for (name,) in ask("SELECT c.oid::regclass::text FROM pg_class c WHERE relkind IN ('r', 'p')")}

    assert ABOUT_MUNICIPALITIES.keys() <= found


def test_tables_about_municipalities_hold_no_sealed_bytes(ask):
    found = ask(
        "SELECT c.relname, a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid"
        " WHERE c.relname = ANY(%(tables)s) AND a.atttypid IN ('bytea'::regtype, 'json'::regtype, 'jsonb'::regtype)",
        tables=list(ABOUT_MUNICIPALITIES),
    )

    assert found == []


def test_row_security_is_on_and_forced_for_every_tenant_table(ask, tenant_tables):
    found = ask(
        "SELECT c.relname::text FROM pg_class c WHERE c.relname = ANY(%(tables)s)"
        " AND c.relrowsecurity AND c.relforcerowsecurity",
        tables=tenant_tables,
    )

    assert sorted(name for (name,) in found) == tenant_tables


def policies(ask, table):
    """Name → (permissive, command, roles, using, check) of one table."""
    found = ask(
        "SELECT policyname::text, permissive, cmd, roles::text[], qual, with_check FROM pg_policies"
        " WHERE tablename = %(table)s",
        table=table,
    )
    return {name: (kind, command, set(roles), using, check) for name, kind, command, roles, using, check in found}


def grantees(ask, table):
    """Roles with any right on the table or on one of its columns, its owner left out."""
    found = ask(
        "SELECT DISTINCT pg_get_userbyid(acl.grantee)::text FROM pg_class c"
        " CROSS JOIN LATERAL (SELECT c.relacl AS rights UNION ALL SELECT a.attacl FROM pg_attribute a"
        "   WHERE a.attrelid = c.oid AND a.attacl IS NOT NULL) AS r"
        " CROSS JOIN LATERAL aclexplode(r.rights) AS acl"
        " WHERE c.relname = %(table)s AND acl.grantee <> c.relowner",
        table=table,
    )
    return {name for (name,) in found}


def test_every_tenant_table_has_these_three_policies_and_no_other(ask, tenant_tables):
    everybody = {role.login for role in Role} - {Role.BACKUP.login}
    for table in tenant_tables:
        holders = grantees(ask, table)
        assert "PUBLIC" not in holders
        assert "unknown (OID=0)" not in holders  # PUBLIC, as pg_get_userbyid calls it
        assert policies(ask, table) == {
            "one_municipality": ("RESTRICTIVE", "ALL", everybody - SEES_ALL.get(table, set()), MINE, MINE),
            "granted": ("PERMISSIVE", "ALL", holders - {Role.BACKUP.login}, "true", "true"),
            "backup": ("PERMISSIVE", "SELECT", {Role.BACKUP.login}, "true", None),
        }, table


def test_who_sees_all_municipalities_may_only_read(ask):
    for table, roles in SEES_ALL.items():
        for role in roles:
            assert ask(
                "SELECT has_table_privilege(%(role)s, %(table)s, 'INSERT, UPDATE, DELETE')", role=role, table=table
            ) == [(False,)]


def test_every_unique_index_of_a_tenant_table_begins_with_the_municipality(ask, tenant_tables):
    found = ask(
        "SELECT i.indexrelid::regclass::text, a.attname::text FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid"
        " LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0]"
        " WHERE c.relname = ANY(%(tables)s) AND (i.indisunique OR i.indisexclusion)",
        tables=tenant_tables,
    )

    assert len(found) >= len(tenant_tables)
    assert [name for name, first in found if first != "municipality_id"] == []


def test_every_primary_key_is_municipality_and_id(ask, tenant_tables):
    found = ask(
        "SELECT conrelid::regclass::text, pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE contype = 'p' AND conrelid::regclass::text = ANY(%(tables)s)",
        tables=tenant_tables,
    )

    assert sorted(found) == [(table, "PRIMARY KEY (municipality_id, id)") for table in tenant_tables]


def test_every_foreign_key_to_a_tenant_table_is_composite(ask, tenant_tables):
    found = ask(
        "SELECT k.conrelid::regclass::text, a.attname::text, k.confrelid::regclass::text, cardinality(k.conkey),"
        "   own.attname::text, parent.attname::text, k.convalidated, k.confdeltype IN ('a', 'r')"
        " FROM pg_constraint k"
        " JOIN pg_attribute own ON own.attrelid = k.conrelid AND own.attnum = k.conkey[1]"
        " JOIN pg_attribute parent ON parent.attrelid = k.confrelid AND parent.attnum = k.confkey[1]"
        " LEFT JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[2]"
        " WHERE k.contype = 'f' AND k.confrelid::regclass::text = ANY(%(tables)s)",
        tables=tenant_tables,
    )
    # What the models point at, so that a key that a migration forgot is found too.
    pointers = {
        (model._meta.db_table, field.column, field.related_model._meta.db_table)
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if field.is_relation and field.related_model._meta.db_table in tenant_tables
    }

    assert {row[:3] for row in found} == pointers
    assert {row[3:] for row in found} == {(2, "municipality_id", "municipality_id", True, True)}


def test_no_tenant_table_uses_a_sequence(ask, tenant_tables):
    found = ask(
        "SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid"
        " LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum"
        " WHERE c.relname = ANY(%(tables)s)"
        " AND (a.attidentity <> '' OR pg_get_expr(d.adbin, d.adrelid) LIKE '%%nextval%%')",
        tables=tenant_tables,
    )

    assert found == []


def test_no_tenant_table_inherits_or_is_inherited(ask):
    assert ask("SELECT inhrelid::regclass FROM pg_inherits JOIN pg_class ON oid = inhrelid WHERE relkind = 'r'") == []


def test_no_rule_rewrites_a_table(ask):
    found = ask(
        "SELECT r.rulename FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class"
        " JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE c.relkind <> 'v' AND n.nspname NOT IN ('pg_catalog', 'information_schema')"
    )

    assert found == []


def test_views_look_with_the_eyes_of_who_asks(ask):
    found = ask(
        "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE c.relkind = 'v' AND n.nspname NOT IN ('pg_catalog', 'information_schema')"
        " AND NOT coalesce('security_invoker=true' = ANY (c.reloptions), false)"
    )

    assert found == []


def test_no_materialised_view_nor_foreign_table_exists(ask):
    assert ask("SELECT relname FROM pg_class WHERE relkind IN ('m', 'f')") == []


def test_definer_functions_are_those_allowed(ask):
    found = ask(
        "SELECT n.nspname || '.' || p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ')',"
        "   pg_get_userbyid(p.proowner)::text, p.proconfig, p.provolatile::text, p.proleakproof, p.proparallel::text"
        " FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE p.prosecdef"
    )

    assert {row[0] for row in found} == DEFINER_FUNCTIONS
    assert {row[1] for row in found} == {"buvett_definer"}
    for name, _, settings, volatile, leakproof, parallel in found:
        (path,) = settings
        assert path.startswith("search_path=pg_catalog"), name
        assert path.endswith(", pg_temp"), name
        assert (volatile, leakproof, parallel) == ("s", False, "r"), name


def test_definer_functions_run_for_our_roles_only(ask):
    found = ask(
        "SELECT DISTINCT acl.grantee::regrole::text FROM pg_proc p CROSS JOIN LATERAL"
        " aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) AS acl WHERE p.prosecdef"
    )

    assert {name for (name,) in found} == {role.login for role in Role} | {"buvett_definer"}


def test_no_function_of_ours_is_leakproof_and_each_has_its_search_path(ask):
    found = ask(
        "SELECT p.proname, p.proleakproof, p.proconfig FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace"
        " WHERE n.nspname NOT IN ('pg_catalog', 'information_schema')"
    )

    assert found != []
    for name, leakproof, settings in found:
        assert not leakproof, name
        assert any(setting.startswith("search_path=") and setting.endswith(" pg_temp") for setting in settings), name


def test_definer_owns_no_table_and_cannot_log_in(ask):
    assert ask("SELECT relname FROM pg_class WHERE relowner = 'buvett_definer'::regrole") == []
    assert ask(
        "SELECT rolcanlogin, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication FROM pg_roles"
        " WHERE rolname = 'buvett_definer'"
    ) == [(False,) * 6]
    assert ask("SELECT 1 FROM pg_auth_members WHERE member = 'buvett_definer'::regrole") == []
    assert (
        ask(
            "SELECT n.nspname FROM pg_namespace n WHERE n.nspname !~ '^pg_(toast|temp)'"
            " AND has_schema_privilege('buvett_definer', n.oid, 'CREATE')"
        )
        == []
    )


def test_key_table_is_granted_to_the_definer_for_reading_only(ask):
    found = ask(
        "SELECT acl.grantee::regrole::text, acl.privilege_type FROM pg_class c CROSS JOIN LATERAL aclexplode(c.relacl)"
        " AS acl WHERE c.oid = 'isolation.context_key'::regclass AND acl.grantee <> c.relowner"
    )

    assert found == [("buvett_definer", "SELECT")]
    assert (
        ask(
            "SELECT attname FROM pg_attribute WHERE attrelid = 'isolation.context_key'::regclass AND attacl IS NOT NULL"
        )
        == []
    )


def test_key_table_has_no_keys_for_roles_that_enter_no_scope(ask, municipality):
    found = ask(
        "SELECT role::text FROM isolation.context_key WHERE municipality_id = %(id)s ORDER BY 1", id=municipality.id
    )

    assert [role for (role,) in found] == [
        "buvett_app",
        "buvett_audit_reader",
        "buvett_audit_writer",
        "buvett_contributor",
    ]


def test_roles_have_none_of_the_rights_that_go_round(ask):
    for role in Role:
        attributes = ask(
            "SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication FROM pg_roles"
            " WHERE rolname = %(role)s",
            role=role.login,
        )
        assert attributes == [(False,) * 5], role
        owned = ask("SELECT relname FROM pg_class WHERE relowner = %(role)s::regrole", role=role.login)
        assert (owned != []) == (role is Role.OWNER), role


def test_serving_roles_can_create_nothing_and_truncate_nothing(ask):
    serving = [role.login for role in Role if role is not Role.OWNER]
    assert (
        ask("SELECT m.member FROM pg_auth_members m WHERE m.member::regrole::text = ANY(%(roles)s)", roles=serving)
        == []
    )
    for role in serving:
        assert ask("SELECT has_database_privilege(%(role)s, 'buvett', 'CREATE, TEMPORARY')", role=role) == [(False,)]
        assert (
            ask(
                "SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_(toast|temp)'"
                " AND has_schema_privilege(%(role)s, oid, 'CREATE')",
                role=role,
            )
            == []
        )
        assert (
            ask(
                "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
                " WHERE c.relkind IN ('r', 'p') AND n.nspname IN ('public', 'isolation')"
                " AND (has_table_privilege(%(role)s, c.oid, 'TRUNCATE, TRIGGER')"
                "   OR has_any_column_privilege(%(role)s, c.oid, 'REFERENCES'))",
                role=role,
            )
            == []
        )


def test_regional_reader_can_read_no_tenant_table(ask, tenant_tables):
    readable = [
        table
        for table in tenant_tables
        if ask("SELECT has_any_column_privilege('buvett_reader', %(table)s, 'SELECT')", table=table) == [(True,)]
    ]

    assert readable == []


def test_audit_entries_can_only_be_added(ask):
    """Whoever adds them reads none, and the one role that reads them adds none."""
    for role in Role:
        if role in {Role.OWNER, Role.BACKUP}:
            continue
        rights = "INSERT, UPDATE" if role is Role.AUDIT_READER else "SELECT, UPDATE"
        assert ask(
            "SELECT has_any_column_privilege(%(role)s, 'audit_entry', %(rights)s)"
            " OR has_table_privilege(%(role)s, 'audit_entry', 'DELETE')",
            role=role.login,
            rights=rights,
        ) == [(False,)], role


def test_audit_reader_can_read_entries_and_no_other_tenant_table(ask, tenant_tables):
    readable = [
        table
        for table in tenant_tables
        if ask("SELECT has_any_column_privilege('buvett_audit_reader', %(table)s, 'SELECT')", table=table) == [(True,)]
    ]

    assert readable == ["audit_entry"]


def test_large_objects_and_publications_are_none(ask):
    assert ask("SELECT oid FROM pg_largeobject_metadata") == []
    assert ask("SELECT pubname FROM pg_publication") == []
    assert ask("SELECT evtname FROM pg_event_trigger") == []


def test_extensions_are_none_but_plpgsql(ask):
    assert ask("SELECT extname::text FROM pg_extension") == [("plpgsql",)]


def test_server_is_the_one_that_was_asked_for(ask):
    """With BUVETT_PG_BIN all of this runs on the distribution's server; without it on the wheel's."""
    [(version,)] = ask("SHOW server_version")
    if ANOTHER_POSTGRES:
        program = Path(ANOTHER_POSTGRES["BUVETT_PG_BIN"]) / "postgres"
        said = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
        assert version.split()[0] in said
    assert 15 <= int(re.split(r"\D", version)[0]) <= 18


def test_setting_of_the_scope_is_written_in_one_place_only():
    """A setting of the session, and not of the transaction, would go to the next client of a pooled connection."""
    root = Path(__file__).parents[2]
    found = {
        str(path.relative_to(root)): path.read_text(encoding="utf-8")
        for folder in ("tenants", "platform")
        for path in (root / folder).rglob("*.py")
    }
    writers = {name: text for name, text in found.items() if "set_config" in text or "SET buvett." in text}

    assert len(found) > 50
    assert list(writers) == ["tenants/isolation/context.py"]
    assert writers["tenants/isolation/context.py"].count("set_config(%s, %s, true)") == 1
