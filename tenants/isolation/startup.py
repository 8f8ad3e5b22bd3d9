"""What a process checks of its own database role before it serves anything."""

from django.db import connections

from tenants.isolation.enums import Role
from tenants.isolation.errors import UnsafeRole

_DANGERS = """
SELECT r.rolsuper, r.rolbypassrls, r.rolcreaterole, r.rolcreatedb,
    EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relowner = r.oid AND n.nspname NOT IN ('pg_catalog', 'pg_toast', 'information_schema')
            AND c.relkind IN ('r', 'p', 'v', 'm')),
    EXISTS (SELECT FROM pg_namespace n WHERE n.nspname IN ('public', 'isolation')
        AND has_schema_privilege(r.oid, n.oid, 'CREATE')),
    EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = 'public' AND c.relkind = 'r' AND has_table_privilege(r.oid, c.oid, 'TRUNCATE, REFERENCES, TRIGGER')),
    EXISTS (SELECT FROM pg_auth_members m WHERE m.member = r.oid)
FROM pg_roles r WHERE r.rolname = current_user
"""
_NAMES = (
    "is superuser",
    "bypasses row security",
    "may create roles",
    "may create databases",
    "owns tables",
    "may create objects",
    "may truncate, reference or put triggers on tables",
    "is a member of another role",
)


def check_role(role: Role) -> None:
    """Raise UnsafeRole when the connection's role is not the expected one or could go round row security."""
    with connections[role.value].cursor() as cursor:
        cursor.execute("SELECT current_user, session_user")
        if cursor.fetchone() != (role.login, role.login):
            raise UnsafeRole(f"the connection {role} does not run as {role.login}")
        cursor.execute(_DANGERS)
        found = [name for name, has in zip(_NAMES, cursor.fetchone(), strict=True) if has]
    if found:
        raise UnsafeRole(f"the database role {role.login} {', '.join(found)}: refuse to start")
