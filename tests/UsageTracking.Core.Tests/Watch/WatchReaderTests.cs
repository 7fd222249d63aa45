using UsageTracking.Metering;
using UsageTracking.Quotas;
using UsageTracking.Stores;
using UsageTracking.Tests.Quotas;
using UsageTracking.Tests.Testing;
using UsageTracking.Time;
using UsageTracking.Watch;
using static UsageTracking.Tests.Testing.Records;

namespace UsageTracking.Tests.Watch;

public sealed class SqliteWatchReaderTests() : WatchReaderTests(StoreKind.Sqlite);

public sealed class PostgresWatchReaderTests() : WatchReaderTests(StoreKind.PostgreSql);

public abstract class WatchReaderTests(StoreKind kind) : OnQuotas(kind)
{
    private readonly SetClock _clock = new(Utc(2026, 6, 20, 12, 7));

    [Fact]
    public async Task Today_this_month_and_the_last_quarter_hours_are_told_apart()
    {
        await Store.WriteAsync(
            Record("api", 1, Utc(2026, 5, 31, 23, 59), "acme"), Record("api", 2, Utc(2026, 6, 1), "acme"), Record("api", 4, Utc(2026, 6, 20, 8, 14), "acme"),
            Record("api", 8, Utc(2026, 6, 20, 8, 15), "acme"), Record("api", 16, Utc(2026, 6, 20, 12, 6), "acme"), Record("api", 32, Utc(2026, 6, 21), "acme"),
            Record("api", 64, Utc(2026, 6, 20, 12), "other"), Record("storage", 128, Utc(2026, 6, 20), "acme"));

        WatchedUsage api = (await ReadAsync(new WatchReader(Store, Question(), _clock))).Single(u => u.Service.Name == "api");

        Assert.Equal((28m, 62m), (api.Today.ToReported(), api.Month.ToReported()));
        Assert.Equal(new Amount(4, 60), api.SinceToday);
        Assert.Equal([8, .. Enumerable.Repeat(0m, 14), 16], api.Course);
    }

    [Fact]
    public async Task The_day_is_that_of_the_zone()
    {
        // 17:52 in Kathmandu; its day began at 18:15 of the day before.
        await Store.WriteAsync(Record("api", 1, Utc(2026, 6, 19, 18, 14), "acme"), Record("api", 2, Utc(2026, 6, 19, 18, 15), "acme"));

        WatchReading reading = await new WatchReader(Store, Question() with { Zone = Zones.Find("Asia/Kathmandu") }, _clock).ReadAsync(null, Cancel);

        Assert.Equal(2, reading.Usage[0].Today.ToReported());
        Assert.Equal((Utc(2026, 6, 19, 18, 15), TimeSpan.FromMinutes(345)), (reading.Today, reading.Time.Offset));
    }

    [Fact]
    public async Task When_a_day_has_ended_its_sum_goes_on()
    {
        await Store.WriteAsync(Record("api", 1, Utc(2026, 6, 20, 1), "acme"));
        var reader = new WatchReader(Store, Question(), _clock);
        WatchReading before = await reader.ReadAsync(null, Cancel);
        _clock.Now = Utc(2026, 6, 21, 0, 0, 1);
        await Store.WriteAsync(Record("api", 2, Utc(2026, 6, 20, 23, 59), "acme"), Record("api", 4, Utc(2026, 6, 21), "acme"));

        WatchedUsage api = (await reader.ReadAsync(before.Today, Cancel)).Usage[0];

        Assert.Equal((new Amount(3, 7), new Amount(1, 4), 4m), (api.SinceLastDay, api.SinceToday, api.Today.ToReported()));
    }

    [Fact]
    public async Task A_customer_that_begins_to_use_something_is_seen_where_all_are_watched()
    {
        var reader = new WatchReader(Store, Question() with { HasEveryCustomer = true }, _clock);
        Assert.Equal(["acme"], (await ReadAsync(reader)).Select(u => u.CustomerId).Distinct());

        await Store.WriteAsync(Record("api", 1, Utc(2026, 6, 20, 1), "new"));

        Assert.Equal(["acme", "new"], (await ReadAsync(reader)).Select(u => u.CustomerId).Distinct());
        Assert.Equal(["acme"], (await ReadAsync(new WatchReader(Store, Question(), _clock))).Select(u => u.CustomerId).Distinct());
    }

    [Fact]
    public async Task Quotas_are_those_in_force()
    {
        await SetAsync("api", 10, Utc(2026, 6, 1));
        await Store.WriteAsync(Record("api", 8, Utc(2026, 6, 2), "acme"));

        IReadOnlyList<WatchedUsage> usage = await ReadAsync(new WatchReader(Store, Question(), _clock));

        Assert.Equal((10m, 80m, QuotaLevel.Warning), (usage[0].Quota!.Limit, usage[0].Quota!.Percent, usage[0].Quota!.LevelAt(Usual)));
        Assert.All(usage.Skip(1), u => Assert.Null(u.Quota));
    }

    private static WatchQuestion Question() =>
        new() { Customers = ["acme"], Services = [.. BuiltInServices.All.Select(s => s.Service)], HasEveryService = true, Zone = TimeZoneInfo.Utc, Thresholds = Usual };

    private static async Task<IReadOnlyList<WatchedUsage>> ReadAsync(WatchReader reader) => (await reader.ReadAsync(null, Cancel)).Usage;
}
