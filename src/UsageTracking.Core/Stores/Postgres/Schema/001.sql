-- * create billing_customers, billing_plans, billing_subscriptions and billing_quotas, with nself's names and columns
CREATE TABLE billing_customers (
    customer_id        varchar(255) COLLATE "C" PRIMARY KEY,
    project_name       varchar(255) NOT NULL,
    email              varchar(255),
    name               varchar(255),
    company            varchar(255),
    stripe_customer_id varchar(255) UNIQUE,
    metadata           jsonb DEFAULT '{}',
    created_at         timestamptz DEFAULT now(),
    updated_at         timestamptz DEFAULT now(),
    deleted_at         timestamptz
);

CREATE TABLE billing_plans (
    plan_id                 serial PRIMARY KEY,
    plan_name               varchar(100) UNIQUE NOT NULL,
    display_name            varchar(255),
    description             text,
    price_monthly           numeric(10, 2) DEFAULT 0,
    price_yearly            numeric(10, 2) DEFAULT 0,
    stripe_price_id_monthly varchar(255),
    stripe_price_id_yearly  varchar(255),
    features                jsonb DEFAULT '{}',
    is_active               boolean DEFAULT true,
    sort_order              integer DEFAULT 0,
    created_at              timestamptz DEFAULT now(),
    updated_at              timestamptz DEFAULT now()
);

CREATE TABLE billing_subscriptions (
    subscription_id        varchar(255) PRIMARY KEY,
    customer_id            varchar(255) COLLATE "C" NOT NULL REFERENCES billing_customers ON DELETE CASCADE,
    plan_name              varchar(100) NOT NULL REFERENCES billing_plans (plan_name),
    stripe_subscription_id varchar(255) UNIQUE,
    status                 varchar(50) DEFAULT 'active',
    billing_cycle          varchar(20) DEFAULT 'monthly',
    current_period_start   timestamptz NOT NULL,
    current_period_end     timestamptz NOT NULL,
    cancel_at_period_end   boolean DEFAULT false,
    canceled_at            timestamptz,
    trial_start            timestamptz,
    trial_end              timestamptz,
    metadata               jsonb DEFAULT '{}',
    created_at             timestamptz DEFAULT now(),
    updated_at             timestamptz DEFAULT now()
);
CREATE INDEX ON billing_subscriptions (customer_id);

CREATE TABLE billing_quotas (
    quota_id         serial PRIMARY KEY,
    plan_name        varchar(100) NOT NULL REFERENCES billing_plans (plan_name) ON DELETE CASCADE,
    service_name     varchar(100) NOT NULL,
    limit_value      bigint DEFAULT -1,
    limit_type       varchar(50),
    enforcement_mode varchar(20) DEFAULT 'soft',
    overage_price    numeric(10, 6),
    reset_period     varchar(20) DEFAULT 'monthly',
    metadata         jsonb DEFAULT '{}',
    created_at       timestamptz DEFAULT now(),
    updated_at       timestamptz DEFAULT now(),
    UNIQUE (plan_name, service_name)
);

-- * create billing_usage_records, partitioned by month and keyed by time, id and customer
-- nself's columns first, ours after them. No foreign key: customers are made sure of once per chunk, since a check
-- per row costs half of COPY. One index: time first, so that rows are appended to it (with the customer first COPY took
-- twice the time), which serves ranges, archives and newest-first reads; the customer is in it for distribution.
CREATE TABLE billing_usage_records (
    usage_id          bigserial NOT NULL,
    customer_id       varchar(255) COLLATE "C" NOT NULL,
    service_name      varchar(100) COLLATE "C" NOT NULL,
    quantity          numeric NOT NULL DEFAULT 1,
    unit_cost         numeric DEFAULT 0,
    metadata          jsonb DEFAULT '{}',
    recorded_at       timestamptz NOT NULL DEFAULT now(),
    aggregated        boolean DEFAULT false,
    invoice_id        varchar(255),
    received_at       timestamptz NOT NULL DEFAULT now(),
    event_key         text COLLATE "C",
    corrects_id       bigint,
    corrected_by      text,
    correction_reason text,
    PRIMARY KEY (recorded_at, usage_id, customer_id)
) PARTITION BY RANGE (recorded_at);
-- What other programs wrote and nobody has folded in yet; our own rows are never in it.
CREATE INDEX billing_usage_records_unaggregated ON billing_usage_records (recorded_at) WHERE aggregated IS NOT TRUE;
-- Ids are handed out a hundred at a time: a call per row to the shared sequence shows in COPY.
ALTER SEQUENCE billing_usage_records_usage_id_seq CACHE 100;

-- * create usage_ensure_partition, which makes the partition of a month for writers that may not create tables
CREATE FUNCTION usage_ensure_partition(month date) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER AS $body$
DECLARE
    first_day date := make_date(extract(year FROM month)::int, extract(month FROM month)::int, 1);
    next_month date := (first_day + interval '1 month')::date;
    partition_name text := 'billing_usage_records_' || to_char(first_day, 'YYYY_MM');
