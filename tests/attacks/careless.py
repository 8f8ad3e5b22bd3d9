"""Tables as one would carelessly make them: the same row security, but each with one of the known holes.

They show that an attack works where a rule is broken; the tests then try the same attack on our own tables.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from buvett.services import Home
from tenants.isolation.enums import Role
from tests.attacks.p1_house import superuser

_MINE = "municipality_id = (SELECT isolation.current_municipality())"
_APP = Role.APP.login


def _protected(table: str) -> str:
    return f"""
        ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
        ALTER TABLE {table} FORCE ROW LEVEL SECURITY;
        CREATE POLICY one_municipality ON {table} AS RESTRICTIVE USING ({_MINE}) WITH CHECK ({_MINE});
        CREATE POLICY granted ON {table} USING (true) WITH CHECK (true);
        GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES ON {table} TO {_APP};
    """


_MAKE = f"""
    CREATE SCHEMA careless;
    GRANT USAGE, CREATE ON SCHEMA careless TO {_APP};

    -- A primary key and a unique constraint without the municipality, and a number from a sequence.
    CREATE TABLE careless.parent (
        municipality_id uuid NOT NULL, id uuid PRIMARY KEY, number bytea UNIQUE, counted bigserial);
    {_protected("careless.parent")}
    GRANT SELECT, USAGE ON SEQUENCE careless.parent_counted_seq TO {_APP};

    -- A foreign key of one column: PostgreSQL checks it without row security.
    CREATE TABLE careless.child (
        municipality_id uuid NOT NULL, id uuid PRIMARY KEY, parent_id uuid REFERENCES careless.parent (id));
    {_protected("careless.child")}

    -- No row security at all.
    CREATE TABLE careless.open (municipality_id uuid NOT NULL, word text UNIQUE CHECK (length(word) < 40));
    GRANT SELECT, INSERT ON careless.open TO {_APP};

    -- What looks with its owner's eyes.
    CREATE VIEW careless.view AS SELECT municipality_id, id, notes FROM public.register_case;
    CREATE MATERIALIZED VIEW careless.materialised AS
        SELECT municipality_id, count(*) AS cases FROM public.register_case GROUP BY municipality_id;
    CREATE FUNCTION careless.definer() RETURNS TABLE (municipality_id uuid) LANGUAGE sql SECURITY DEFINER
        AS 'SELECT municipality_id FROM public.register_case';
    GRANT SELECT ON careless.view, careless.materialised TO {_APP};

    -- A predicate that tells what it is shown: cheap, so that the planner would ask it first; one calls itself safe.
    CREATE FUNCTION careless.tell(bytea) RETURNS boolean LANGUAGE plpgsql COST 0.000001 STABLE
        AS $$ BEGIN RAISE NOTICE '%', encode($1, 'hex'); RETURN true; END $$;
    CREATE FUNCTION careless.tell_leakproof(bytea) RETURNS boolean LANGUAGE plpgsql COST 0.000001 STABLE LEAKPROOF
        AS $$ BEGIN RAISE NOTICE '%', encode($1, 'hex'); RETURN true; END $$;
"""


@contextmanager
def careless_tables(home: Home) -> Iterator[None]:
    """Make them in a schema of their own, and take them away again."""
    with superuser(home) as connection:
        connection.execute(_MAKE)
        try:
            yield
        finally:
            connection.execute("DROP SCHEMA careless CASCADE")
