-- * create billing_customers, billing_plans, billing_subscriptions and billing_quotas, with nself's names and columns
-- Times are text in UTC, as 2026-01-30 16:45:23.123456Z: SQLite's own date functions read it, and it sorts by time.
-- Decimals are text too: SQLite's own numbers would round them.
CREATE TABLE billing_customers (
    customer_id        TEXT PRIMARY KEY,
    project_name       TEXT NOT NULL,
    email              TEXT,
    name               TEXT,
    company            TEXT,
    stripe_customer_id TEXT UNIQUE,
    metadata           TEXT DEFAULT '{}',
    created_at         TEXT DEFAULT (strftime('%Y-%m-%d %H:%M:%f000Z', 'now')),
    updated_at         TEXT DEFAULT (strftime('%Y-%m-%d %H:%M:%f000Z', 'now')),
    deleted_at         TEXT
) WITHOUT ROWID;

CREATE TABLE billing_plans (
    plan_id                 INTEGER PRIMARY KEY,
    plan_name               TEXT UNIQUE NOT NULL,
    display_name            TEXT,
    description             TEXT,
    price_monthly           TEXT DEFAULT '0',
    price_yearly            TEXT DEFAULT '0',
    stripe_price_id_monthly TEXT,
    stripe_price_id_yearly  TEXT,
    features                TEXT DEFAULT '{}',
    is_active               INTEGER DEFAULT 1,
    sort_order              INTEGER DEFAULT 0,
    created_at              TEXT DEFAULT (strftime('%Y-%m-%d %H:%M:%f000Z', 'now')),
    updated_at              TEXT DEFAULT (strftime('%Y-%m-%d %H:%M:%f000Z', 'now'))
);

CREATE TABLE billing_subscriptions (
    subscription_id        TEXT PRIMARY KEY,
    customer_id            TEXT NOT NULL REFERENCES billing_customers ON DELETE CASCADE,
    plan_name              TEXT NOT NULL REFERENCES billing_plans (plan_name),
    stripe_subscription_id TEXT UNIQUE,
    status                 TEXT DEFAULT 'active',
    billing_cycle          TEXT DEFAULT 'monthly',
    current_period_start   TEXT NOT NULL,
    current_period_end     TEXT NOT NULL,
    cancel_at_period_end   INTEGER DEFAULT 0,
    canceled_at            TEXT,
    trial_start            TEXT,
    trial_end              TEXT,
    metadata               TEXT DEFAULT '{}',
    created_at             TEXT DEFAULT (strftime('%Y-%m-%d %H:%M:%f000Z', 'now')),
    updated_at             TEXT DEFAULT (strftime('%Y-%m-%d %H:%M:%f000Z', 'now'))
);
CREATE INDEX billing_subscriptions_customer ON billing_subscriptions (customer_id);

CREATE TABLE billing_quotas (
    quota_id         INTEGER PRIMARY KEY,
    plan_name        TEXT NOT NULL REFERENCES billing_plans (plan_name) ON DELETE CASCADE,
    service_name     TEXT NOT NULL,
    limit_value      INTEGER DEFAULT -1,
    limit_type       TEXT,
    enforcement_mode TEXT DEFAULT 'soft',
    overage_price    TEXT,
    reset_period     TEXT DEFAULT 'monthly',
    metadata         TEXT DEFAULT '{}',
    created_at       TEXT DEFAULT (strftime('%Y-%m-%d %H:%M:%f000Z', 'now')),
    updated_at       TEXT DEFAULT (strftime('%Y-%m-%d %H:%M:%f000Z', 'now')),
    UNIQUE (plan_name, service_name)
);

-- * create billing_usage_records with its index on customer and time
-- AUTOINCREMENT: the id of an archived record is never given to another.
CREATE TABLE billing_usage_records (
    usage_id          INTEGER PRIMARY KEY AUTOINCREMENT,
    customer_id       TEXT NOT NULL,
    service_name      TEXT NOT NULL,
    quantity          TEXT NOT NULL DEFAULT '1',
    unit_cost         TEXT DEFAULT '0',
    metadata          TEXT DEFAULT '{}',
    recorded_at       TEXT NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f000Z', 'now')),
    aggregated        INTEGER DEFAULT 0,
    invoice_id        TEXT,
    received_at       TEXT NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f000Z', 'now')),
    event_key         TEXT,
    corrects_id       INTEGER,
    corrected_by      TEXT,
    correction_reason TEXT
);
CREATE INDEX billing_usage_records_customer_time ON billing_usage_records (customer_id, recorded_at);
-- What other programs wrote and nobody has folded in yet; our own rows are never in it.
CREATE INDEX billing_usage_records_unaggregated ON billing_usage_records (recorded_at) WHERE aggregated IS NOT 1;

