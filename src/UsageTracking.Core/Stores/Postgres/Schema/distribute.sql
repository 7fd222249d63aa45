-- * distribute billing_usage_records, usage_buckets and usage_event_keys by customer
-- One connection to a node: what was done over one is not seen over another before the transaction ends.
SET LOCAL citus.multi_shard_modify_mode = 'sequential';
SET LOCAL client_min_messages = warning;
DO $do$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY '{billing_usage_records,usage_buckets,usage_event_keys}'::text[] LOOP
        IF NOT EXISTS (SELECT FROM pg_dist_partition WHERE logicalrelid = name::regclass AND partmethod = 'h') THEN
            PERFORM create_distributed_table(name::regclass, 'customer_id', colocate_with => CASE name WHEN 'billing_usage_records' THEN 'none' ELSE 'billing_usage_records' END);
        END IF;
    END LOOP;
END
$do$;

-- * distribute usage_spools and usage_rejected_records by spool
-- Rows of one table with a copy on every node would make queues wait for each other.
DO $do$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_dist_partition WHERE logicalrelid = 'usage_spools'::regclass AND partmethod = 'h') THEN
        PERFORM create_distributed_table('usage_spools', 'spool_id', colocate_with => 'none');
    END IF;
    IF NOT EXISTS (SELECT FROM pg_dist_partition WHERE logicalrelid = 'usage_rejected_records'::regclass AND partmethod = 'h') THEN
        ALTER TABLE usage_rejected_records DROP CONSTRAINT usage_rejected_records_pkey, ADD PRIMARY KEY (rejected_id, spool_id);
        PERFORM create_distributed_table('usage_rejected_records', 'spool_id', colocate_with => 'usage_spools');
    END IF;
END
$do$;

-- * keep a copy of every other table on every node
-- All of them: what is on the coordinator alone is not committed together with what is on another node.
DO $do$
DECLARE
    name text;
BEGIN
    -- Citus copies columns that count by themselves only where they are bigint.
    IF EXISTS (SELECT FROM pg_attribute WHERE attrelid = 'usage_archives'::regclass AND attname = 'archive_number' AND attidentity <> '') THEN
        ALTER TABLE usage_archives ALTER archive_number DROP IDENTITY;
        CREATE SEQUENCE usage_archive_numbers AS integer OWNED BY usage_archives.archive_number;
        PERFORM setval('usage_archive_numbers', max(archive_number)) FROM usage_archives HAVING count(*) > 0;
        ALTER TABLE usage_archives ALTER archive_number SET DEFAULT nextval('usage_archive_numbers');
    END IF;
    -- By name: a table may become another one when one that it refers to is copied.
    FOR name IN
        SELECT relname FROM pg_class
        WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r' AND NOT relispartition AND NOT relation_is_a_known_shard(oid)
          AND (relname LIKE 'usage\_%' OR relname IN ('billing_customers', 'billing_plans', 'billing_subscriptions', 'billing_quotas'))
        ORDER BY oid
    LOOP
        IF NOT EXISTS (SELECT FROM pg_dist_partition WHERE logicalrelid = name::regclass AND (partmethod = 'h' OR repmodel = 't')) THEN
            PERFORM create_reference_table(name::regclass);
        END IF;
    END LOOP;
END
$do$;

-- * let usage_drop_partition ask as Citus understands it
DO $do$
BEGIN
    EXECUTE replace(pg_get_functiondef('usage_drop_partition(date)'::regprocedure), 'EXISTS (SELECT FROM %I)', 'EXISTS (SELECT 1 FROM %I)');
END
$do$;

-- * forget the rows that were moved
SELECT truncate_local_data_after_distributing_table(logicalrelid) FROM pg_dist_partition
WHERE partmethod IN ('h', 'n');
