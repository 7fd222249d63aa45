-- Under the lock, the last changes being copied and the views taken down.
DO $do$
DECLARE
    statement text;
    statements text[] := ARRAY(
        SELECT format('GRANT %s%s ON billing_usage_records TO %s%s', g.privilege_type, g.columns,
                      CASE g.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(g.grantee)) END,
                      CASE WHEN g.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END)
        FROM (SELECT x.*, '' AS columns, c.relowner FROM pg_class c, aclexplode(c.relacl) x WHERE c.oid = 'billing_usage_records'::regclass
              UNION ALL
              SELECT x.*, format(' (%I)', a.attname), c.relowner FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid, aclexplode(a.attacl) x
              WHERE c.oid = 'billing_usage_records'::regclass) g
        WHERE g.grantee <> g.relowner)
    || ARRAY(
        SELECT format('CREATE POLICY %I ON billing_usage_records AS %s FOR %s TO %s%s%s', polname,
                      CASE WHEN polpermissive THEN 'PERMISSIVE' ELSE 'RESTRICTIVE' END,
                      CASE polcmd WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE' WHEN 'd' THEN 'DELETE' ELSE 'ALL' END,
                      CASE WHEN polroles = '{0}' THEN 'PUBLIC'
                           ELSE (SELECT string_agg(quote_ident(pg_get_userbyid(r)), ', ') FROM unnest(polroles) r) END,
                      coalesce(' USING (' || pg_get_expr(polqual, polrelid) || ')', ''),
                      coalesce(' WITH CHECK (' || pg_get_expr(polwithcheck, polrelid) || ')', ''))
        FROM pg_policy WHERE polrelid = 'billing_usage_records'::regclass)
    || ARRAY(
        SELECT s FROM pg_class c, unnest(ARRAY[
            CASE WHEN relrowsecurity THEN 'ALTER TABLE billing_usage_records ENABLE ROW LEVEL SECURITY' END,
            CASE WHEN relforcerowsecurity THEN 'ALTER TABLE billing_usage_records FORCE ROW LEVEL SECURITY' END,
            format('COMMENT ON TABLE billing_usage_records IS %L', obj_description(c.oid, 'pg_class'))]) s
        WHERE c.oid = 'billing_usage_records'::regclass AND s IS NOT NULL)
    || ARRAY(
        SELECT s FROM pg_trigger t, unnest(ARRAY[
            pg_get_triggerdef(t.oid),
            CASE tgenabled WHEN 'D' THEN format('ALTER TABLE billing_usage_records DISABLE TRIGGER %I', tgname)
                           WHEN 'A' THEN format('ALTER TABLE billing_usage_records ENABLE ALWAYS TRIGGER %I', tgname)
                           WHEN 'R' THEN format('ALTER TABLE billing_usage_records ENABLE REPLICA TRIGGER %I', tgname) END]) WITH ORDINALITY AS u (s, n)
        WHERE t.tgrelid = 'billing_usage_records'::regclass AND NOT tgisinternal AND tgname NOT LIKE 'usage\_note\_%' AND s IS NOT NULL
        ORDER BY t.oid, n)
    -- Dropping the old table must not take the sequence with it.
    || ARRAY(
        SELECT format('ALTER SEQUENCE %s OWNED BY billing_usage_records.%I', d.objid::regclass, a.attname)
        FROM pg_depend d JOIN pg_class s ON s.oid = d.objid AND s.relkind = 'S'
        JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
        WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass AND d.refobjid = 'billing_usage_records'::regclass AND d.deptype = 'a');
BEGIN
    IF (SELECT value FROM usage_settings WHERE name = 'partition.shape') <> pg_temp.usage_partition_shape() THEN
        RAISE EXCEPTION 'billing_usage_records was altered while it was copied; the next call begins anew' USING ERRCODE = '55000';
    END IF;
    ALTER TABLE billing_usage_records RENAME TO billing_usage_records_unpartitioned;
    ALTER TABLE billing_usage_records_partitioned RENAME TO billing_usage_records;
    FOREACH statement IN ARRAY statements LOOP
        EXECUTE statement;
    END LOOP;
END
$do$;
-- A materialized view is filled afterwards, when nobody waits for it.
INSERT INTO usage_settings (name, value)
SELECT 'partition.refresh', string_agg(name, E'\n' ORDER BY depth) FROM usage_views WHERE kind = 'MATERIALIZED VIEW' AND is_filled HAVING count(*) > 0;
UPDATE usage_views SET is_filled = false WHERE kind = 'MATERIALIZED VIEW';
UPDATE usage_settings SET value = 'in place', updated_at = now() WHERE name = 'partition.state';
