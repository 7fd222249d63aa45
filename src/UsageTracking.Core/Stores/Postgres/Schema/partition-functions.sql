-- What a session needs that partitions the table; gone with the session.
-- The columns that are written: a generated one is computed anew.
CREATE OR REPLACE FUNCTION pg_temp.usage_partition_columns() RETURNS text LANGUAGE sql AS $body$
    SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum)
    FROM pg_attribute WHERE attrelid = 'billing_usage_records'::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
$body$;

-- What the copy was made after: where somebody alters the table meanwhile, it is not that table's copy any more.
CREATE OR REPLACE FUNCTION pg_temp.usage_partition_shape() RETURNS text LANGUAGE sql AS $body$
    SELECT md5(concat(
        (SELECT string_agg(concat_ws(' ', a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attcollation, pg_get_expr(d.adbin, d.adrelid)), ',' ORDER BY a.attnum)
         FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
         WHERE a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped),
        (SELECT string_agg(pg_get_indexdef(indexrelid), ',' ORDER BY indexrelid) FROM pg_index WHERE indrelid = t.oid AND indisvalid),
        (SELECT string_agg(pg_get_constraintdef(c.oid), ',' ORDER BY c.oid) FROM pg_constraint c WHERE c.conrelid = t.oid)))
    FROM pg_class t WHERE t.oid = 'billing_usage_records'::regclass
$body$;

CREATE OR REPLACE FUNCTION pg_temp.usage_partition_owner() RETURNS name LANGUAGE sql AS $body$
    SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = 'billing_usage_records'::regclass
$body$;

-- Any month: usage_ensure_partition makes only those that a writer of today needs.
CREATE OR REPLACE FUNCTION pg_temp.usage_partition_month(month timestamptz) RETURNS void LANGUAGE plpgsql AS $body$
DECLARE
    partition_name text := 'billing_usage_records_' || to_char(month AT TIME ZONE 'UTC', 'YYYY_MM');
BEGIN
    IF EXISTS (SELECT FROM pg_inherits WHERE inhparent = 'billing_usage_records_partitioned'::regclass AND inhrelid = to_regclass(quote_ident(partition_name))) THEN
        RETURN;
    END IF;
    EXECUTE format('CREATE TABLE %I (LIKE billing_usage_records_partitioned INCLUDING ALL)', partition_name);
    IF pg_temp.usage_partition_owner() <> current_user THEN
        EXECUTE format('ALTER TABLE %I OWNER TO %I', partition_name, pg_temp.usage_partition_owner());
    END IF;
    EXECUTE format('ALTER TABLE billing_usage_records_partitioned ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
        partition_name, month, ((month AT TIME ZONE 'UTC') + interval '1 month') AT TIME ZONE 'UTC');
END
$body$;

-- Writes rows, of which the copy has none, as they are now. Those without a time have no place in a month.
CREATE OR REPLACE FUNCTION pg_temp.usage_partition_write(condition text, low bigint, high bigint, ids bigint[]) RETURNS bigint LANGUAGE plpgsql AS $body$
DECLARE
    columns text := pg_temp.usage_partition_columns();
    month timestamptz;
    written bigint;
    untimed bigint;
BEGIN
    FOR month IN EXECUTE 'SELECT DISTINCT date_trunc(''month'', recorded_at, ''UTC'') FROM billing_usage_records WHERE isfinite(recorded_at) AND ' || condition
        USING low, high, ids
    LOOP
        PERFORM pg_temp.usage_partition_month(month);
    END LOOP;
    EXECUTE format('INSERT INTO billing_usage_records_partitioned (%1$s) SELECT %1$s FROM billing_usage_records WHERE isfinite(recorded_at) AND %2$s', columns, condition)
        USING low, high, ids;
    GET DIAGNOSTICS written = ROW_COUNT;
    EXECUTE format('INSERT INTO billing_usage_records_untimed (%1$s) SELECT %1$s FROM billing_usage_records WHERE isfinite(recorded_at) IS NOT TRUE AND %2$s', columns, condition)
        USING low, high, ids;
    GET DIAGNOSTICS untimed = ROW_COUNT;
    RETURN written + untimed;
END
$body$;

-- Copies the next rows by their ids; null where none is left. How far it came is kept with them.
CREATE OR REPLACE FUNCTION pg_temp.usage_partition_copy(most int) RETURNS bigint LANGUAGE plpgsql AS $body$
DECLARE
    low bigint := (SELECT value FROM usage_settings WHERE name = 'partition.position');
    high bigint;
    written bigint;
BEGIN
    SELECT max(usage_id) INTO high FROM (
        SELECT usage_id FROM billing_usage_records
        WHERE usage_id > low AND usage_id <= (SELECT value::bigint FROM usage_settings WHERE name = 'partition.until')
        ORDER BY usage_id LIMIT most) next;
    IF high IS NULL THEN
        RETURN NULL;
    END IF;
    written := pg_temp.usage_partition_write('usage_id > $1 AND usage_id <= $2', low, high, NULL);
    UPDATE usage_settings SET value = high, updated_at = now() WHERE name = 'partition.position';
    RETURN written;
END
$body$;

-- Brings rows that were changed since they were copied to what they are now; returns how many changes that were.
-- In whatever order: a change that is not visible yet comes with a note of its own.
CREATE OR REPLACE FUNCTION pg_temp.usage_partition_replay(most int) RETURNS bigint LANGUAGE plpgsql AS $body$
DECLARE
    taken bigint;
    ids bigint[];
BEGIN
    WITH gone AS (
        DELETE FROM usage_partition_changes
        WHERE change_id IN (SELECT change_id FROM usage_partition_changes ORDER BY change_id LIMIT most)
        RETURNING usage_id
    )
    SELECT count(*), array_agg(DISTINCT usage_id) INTO taken, ids FROM gone;
    IF taken > 0 THEN
        DELETE FROM billing_usage_records_partitioned WHERE usage_id = ANY (ids);
        DELETE FROM billing_usage_records_untimed WHERE usage_id = ANY (ids);
        PERFORM pg_temp.usage_partition_write('usage_id = ANY ($3)', NULL, NULL, ids);
    END IF;
    RETURN taken;
END
$body$;
