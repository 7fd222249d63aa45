using Npgsql;
using UsageTracking.Metering;
using UsageTracking.Stores;
using UsageTracking.Stores.Postgres;
using UsageTracking.Tests.Testing;
using UsageTracking.Time;
using static UsageTracking.Tests.Testing.Records;

namespace UsageTracking.Tests.Stores;

public sealed class SqliteQuantilesTests() : QuantilesTests(StoreKind.Sqlite);

public sealed class PostgresQuantilesTests() : QuantilesTests(StoreKind.PostgreSql)
{
    [Fact]
    public async Task However_few_are_fetched_at_once_the_quantiles_are_the_same()
    {
        Dictionary<(string, string), decimal[]> populations = await WritePopulationsAsync();
        await using var source = new PostgresSource(NpgsqlDataSource.Create(Test.ConnectionString));

        foreach (long fetchedAtMost in (long[])[0, 100])
            AssertSorted(populations, await new PostgresQuantiles(source, fetchedAtMost).ReadAsync(UsageFilter.All, Day, Fractions, Cancel));
    }
}

public abstract class QuantilesTests(StoreKind kind) : OnTestStore(() => TestStore.CreateAsync(kind))
{
    protected static readonly decimal[] Fractions = [0, 0.001m, 0.5m, 0.95m, 0.99m, 1];
    protected static readonly TimeRange Day = new(Utc(2026, 1, 1), Utc(2026, 1, 2));

    [Fact]
    public async Task Quantities_at_a_rank_are_those_that_sorting_finds() =>
        AssertSorted(await WritePopulationsAsync(), await Store.ReadQuantilesAsync(UsageFilter.All, Day, Fractions, Cancel));

    [Fact]
    public async Task Only_what_the_filter_and_range_name_and_the_buckets_hold_is_counted()
    {
        await Store.WriteAsync(
            Record("api", 1, Day.Start), Record("api", 3, Day.End.AddTicks(-10)), Record("compute", 50, Day.Start), Record("api", 60, Day.Start, "acme"),
            Record("api", 70, Day.Start.AddTicks(-10)), Record("api", 80, Day.End));
        await Test.InsertAsync(Record("api", 90, Day.Start));
        await Test.InsertAsync(Record("api", 90, Day.Start), "NULL");

        Assert.Equal(["acme api 1 60-60", "default api 2 1-3", "default compute 1 50-50"], await ReadAsync(UsageFilter.All));
        Assert.Equal(["default api 2 1-3"], await ReadAsync(new UsageFilter(["default", "nobody"], ["api"])));
        Assert.Empty(await ReadAsync(new UsageFilter([], null)));
    }

    [Fact]
    public async Task A_correction_and_what_it_corrects_are_in_no_percentile_and_no_extreme_but_sums_subtract()
    {
        DateTimeOffset time = Utc(2026, 1, 1, 12);
        await Store.WriteAsync(
            Record("api", 1, time, metadata: """{"k":"a"}"""), Record("api", 5, time, metadata: """{"k":"a"}"""), Record("api", 2, time, metadata: """{"k":"b"}"""));
        await CorrectAsync(Record("api", 9, time, metadata: """{"k":"a"}""", unitCost: 0.5m));
        await CorrectAsync(Record("api", 0.5m, time, metadata: """{"k":"b"}"""));
        await CorrectAsync(Record("compute", 4, time));
        DateTimeOffset[] bounds = [Day.Start, time, Day.End];

        IEnumerable<string> sums = (await Store.SumRecordsAsync(UsageFilter.All, bounds, Cancel)).Select(s => Show(s.Service, s.Period, s.Figures));
        IEnumerable<string> groups = (await Store.SumGroupsAsync(UsageFilter.All, bounds, ["k"], Cancel)).Select(s => Show(s.Service + s.Values[0], s.Period, s.Figures));

        Assert.Equal(["default api 3 2-2"], await ReadAsync(UsageFilter.All));
        Assert.Equal(["api 1: 3 8 0.0008 1-5", "compute 1: 0 0 0 -"], sums.Order(StringComparer.Ordinal));
        Assert.Equal(["api\"a\" 1: 2 6 0.0006 1-5", "api\"b\" 1: 1 2 0.0002 2-2", "compute 1: 0 0 0 -"], groups.Order(StringComparer.Ordinal));

        static string Show(string name, int period, Figures f) => FormattableString.Invariant($"{name} {period}: {f.Events} {f.Quantity} {f.Cost} {f.Minimum}-{f.Maximum}");
    }