BEGIN
    IF first_day < date '1980-01-01' OR first_day > (now() + interval '2 years')::date THEN
        RAISE EXCEPTION 'month % is outside 1980 to two years ahead', first_day USING ERRCODE = '22023';
    END IF;
    -- An adopted table may not be partitioned; then there is nothing to make.
    IF (SELECT relkind FROM pg_class WHERE oid = 'billing_usage_records'::regclass) <> 'p' THEN
        RETURN false;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtext('usage_ensure_partition'));
    IF EXISTS (SELECT FROM pg_inherits
               WHERE inhparent = 'billing_usage_records'::regclass AND inhrelid = to_regclass(quote_ident(partition_name))) THEN
        RETURN false;
    END IF;
    -- Created apart and attached: writers to other months are not held up.
    EXECUTE format('CREATE TABLE IF NOT EXISTS %I (LIKE billing_usage_records INCLUDING ALL)', partition_name);
    EXECUTE format('ALTER TABLE billing_usage_records ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
        partition_name, first_day || ' 00:00:00+00', next_month || ' 00:00:00+00');
    RETURN true;
END
$body$;
DO $do$
BEGIN
    EXECUTE format('ALTER FUNCTION usage_ensure_partition(date) SET search_path = %I, pg_temp', current_schema());
END
$do$;

-- * create usage_buckets: figures per customer, service, quarter hour and part (0 live, n archive n)
CREATE TABLE usage_buckets (
    customer_id    varchar(255) COLLATE "C" NOT NULL,
    service_name   varchar(100) COLLATE "C" NOT NULL,
    bucket_start   timestamptz NOT NULL,
    part           integer NOT NULL DEFAULT 0,
    event_count    bigint NOT NULL,
    total_quantity numeric NOT NULL,
    total_cost     numeric NOT NULL,
    min_quantity   numeric,
    max_quantity   numeric,
    first_event    timestamptz,
    last_event     timestamptz,
    PRIMARY KEY (customer_id, service_name, bucket_start, part)
) WITH (fillfactor = 70);

-- * create the view billing_usage_daily_summary over the buckets, with nself's columns
CREATE VIEW billing_usage_daily_summary WITH (security_invoker = true) AS
SELECT customer_id, service_name, (bucket_start AT TIME ZONE 'UTC')::date AS usage_date,
       sum(event_count)::bigint AS event_count, sum(total_quantity) AS total_quantity, sum(total_cost) AS total_cost,
       min(first_event) AS first_event, max(last_event) AS last_event
FROM usage_buckets
GROUP BY customer_id, service_name, (bucket_start AT TIME ZONE 'UTC')::date;

-- * create usage_settings, usage_services and usage_prices
CREATE TABLE usage_settings (
    name       text PRIMARY KEY,
    value      text NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE usage_services (
    service_name varchar(100) COLLATE "C" PRIMARY KEY,
    unit         text NOT NULL,
    counts_bytes boolean NOT NULL DEFAULT false,
    sort_order   integer NOT NULL
);

CREATE TABLE usage_prices (
    price_id      bigserial PRIMARY KEY,
    service_name  varchar(100) COLLATE "C" NOT NULL,
    customer_id   varchar(255) COLLATE "C",
    plan_name     varchar(100),
    in_force_from date NOT NULL,
    unit_cost     numeric NOT NULL
);
CREATE UNIQUE INDEX ON usage_prices (service_name, coalesce(customer_id, ''), coalesce(plan_name, ''), in_force_from);

-- * create usage_quotas: a customer's own limits, each with its first day in force
CREATE TABLE usage_quotas (
    customer_id      varchar(255) COLLATE "C" NOT NULL,
    service_name     varchar(100) COLLATE "C" NOT NULL,
    in_force_from    date NOT NULL,
    limit_value      numeric NOT NULL,
    enforcement_mode text NOT NULL,
    reset_period     text NOT NULL,
    anchor_day       integer NOT NULL DEFAULT 1,
    time_zone        text NOT NULL,
    PRIMARY KEY (customer_id, service_name, in_force_from)
);

-- * create usage_event_keys, usage_spools and usage_rejected_records for the queue
CREATE TABLE usage_event_keys (
    customer_id     varchar(255) COLLATE "C" NOT NULL,
    event_key       text COLLATE "C" NOT NULL,
    content_hash    bytea NOT NULL,
    given_timestamp timestamptz,
    given_unit_cost numeric,
    PRIMARY KEY (customer_id, event_key)
);

CREATE TABLE usage_spools (
    spool_id        uuid PRIMARY KEY,
    position        bigint NOT NULL,
    last_from       bigint NOT NULL,
    last_duplicates bigint NOT NULL DEFAULT 0,
    last_rejected   bigint NOT NULL DEFAULT 0,
    updated_at      timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE usage_rejected_records (
    rejected_id  bigserial PRIMARY KEY,
    rejected_at  timestamptz NOT NULL DEFAULT now(),
    spool_id     uuid NOT NULL,
    position     bigint NOT NULL,
    error_id     text NOT NULL,
    reason       text NOT NULL,
    customer_id  text NOT NULL,
    service_name text NOT NULL,
    quantity     text NOT NULL,
    in_bytes     boolean NOT NULL,
    unit_cost    text,
    metadata     text NOT NULL,
    recorded_at  timestamptz NOT NULL,
    own_time     boolean NOT NULL,
    event_key    text
);
