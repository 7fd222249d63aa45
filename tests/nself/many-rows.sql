-- A hundred thousand rows of a year for three customers and six services.
INSERT INTO billing_usage_records (customer_id, service_name, quantity, unit_cost, metadata, recorded_at)
SELECT (ARRAY['acme', 'globex', 'Zeta'])[1 + n % 3], (ARRAY['api', 'storage', 'bandwidth', 'compute', 'database', 'functions'])[1 + n % 6],
       (n % 1000) * 1.000001, (n % 7) * 0.000013, jsonb_build_object('n', n), timestamptz '2025-01-01 00:00:00+00' + n * interval '315 seconds'
FROM generate_series(1, 100000) n;
REFRESH MATERIALIZED VIEW billing_usage_daily_summary;
