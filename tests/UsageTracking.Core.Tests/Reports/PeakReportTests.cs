using UsageTracking.Reports;
using UsageTracking.Stores;
using UsageTracking.Tests.Testing;
using UsageTracking.Time;
using static UsageTracking.Tests.Testing.Records;
using static UsageTracking.Tests.Testing.Scopes;

namespace UsageTracking.Tests.Reports;

public sealed class SqlitePeakReportTests() : PeakReportTests(StoreKind.Sqlite);

public sealed class PostgresPeakReportTests() : PeakReportTests(StoreKind.PostgreSql);

public abstract class PeakReportTests(StoreKind kind) : OnTestStore(() => TestStore.CreateAsync(kind))
{
    [Fact]
    public async Task The_largest_come_first_by_the_zones_own_periods()
    {
        // Kathmandu is 5:45 ahead.
        await Store.WriteAsync(
            Record("api", 3, Utc(2026, 1, 1, 4, 30), "a"), Record("api", 5, Utc(2026, 1, 1, 5, 14, 59), "a"), Record("api", 4, Utc(2026, 1, 1, 5, 15), "a"),
            Record("api", 8, Utc(2026, 1, 1, 4, 30), "b"), Record("storage", 0.5m, Utc(2026, 1, 1, 4, 30), "a"), Record("compute", 9, Utc(2026, 2, 1, 23, 30), "b"),
            Record("database", 0, Utc(2026, 1, 1, 4, 30), "a"));

        (PeriodKind Kind, string Expected)[] cases =
        [
            (PeriodKind.Hourly, "02-02 05:00 compute b 9 1|01-01 10:00 api a 8 2|01-01 10:00 api b 8 1|01-01 11:00 api a 4 1|01-01 10:00 storage a 0.5 1"),
            (PeriodKind.Daily, "01-01 00:00 api a 12 3|02-02 00:00 compute b 9 1|01-01 00:00 api b 8 1|01-01 00:00 storage a 0.5 1"),
            (PeriodKind.Weekly, "12-29 00:00 api a 12 3|02-02 00:00 compute b 9 1|12-29 00:00 api b 8 1|12-29 00:00 storage a 0.5 1"),
            (PeriodKind.Monthly, "01-01 00:00 api a 12 3|02-01 00:00 compute b 9 1|01-01 00:00 api b 8 1|01-01 00:00 storage a 0.5 1"),
        ];
        foreach ((PeriodKind period, string expected) in cases)
        {
            Assert.Equal(
                expected.Split('|'),
                (await ReadAsync(Scope("2026-01-01", "2026-02-02", "Asia/Kathmandu"), period, 10)).Select(p => FormattableString.Invariant(
                    $"{p.Period:MM-dd HH:mm} {p.Service} {p.CustomerId} {p.TotalUsage} {p.EventCount}")));
        }
    }

    [Fact]
    public async Task Of_equal_ones_the_newest_come_first_then_catalogue_order_and_no_more_than_asked_for()
    {
        await Store.WriteAsync(
            Record("compute", 1, Utc(2026, 1, 1, 3)), Record("api", 1, Utc(2026, 1, 1, 3)), Record("api", 1, Utc(2026, 1, 1, 1)),
            Record("api", 1, Utc(2026, 1, 1, 2), "a"), Record("api", 1, Utc(2026, 1, 1, 2), "b"), Record("api", 1.000000000000000001m, Utc(2026, 1, 1)));

        string[] all = ["00 api default", "03 api default", "03 compute default", "02 api a", "02 api b", "01 api default"];
        ReportScope scope = Scope("2026-01-01", "2026-01-01");
        Assert.Equal(all, await ShowAsync(scope, 10));
        Assert.Equal(all[..2], await ShowAsync(scope, 2));
        Assert.Equal([all[3]], await ShowAsync(scope with { Customers = ["a"] }, 10));
        // Only the half hour that is asked for.
        Assert.Equal(["01 api default"], await ShowAsync(scope with { Range = new TimeRange(Utc(2026, 1, 1, 0, 30), Utc(2026, 1, 1, 1, 1)) }, 10));
        Assert.Equal(["requests", "requests", "CPU-hours"], (await ReadAsync(scope, PeriodKind.Hourly, 3)).Select(p => p.Unit));

        async Task<IEnumerable<string>> ShowAsync(ReportScope scope, int first) =>
            (await ReadAsync(scope, PeriodKind.Hourly, first)).Select(p => FormattableString.Invariant($"{p.Period:HH} {p.Service} {p.CustomerId}"));
    }

    private Task<IReadOnlyList<UsagePeak>> ReadAsync(ReportScope scope, PeriodKind period, int first) => PeakReport.ReadAsync(Store, scope, period, first, Cancel);
}
