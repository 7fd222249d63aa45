-- * count in usage_spools what became of records that were not stored, and in usage_ledger what came or went past the queues
-- position = stored + duplicates + rejected + skipped; the records stored by all spools and those of the ledger add up to the table's.
ALTER TABLE usage_spools ADD COLUMN duplicates INTEGER NOT NULL DEFAULT 0;
ALTER TABLE usage_spools ADD COLUMN rejected INTEGER NOT NULL DEFAULT 0;
ALTER TABLE usage_spools ADD COLUMN skipped INTEGER NOT NULL DEFAULT 0;
CREATE TABLE usage_ledger (
    entry   TEXT PRIMARY KEY,
    records INTEGER NOT NULL
) WITHOUT ROWID;
INSERT INTO usage_ledger (entry, records)
SELECT 'opening', (SELECT count(*) FROM billing_usage_records WHERE aggregated = 1) - (SELECT coalesce(sum(position), 0) FROM usage_spools);

-- * index corrections, which percentiles leave out together with what they correct
CREATE INDEX billing_usage_records_corrections ON billing_usage_records (recorded_at) WHERE corrects_id IS NOT NULL;
