using UsageTracking.Metering;
using UsageTracking.Reports;
using UsageTracking.Stores;
using UsageTracking.Tests.Testing;
using UsageTracking.Time;
using static UsageTracking.Tests.Testing.Records;

namespace UsageTracking.Tests.Reports;

public sealed class SqliteReportTests() : ReportTests(StoreKind.Sqlite);

public sealed class PostgresReportTests() : ReportTests(StoreKind.PostgreSql);

public abstract class ReportTests(StoreKind kind) : OnTestStore(() => TestStore.CreateAsync(kind))
{
    private ServiceCatalogue _catalogue = null!;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        _catalogue = await Test.Store.GetCatalogueAsync(Cancel);
    }

    [Fact]
    public async Task Every_service_is_listed_in_catalogue_order_with_its_cost()
    {
        await Test.Store.WriteAsync(
            Record("api", 3, Utc(2026, 1, 5)), Record("api", 4, Utc(2026, 1, 31, 23, 59, 59)), Record("bandwidth", 0.5m, Utc(2026, 1, 5)),
            Record("api", 100, Utc(2026, 2, 1)), Record("api", 100, Utc(2025, 12, 31, 23, 59, 59)), Record("api", 100, Utc(2026, 1, 5), "other"));

        IReadOnlyList<ServiceUsage> usage = await UsageReport.TotalsAsync(Test.Store, Scope("2026-01", "2026-01"), ["default"], Cancel);

        Assert.Equal(
            ["api 7 requests 0.0001 0.0007 2", "storage 0 GB-hours 0.001 0 0", "bandwidth 0.5 GB 0.01 0.005 1", "compute 0 CPU-hours 0.05 0 0", "database 0 queries 0.00001 0 0", "functions 0 invocations 0.0002 0 0"],
            usage.Select(u => FormattableString.Invariant($"{u.Service} {u.Quantity} {u.Unit} {u.UnitCost} {u.Cost} {u.Events}")));
        Assert.All(usage, u => Assert.Equal((Utc(2026, 1, 1), Utc(2026, 2, 1), "default"), (u.Start, u.End, u.CustomerId)));
    }

    [Fact]
    public async Task Days_are_the_zones_own_of_23_and_25_hours_and_empty_ones_are_zero()
    {
        // London: UTC until 29 March 2026, then UTC+1; back on 25 October.
        await Test.Store.WriteAsync(
            Record("api", 1, Utc(2026, 3, 29)), Record("api", 2, Utc(2026, 3, 29, 22, 59, 59)), Record("api", 4, Utc(2026, 3, 29, 23, 0, 0)),
            Record("api", 8, Utc(2026, 10, 24, 23, 0, 0)), Record("api", 16, Utc(2026, 10, 25, 23, 59, 59)), Record("api", 32, Utc(2026, 10, 26)));

        IReadOnlyList<DailyServiceUsage> spring = await Daily("2026-03-28", "2026-03-30", "Europe/London");
        IReadOnlyList<DailyServiceUsage> autumn = await Daily("2026-10-24", "2026-10-26", "Europe/London");

        Assert.Equal(["2026-03-30 4 24", "2026-03-29 3 23", "2026-03-28 0 24"], spring.Select(Show));
        Assert.Equal(["2026-10-26 32 24", "2026-10-25 24 25", "2026-10-24 0 24"], autumn.Select(Show));

        static string Show(DailyServiceUsage day) => FormattableString.Invariant($"{day.Date:yyyy-MM-dd} {day.Quantity} {(day.End - day.Start).TotalHours}");
    }

    [Fact]
    public async Task A_measure_says_count_total_cost_average_minimum_and_maximum()
    {
        await Test.Store.WriteAsync(
            Record("storage", 1, Utc(2026, 1, 1, 10)), Record("storage", 0.5m, Utc(2026, 1, 1, 10, 59, 59)), Record("storage", 2.5m, Utc(2026, 1, 1, 10, 30)),
            Record("storage", 9, Utc(2026, 1, 1, 11)), Record("api", 1, Utc(2026, 1, 1, 10)));

        IReadOnlyList<UsageMeasure> hours = await MeasureReport.ReadAsync(Test.Store, Scope("2026-01-01", "2026-01-01"), PeriodKind.Hourly, [], null, Cancel);

        Assert.Equal(
            ["11:00 storage 1 9 0.009 9 9 9", "10:00 api 1 1 0.0001 1 1 1", "10:00 storage 3 4 0.004 1.333333333333 0.5 2.5"],
            hours.Select(m => FormattableString.Invariant(
                $"{m.Period:HH:mm} {m.Service} {m.EventCount} {m.TotalQuantity} {m.TotalCost} {m.AverageQuantity} {m.MinimumQuantity} {m.MaximumQuantity}")));
    }

    [Fact]
    public async Task Empty_periods_are_listed_only_when_asked_for()
    {
        await Test.Store.WriteAsync(Record("api", 1, Utc(2026, 1, 2)));
        ReportScope scope = Scope("2026-01-01", "2026-01-03") with { Services = [_catalogue.Get("api")] };

        Assert.Single(await MeasureReport.ReadAsync(Test.Store, scope, PeriodKind.Daily, [], null, Cancel));
        IReadOnlyList<UsageMeasure> all = await MeasureReport.ReadAsync(Test.Store, scope, PeriodKind.Daily, [], ["default"], Cancel);

        Assert.Equal([(3, 0L, null), (2, 1L, 1m), (1, 0L, (decimal?)null)], all.Select(m => (m.Period.Day, m.EventCount, m.AverageQuantity)));
    }

    [Theory]
    [InlineData("UTC")]
    [InlineData("Europe/London")]
    [InlineData("Asia/Kathmandu")]
    [InlineData("Australia/Lord_Howe")]
    public async Task Every_range_however_odd_equals_a_sum_over_the_records_themselves(string zone)
    {
        var random = new Random(42);
        DateTimeOffset start = Utc(2026, 3, 20);
        UsageRecord[] records =
        [
            .. Enumerable.Range(0, 3_000).Select(i => Record(
                random.Next(2) == 0 ? "api" : "compute",
                Math.Round((decimal)random.NextDouble() * 10, random.Next(19)),
                // Many events on the very boundaries, where a wrong comparison shows.
                random.Next(3) == 0 ? start.AddMinutes(15 * random.Next(2_000)) : start.AddTicks(10 * random.NextInt64(2_000L * 15 * 60 * 1_000_000)),
                $"c{random.Next(3)}")),
        ];
        await Test.Store.WriteAsync(records);
        TimeZoneInfo info = Zones.Find(zone);
        for (int i = 0; i < 12; i++)
        {
            DateTimeOffset from = start.AddTicks(10 * random.NextInt64(1_900L * 15 * 60 * 1_000_000));
            DateTimeOffset to = from.AddTicks(10 * random.NextInt64(i < 4 ? 40L * 60 * 1_000_000 : 400L * 15 * 60 * 1_000_000));
            var scope = new ReportScope(i % 2 == 0 ? null : ["c1"], _catalogue.Services, new TimeRange(from, to), info);
            PeriodKind period = (PeriodKind)(i % 4);

            IReadOnlyList<UsageMeasure> measures = await MeasureReport.ReadAsync(Test.Store, scope, period, [], null, Cancel);

            // The independent way: each record by itself to its local period.
            IEnumerable<string> expected = records
                .Where(r => r.Timestamp >= from && r.Timestamp < to && (i % 2 == 0 || r.CustomerId == "c1"))
                .GroupBy(r => (r.CustomerId, r.Service, LocalPeriod(r.Timestamp, period, info)))
                .Select(g => FormattableString.Invariant(
                    $"{g.Key.Item3} {g.Key.Service} {g.Key.CustomerId} {g.Count()} {ExactDecimal.Trim(Math.Round(g.Sum(r => r.Quantity), 12))} {ExactDecimal.Trim(g.Min(r => r.Quantity))} {ExactDecimal.Trim(g.Max(r => r.Quantity))}"));
            IEnumerable<string> actual = measures.Select(m => FormattableString.Invariant(
                $"{Shown(m.Period, period)} {m.Service} {m.CustomerId} {m.EventCount} {m.TotalQuantity} {m.MinimumQuantity} {m.MaximumQuantity}"));
            Assert.Equal(expected.Order(StringComparer.Ordinal), actual.Order(StringComparer.Ordinal));
        }
    }

    [Fact]
    public async Task Rows_of_other_programs_count_once_they_are_folded_in()
    {
        await Test.Store.WriteAsync(Record("api", 1, Utc(2026, 1, 1)));
        await Test.QueryAsync("INSERT INTO billing_usage_records (customer_id, service_name, quantity, unit_cost, recorded_at) VALUES ('default', 'api', '2.5', '0.0001', '2026-01-01 00:00:01+00'), ('default', 'compute', '1', '0.05', '2026-01-01 12:00:00+00')".Replace("+00", Test.IsPostgres ? "+00" : ".000000Z", StringComparison.Ordinal));
        Assert.Equal(1m, await Total("api"));

        SummaryUpdate first = await Test.Store.UpdateSummaryAsync(UsageFilter.All, null, Cancel);
        SummaryUpdate second = await Test.Store.UpdateSummaryAsync(UsageFilter.All, null, Cancel);

        Assert.Equal(new SummaryUpdate(2, 2), first);
        Assert.Equal(new SummaryUpdate(0, 0), second);
        Assert.Equal(3.5m, await Total("api"));
        Assert.Equal(1m, await Total("compute"));
        Assert.Equal("2|3.5|0.00035", await Daily("api"));

        async Task<string> Daily(string service) => string.Join('|', (await Test.QueryAsync(
            $"SELECT event_count, total_quantity, total_cost FROM billing_usage_daily_summary WHERE service_name = '{service}'"))[0].Select(Zeros));
    }

    [Fact]
    public async Task A_range_of_buckets_is_rebuilt_from_its_records_and_nothing_beside_it()
    {
        await Test.Store.WriteAsync(Record("api", 1, Utc(2026, 1, 1, 1)), Record("api", 2, Utc(2026, 1, 1, 2)), Record("api", 4, Utc(2026, 1, 1, 3)), Record("api", 8, Utc(2026, 1, 1, 4)));
        await Test.QueryAsync("UPDATE usage_buckets SET total_quantity = '99'");
        await Test.QueryAsync("DELETE FROM usage_buckets WHERE min_quantity = '2'");
        await Test.QueryAsync("DELETE FROM billing_usage_records WHERE quantity = '4'");

        var range = new TimeRange(Utc(2026, 1, 1, 1, 7), Utc(2026, 1, 1, 3, 7));
        SummaryUpdate first = await Test.Store.UpdateSummaryAsync(UsageFilter.All, range, Cancel);
        SummaryUpdate second = await Test.Store.UpdateSummaryAsync(UsageFilter.All, range, Cancel);

        // One put right, one put back, one removed; the one at four o'clock is outside.
        Assert.Equal(new SummaryUpdate(3, 0), first);
        Assert.Equal(new SummaryUpdate(0, 0), second);
        Assert.Equal(["1", "2", "99"], (await Test.QueryAsync("SELECT total_quantity FROM usage_buckets ORDER BY bucket_start")).Select(r => Zeros(r[0])));
    }

    private static string Zeros(string text) => text.Contains('.', StringComparison.Ordinal) ? text.TrimEnd('0').TrimEnd('.') : text;

    private static string LocalPeriod(DateTimeOffset time, PeriodKind kind, TimeZoneInfo zone)
    {
        DateTimeOffset local = TimeZoneInfo.ConvertTime(time, zone);
        return kind switch
        {
            PeriodKind.Hourly => local.ToString("yyyy-MM-dd HH zzz", System.Globalization.CultureInfo.InvariantCulture),
            PeriodKind.Daily => Day(local.Date),
            PeriodKind.Weekly => Day(System.Globalization.ISOWeek.ToDateTime(System.Globalization.ISOWeek.GetYear(local.Date), System.Globalization.ISOWeek.GetWeekOfYear(local.Date), DayOfWeek.Monday)),
            _ => local.ToString("yyyy-MM", System.Globalization.CultureInfo.InvariantCulture),
        };
    }

    private static string Shown(DateTimeOffset period, PeriodKind kind) => kind switch
    {
        PeriodKind.Hourly => period.ToString("yyyy-MM-dd HH zzz", System.Globalization.CultureInfo.InvariantCulture),
        PeriodKind.Monthly => period.ToString("yyyy-MM", System.Globalization.CultureInfo.InvariantCulture),
        _ => Day(period.DateTime),
    };

    private static string Day(DateTime date) => date.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);

    private ReportScope Scope(string start, string end, string zone = "UTC")
    {
        TimeZoneInfo info = Zones.Find(zone);
        return new ReportScope(["default"], _catalogue.Services, new TimeRange(TimeInput.Parse(start).Start(info), TimeInput.Parse(end).End(info)), info);
    }

    private async Task<IReadOnlyList<DailyServiceUsage>> Daily(string start, string end, string zone) =>
        await UsageReport.DailyAsync(Test.Store, Scope(start, end, zone) with { Services = [_catalogue.Get("api")] }, ["default"], Cancel);

    private async Task<decimal> Total(string service) =>
        (await UsageReport.TotalsAsync(Test.Store, Scope("2026", "2026"), ["default"], Cancel)).Single(u => u.Service == service).Quantity;
}