-- * create usage_buckets: figures per customer, service, quarter hour and part (0 live, n archive n)
CREATE TABLE usage_buckets (
    customer_id    TEXT NOT NULL,
    service_name   TEXT NOT NULL,
    bucket_start   TEXT NOT NULL,
    part           INTEGER NOT NULL DEFAULT 0,
    event_count    INTEGER NOT NULL,
    total_quantity TEXT NOT NULL,
    total_cost     TEXT NOT NULL,
    min_quantity   TEXT,
    max_quantity   TEXT,
    first_event    TEXT,
    last_event     TEXT,
    PRIMARY KEY (customer_id, service_name, bucket_start, part)
) WITHOUT ROWID;

-- * create the view billing_usage_daily_summary over the buckets, with nself's columns
-- SQLite has no exact sum of its own; a program without our functions reads the buckets instead.
CREATE VIEW billing_usage_daily_summary AS
SELECT customer_id, service_name, substr(bucket_start, 1, 10) AS usage_date,
       sum(event_count) AS event_count, sum(total_quantity) AS total_quantity, sum(total_cost) AS total_cost,
       min(first_event) AS first_event, max(last_event) AS last_event
FROM usage_buckets
GROUP BY customer_id, service_name, substr(bucket_start, 1, 10);

-- * create usage_settings, usage_services and usage_prices
CREATE TABLE usage_settings (
    name       TEXT PRIMARY KEY,
    value      TEXT NOT NULL,
    updated_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f000Z', 'now'))
) WITHOUT ROWID;

CREATE TABLE usage_services (
    service_name TEXT PRIMARY KEY,
    unit         TEXT NOT NULL,
    counts_bytes INTEGER NOT NULL DEFAULT 0,
    sort_order   INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE usage_prices (
    price_id      INTEGER PRIMARY KEY,
    service_name  TEXT NOT NULL,
    customer_id   TEXT,
    plan_name     TEXT,
    in_force_from TEXT NOT NULL,
    unit_cost     TEXT NOT NULL
);
CREATE UNIQUE INDEX usage_prices_scope ON usage_prices (service_name, coalesce(customer_id, ''), coalesce(plan_name, ''), in_force_from);

-- * create usage_quotas: a customer's own limits, each with its first day in force
CREATE TABLE usage_quotas (
    customer_id      TEXT NOT NULL,
    service_name     TEXT NOT NULL,
    in_force_from    TEXT NOT NULL,
    limit_value      TEXT NOT NULL,
    enforcement_mode TEXT NOT NULL,
    reset_period     TEXT NOT NULL,
    anchor_day       INTEGER NOT NULL DEFAULT 1,
    time_zone        TEXT NOT NULL,
    PRIMARY KEY (customer_id, service_name, in_force_from)
) WITHOUT ROWID;

-- * create usage_event_keys, usage_spools and usage_rejected_records for the queue
CREATE TABLE usage_event_keys (
    customer_id     TEXT NOT NULL,
    event_key       TEXT NOT NULL,
    content_hash    BLOB NOT NULL,
    given_timestamp TEXT,
    given_unit_cost TEXT,
    PRIMARY KEY (customer_id, event_key)
) WITHOUT ROWID;

CREATE TABLE usage_spools (
    spool_id        TEXT PRIMARY KEY,
    position        INTEGER NOT NULL,
    last_from       INTEGER NOT NULL,
    last_duplicates INTEGER NOT NULL DEFAULT 0,
    last_rejected   INTEGER NOT NULL DEFAULT 0,
    updated_at      TEXT NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f000Z', 'now'))
) WITHOUT ROWID;

CREATE TABLE usage_rejected_records (
    rejected_id  INTEGER PRIMARY KEY AUTOINCREMENT,
    rejected_at  TEXT NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f000Z', 'now')),
    spool_id     TEXT NOT NULL,
    position     INTEGER NOT NULL,
    error_id     TEXT NOT NULL,
    reason       TEXT NOT NULL,
    customer_id  TEXT NOT NULL,
    service_name TEXT NOT NULL,
    quantity     TEXT NOT NULL,
    in_bytes     INTEGER NOT NULL,
    unit_cost    TEXT,
    metadata     TEXT NOT NULL,
    recorded_at  TEXT NOT NULL,
    own_time     INTEGER NOT NULL,
    event_key    TEXT
);
