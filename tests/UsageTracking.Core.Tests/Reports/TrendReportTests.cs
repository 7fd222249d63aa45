using UsageTracking.Reports;
using UsageTracking.Stores;
using UsageTracking.Tests.Testing;
using UsageTracking.Time;
using static UsageTracking.Tests.Testing.Records;
using static UsageTracking.Tests.Testing.Scopes;

namespace UsageTracking.Tests.Reports;

public sealed class SqliteTrendReportTests() : TrendReportTests(StoreKind.Sqlite);

public sealed class PostgresTrendReportTests() : TrendReportTests(StoreKind.PostgreSql);

public abstract class TrendReportTests(StoreKind kind) : OnTestStore(() => TestStore.CreateAsync(kind))
{
    [Fact]
    public async Task Every_day_stands_beside_the_day_before_newest_first_in_catalogue_order()
    {
        await Store.WriteAsync(
            Record("storage", 9, Utc(2025, 12, 31, 23, 59, 59)), Record("compute", 2, Utc(2026, 1, 1)),
            Record("api", 10, Utc(2026, 1, 1, 23, 59, 59)), Record("api", 15, Utc(2026, 1, 2)), Record("api", 3, Utc(2026, 1, 4, 12)),
            Record("api", 1, Utc(2026, 1, 5, 11, 59, 59)), Record("api", 100, Utc(2026, 1, 5, 12)),
            Record("api", 0.3m, Utc(2026, 1, 3), "acme"), Record("api", 0.1m, Utc(2026, 1, 4), "acme"));
        ReportScope scope = Scope("2026-01-02", "2026-01-04");

        IReadOnlyList<UsageTrend> trend = await TrendReport.ReadAsync(Store, scope with { Range = new TimeRange(scope.Range.Start, Utc(2026, 1, 5, 12)) }, Cancel);

        Assert.Equal(
            [
                "5 api acme 0 0.1  True", "5 api default 1 3  True", "5 compute default 0 0  True",
                "4 api acme 0.1 0.3 -66.666666666666666666666666667 False", "4 api default 3 0  False", "4 compute default 0 0  False",
                "3 api acme 0.3 0  False", "3 api default 0 15 -100 False", "3 compute default 0 0  False",
                "2 api acme 0 0  False", "2 api default 15 10 50 False", "2 compute default 0 2 -100 False",
            ],
            trend.Select(Show));
        Assert.Equal(new DateTime(2026, 1, 5), trend[0].Date);
        Assert.Equal("CPU-hours", trend[2].Unit);
        Assert.Empty(await TrendReport.ReadAsync(Store, Scope("2026-01-02", "2026-01-04").Only("storage"), Cancel));
        Assert.Equal(3, (await TrendReport.ReadAsync(Store, scope with { Customers = ["default"] }, Cancel)).Count(t => t.Service == "api"));
    }

    [Fact]
    public async Task Days_are_the_zones_own_and_the_day_before_is_read_whole()
    {
        // London loses an hour on 29 March 2026.
        await Store.WriteAsync(
            Record("api", 1, Utc(2026, 3, 27, 23, 59, 59)), Record("api", 2, Utc(2026, 3, 28)), Record("api", 8, Utc(2026, 3, 29)),
            Record("api", 2, Utc(2026, 3, 29, 22, 59, 59)), Record("api", 1, Utc(2026, 3, 29, 23)));

        Assert.Equal(
            ["30 api default 1 10 -90 False", "29 api default 10 2 400 False"],
            (await TrendReport.ReadAsync(Store, Scope("2026-03-29", "2026-03-30", "Europe/London"), Cancel)).Select(Show));
    }

    private static string Show(UsageTrend t) =>
        FormattableString.Invariant($"{t.Date.Day} {t.Service} {t.CustomerId} {t.DailyTotal} {t.PreviousDay} {t.PercentChange} {t.IsPartial}");
}
