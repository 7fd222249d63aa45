-- * lock billing_usage_records, and take down the views over it until their columns are changed
-- Whoever sees only some of the rows would count only those as adopted.
SET LOCAL row_security = off;
LOCK TABLE billing_usage_records IN ACCESS EXCLUSIVE MODE;
-- PostgreSQL changes no column that a view reads. Each view is noted with what belongs to it, those that read others after them.
CREATE TEMPORARY TABLE usage_views ON COMMIT DROP AS
WITH RECURSIVE found (view, depth) AS (
    SELECT 'billing_usage_records'::regclass::oid, 0
    UNION
    SELECT r.ev_class, f.depth + 1
    FROM found f
    JOIN pg_depend d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = f.view AND d.classid = 'pg_rewrite'::regclass
    JOIN pg_rewrite r ON r.oid = d.objid AND r.ev_class <> f.view
)
SELECT format('%I.%I', n.nspname, c.relname) AS name,
       c.oid = to_regclass('billing_usage_daily_summary') AS is_summary,
       max(f.depth) AS depth,
       CASE c.relkind WHEN 'm' THEN 'MATERIALIZED VIEW' ELSE 'VIEW' END AS kind,
       coalesce(' WITH (' || array_to_string(c.reloptions, ', ') || ')', '') AS options,
       rtrim(pg_get_viewdef(c.oid), '; ') AS definition,
       c.relispopulated AS is_filled,
       pg_get_userbyid(c.relowner) AS owner,
       obj_description(c.oid, 'pg_class') AS comment,
       ARRAY(SELECT pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = c.oid ORDER BY indexrelid) AS indexes,
       ARRAY(SELECT format('GRANT %s%s ON %I.%I TO %s%s', g.privilege_type, g.columns, n.nspname, c.relname,
                           CASE g.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(g.grantee)) END,
                           CASE WHEN g.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END)
             FROM (SELECT x.*, '' AS columns FROM aclexplode(c.relacl) x
                   UNION ALL
                   SELECT x.*, format(' (%I)', a.attname) FROM pg_attribute a, aclexplode(a.attacl) x WHERE a.attrelid = c.oid) g
             WHERE g.grantee <> c.relowner) AS grants,
       ARRAY(SELECT CASE x.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(x.grantee)) END
             FROM aclexplode(coalesce(c.relacl, acldefault('r', c.relowner))) x WHERE x.privilege_type = 'SELECT') AS readers
FROM found f JOIN pg_class c ON c.oid = f.view JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('v', 'm')
GROUP BY c.oid, n.nspname;
DO $do$
DECLARE
    noted record;
BEGIN
    FOR noted IN SELECT * FROM usage_views ORDER BY depth DESC LOOP
        EXECUTE format('DROP %s %s', noted.kind, noted.name);
    END LOOP;
END
$do$;

-- * keep quantity and unit_cost exactly in billing_usage_records, add our columns, and mark what is there as counted
ALTER TABLE billing_usage_records
    ADD COLUMN received_at       timestamptz,
    ADD COLUMN event_key         text COLLATE "C",
    ADD COLUMN corrects_id       bigint,
    ADD COLUMN corrected_by      text,
    ADD COLUMN correction_reason text;
-- The table is written anew once, without updating a row. What has no time is in no report by time; it is kept as it is.
ALTER TABLE billing_usage_records
    ALTER COLUMN quantity TYPE numeric,
    ALTER COLUMN unit_cost TYPE numeric,
    ALTER COLUMN aggregated TYPE boolean USING coalesce(isfinite(recorded_at), false),
    ALTER COLUMN received_at TYPE timestamptz USING coalesce(recorded_at, now()),
    ALTER COLUMN received_at SET DEFAULT now(),
    ALTER COLUMN received_at SET NOT NULL;
CREATE INDEX billing_usage_records_unaggregated ON billing_usage_records (recorded_at) WHERE aggregated IS NOT TRUE;
-- Ids go on above the highest there is, even where somebody gave one by hand.
SELECT setval(pg_get_serial_sequence('billing_usage_records', 'usage_id'), max(usage_id))
FROM billing_usage_records
HAVING max(usage_id) > nextval(pg_get_serial_sequence('billing_usage_records', 'usage_id'));
