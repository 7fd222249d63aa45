-- Three customers on the free plan, acme with 23 requests at 0.01 this month, and two views of another program's.
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
