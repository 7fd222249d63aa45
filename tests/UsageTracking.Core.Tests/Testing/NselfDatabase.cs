namespace UsageTracking.Tests.Testing;

/// <summary>
/// The billing tables of an nself database as its migrations leave them, as far as usage is concerned: the tables, views and
/// functions of 015, and the policies of 019.
/// </summary>
internal static class NselfDatabase
{
    /// <summary>What migration 015 makes.</summary>
    public const string Tables =
        """
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
        """;

    /// <summary>What migration 019 adds.</summary>
    public const string Policies =
        """
        CREATE FUNCTION get_current_customer_id() RETURNS varchar LANGUAGE sql STABLE SECURITY DEFINER AS
            $$ SELECT current_setting('app.current_customer_id', true)::varchar $$;
        CREATE FUNCTION is_current_user_admin() RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER AS
            $$ SELECT coalesce(nullif(current_setting('app.is_admin', true), '')::boolean, false) $$;

        ALTER TABLE billing_customers ENABLE ROW LEVEL SECURITY;
        CREATE POLICY admin_all_access ON billing_customers USING (is_current_user_admin()) WITH CHECK (is_current_user_admin());
        CREATE POLICY customer_read_own ON billing_customers FOR SELECT USING (customer_id = get_current_customer_id());
        CREATE POLICY customer_update_own ON billing_customers FOR UPDATE USING (customer_id = get_current_customer_id());
        ALTER TABLE billing_plans ENABLE ROW LEVEL SECURITY;
        CREATE POLICY public_read_active_plans ON billing_plans FOR SELECT USING (is_active);
        ALTER TABLE billing_subscriptions ENABLE ROW LEVEL SECURITY;
        CREATE POLICY admin_all_access ON billing_subscriptions USING (is_current_user_admin()) WITH CHECK (is_current_user_admin());
        CREATE POLICY customer_read_own ON billing_subscriptions FOR SELECT USING (customer_id = get_current_customer_id());
        ALTER TABLE billing_quotas ENABLE ROW LEVEL SECURITY;
        CREATE POLICY customer_read_own_plan_quotas ON billing_quotas FOR SELECT USING (EXISTS (
            SELECT FROM billing_subscriptions s WHERE s.customer_id = get_current_customer_id() AND s.plan_name = billing_quotas.plan_name AND s.status = 'active'));
        ALTER TABLE billing_usage_records ENABLE ROW LEVEL SECURITY;
        CREATE POLICY admin_all_access ON billing_usage_records USING (is_current_user_admin()) WITH CHECK (is_current_user_admin());
        CREATE POLICY customer_read_own ON billing_usage_records FOR SELECT USING (customer_id = get_current_customer_id());
        CREATE POLICY system_insert ON billing_usage_records FOR INSERT WITH CHECK (customer_id = get_current_customer_id() OR is_current_user_admin());
        CREATE POLICY no_customer_update ON billing_usage_records FOR UPDATE USING (false);
        CREATE POLICY no_customer_delete ON billing_usage_records FOR DELETE USING (false);
        CREATE INDEX idx_billing_usage_records_customer_service ON billing_usage_records (customer_id, service_name, recorded_at);
        REVOKE EXECUTE ON FUNCTION refresh_billing_usage_summary() FROM PUBLIC;
        """;

    /// <summary>Three customers on the free plan, acme with 23 requests at 0.01 this month, and another program's view over the records.</summary>
    public const string SomeUsage =
        """
        INSERT INTO billing_customers (customer_id, project_name) VALUES ('acme', 'rocket'), ('globex', 'p2'), ('Zeta', 'p3');
        INSERT INTO billing_subscriptions (subscription_id, customer_id, plan_name, current_period_start, current_period_end)
        SELECT 'sub-' || customer_id, customer_id, 'free', date_trunc('month', now(), 'UTC'), date_trunc('month', now(), 'UTC') + interval '1 month'
        FROM billing_customers;
        INSERT INTO billing_usage_records (customer_id, service_name, quantity, unit_cost, metadata, recorded_at)
        SELECT 'acme', 'api', n, 0.01, '{"endpoint": "/a"}', date_trunc('month', now(), 'UTC') + n * interval '1 second' FROM generate_series(1, 23) n;
        INSERT INTO billing_usage_records (customer_id, service_name, quantity, unit_cost, metadata, recorded_at, invoice_id)
        VALUES ('globex', 'storage', 0.000001, NULL, NULL, '2024-02-29 23:59:59.5+00', 'inv-1'), ('Zeta', 'bananas', 5, 0, '5', '2025-01-01+00', NULL);
        CREATE VIEW usage_by_service AS SELECT service_name, sum(quantity) AS total FROM billing_usage_records GROUP BY 1;
        CREATE VIEW usage_days AS SELECT customer_id, max(usage_date) AS last_day FROM billing_usage_daily_summary GROUP BY 1;
        REFRESH MATERIALIZED VIEW billing_usage_daily_summary;
        """;

    /// <summary>A hundred thousand rows of a year for three customers and six services.</summary>
    public const string ManyRows =
        """
        INSERT INTO billing_usage_records (customer_id, service_name, quantity, unit_cost, metadata, recorded_at)
        SELECT (ARRAY['acme', 'globex', 'Zeta'])[1 + n % 3], (ARRAY['api', 'storage', 'bandwidth', 'compute', 'database', 'functions'])[1 + n % 6],
               (n % 1000) * 1.000001, (n % 7) * 0.000013, jsonb_build_object('n', n), timestamptz '2025-01-01 00:00:00+00' + n * interval '315 seconds'
        FROM generate_series(1, 100000) n;
        REFRESH MATERIALIZED VIEW billing_usage_daily_summary;
        """;
}
