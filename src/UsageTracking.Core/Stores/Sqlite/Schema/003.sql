-- * add to usage_quotas unit, carry-over, the hours that count and an end
ALTER TABLE usage_quotas ADD COLUMN unit TEXT;
ALTER TABLE usage_quotas ADD COLUMN carry_over TEXT NOT NULL DEFAULT '0';
ALTER TABLE usage_quotas ADD COLUMN count_hours TEXT NOT NULL DEFAULT '';
ALTER TABLE usage_quotas ADD COLUMN count_days TEXT NOT NULL DEFAULT '';
ALTER TABLE usage_quotas ADD COLUMN is_ended INTEGER NOT NULL DEFAULT 0;

-- * create usage_allowances, usage_readings and usage_meters: top-ups, and what meters said
CREATE TABLE usage_allowances (
    allowance_id INTEGER PRIMARY KEY,
    customer_id  TEXT NOT NULL,
    service_name TEXT NOT NULL,
    amount       TEXT NOT NULL,
    in_force_at  TEXT NOT NULL,
    note         TEXT,
    created_at   TEXT NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f000Z', 'now'))
);
CREATE INDEX usage_allowances_customer ON usage_allowances (customer_id, service_name, in_force_at);

-- What follows from a reading stands beside it, so that it can be put right when another one comes late: the usage, the
-- record of it, and the allowance.
CREATE TABLE usage_readings (
    customer_id  TEXT NOT NULL,
    service_name TEXT NOT NULL,
    meter        TEXT NOT NULL,
    read_at      TEXT NOT NULL,
    kind         TEXT NOT NULL,
    value        TEXT NOT NULL,
    usage        TEXT NOT NULL DEFAULT '0',
    allowance    TEXT NOT NULL DEFAULT '0',
    usage_id     INTEGER,
    received_at  TEXT NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f000Z', 'now')),
    PRIMARY KEY (customer_id, service_name, meter, read_at)
) WITHOUT ROWID;

-- Counts the changes to the readings of a service: whoever worked out what follows from older ones begins anew.
CREATE TABLE usage_meters (
    customer_id  TEXT NOT NULL,
    service_name TEXT NOT NULL,
    revision     INTEGER NOT NULL,
    PRIMARY KEY (customer_id, service_name)
) WITHOUT ROWID;

-- * create usage_alerts, in which each alert is raised once
-- A level that a higher one covered is there too, so that it is not raised later; it is never delivered.
CREATE TABLE usage_alerts (
    alert_id      INTEGER PRIMARY KEY,
    customer_id   TEXT NOT NULL,
    service_name  TEXT NOT NULL,
    rule          TEXT NOT NULL,
    level         TEXT NOT NULL,
    period_start  TEXT NOT NULL,
    granted       TEXT NOT NULL,
    raised_at     TEXT NOT NULL,
    period_end    TEXT NOT NULL,
    usage         TEXT NOT NULL,
    limit_value   TEXT NOT NULL,
    percent       TEXT,
    unit          TEXT NOT NULL,
    message       TEXT NOT NULL,
    time_zone     TEXT NOT NULL,
    is_covered    INTEGER NOT NULL,
    claimed_until TEXT,
    delivered_at  TEXT,
    UNIQUE (customer_id, service_name, rule, level, period_start, granted)
);
CREATE INDEX usage_alerts_raised_at ON usage_alerts (raised_at);
