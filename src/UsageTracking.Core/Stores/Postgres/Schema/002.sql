-- * count in usage_spools what became of records that were not stored, and in usage_ledger what came or went past the queues
-- position = stored + duplicates + rejected + skipped; the records stored by all spools and those of the ledger add up to the table's.
-- First of all, as writers lock it first of all: so they wait, and nobody waits for each other.
ALTER TABLE usage_spools
    ADD COLUMN duplicates bigint NOT NULL DEFAULT 0,
    ADD COLUMN rejected   bigint NOT NULL DEFAULT 0,
    ADD COLUMN skipped    bigint NOT NULL DEFAULT 0;
CREATE TABLE usage_ledger (
    entry   text COLLATE "C" PRIMARY KEY,
    records bigint NOT NULL
);
INSERT INTO usage_ledger (entry, records)
SELECT 'opening', (SELECT count(*) FROM billing_usage_records WHERE aggregated) - (SELECT coalesce(sum(position), 0) FROM usage_spools);
-- Whoever may use the one may use the other.
DO $do$
DECLARE
    given record;
BEGIN
    FOR given IN SELECT g.grantee, g.privilege_type FROM pg_class, aclexplode(relacl) AS g WHERE oid = 'usage_spools'::regclass LOOP
        EXECUTE format('GRANT %s ON usage_ledger TO %s', given.privilege_type,
            CASE given.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(given.grantee)) END);
    END LOOP;
END
$do$;

-- * index corrections, which percentiles leave out together with what they correct
CREATE INDEX billing_usage_records_corrections ON billing_usage_records (recorded_at) WHERE corrects_id IS NOT NULL;
