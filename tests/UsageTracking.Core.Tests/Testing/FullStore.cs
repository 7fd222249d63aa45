using UsageTracking.Files.Archives;
using UsageTracking.Metering;
using UsageTracking.Metering.Pricing;
using UsageTracking.Stores;
using static UsageTracking.Tests.Testing.Records;

namespace UsageTracking.Tests.Testing;

/// <summary>Puts something into every table of a store, the awkward things too.</summary>
internal static class FullStore
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static async Task FillAsync(TestStore test, string folder)
    {
        string yes = test.IsPostgres ? "true" : "1";
        string no = test.IsPostgres ? "false" : "0";
        IUsageStore store = test.Store;
        await store.SetBytesPerGigabyteAsync(1_000_000_000, Cancel);
        await store.SetOptionAsync("BatchSize", "77", Cancel);
        await store.SetServiceAsync(new Service("Tränke", "Liter/\\n\t'", false, 9), Cancel);
        await store.SetPriceAsync(new Price("api", "acme", null, new DateOnly(2025, 1, 1), 0.0000000001m), Cancel);
        await store.RemovePriceAsync((await store.ListPricesAsync(Cancel)).Single(p => p.CustomerId == "acme").Id, Cancel);

        var random = new Random(7);
        List<UsageRecord> records = [.. Enumerable.Range(0, 400).Select(i => Record(
            i % 3 == 0 ? "api" : i % 3 == 1 ? "compute" : "Tränke", i % 7 == 0 ? 0.000000000000000001m * i : i,
            Utc(2026, 1 + (i % 4), 1 + (i % 27), i % 24, i % 60).AddTicks(random.Next(1_000_000) * 10),
            i % 5 == 0 ? "Ümläut 客户 \\ 'x'" : i % 5 == 1 ? "acme" : "beta",
            i % 4 == 0 ? "{}" : "{\"zz\":1,\"a\":\"tab\\tnew\\nline \\\\ 客 😀\",\"n\":1.50}", i % 6 == 0 ? 0.0000000001m : null, i % 9 == 0 ? $"key\t{i}" : null))];
        records.Add(Record("api", 9999999999999999999999999999m, Utc(2026, 2, 3), "acme", unitCost: 999999999999999999.9999999999m));
        records.Add(Record("api", 0.000000000000000001m, Utc(1980, 1, 1), "acme"));
        records.Add(Record("nosuch", 1, Utc(2026, 2, 3), "acme", "{\"why\":\"unknown\"}"));
        await store.WriteAsync([.. records]);

        await store.CorrectAsync([Undo(3), Undo(40), Undo(101)], Cancel);
        await store.CorrectAsync([new RecordCorrection { Id = 55, By = "Jo", Reason = "half", Quantity = 0.5m }], Cancel);
        await RecordArchive.WriteAsync(
            store, new ArchiveScope(new UsageFilter(["beta"], null), Utc(2026, 2, 1), true), Path.Combine(folder, "a,\"b\"\\c.csv"), new ArchiveProgress(), Cancel);

        string foreign = await test.InsertAsync(Record("api", 12.5m, Utc(2026, 3, 3), "beta", "{\"by\":\"another program\"}"), no);
        await test.QueryAsync($"UPDATE billing_usage_records SET metadata = NULL, unit_cost = NULL, invoice_id = '1' WHERE usage_id = {foreign}");
        await test.QueryAsync("UPDATE billing_customers SET deleted_at = '2026-02-01 00:00:00.000000Z', email = 'a@b', company = '' WHERE customer_id = 'beta'");
        await test.QueryAsync($"INSERT INTO billing_plans (plan_id, plan_name, price_monthly, features, is_active) VALUES (41, 'pro', '9.90', '[\"x\", {{\"b\":1,\"a\":2}}]', {no})");
        await test.QueryAsync("INSERT INTO billing_subscriptions (subscription_id, customer_id, plan_name, current_period_start, current_period_end) VALUES ('s1', 'acme', 'pro', '2026-01-01 00:00:00.000000Z', '2027-01-01 00:00:00.000000Z')");
        await test.QueryAsync("INSERT INTO billing_quotas (quota_id, plan_name, service_name, limit_value, overage_price) VALUES (7, 'pro', 'api', 1000, '0.000001')");
        await test.QueryAsync($"INSERT INTO usage_quotas (customer_id, service_name, in_force_from, limit_value, enforcement_mode, reset_period, time_zone, carry_over, is_ended) VALUES ('acme', 'api', '2026-01-01', '100.5', 'soft', 'monthly', 'Europe/London', '12.5', {yes})");
        await store.AddAllowanceAsync(new Allowance("acme", "api", Utc(2026, 1, 5), 0.5m, "top\tup"), Cancel);
        await test.QueryAsync("INSERT INTO usage_readings (customer_id, service_name, meter, read_at, kind, value, usage, usage_id) VALUES ('acme', 'bandwidth', 'm', '2026-01-05 00:00:00.123456Z', 'total', '10.25', '3', 12)");
        await test.QueryAsync("INSERT INTO usage_meters (customer_id, service_name, revision) VALUES ('acme', 'bandwidth', 3)");
        await test.QueryAsync(
            $"INSERT INTO usage_alerts (customer_id, service_name, rule, level, period_start, granted, raised_at, period_end, usage, limit_value, unit, message, time_zone, is_covered) VALUES ('acme', 'api', 'r', 'Warning', '2026-01-01 00:00:00.000000Z', '0', '2026-01-05 00:00:00.000000Z', '2026-02-01 00:00:00.000000Z', '80', '100', 'requests', '80% \\', 'UTC', {no})");
        await test.QueryAsync("INSERT INTO usage_invoices (invoice_number, customer_id, range_start, range_end, time_zone, total) VALUES (5, 'acme', '2026-01-01 00:00:00.000000Z', '2026-02-01 00:00:00.000000Z', 'UTC', '1.23')");
        await test.QueryAsync("INSERT INTO usage_invoice_lines (invoice_number, line_number, kind, service_name, description, quantity, unit, unit_cost, amount, line_start, line_end, period_start, period_end) VALUES (5, 1, 'Usage', 'api', 'requests', '12345678901234567890.123456789012345678', 'requests', '0.1', '1.23', '2026-01-01 00:00:00.000000Z', '2026-02-01 00:00:00.000000Z', '2026-01-01 00:00:00.000000Z', '2026-02-01 00:00:00.000000Z')");
    }

    private static RecordCorrection Undo(long id) => new() { Id = id, By = "Jo \\ Ñ", Reason = "zu\tviel\n\\N" };
}
