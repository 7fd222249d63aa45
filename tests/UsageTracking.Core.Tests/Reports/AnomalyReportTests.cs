using UsageTracking.Metering;
using UsageTracking.Reports;
using UsageTracking.Stores;
using UsageTracking.Tests.Testing;
using UsageTracking.Time;
using static UsageTracking.Tests.Testing.Records;
using static UsageTracking.Tests.Testing.Scopes;

namespace UsageTracking.Tests.Reports;

public sealed class SqliteAnomalyReportTests() : AnomalyReportTests(StoreKind.Sqlite);

public sealed class PostgresAnomalyReportTests() : AnomalyReportTests(StoreKind.PostgreSql);

public abstract class AnomalyReportTests(StoreKind kind) : OnTestStore(() => TestStore.CreateAsync(kind))
{
    // A Monday; what is judged. The eight Mondays before it are its history.
    private static readonly DateTimeOffset Monday = Utc(2026, 3, 2);

    [Fact]
    public async Task A_day_is_held_against_the_median_and_spread_of_its_weekday()
    {
        // Median 10.5, distances 0.5 0.5 1.5 1.5 2.5 2.5 489.5 10.5: median 2.
        await WriteMondaysAsync("api", 8, 9, 10, 11, 12, 13, 500, 0);
        await Store.WriteAsync(Record("api", 40, Monday.AddHours(7)), Record("api", 3, Monday.AddDays(1)));

        // 29.5 / (1.4826 * 2) is 9.948738702279778766...
        Assert.Equal(["03-02 api default 10.5 40 9.94873870228 2 8"], await ReadAsync(PeriodKind.Daily, floor: 1));
        Assert.Equal(["03-02 api default 10.5 40 9.94873870228 2 8"], await ReadAsync(PeriodKind.Daily, floor: 2, threshold: 9.94873870227m));
        Assert.Empty(await ReadAsync(PeriodKind.Daily, floor: 2, threshold: 9.94873870229m));
        // A floor above the spread takes its place: 29.5 / (1.4826 * 5).
        Assert.Equal(["03-02 api default 10.5 40 3.979495480912 5 8"], await ReadAsync(PeriodKind.Daily, floor: 5));
        Assert.Empty(await ReadAsync(PeriodKind.Daily, floor: 6));
        // Four weeks are 12, 13, 500 and 0: median 12.5, distances 0.5 0.5 487.5 12.5.
        Assert.Equal(["03-02 api default 12.5 40 2.853614751632 6.5 4"], await ReadAsync(PeriodKind.Daily, floor: 1, threshold: 2, weeks: 4));
    }

