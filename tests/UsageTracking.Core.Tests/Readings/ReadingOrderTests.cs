using System.Globalization;
using UsageTracking.Readings;
using UsageTracking.Stores;
using UsageTracking.Tests.Testing;
using UsageTracking.Time;
using static UsageTracking.Tests.Readings.Meters;

namespace UsageTracking.Tests.Readings;

public sealed class SqliteReadingOrderTests() : ReadingOrderTests(StoreKind.Sqlite);

public sealed class PostgresReadingOrderTests() : ReadingOrderTests(StoreKind.PostgreSql);

public abstract class ReadingOrderTests(StoreKind kind) : OnReadings(kind)
{
    [Fact]
    public async Task A_reading_that_comes_late_splits_the_interval_it_falls_in()
    {
        await RecordAsync(Total("1", 1000), Total("5", 1030));
        Assert.Equal(["Usage 20"], await RecordAsync(Total("3", 1020)));

        IEnumerable<string> records = (await ReadAllAsync()).OrderBy(r => r.Id)
            .Select(r => string.Create(CultureInfo.InvariantCulture, $"{r.Timestamp.Day} {r.Quantity} {r.Metadata["reading"]} {(r.CorrectsId is null ? "" : "correction")}").TrimEnd());
        Assert.Equal(["5 30 1030", "3 20 1020", "5 -30 1030 correction", "5 10 1030"], records);
        Assert.Equal([20m, 10m], (await NetAsync()).Select(n => n.Usage));
        Assert.Equal("Add-UsageReading 1", string.Join(' ', (await Test.QueryAsync("SELECT corrected_by, count(*) FROM billing_usage_records WHERE correction_reason <> '' GROUP BY 1"))[0]));
        await AssertAgreesAsync(expectedRecords: 4);
    }

    [Fact]
    public async Task An_earlier_baseline_makes_the_old_one_usage()
    {
        await RecordAsync(Total("5", 1030));
        Assert.Equal(["Baseline 0"], await RecordAsync(Total("1", 1000)));

        Assert.Equal([(At("5"), 30m)], await NetAsync());
        await AssertAgreesAsync(expectedRecords: 1);
    }

    [Fact]
    public async Task Lines_that_are_read_one_after_the_other_put_the_opening_right()
    {
        await RecordAsync(Left("1 05:30", 60));
        Assert.Equal([(At("1 05:30"), 40m)], await NetAsync());

        Assert.Equal(["Opening 0"], await RecordAsync(Left("1 05:31", 40, "b")));

        Assert.Empty(await NetAsync());
        await AssertAgreesAsync(expectedRecords: 2);
    }

    [Fact]
    public async Task A_record_that_was_archived_is_taken_back_by_its_reading()
    {
        await RecordAsync(Total("1", 1000), Total("5", 1030));
        await Test.QueryAsync("DELETE FROM billing_usage_records");
        await Test.QueryAsync("UPDATE usage_buckets SET part = 1");

        await RecordAsync(Total("3", 1020));

        Assert.Equal([(At("3"), 20m, false), (At("5"), -30m, true), (At("5"), 10m, false)],
            (await ReadAllAsync()).OrderBy(r => r.Timestamp).ThenBy(r => r.Id).Select(r => (r.Timestamp, r.Quantity, r.CorrectsId is not null)));
        Assert.Empty(await Store.CompareBucketsAsync(UsageFilter.All, TimeRange.Everything, Cancel));
        Assert.Equal(30m, (await Store.SumBucketsAsync(UsageFilter.All, [At("1"), At("30")], FigureParts.All, Cancel)).Single().Figures.Quantity.ToReported());
    }

    [Fact]
    public async Task A_record_that_was_taken_back_by_hand_is_not_taken_back_again()
    {
        await RecordAsync(Total("1", 1000), Total("5", 1030));
        string id = await Test.ScalarAsync("SELECT usage_id FROM usage_readings WHERE usage_id IS NOT NULL");
        await Test.InsertAsync(Records.Record("bandwidth", -30, At("5"), "c", unitCost: 0.01m), "true", id);

        await RecordAsync(Total("3", 1020));

        Assert.Equal([(At("3"), 20m), (At("5"), 10m)], await NetAsync());
    }

