-- What was copied and compared is dropped; then the indexes may have its names.
DO $do$
DECLARE
    now_named text[];
    to_be_named text[];
BEGIN
    SELECT array_agg(twin.relname), array_agg(CASE WHEN x.indisprimary THEN 'billing_usage_records_usage_id_idx' ELSE old.relname END)
    INTO now_named, to_be_named
    FROM pg_index t JOIN pg_class twin ON twin.oid = t.indexrelid
    JOIN pg_class old ON twin.relname = 'usage_partition_' || old.oid
    JOIN pg_index x ON x.indexrelid = old.oid
    WHERE t.indrelid = 'billing_usage_records'::regclass;
    now_named := now_named || 'billing_usage_records_partitioned_pkey'::text;
    to_be_named := to_be_named || 'billing_usage_records_pkey'::text;
    DROP TABLE IF EXISTS billing_usage_records_unpartitioned;
    FOR i IN 1 .. cardinality(now_named) LOOP
        IF to_regclass(quote_ident(now_named[i])) IS NOT NULL AND to_regclass(quote_ident(to_be_named[i])) IS NULL THEN
            EXECUTE format('ALTER INDEX %I RENAME TO %I', now_named[i], to_be_named[i]);
        END IF;
    END LOOP;
    IF to_regclass('billing_usage_records_untimed') IS NOT NULL THEN
        IF NOT EXISTS (SELECT FROM billing_usage_records_untimed) THEN
            DROP TABLE billing_usage_records_untimed;
        END IF;
    END IF;
END
$do$;
DROP TABLE IF EXISTS usage_partition_changes;
DROP FUNCTION IF EXISTS usage_note_partition_change();
DELETE FROM usage_settings WHERE name LIKE 'partition.%';
