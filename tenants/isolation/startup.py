"""What a process checks of its own database role, and of the server's logs, before it serves anything."""

from django.db import connections

from tenants.isolation.enums import Role
from tenants.isolation.errors import UnsafeRole

# Asked as the role itself: has_…_privilege also counts what PUBLIC has.
_DANGERS = {
    "is superuser": "r.rolsuper",
    "bypasses row security": "r.rolbypassrls",
    "may create roles": "r.rolcreaterole",
    "may create databases": "r.rolcreatedb",
    "may replicate the whole cluster": "r.rolreplication",
    "is a member of another role": "EXISTS (SELECT FROM pg_auth_members AS m WHERE m.member = r.oid)",
    "owns objects": """EXISTS (SELECT FROM pg_shdepend AS d WHERE d.refclassid = 'pg_authid'::regclass
        AND d.refobjid = r.oid AND d.deptype = 'o'
        AND d.classid IN ('pg_class'::regclass, 'pg_proc'::regclass, 'pg_namespace'::regclass, 'pg_database'::regclass))
    """,
    "may create objects": """has_database_privilege(r.oid, current_database(), 'CREATE, TEMPORARY')
        OR EXISTS (SELECT FROM pg_namespace AS n WHERE n.nspname !~ '^pg_(toast|temp)'
            AND has_schema_privilege(r.oid, n.oid, 'CREATE'))""",
    "may truncate, reference or put triggers on tables": """EXISTS (SELECT FROM pg_class AS c
        JOIN pg_namespace AS n ON n.oid = c.relnamespace
        WHERE n.nspname IN ('public', 'isolation') AND c.relkind IN ('r', 'p')
            AND (has_table_privilege(r.oid, c.oid, 'TRUNCATE, TRIGGER')
                OR has_any_column_privilege(r.oid, c.oid, 'REFERENCES')))""",
    "reads or writes the keys of scopes": """has_any_column_privilege(r.oid, 'isolation.context_key', 'SELECT, UPDATE')
        OR has_table_privilege(r.oid, 'isolation.context_key', 'INSERT, DELETE')""",
    "meets a tenant table without forced row security": """EXISTS (SELECT FROM pg_policy AS p
        JOIN pg_class AS c ON c.oid = p.polrelid
        WHERE p.polname = 'one_municipality' AND NOT (c.relrowsecurity AND c.relforcerowsecurity))""",
    # PostgreSQL's own default is to log them: a slow statement would put its values, or a scope's token, in a file.
    "runs where bound values are logged (set log_parameter_max_length and …_on_error to 0)": """
        current_setting('log_parameter_max_length') <> '0'
        OR current_setting('log_parameter_max_length_on_error') <> '0'""",
}
_ASKED = ", ".join(f"({asked})" for asked in _DANGERS.values())
_QUESTION = f"SELECT {_ASKED} FROM pg_roles AS r WHERE r.rolname = current_user"  # noqa: S608 - our own text


def check_role(role: Role) -> None:
    """Raise UnsafeRole when the connection's role is not the expected one or could go round row security."""
    with connections[role.value].cursor() as cursor:
        cursor.execute("SELECT current_user, session_user")
        if cursor.fetchone() != (role.login, role.login):
            raise UnsafeRole(f"the connection {role} does not run as {role.login}")
        cursor.execute(_QUESTION)
        found = [danger for danger, has in zip(_DANGERS, cursor.fetchone(), strict=True) if has]
    if found:
        raise UnsafeRole(f"the database role {role.login} {', '.join(found)}: refuse to start")
