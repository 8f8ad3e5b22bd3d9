"""The database side of a scope: keys that nobody may read, and the function that every policy asks."""

SCHEMA = """
CREATE SCHEMA isolation;
REVOKE ALL ON SCHEMA isolation FROM PUBLIC;
GRANT USAGE ON SCHEMA isolation TO buvett_app, buvett_contributor, buvett_publisher, buvett_reader,
    buvett_outbox, buvett_audit_writer, buvett_backup, buvett_definer;

-- One row per municipality and login role: the two blocks of HMAC-SHA256. Granted to the definer alone, left out of
-- dumps (the backup role cannot read it) and provisioned anew on restore.
CREATE TABLE isolation.context_key (
    municipality_id uuid NOT NULL,
    role name NOT NULL,
    inner_block bytea NOT NULL CHECK (length(inner_block) = 64),
    outer_block bytea NOT NULL CHECK (length(outer_block) = 64),
    PRIMARY KEY (municipality_id, role)
);
REVOKE ALL ON isolation.context_key FROM PUBLIC;
GRANT SELECT ON isolation.context_key TO buvett_definer;
"""

# PARALLEL RESTRICTED: a parallel worker has another pid; the leader asks and hands on the answer.
# A part is cast only once its form is checked or it is known to be signed, so that every failure is the one error.
# No EXCEPTION block: a subtransaction cannot start in a parallel operation (found on PostgreSQL 15). No regular
# expression: it took longer than all the rest. No backslash: its meaning in a literal is a setting of the session.
_SIGNED = """
CREATE FUNCTION isolation.{function}() RETURNS uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL RESTRICTED
SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    token text := nullif(pg_catalog.current_setting('{setting}', true), '');
    part text[];
    inner_key bytea;
    outer_key bytea;
    signature text;
    now_seconds bigint;
BEGIN
    IF token IS NULL THEN
        RETURN NULL;
    END IF;
    part := pg_catalog.string_to_array(token, '|');
    IF pg_catalog.cardinality(part) = 8 AND part[1] = '{mark}'
        AND part[2] LIKE '________-____-____-____-____________'
        AND pg_catalog.translate(part[2], '0123456789abcdef', '') = '----'
    THEN
        SELECT k.inner_block, k.outer_block INTO inner_key, outer_key FROM isolation.context_key AS k
            WHERE {whose};
        signature := pg_catalog.encode(pg_catalog.sha256(outer_key || pg_catalog.sha256(inner_key
            || pg_catalog.convert_to(pg_catalog.array_to_string(part[1:7], '|'), 'UTF8'))), 'hex');
        -- Both sides hashed once more, so that the time of the comparison tells nothing. Without a key: null, not true.
        IF pg_catalog.sha256(pg_catalog.convert_to(signature, 'UTF8'))
                = pg_catalog.sha256(pg_catalog.convert_to(part[8], 'UTF8'))
            AND part[6] = pg_catalog.pg_backend_pid()::text
            AND part[7] = (extract(epoch FROM pg_catalog.transaction_timestamp()) * 1000000)::bigint::text
        THEN
            now_seconds := extract(epoch FROM pg_catalog.clock_timestamp())::bigint;
            IF part[5]::bigint BETWEEN now_seconds AND now_seconds + 900 THEN
                RETURN part[2]::uuid;
            END IF;
        END IF;
    END IF;
    RAISE EXCEPTION 'no valid scope' USING ERRCODE = 'insufficient_privilege';
END
$function$;
-- A function's new owner must be able to create in its schema at that moment, and never after.
GRANT CREATE ON SCHEMA isolation TO buvett_definer;
ALTER FUNCTION isolation.{function}() OWNER TO buvett_definer;
REVOKE CREATE ON SCHEMA isolation FROM buvett_definer;
REVOKE ALL ON FUNCTION isolation.{function}() FROM PUBLIC;
"""

CURRENT_MUNICIPALITY = (
    _SIGNED.format(
        function="current_municipality",
        setting="buvett.context",
        mark="1",
        whose="k.municipality_id = part[2]::uuid AND k.role = session_user",
    )
    + """
GRANT EXECUTE ON FUNCTION isolation.current_municipality() TO buvett_owner, buvett_app, buvett_contributor,
    buvett_publisher, buvett_reader, buvett_outbox, buvett_audit_writer, buvett_backup;
"""
)

# A region's own rows (what its people write together) are behind a scope of their own, which no municipality's can
# stand for: another setting, another mark in what is signed, another key. Its key lies beside the others under a name
# that no role has: the web writes and the reader reads under the same.
REGION = (
    _SIGNED.format(
        function="current_region",
        setting="buvett.region",
        mark="2",
        whose="k.municipality_id = part[2]::uuid AND k.role = 'region'",
    )
    + """
GRANT EXECUTE ON FUNCTION isolation.current_region() TO buvett_owner, buvett_app, buvett_reader, buvett_backup;
"""
)
