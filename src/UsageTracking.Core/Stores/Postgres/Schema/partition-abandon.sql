-- Takes back what was begun, so that it can be begun anew.
DROP TRIGGER IF EXISTS usage_note_inserts ON billing_usage_records;
DROP TRIGGER IF EXISTS usage_note_updates ON billing_usage_records;
DROP TRIGGER IF EXISTS usage_note_deletes ON billing_usage_records;
DROP TRIGGER IF EXISTS usage_note_truncates ON billing_usage_records;
DROP FUNCTION IF EXISTS usage_note_partition_change();
DROP TABLE IF EXISTS billing_usage_records_partitioned, billing_usage_records_untimed, usage_partition_changes;
DELETE FROM usage_settings WHERE name LIKE 'partition.%';