    [Fact]
    public async Task A_steady_service_is_measured_by_the_floor_and_less_than_usual_has_a_negative_score()
    {
        await WriteMondaysAsync("api", 10, 10, 10, 10, 10, 10, 10, 10);
        await WriteMondaysAsync("compute", 10, 10, 10, 10, 10, 10, 10, 10);
        await Store.WriteAsync(Record("api", 4, Monday), Record("compute", 10, Monday), Record("storage", 10, Monday));

        // -6 / 1.4826
        Assert.Equal(["03-02 api default 10 4 -4.04694455686 1 8"], await ReadAsync(PeriodKind.Daily, floor: 1));
        // Without a spread there is no score.
        Assert.Empty(await ReadAsync(PeriodKind.Daily, floor: 0));
        // A tenth of the average: 84 in the 57 days up to Monday, so -6 / (1.4826 * 0.14736842...).
        string usual = Assert.Single(await ReadAsync(PeriodKind.Daily, floor: null));
        Assert.StartsWith("03-02 api default 10 4 -27.4614094", usual, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_history_shorter_than_four_weeks_says_nothing()
    {
        await WriteMondaysAsync("api", 10, 10, 10, 10);
        await WriteMondaysAsync("compute", 10, 10, 10);
        await Store.WriteAsync(Record("api", 100, Monday), Record("compute", 100, Monday));

        Assert.Equal(["03-02 api default 10 100 60.704168352894 1 4"], await ReadAsync(PeriodKind.Daily, floor: 1));
    }

    [Fact]
    public async Task Hours_are_those_of_the_week_by_the_zones_clock_and_unused_ones_are_zero()
    {
        // Ten in the morning in London, which is an hour earlier in UTC from 29 March 2026 on.
        await Store.WriteAsync(
        [
            .. from week in Enumerable.Range(0, 6)
               from customer in (string[])["default", "acme"]
               select Record("api", 10, Utc(2026, 3, 2, week < 4 ? 10 : 9).AddDays(7 * week), customer),
        ]);
        await Store.WriteAsync(Record("api", 7, Utc(2026, 4, 13, 9, 59, 59)), Record("api", 10, Utc(2026, 4, 13, 9), "acme"), Record("api", 8, Utc(2026, 4, 13, 10), "acme"));
        ReportScope scope = Scope("2026-04-13", "2026-04-13", "Europe/London");

        Assert.Equal(
            ["04-13 11 acme 0 8 5.395926075813 6", "04-13 10 default 10 7 -2.02347227843 6"],
            (await AnomalyReport.ReadAsync(Store, scope, PeriodKind.Hourly, 8, 2, 1, Cancel)).Select(a => FormattableString.Invariant(
                $"{a.Period:MM-dd HH} {a.CustomerId} {a.Expected} {a.Actual} {a.Score} {a.Weeks}")));
    }

    [Fact]
    public async Task What_is_not_over_or_not_wholly_asked_for_is_not_judged()
    {
        await WriteMondaysAsync("api", 10, 10, 10, 10, 10, 10, 10, 10);
        await Store.WriteAsync(Record("api", 100, Monday.AddHours(2)));

        Assert.Empty(await ReadAsync(new TimeRange(Monday, Monday.AddHours(23))));
        Assert.Empty(await ReadAsync(new TimeRange(Monday.AddHours(1), Monday.AddDays(1))));
        Assert.Single(await ReadAsync(new TimeRange(Monday, Monday.AddDays(1))));
        Assert.Empty(await ReadAsync(new TimeRange(DateTimeOffset.UtcNow.AddDays(1), DateTimeOffset.UtcNow.AddDays(2))));
    }

    [Fact]
    public async Task A_score_that_no_decimal_holds_is_cut()
    {
        await WriteMondaysAsync("api", 1, 1, 1, 1, 1, 1, 1, 1);
        await Store.WriteAsync(Record("api", 1e20m, Monday));

        Assert.EndsWith(" 1000000000000000 0.000000000001 8", Assert.Single(await ReadAsync(PeriodKind.Daily, floor: 0.000000000001m)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_day_that_begins_at_one_is_a_weekday_like_others()
    {
        // Cairo skipped midnight on Friday, 24 April 2026.
        await Store.WriteAsync([.. Enumerable.Range(0, 40).Select(i => Record("api", i == 39 ? 10_000 : 100, Utc(2026, 3, 16, 12).AddDays(i)))]);

        IReadOnlyList<UsageAnomaly> found = await AnomalyReport.ReadAsync(
            Store, Scope("2026-04-20", "2026-04-24", "Africa/Cairo"), PeriodKind.Daily, 8, AnomalyReport.UsualThreshold, null, Cancel);

        Assert.Equal("2026-04-24T01:00:00 10000 100", FormattableString.Invariant($"{Assert.Single(found).Period:s} {found[0].Actual} {found[0].Expected}"));
    }

    /// <summary>The last of the quantities a week before the Monday that is judged, and so on backwards.</summary>
    private Task WriteMondaysAsync(string service, params decimal[] quantities) => Store.WriteAsync(
        [.. Enumerable.Reverse(quantities).Select((q, i) => Record(service, q, Monday.AddDays(-7 * (i + 1)).AddHours(i)))]);

    private Task<IReadOnlyList<string>> ReadAsync(TimeRange range) => ReadAsync(PeriodKind.Daily, 1, range: range);

    private async Task<IReadOnlyList<string>> ReadAsync(PeriodKind kind, decimal? floor, decimal threshold = AnomalyReport.UsualThreshold, int weeks = 8, TimeRange? range = null)
    {
        ReportScope scope = Scope("2026-03-02", "2026-03-02");
        return
        [
            .. (await AnomalyReport.ReadAsync(Store, scope with { Range = range ?? scope.Range }, kind, weeks, threshold, floor, Cancel)).Select(a =>
                FormattableString.Invariant($"{a.Period:MM-dd} {a.Service} {a.CustomerId} {a.Expected} {a.Actual} {a.Score} {ExactDecimal.Trim(a.Spread)} {a.Weeks}")),
        ];
    }
}
