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

# PARALLEL RESTRICTED: a parallel worker has another pid; the leader evaluates it and hands the answer on.
CURRENT_MUNICIPALITY = """
CREATE FUNCTION isolation.current_municipality() RETURNS uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL RESTRICTED
SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    token text := nullif(pg_catalog.current_setting('buvett.context', true), '');
    part text[];
    key record;
    message text;
    now_seconds bigint := extract(epoch FROM pg_catalog.clock_timestamp())::bigint;
    started bigint := (extract(epoch FROM pg_catalog.transaction_timestamp()) * 1000000)::bigint;
BEGIN
    IF token IS NULL THEN
        RETURN NULL;
    END IF;
    BEGIN
        part := pg_catalog.string_to_array(token, '|');
        IF pg_catalog.cardinality(part) = 8 AND part[1] = '1' THEN
            SELECT k.inner_block, k.outer_block INTO STRICT key FROM isolation.context_key AS k
                WHERE k.municipality_id = part[2]::uuid AND k.role = session_user;
            message := pg_catalog.array_to_string(part[1:7], '|');
            -- Both sides hashed once more, so that the time of the comparison tells nothing.
            IF pg_catalog.sha256(pg_catalog.sha256(key.outer_block || pg_catalog.sha256(
                    key.inner_block || pg_catalog.convert_to(message, 'UTF8'))))
                    = pg_catalog.sha256(pg_catalog.decode(part[8], 'hex'))
                AND part[5]::bigint BETWEEN now_seconds AND now_seconds + 900
                AND part[6]::integer = pg_catalog.pg_backend_pid()
                AND part[7]::bigint = started
            THEN
                RETURN part[2]::uuid;
            END IF;
        END IF;
    EXCEPTION WHEN OTHERS THEN
        NULL;
    END;
    RAISE EXCEPTION 'no valid scope' USING ERRCODE = 'insufficient_privilege';
END
$function$;
-- A function's new owner must be able to create in its schema at that moment, and never after.
GRANT CREATE ON SCHEMA isolation TO buvett_definer;
ALTER FUNCTION isolation.current_municipality() OWNER TO buvett_definer;
REVOKE CREATE ON SCHEMA isolation FROM buvett_definer;
REVOKE ALL ON FUNCTION isolation.current_municipality() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION isolation.current_municipality() TO buvett_owner, buvett_app, buvett_contributor,
    buvett_publisher, buvett_reader, buvett_outbox, buvett_audit_writer, buvett_backup;
"""
