using UsageTracking.Stores;
using UsageTracking.Tests.Testing;
using UsageTracking.Time;
using static UsageTracking.Tests.Testing.Records;

namespace UsageTracking.Tests.Stores;

public sealed class SqliteArchivedRecordsTests() : ArchivedRecordsTests(StoreKind.Sqlite);

public sealed class PostgresArchivedRecordsTests() : ArchivedRecordsTests(StoreKind.PostgreSql);

public abstract class ArchivedRecordsTests(StoreKind kind) : OnTestStore(() => TestStore.CreateAsync(kind))
{
    private static readonly DateTimeOffset Day = Utc(2026, 1, 5);

    [Fact]
    public async Task They_are_counted_within_the_range_and_for_the_customers_and_services_asked_for()
    {
        await Store.WriteAsync(
            Record("api", 1, Day, "acme"), Record("api", 1, Day.AddMinutes(5), "acme"), Record("compute", 1, Day, "acme"), Record("api", 1, Day, "beta"),
            Record("api", 1, Day.AddHours(1), "acme"), Record("api", 1, Day.AddHours(2), "acme"));
        Assert.Null(await WarnAsync(UsageFilter.All, TimeRange.Everything));

        await Test.ArchiveAsync("acme", "api", Day, Day.AddHours(2));
        await Test.ArchiveAsync("acme", "compute", Day, Day.AddHours(2));

        const string Four = "4 records of this range are archived and not included. Restore-UsageArchive brings them back.";
        Assert.Equal(Four, await WarnAsync(UsageFilter.All, TimeRange.Everything));
        Assert.Equal(Four, await WarnAsync(UsageFilter.All, new TimeRange(DateTimeOffset.MinValue, DateTimeOffset.MaxValue)));
        Assert.Equal(Four, await WarnAsync(new UsageFilter(["acme", "other"], null), new TimeRange(Day, Day.AddHours(2))));
        Assert.Equal(Four.Replace('4', '3'), await WarnAsync(new UsageFilter(null, ["api"]), TimeRange.Everything));
        Assert.Equal(
            "1 record of this range is archived and not included in the percentiles. Restore-UsageArchive brings it back.",
            await WarnAsync(new UsageFilter(["acme"], ["compute"]), TimeRange.Everything, "in the percentiles"));
        // To the quarter hour: who asks for a part of one may miss any of it.
        Assert.Equal(Four.Replace('4', '2'), await WarnAsync(new UsageFilter(["acme"], ["api"]), new TimeRange(Day.AddMinutes(1), Day.AddMinutes(2))));
        Assert.Null(await WarnAsync(UsageFilter.All, new TimeRange(Day.AddHours(2), Day.AddDays(9))));
        Assert.Null(await WarnAsync(UsageFilter.All, new TimeRange(Day.AddMinutes(1), Day.AddMinutes(1))));
        Assert.Null(await WarnAsync(new UsageFilter(["beta"], null), TimeRange.Everything));
        Assert.Null(await WarnAsync(new UsageFilter([], null), TimeRange.Everything));
    }

    [Fact]
    public async Task Records_that_were_all_taken_back_are_missing_too()
    {
        await Store.WriteAsync(Record("api", 1, Day));
        await Test.ArchiveAsync("default", "api", Day, Day.AddHours(1));
        await Test.QueryAsync("UPDATE usage_buckets SET event_count = 0, total_quantity = '0'");

        Assert.Equal("Records of this range are archived and not included. Restore-UsageArchive brings them back.", await WarnAsync(UsageFilter.All, TimeRange.Everything));
    }

    private Task<string?> WarnAsync(UsageFilter filter, TimeRange range, string place = "") => ArchivedRecords.WarnAsync(Store, filter, range, place, Cancel);
}