    /// <summary>Of each kind of population one, each with a customer and a service of its own.</summary>
    protected async Task<Dictionary<(string Customer, string Service), decimal[]>> WritePopulationsAsync()
    {
        var random = new Random(5);
        Dictionary<(string Customer, string Service), decimal[]> populations = new()
        {
            [("few", "api")] = [0.3m],
            [("few", "compute")] = [5, 0.1m],
            [("equal", "api")] = Many(50, _ => 7.5m),
            [("two", "api")] = Many(100, i => i % 4 == 0 ? 2 : 1),
            [("two", "compute")] = Many(101, i => i == 0 ? 1e-18m : 1e24m),
            [("spread", "api")] = Many(1_000, _ => random.Next(1, 10_000) * (decimal)Math.Pow(10, random.Next(-14, 21)) * 1e-4m),
            [("zeros", "api")] = Many(200, i => i < 150 ? 0 : i < 190 ? 1e-18m : i),
            [("duplicates", "api")] = Many(2_000, _ => random.Next(5)),
            // More digits than a double tells apart.
            [("close", "api")] = Many(500, i => 1 + (i * 1e-18m)),
            // Many distinct quantities in a bin or two, evenly and unevenly.
            [("cluster", "api")] = Many(30_000, i => 1.0000001m + (i * 0.0000000999966667m)),
            [("cluster", "compute")] = Many(3_000, i => i == 0 ? 1.005m : 1 + (i * 1e-9m)),
        };
        await Store.WriteAsync(
        [
            .. populations.SelectMany(p => p.Value.Select(q => Record(p.Key.Service, q, Day.Start.AddSeconds(random.Next(86_400)), p.Key.Customer)))
                .OrderBy(_ => random.Next()),
        ]);
        return populations;

        static decimal[] Many(int count, Func<int, decimal> quantity) => [.. Enumerable.Range(0, count).Select(i => Math.Round(quantity(i), 18))];
    }

    protected static void AssertSorted(Dictionary<(string Customer, string Service), decimal[]> populations, IReadOnlyList<Quantiles> actual)
    {
        Assert.Equal(populations.Keys.Order(), actual.Select(q => (q.CustomerId, q.Service)).Order());
        foreach (Quantiles quantiles in actual)
        {
            decimal[] sorted = [.. populations[(quantiles.CustomerId, quantiles.Service)].Order()];
            Assert.Equal(sorted.Length, quantiles.Count);
            Assert.Equal(
                Fractions.Select(f => (sorted[(int)Math.Floor((sorted.Length - 1) * f)], sorted[(int)Math.Ceiling((sorted.Length - 1) * f)])),
                quantiles.Neighbours);
        }
    }

    private async Task<IEnumerable<string>> ReadAsync(UsageFilter filter) =>
        (await Store.ReadQuantilesAsync(filter, Day, [0.5m], Cancel))
            .Select(q => FormattableString.Invariant($"{q.CustomerId} {q.Service} {q.Count} {ExactDecimal.Trim(q.Neighbours[0].Lower)}-{ExactDecimal.Trim(q.Neighbours[0].Upper)}"))
            .Order(StringComparer.Ordinal);

    private async Task CorrectAsync(UsageRecord record)
    {
        string id = await Test.InsertAsync(record, "true");
        await Test.InsertAsync(record with { Quantity = -record.Quantity }, "true", id);
    }
}
