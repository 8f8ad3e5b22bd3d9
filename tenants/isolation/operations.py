"""Migration operations that put a tenant table behind row-level security."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.migrations.operations.base import Operation

from tenants.isolation.enums import Role

# The backup role reads every row (with `pg_dump --enable-row-security`) and can write none.
RESTRICTED = tuple(role for role in Role if role is not Role.BACKUP)


class ProtectTable(Operation):
    """Composite keys, forced row security, two policies and the grants of one tenant table.

    model:       the model's name in this app.
    grants:      role → what it may do, as PostgreSQL writes it: ``{"app": "SELECT, INSERT"}``;
                 column lists are allowed: ``"SELECT (municipality_id, id, assessment)"``.
    parents:     foreign key column → table of the same municipality that it points at.
    sees_all:    roles that see the rows of every municipality (only the publisher, and only sealed contributions).
    """

    reduces_to_sql = True
    reversible = False

    def __init__(
        self,
        model: str,
        *,
        grants: Mapping[str, str],
        parents: Mapping[str, str] | None = None,
        sees_all: Sequence[str] = (),
    ) -> None:
        self.model = model
        self.grants = dict(grants)
        self.parents = dict(parents or {})
        self.sees_all = tuple(sees_all)

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        options = {"grants": self.grants, "parents": self.parents, "sees_all": self.sees_all}
        return (self.__class__.__name__, [self.model], options)

    def state_forwards(self, app_label: str, state: Any) -> None:
        """The models' state does not change: Django keeps seeing ``id`` as the primary key."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        table = to_state.apps.get_model(app_label, self.model)._meta.db_table
        for statement in self.statements(table):
            schema_editor.execute(statement)

    def describe(self) -> str:
        return f"Put {self.model} behind row-level security"

    def statements(self, table: str) -> list[str]:
        """The SQL, in order."""
        mine = "municipality_id = (SELECT isolation.current_municipality())"
        restricted = ", ".join(role.login for role in RESTRICTED if role.value not in self.sees_all)
        granted = ", ".join(Role(role).login for role in self.grants)
        sql = [
            f'ALTER TABLE "{table}" DROP CONSTRAINT "{table}_pkey"',
            f'ALTER TABLE "{table}" ADD CONSTRAINT "{table}_pkey" PRIMARY KEY (municipality_id, id)',
            *(
                f'ALTER TABLE "{table}" ADD CONSTRAINT "{table}_{column}_same_municipality"'
                f' FOREIGN KEY (municipality_id, "{column}") REFERENCES "{parent}" (municipality_id, id)'
                for column, parent in self.parents.items()
            ),
            f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY',
            f'ALTER TABLE "{table}" FORCE ROW LEVEL SECURITY',
            (
                f'CREATE POLICY one_municipality ON "{table}" AS RESTRICTIVE TO {restricted}'
                f" USING ({mine}) WITH CHECK ({mine})"
            ),
            f'CREATE POLICY granted ON "{table}" AS PERMISSIVE TO {granted} USING (true) WITH CHECK (true)',
            f'CREATE POLICY backup ON "{table}" AS PERMISSIVE FOR SELECT TO {Role.BACKUP.login} USING (true)',
            f'GRANT SELECT ON "{table}" TO {Role.BACKUP.login}',
        ]
        sql += [f'GRANT {rights} ON "{table}" TO {Role(role).login}' for role, rights in self.grants.items()]
        return sql


class GrantTable(Operation):
    """Grants on a table that holds no municipality's confidential rows."""

    reduces_to_sql = True
    reversible = False

    def __init__(self, model: str, *, grants: Mapping[str, str]) -> None:
        self.model = model
        self.grants = dict(grants)

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return (self.__class__.__name__, [self.model], {"grants": self.grants})

    def state_forwards(self, app_label: str, state: Any) -> None:
        """The models' state does not change."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        table = to_state.apps.get_model(app_label, self.model)._meta.db_table
        schema_editor.execute(f'GRANT SELECT ON "{table}" TO {Role.BACKUP.login}')
        for role, rights in self.grants.items():
            schema_editor.execute(f'GRANT {rights} ON "{table}" TO {Role(role).login}')

    def describe(self) -> str:
        return f"Grant rights on {self.model}"
