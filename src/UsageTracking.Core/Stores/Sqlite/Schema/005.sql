-- * add to usage_prices models, tiers, packages, and since when a price is known
-- A price that is replaced or removed stays, for what was received while it stood.
ALTER TABLE usage_prices ADD COLUMN model TEXT NOT NULL DEFAULT 'flat';
ALTER TABLE usage_prices ADD COLUMN tiers TEXT NOT NULL DEFAULT '';
ALTER TABLE usage_prices ADD COLUMN package_size TEXT;
ALTER TABLE usage_prices ADD COLUMN set_at TEXT NOT NULL DEFAULT '1980-01-01 00:00:00.000000Z';
ALTER TABLE usage_prices ADD COLUMN removed_at TEXT;
DROP INDEX usage_prices_scope;
CREATE UNIQUE INDEX usage_prices_scope ON usage_prices (service_name, coalesce(customer_id, ''), coalesce(plan_name, ''), in_force_from)
    WHERE removed_at IS NULL;

-- * create usage_invoices and usage_invoice_lines
-- Numbers are given by whoever saves, one after the other: bookkeepers want no gaps.
CREATE TABLE usage_invoices (
    invoice_number INTEGER PRIMARY KEY,
    customer_id    TEXT NOT NULL,
    range_start    TEXT NOT NULL,
    range_end      TEXT NOT NULL,
    time_zone      TEXT NOT NULL,
    total          TEXT NOT NULL DEFAULT '0',
    saved_at       TEXT NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f000Z', 'now')),
    -- Whether the customer was removed since: another one of that name begins anew.
    is_closed      INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX usage_invoices_customer ON usage_invoices (customer_id, range_start);

CREATE TABLE usage_invoice_lines (
    invoice_number INTEGER NOT NULL REFERENCES usage_invoices ON DELETE CASCADE,
    line_number    INTEGER NOT NULL,
    kind           TEXT NOT NULL,
    service_name   TEXT NOT NULL,
    description    TEXT NOT NULL,
    quantity       TEXT NOT NULL,
    unit           TEXT NOT NULL,
    unit_cost      TEXT NOT NULL,
    flat_fee       TEXT NOT NULL DEFAULT '0',
    amount         TEXT NOT NULL,
    line_start     TEXT NOT NULL,
    line_end       TEXT NOT NULL,
    tier           INTEGER,
    price_id       INTEGER,
    period_start   TEXT NOT NULL,
    period_end     TEXT NOT NULL,
    PRIMARY KEY (invoice_number, line_number)
) WITHOUT ROWID;
