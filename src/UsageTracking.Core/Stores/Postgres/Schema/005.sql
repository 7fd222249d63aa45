-- * add to usage_prices models, tiers, packages, and since when a price is known
-- A price that is replaced or removed stays, for what was received while it stood.
ALTER TABLE usage_prices
    ADD COLUMN model        text NOT NULL DEFAULT 'flat',
    ADD COLUMN tiers        text NOT NULL DEFAULT '',
    ADD COLUMN package_size numeric,
    ADD COLUMN set_at       timestamptz NOT NULL DEFAULT '1980-01-01 00:00:00+00',
    ADD COLUMN removed_at   timestamptz;
DO $do$
DECLARE
    old record;
BEGIN
    FOR old IN SELECT indexrelid::regclass AS name FROM pg_index WHERE indrelid = 'usage_prices'::regclass AND indisunique AND NOT indisprimary LOOP
        EXECUTE format('DROP INDEX %s', old.name);
    END LOOP;
END
$do$;
CREATE UNIQUE INDEX usage_prices_scope ON usage_prices (service_name, coalesce(customer_id, ''), coalesce(plan_name, ''), in_force_from)
    WHERE removed_at IS NULL;

-- * create usage_invoices and usage_invoice_lines
-- Numbers are given by whoever saves, one after the other: bookkeepers want no gaps, and a sequence leaves some.
CREATE TABLE usage_invoices (
    invoice_number bigint PRIMARY KEY,
    customer_id    varchar(255) COLLATE "C" NOT NULL,
    range_start    timestamptz NOT NULL,
    range_end      timestamptz NOT NULL,
    time_zone      text NOT NULL,
    total          numeric NOT NULL DEFAULT 0,
    saved_at       timestamptz NOT NULL DEFAULT now(),
    -- Whether the customer was removed since: another one of that name begins anew.
    is_closed      boolean NOT NULL DEFAULT false
);
CREATE INDEX usage_invoices_customer ON usage_invoices (customer_id, range_start);

CREATE TABLE usage_invoice_lines (
    invoice_number bigint NOT NULL REFERENCES usage_invoices ON DELETE CASCADE,
    line_number    integer NOT NULL,
    kind           text NOT NULL,
    service_name   varchar(100) COLLATE "C" NOT NULL,
    description    text NOT NULL,
    quantity       numeric NOT NULL,
    unit           text NOT NULL,
    unit_cost      numeric NOT NULL,
    flat_fee       numeric NOT NULL DEFAULT 0,
    amount         numeric NOT NULL,
    line_start     timestamptz NOT NULL,
    line_end       timestamptz NOT NULL,
    tier           integer,
    price_id       bigint,
    period_start   timestamptz NOT NULL,
    period_end     timestamptz NOT NULL,
    PRIMARY KEY (invoice_number, line_number)
);
-- Whoever may use prices may use invoices.
DO $do$
DECLARE
    given record;
BEGIN
    FOR given IN SELECT g.grantee, g.privilege_type FROM pg_class, aclexplode(relacl) AS g WHERE oid = 'usage_prices'::regclass LOOP
        EXECUTE format('GRANT %s ON usage_invoices, usage_invoice_lines TO %s', given.privilege_type,
            CASE given.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(given.grantee)) END);
    END LOOP;
END
$do$;
