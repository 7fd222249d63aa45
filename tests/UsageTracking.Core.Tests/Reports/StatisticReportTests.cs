using UsageTracking.Reports;
using UsageTracking.Stores;
using UsageTracking.Tests.Testing;
using UsageTracking.Time;
using static UsageTracking.Tests.Testing.Records;
using static UsageTracking.Tests.Testing.Scopes;

namespace UsageTracking.Tests.Reports;

public sealed class SqliteStatisticReportTests() : StatisticReportTests(StoreKind.Sqlite);

public sealed class PostgresStatisticReportTests() : StatisticReportTests(StoreKind.PostgreSql);

public abstract class StatisticReportTests(StoreKind kind) : OnTestStore(() => TestStore.CreateAsync(kind))
{
    [Fact]
    public async Task Every_customer_and_service_has_its_own_even_without_events()
    {
        DateTimeOffset time = Utc(2026, 1, 1, 12);
        await Store.WriteAsync(
        [
            // 1 to 100, shuffled: 37 and 101 have no common divisor.
            .. Enumerable.Range(1, 100).Select(i => Record("api", 37 * i % 101, time.AddMinutes(i))),
            Record("storage", 0.1m, time), Record("storage", 0.2m, time), Record("storage", 0.000000000001m, time, "acme"), Record("compute", 7, time, "other"),
        ]);
        ReportScope scope = Scope("2026-01-01", "2026-01-01");
        scope = scope with { Services = [.. scope.Services.Take(3)] };

        IReadOnlyList<UsageStatistic> statistics = await StatisticReport.ReadAsync(Store, scope, ["default", "acme"], Cancel);

        Assert.Equal(
            [
                "default api 100 5050 50.5 1-100 50.5 95.05 99.01",
                "default storage 2 0.3 0.15 0.1-0.2 0.15 0.195 0.199",
                "default bandwidth 0 0  -   ",
                "acme api 0 0  -   ",
                "acme storage 1 0.000000000001 0.000000000001 0.000000000001-0.000000000001 0.000000000001 0.000000000001 0.000000000001",
                "acme bandwidth 0 0  -   ",
            ],
            statistics.Select(Show));
        Assert.All(statistics, s => Assert.Equal((Utc(2026, 1, 1), Utc(2026, 1, 2)), (s.Start, s.End)));
        Assert.Equal("GB-hours", statistics[1].Unit);
        Assert.Equal("default api 0 0  -   ", Show((await StatisticReport.ReadAsync(Store, Scope("2025", "2025"), ["default"], Cancel))[0]));
    }

    [Fact]
    public async Task A_range_cut_anywhere_counts_the_same_events_everywhere()
    {
        await Store.WriteAsync([.. Enumerable.Range(0, 60).Select(i => Record("api", i, Utc(2026, 1, 1, 12).AddMinutes(i)))]);
        ReportScope scope = Scope("2026-01-01", "2026-01-01").Only("api");

        UsageStatistic cut = Assert.Single(await StatisticReport.ReadAsync(
            Store, scope with { Range = new TimeRange(Utc(2026, 1, 1, 12, 7), Utc(2026, 1, 1, 12, 48)) }, ["default"], Cancel));

        // 7 to 47.
        Assert.Equal("default api 41 1107 27 7-47 27 45 46.6", Show(cut));
    }

    private static string Show(UsageStatistic s) => FormattableString.Invariant(
        $"{s.CustomerId} {s.Service} {s.TotalEvents} {s.TotalQuantity} {s.AverageQuantity} {s.MinimumQuantity}-{s.MaximumQuantity} {s.MedianQuantity} {s.P95Quantity} {s.P99Quantity}");
}