    [Fact]
    public async Task The_same_reading_from_eight_sides_at_once_counts_once()
    {
        await using IUsageStore other = Test.OpenAgain();
        await RecordAsync(Total("1", 1000));

        IReadOnlyList<string>[] results = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(
            () => RecordAsync(i % 2 == 0 ? Store : other, false, new TestLimits(Store, 100), Total("2", 1005)), Cancel)));

        Assert.Equal("Usage 5", Assert.Single(results.SelectMany(r => r), r => !r.StartsWith("Repeated", StringComparison.Ordinal)));
        Assert.Equal(5m, Assert.Single(await ReadAllAsync()).Quantity);
        await AssertAgreesAsync(expectedRecords: 1);
    }

    [Fact]
    public async Task Different_readings_from_eight_sides_at_once_all_count()
    {
        await using IUsageStore other = Test.OpenAgain();

        await Task.WhenAll(Enumerable.Range(1, 8).Select(i => Task.Run(
            () => RecordAsync(i % 2 == 0 ? Store : other, false, new TestLimits(Store, 100), Left($"{i}", 100 - (i * i))), Cancel)));

        Assert.Equal([1m, 3m, 5m, 7m, 9m, 11m, 13m, 15m], (await NetAsync()).Select(n => n.Usage));
        await AssertAgreesAsync();
    }

    [Fact]
    public async Task Meters_that_are_read_again_and_again_at_once_do_not_turn_each_other_away()
    {
        await Task.WhenAll(Enumerable.Range(1, 8).Select(i => Task.Run(
            async () =>
            {
                await using IUsageStore store = Test.OpenAgain();
                for (int n = 0; n <= 20; n++)
                    await RecordAsync(store, false, new TestLimits(Store, 100), new StoredReading($"m{i}", ReadingKind.Total, At("1").AddMinutes(n), n));
            },
            Cancel)));

        Assert.Equal(160m, (await NetAsync()).Sum(n => n.Usage));
        await AssertAgreesAsync();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Whatever_order_readings_come_in_the_same_usage_is_recorded(int seed)
    {
        var random = new Random(seed);
        StoredReading[] readings =
        [
            .. Enumerable.Range(0, 24).Select(i => new StoredReading(
                i % 3 == 0 ? "router" : i % 3 == 1 ? "a" : "b", i % 3 == 0 ? ReadingKind.Total : ReadingKind.Remaining,
                At("1").AddMinutes(random.Next(60 * 1440)), random.Next(400) / 4m)).DistinctBy(r => (r.Meter, r.ReadAt)),
        ];
        var limits = new TestLimits(Store, 100) { Allowances = [TopUp("10", 20), TopUp("7-2", 30)] };
        ReadingRecorder recorder = await RecorderAsync(Store, limits);
        foreach (string customer in (string[])["at once", "forwards", "backwards", "anyhow"])
        {
            MeterReading[] mine = [.. readings.OrderBy(r => r.ReadAt).Select(r => Reading(r) with { CustomerId = customer })];
            switch (customer)
            {
                case "at once":
                    await recorder.RecordAsync(mine, Cancel);
                    continue;
                case "backwards":
                    Array.Reverse(mine);
                    break;
                case "anyhow":
                    mine = [.. mine, .. mine.Take(8)];
                    random.Shuffle(mine);
                    break;
            }

            foreach (MeterReading reading in mine)
                await recorder.RecordAsync([reading], Cancel);
        }

        (DateTimeOffset, decimal)[] expected = await NetAsync("at once");
        Assert.NotEmpty(expected);
        foreach (string customer in (string[])["forwards", "backwards", "anyhow"])
            Assert.Equal(expected, await NetAsync(customer));

        Assert.Single((await Store.GetReadingAllowancesAsync(UsageFilter.All, Cancel)).GroupBy(a => a.CustomerId).Select(g => string.Join(' ', g.Select(a => (a.ReadAt, a.Amount)))).Distinct());
        await AssertAgreesAsync();
    }

    [Fact]
    public async Task What_is_carried_over_follows_a_late_reading()
    {
        var limits = new TestLimits(Store, 100) { From = At("1"), CarriedOver = 0.5m };
        foreach (StoredReading reading in (StoredReading[])[Left("1", 100), Left("30", 80), Left("7-1", 140), Left("7-31", 60), Left("8-1", 130)])
            await RecordAsync(false, limits, reading);

        // 80, then 140 of 100 + 40, then 130 of 100 + 30.
        Assert.Equal([(At("30"), 20m), (At("7-31"), 80m)], await NetAsync());

        Assert.Equal(["Usage 20"], await RecordAsync(false, limits, Left("30 12:00", 60)));

        // 60, then 140 of 100 + 30 (10 too many), and again 60 at the end.
        Assert.Equal([(At("30"), 20m), (At("30 12:00"), 20m), (At("7-31"), 80m)], await NetAsync());
        Assert.Equal([(At("7-1"), 10m)], (await Store.GetReadingAllowancesAsync(UsageFilter.All, Cancel)).Select(a => (a.ReadAt, a.Amount)));
        await AssertAgreesAsync();
    }
}
