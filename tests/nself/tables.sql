-- What an nself database has after its migration 015, as far as usage is concerned: written from the names, types, keys,
-- indexes and functions that it has, for tests of adopting it.
CREATE TABLE billing_customers (
    customer_id varchar(255) PRIMARY KEY, project_name varchar(255) NOT NULL, email varchar(255), name varchar(255), company varchar(255),
    stripe_customer_id varchar(255) UNIQUE, metadata jsonb DEFAULT '{}', created_at timestamptz DEFAULT now(),
    updated_at timestamptz DEFAULT now(), deleted_at timestamptz);
CREATE TABLE billing_plans (
    plan_id serial PRIMARY KEY, plan_name varchar(100) UNIQUE NOT NULL, display_name varchar(255) NOT NULL, price_monthly numeric(10, 2) NOT NULL DEFAULT 0,
    features jsonb DEFAULT '[]', is_active boolean DEFAULT true, sort_order integer DEFAULT 0);
CREATE TABLE billing_subscriptions (
    subscription_id varchar(255) PRIMARY KEY, customer_id varchar(255) NOT NULL REFERENCES billing_customers ON DELETE CASCADE,
    plan_name varchar(100) NOT NULL REFERENCES billing_plans (plan_name), status varchar(50) NOT NULL DEFAULT 'active',
    billing_cycle varchar(20) DEFAULT 'monthly', current_period_start timestamptz NOT NULL, current_period_end timestamptz NOT NULL,
    created_at timestamptz DEFAULT now(), updated_at timestamptz DEFAULT now());
CREATE TABLE billing_quotas (
    quota_id serial PRIMARY KEY, plan_name varchar(100) NOT NULL REFERENCES billing_plans (plan_name) ON DELETE CASCADE,
    service_name varchar(100) NOT NULL, limit_value bigint NOT NULL DEFAULT -1, limit_type varchar(50) DEFAULT 'requests',
    enforcement_mode varchar(20) DEFAULT 'soft', overage_price numeric(10, 6) DEFAULT 0, reset_period varchar(20) DEFAULT 'monthly',
    metadata jsonb DEFAULT '{}', created_at timestamptz DEFAULT now(), updated_at timestamptz DEFAULT now(), UNIQUE (plan_name, service_name));
CREATE TABLE billing_usage_records (
    usage_id bigserial PRIMARY KEY, customer_id varchar(255) NOT NULL REFERENCES billing_customers ON DELETE CASCADE,
    service_name varchar(100) NOT NULL, quantity numeric(20, 6) NOT NULL DEFAULT 1.0, unit_cost numeric(10, 6) DEFAULT 0.00,
    metadata jsonb DEFAULT '{}', recorded_at timestamptz DEFAULT now(), aggregated boolean DEFAULT false, invoice_id varchar(255));
CREATE INDEX idx_billing_usage_customer ON billing_usage_records (customer_id);
CREATE INDEX idx_billing_usage_service ON billing_usage_records (service_name);
CREATE INDEX idx_billing_usage_recorded ON billing_usage_records (recorded_at);
CREATE INDEX idx_billing_usage_customer_service ON billing_usage_records (customer_id, service_name);
CREATE INDEX idx_billing_usage_customer_date ON billing_usage_records (customer_id, recorded_at);
CREATE INDEX idx_billing_usage_aggregated ON billing_usage_records (aggregated) WHERE aggregated = false;
CREATE TABLE billing_invoices (
    invoice_id varchar(255) PRIMARY KEY, customer_id varchar(255) NOT NULL REFERENCES billing_customers ON DELETE CASCADE,
    total_amount numeric(10, 2) NOT NULL DEFAULT 0);
CREATE MATERIALIZED VIEW billing_usage_daily_summary AS
SELECT customer_id, service_name, date(recorded_at) AS usage_date, count(*) AS event_count, sum(quantity) AS total_quantity,
       sum(quantity * unit_cost) AS total_cost, min(recorded_at) AS first_event, max(recorded_at) AS last_event
FROM billing_usage_records GROUP BY 1, 2, 3;
CREATE UNIQUE INDEX idx_billing_usage_daily_summary_unique ON billing_usage_daily_summary (customer_id, service_name, usage_date);
CREATE INDEX idx_billing_usage_daily_summary_date ON billing_usage_daily_summary (usage_date);
COMMENT ON MATERIALIZED VIEW billing_usage_daily_summary IS 'Usage by day';

CREATE FUNCTION refresh_billing_usage_summary() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    REFRESH MATERIALIZED VIEW CONCURRENTLY billing_usage_daily_summary;
END $$;
CREATE FUNCTION get_quota_usage(cust varchar, svc varchar)
RETURNS TABLE (service_name varchar(100), quota_limit bigint, current_usage numeric, percentage numeric, is_exceeded boolean)
LANGUAGE plpgsql AS $$
BEGIN
    RETURN QUERY
    SELECT q.service_name, q.limit_value, coalesce(sum(u.quantity), 0),
           CASE WHEN q.limit_value <= 0 THEN 0 ELSE coalesce(sum(u.quantity), 0) * 100 / q.limit_value END,
           q.limit_value <> -1 AND coalesce(sum(u.quantity), 0) > q.limit_value
    FROM billing_quotas q
    JOIN billing_subscriptions s ON s.plan_name = q.plan_name
    LEFT JOIN billing_usage_records u ON u.customer_id = s.customer_id AND u.service_name = q.service_name
        AND u.recorded_at >= s.current_period_start AND u.recorded_at <= s.current_period_end
    WHERE s.customer_id = cust AND s.status = 'active' AND q.service_name = svc
    GROUP BY q.service_name, q.limit_value;
END $$;
CREATE FUNCTION is_quota_exceeded(cust varchar, svc varchar, req numeric DEFAULT 1) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    most bigint;
    used numeric;
BEGIN
    SELECT q.limit_value INTO most FROM billing_quotas q JOIN billing_subscriptions s USING (plan_name)
    WHERE s.customer_id = cust AND s.status = 'active' AND q.service_name = svc LIMIT 1;
    SELECT coalesce(sum(u.quantity), 0) INTO used FROM billing_usage_records u JOIN billing_subscriptions s USING (customer_id)
    WHERE u.customer_id = cust AND u.service_name = svc AND u.recorded_at BETWEEN s.current_period_start AND s.current_period_end;
    RETURN most IS NOT NULL AND most <> -1 AND used + req > most;
END $$;

INSERT INTO billing_plans (plan_name, display_name) VALUES ('free', 'Free');
INSERT INTO billing_quotas (plan_name, service_name, limit_value, limit_type, enforcement_mode) VALUES ('free', 'api', 10000, 'requests', 'hard');
