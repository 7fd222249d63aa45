-- Whoever writes waits here for a moment; whatever is changed from then on is noted.
LOCK TABLE billing_usage_records IN SHARE ROW EXCLUSIVE MODE;
CREATE TABLE billing_usage_records_partitioned (
    LIKE billing_usage_records INCLUDING ALL EXCLUDING INDEXES,
    PRIMARY KEY (recorded_at, usage_id, customer_id)
) PARTITION BY RANGE (recorded_at);
CREATE TABLE billing_usage_records_untimed (LIKE billing_usage_records, PRIMARY KEY (usage_id));
COMMENT ON TABLE billing_usage_records_untimed IS 'Records without a time, which no partition takes and no report counts';
CREATE TABLE usage_partition_changes (
    change_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    usage_id  bigint NOT NULL
);

-- With its owner's rights: a writer needs none on the notes.
CREATE FUNCTION usage_note_partition_change() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $body$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO usage_partition_changes (usage_id) SELECT usage_id FROM added;
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO usage_partition_changes (usage_id) SELECT usage_id FROM removed;
    ELSIF TG_OP = 'UPDATE' THEN
        INSERT INTO usage_partition_changes (usage_id) SELECT usage_id FROM added UNION SELECT usage_id FROM removed;
    ELSE
        TRUNCATE billing_usage_records_partitioned, billing_usage_records_untimed, usage_partition_changes;
    END IF;
    RETURN NULL;
END
$body$;
CREATE TRIGGER usage_note_inserts AFTER INSERT ON billing_usage_records REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION usage_note_partition_change();
CREATE TRIGGER usage_note_updates AFTER UPDATE ON billing_usage_records REFERENCING NEW TABLE AS added OLD TABLE AS removed
    FOR EACH STATEMENT EXECUTE FUNCTION usage_note_partition_change();
CREATE TRIGGER usage_note_deletes AFTER DELETE ON billing_usage_records REFERENCING OLD TABLE AS removed
    FOR EACH STATEMENT EXECUTE FUNCTION usage_note_partition_change();
CREATE TRIGGER usage_note_truncates AFTER TRUNCATE ON billing_usage_records
    FOR EACH STATEMENT EXECUTE FUNCTION usage_note_partition_change();

DO $do$
DECLARE
    owner name := pg_temp.usage_partition_owner();
    given record;
BEGIN
    EXECUTE format('ALTER FUNCTION usage_note_partition_change() SET search_path = %I, pg_temp', current_schema());
    FOR given IN SELECT tgname FROM pg_trigger WHERE tgrelid = 'billing_usage_records'::regclass AND tgname LIKE 'usage\_note\_%' LOOP
        EXECUTE format('ALTER TABLE billing_usage_records ENABLE ALWAYS TRIGGER %I', given.tgname);
    END LOOP;

    -- A key without the time cannot be unique over months; its index stays. Each gets its old name when that is free.
    FOR given IN
        SELECT 'usage_partition_' || indexrelid AS name,
               CASE WHEN indisunique AND attnum = ANY ((indkey::int2[])[0:indnkeyatts - 1]) THEN 'UNIQUE ' ELSE '' END AS kind,
               substr(definition, strpos(definition, ' USING ')) AS rest
        FROM pg_index x JOIN pg_attribute a ON a.attrelid = x.indrelid AND a.attname = 'recorded_at', pg_get_indexdef(indexrelid) AS definition
        WHERE x.indrelid = 'billing_usage_records'::regclass AND x.indisvalid
        ORDER BY indexrelid
    LOOP
        IF given.kind = '' THEN
            given.rest := replace(given.rest, ' NULLS NOT DISTINCT', '');
        END IF;
        EXECUTE format('CREATE %sINDEX %I ON billing_usage_records_partitioned%s', given.kind, given.name, given.rest);
    END LOOP;
    FOR given IN SELECT conname, pg_get_constraintdef(oid) AS definition FROM pg_constraint WHERE conrelid = 'billing_usage_records'::regclass AND contype = 'f' LOOP
        EXECUTE format('ALTER TABLE billing_usage_records_partitioned ADD CONSTRAINT %I %s', given.conname, given.definition);
        EXECUTE format('ALTER TABLE billing_usage_records_untimed ADD CONSTRAINT %I %s', given.conname, given.definition);
    END LOOP;

    IF owner <> current_user THEN
        EXECUTE format('ALTER TABLE billing_usage_records_partitioned OWNER TO %I', owner);
        EXECUTE format('ALTER TABLE billing_usage_records_untimed OWNER TO %I', owner);
        EXECUTE format('ALTER TABLE usage_partition_changes OWNER TO %I', owner);
        EXECUTE format('ALTER FUNCTION usage_note_partition_change() OWNER TO %I', owner);
    END IF;
END
$do$;
-- Made ahead, as for a table that was partitioned from the beginning.
SELECT pg_temp.usage_partition_month(date_trunc('month', now(), 'UTC')),
       pg_temp.usage_partition_month((date_trunc('month', now() AT TIME ZONE 'UTC') + interval '1 month') AT TIME ZONE 'UTC'),
       pg_temp.usage_partition_month((date_trunc('month', now() AT TIME ZONE 'UTC') + interval '2 months') AT TIME ZONE 'UTC');
INSERT INTO usage_settings (name, value) VALUES
    ('partition.state', 'copying'),
    ('partition.shape', pg_temp.usage_partition_shape()),
    -- What has a higher id comes later, and is noted.
    ('partition.until', (SELECT coalesce(max(usage_id), 0)::text FROM billing_usage_records)),
    ('partition.position', (SELECT (coalesce(min(usage_id), 1) - 1)::text FROM billing_usage_records));
