-- * put back the views, with their owners, grants and indexes; billing_usage_daily_summary now reads the buckets
DO $do$
DECLARE
    noted record;
    statement text;
BEGIN
    FOR noted IN SELECT * FROM usage_views ORDER BY depth LOOP
        IF noted.is_summary THEN
            noted.kind := 'VIEW';
            noted.indexes := '{}';
            -- It reads with its reader's rights, so that policies hold.
            FOREACH statement IN ARRAY noted.readers LOOP
                EXECUTE format('GRANT SELECT ON usage_buckets TO %s', statement);
            END LOOP;
        ELSE
            EXECUTE format('CREATE %s %s%s AS %s%s', noted.kind, noted.name, noted.options, noted.definition,
                CASE WHEN noted.is_filled THEN '' ELSE ' WITH NO DATA' END);
        END IF;
        EXECUTE format('ALTER TABLE %s OWNER TO %I', noted.name, noted.owner);
        IF noted.comment IS NOT NULL THEN
            EXECUTE format('COMMENT ON %s %s IS %L', noted.kind, noted.name, noted.comment);
        END IF;
        FOREACH statement IN ARRAY noted.indexes || noted.grants LOOP
            EXECUTE statement;
        END LOOP;
    END LOOP;
END
$do$;

-- * grant on our tables what those need who may read or write billing_usage_records
DO $do$
DECLARE
    given record;
BEGIN
    FOR given IN
        SELECT CASE g.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(g.grantee)) END AS grantee, g.privilege_type AS privilege
        FROM pg_class c, aclexplode(c.relacl) g
        WHERE c.oid = 'billing_usage_records'::regclass AND g.grantee <> c.relowner
    LOOP
        IF given.privilege IN ('SELECT', 'INSERT') THEN
            EXECUTE format(
                'GRANT SELECT ON usage_buckets, usage_settings, usage_services, usage_prices, usage_quotas, usage_event_keys, usage_spools, usage_rejected_records TO %s',
                given.grantee);
        END IF;
        IF given.privilege = 'INSERT' THEN
            EXECUTE format('GRANT INSERT, UPDATE ON usage_buckets, usage_spools TO %s', given.grantee);
            EXECUTE format('GRANT INSERT, UPDATE, DELETE ON usage_event_keys, usage_rejected_records, usage_quotas TO %s', given.grantee);
            EXECUTE format('GRANT USAGE ON SEQUENCE usage_rejected_records_rejected_id_seq TO %s', given.grantee);
        ELSIF given.privilege = 'DELETE' THEN
            EXECUTE format('GRANT DELETE ON usage_buckets TO %s', given.grantee);
        END IF;
    END LOOP;
END
$do$;
