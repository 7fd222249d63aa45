-- * create usage_archives, and index the buckets of what is archived
-- The number of an archive is the part of usage_buckets that its figures are in; it is never given to another.
CREATE TABLE usage_archives (
    archive_number INTEGER PRIMARY KEY AUTOINCREMENT,
    archive_id     TEXT NOT NULL UNIQUE,
    path           TEXT NOT NULL,
    customer_ids   TEXT NOT NULL,
    records        INTEGER NOT NULL,
    range_start    TEXT NOT NULL,
    range_end      TEXT NOT NULL,
    sha256         TEXT NOT NULL,
    -- Whether some of the records are on invoices; then those that are on none are not archived unasked.
    has_invoices   INTEGER NOT NULL,
    archived_at    TEXT NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f000Z', 'now')),
    restored_at    TEXT
);
CREATE INDEX usage_buckets_archived ON usage_buckets (bucket_start) WHERE part > 0;
