-- What its migration 019 adds: row-level security that asks for the customer.
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
