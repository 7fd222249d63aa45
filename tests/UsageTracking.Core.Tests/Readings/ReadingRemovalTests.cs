using System.Globalization;
using UsageTracking.Metering;
using UsageTracking.Readings;
using UsageTracking.Stores;
using UsageTracking.Tests.Testing;
using UsageTracking.Time;
using static UsageTracking.Tests.Readings.Meters;

namespace UsageTracking.Tests.Readings;

public sealed class SqliteReadingRemovalTests() : ReadingRemovalTests(StoreKind.Sqlite);

public sealed class PostgresReadingRemovalTests() : ReadingRemovalTests(StoreKind.PostgreSql);

public abstract class ReadingRemovalTests(StoreKind kind) : OnReadings(kind)
{
    [Fact]
    public async Task The_interval_that_a_reading_split_becomes_one_again()
    {
        await RecordAsync(Total("1", 1000), Total("3", 1020), Total("5", 1030));
        await RemoveAsync(Total("3", 1020));

        IEnumerable<string> records = (await ReadAllAsync()).OrderBy(r => r.Timestamp).ThenBy(r => r.Id)
            .Select(r => string.Create(CultureInfo.InvariantCulture, $"{r.Timestamp.Day} {r.Quantity} {r.Metadata["reading"]} {(r.CorrectsId is null ? "" : "correction")}").TrimEnd());
        Assert.Equal(["3 20 1020", "3 -20 1020 correction", "5 10 1030", "5 -10 1030 correction", "5 30 1030"], records);
        Assert.Equal(
            ["Remove-UsageReading another reading was removed, which changed what this one means", "Remove-UsageReading the reading was removed"],
            (await Test.QueryAsync("SELECT corrected_by, correction_reason FROM billing_usage_records WHERE corrects_id IS NOT NULL ORDER BY 2")).Select(r => string.Join(' ', r)));
        Assert.Equal("2", await Test.ScalarAsync("SELECT count(*) FROM usage_readings"));
        Assert.Equal("2", await Test.ScalarAsync("SELECT revision FROM usage_meters"));
        await AssertAgreesAsync(expectedRecords: 5);
    }

    [Fact]
    public async Task Without_a_baseline_the_next_reading_is_one()
    {
        await RecordAsync(Total("1", 1000), Total("3", 1020), Total("5", 1030));
        await RemoveAsync(Total("1", 1000));

        Assert.Equal([(At("5"), 10m)], await NetAsync());
        await AssertAgreesAsync(expectedRecords: 3);
    }

    [Fact]
    public async Task Without_an_opening_the_next_reading_opens_and_without_a_rise_there_is_no_allowance()
    {
        await RecordAsync(Left("1", 90), Left("2", 80), Left("3", 800), Left("4", 70));
        Assert.Equal([10m, 10m, 730m], (await NetAsync()).Select(n => n.Usage));

        await RemoveAsync(Left("3", 800), Left("1", 90));

        Assert.Equal([(At("2"), 20m), (At("4"), 10m)], await NetAsync());
        Assert.Empty(await Store.GetReadingAllowancesAsync(UsageFilter.All, Cancel));
        await AssertAgreesAsync();
    }

    [Fact]
    public async Task Without_a_second_line_the_opening_is_the_firsts_again()
    {
        await RecordAsync(Left("1 05:30", 60), Left("1 05:31", 40, "b"), Left("2", 55), Left("2", 30, "b"));
        await RemoveAsync(Left("2", 30, "b"), Left("1 05:31", 40, "b"));

        Assert.Equal([(At("1 05:30"), 40m), (At("2"), 5m)], await NetAsync());
        await AssertAgreesAsync();
    }

    [Fact]
    public async Task What_is_carried_over_follows_also_where_nothing_is_left_of_a_period()
    {
        var limits = new TestLimits(Store, 100) { From = At("1"), CarriedOver = 0.5m };
        await RecordAsync(false, limits, Left("30", 20), Left("7-31", 60), Left("8-1", 130));
        // 20, then 50 of 110, then 0 of 130.
        Assert.Equal([(At("30"), 80m), (At("7-31"), 50m)], await NetAsync());

        await RemoveAsync(limits, Left("30", 20));

        // Nothing of 100, then 90 of 150, and again 130.
        Assert.Equal([(At("7-31"), 90m)], await NetAsync());
        await AssertAgreesAsync();
    }

    [Fact]
    public async Task A_reading_whose_quota_is_gone_is_removed_all_the_same()
    {
        await RecordAsync(Left("1", 90), Left("7-1", 95));
        await RemoveAsync(new TestLimits(Store, 100) { From = At("7-1") }, Left("1", 90));

        Assert.Equal([(At("7-1"), 5m)], await NetAsync());
        await AssertAgreesAsync();
    }

    [Fact]
    public async Task A_reading_that_is_not_there_is_said_and_nothing_changes()
    {
        await RecordAsync(Left("1", 90), Left("2", 80), Total("2", 7, "router"));
        ReadingRecorder recorder = await RecorderAsync(Store, new TestLimits(Store, 100));
        string[] before = await EverythingAsync();

        foreach (StoredReading reading in (StoredReading[])[Left("1", 91), Total("1", 90), Left("1 00:00:01", 90), Left("1", 90, "b")])
        {
            UsageException error = await Assert.ThrowsAsync<UsageException>(() => recorder.RemoveAsync(Reading(reading), Cancel));
            Assert.Equal((UsageErrorKind.NotFound, "ReadingNotFound"), (error.Kind, error.ErrorId));
        }

        Service service = Reading(Left("1", 90)).Service;
        Assert.Equal(Reading(Left("1", 90)), await recorder.FindAsync("c", service, "A", At("1").AddTicks(9), Cancel));
        foreach ((string customer, string meter, DateTimeOffset at) in new[] { ("d", "a", At("1")), ("c", "b", At("1")), ("c", "a", At("1").AddTicks(-1)), ("c", "router", At("1")) })
            await Assert.ThrowsAsync<UsageException>(() => recorder.FindAsync(customer, service, meter, at, Cancel));

        Assert.Equal(before, await EverythingAsync());
    }

    [Fact]
    public async Task A_meter_without_readings_may_say_something_else()
    {
        await RecordAsync(Left("1", 90));
        await RemoveAsync(Left("1", 90));

        Assert.Equal(["Baseline 0", "Usage 5"], await RecordAsync(Total("1", 90, "A"), Total("2", 95, "A")));
        await AssertAgreesAsync(expectedRecords: 3);
    }

    [Fact]
    public async Task A_record_that_was_archived_or_taken_back_by_hand_is_not_taken_back_twice()
    {
        await RecordAsync(Total("1", 1000), Total("5", 1030), Total("7", 1037));
        string id = await Test.ScalarAsync("SELECT usage_id FROM usage_readings WHERE usage = 7");
        await Test.InsertAsync(Records.Record("bandwidth", -7, At("7"), "c", unitCost: 0.01m), "true", id);
        await RemoveAsync(Total("7", 1037));
        Assert.Equal([(At("5"), 30m)], await NetAsync());

        await Test.QueryAsync("DELETE FROM billing_usage_records");
        await RemoveAsync(Total("5", 1030));
        Assert.Equal([(At("5"), -30m)], await NetAsync());
    }

    [Fact]
    public async Task Of_eight_that_remove_the_same_reading_one_does_while_others_are_added()
    {
        await using IUsageStore other = Test.OpenAgain();
        await RecordAsync(Total("1", 1000), Total("2", 1005), Total("9", 1100));

        Exception?[] errors = await Task.WhenAll(Enumerable.Range(0, 9).Select(i => Task.Run(() => Xunit.Record.ExceptionAsync(() => ActAsync(i)).AsTask(), Cancel)));

        Assert.Equal(2, errors.Count(e => e is null));
        Assert.All(errors.OfType<UsageException>(), e => Assert.Equal("ReadingNotFound", e.ErrorId));
        Assert.Equal([(At("4"), 40m), (At("9"), 60m)], await NetAsync());
        await AssertAgreesAsync();

        async Task ActAsync(int i)
        {
            ReadingRecorder recorder = await RecorderAsync(i % 2 == 0 ? Store : other, new TestLimits(Store, 100));
            if (i == 8)
                await recorder.RecordAsync([Reading(Total("4", 1040))], Cancel);
            else
                await recorder.RemoveAsync(Reading(Total("2", 1005)), Cancel);
        }
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, false)]
    [InlineData(3, true)]
    [InlineData(4, true)]
    public async Task Readings_that_were_removed_might_never_have_been_made(int seed, bool carriesOver)
    {
        var random = new Random(seed);
        // What is carried over follows readings of what is left only.
        MeterReading[] readings =
        [
            .. Enumerable.Range(0, 24).Select(i => Reading(new StoredReading(
                i % 3 == 0 ? "router" : i % 3 == 1 ? "a" : "b", i % 3 == 0 && !carriesOver ? ReadingKind.Total : ReadingKind.Remaining,
                At("1").AddMinutes(random.Next(90 * 1440)), random.Next(400) / 4m))).DistinctBy(r => (r.Meter, r.ReadAt)),
        ];
        var limits = new TestLimits(Store, 100)
        {
            From = At("1"),
            CarriedOver = carriesOver ? 0.5m : 0,
            Allowances = [TopUp("10", 20), TopUp("7-2", 30)],
        };
        ReadingRecorder recorder = await RecorderAsync(Store, limits);
        random.Shuffle(readings);
        MeterReading[] kept = readings[10..];
        await recorder.RecordAsync([.. kept.OrderBy(r => r.ReadAt).Select(r => r with { CustomerId = "others" })], Cancel);
        MeterReading[] mixed = [.. readings];
        random.Shuffle(mixed);
        foreach (MeterReading reading in mixed)
            await recorder.RecordAsync([reading], Cancel);

        foreach (MeterReading reading in readings[..10])
            await recorder.RemoveAsync(await recorder.FindAsync("c", reading.Service, reading.Meter, reading.ReadAt, Cancel), Cancel);

        Assert.NotEmpty(await NetAsync());
        Assert.Equal(await NetAsync("others"), await NetAsync());
        Assert.Equal(await StoredAsync("others"), await StoredAsync("c"));
        foreach (int month in (int[])[6, 7, 8, 9])
            Assert.Equal(await LeftAsync("others", month), await LeftAsync("c", month));

        await AssertAgreesAsync();

        random.Shuffle(kept);
        foreach (MeterReading reading in kept)
            await recorder.RemoveAsync(reading, Cancel);

        Assert.Empty(await NetAsync());
        Assert.Empty(await StoredAsync("c"));
        Assert.Equal(0m, (await Store.SumBucketsAsync(new UsageFilter(["c"], null), [At("1"), At("9-30")], FigureParts.All, Cancel)).Sum(f => f.Figures.Quantity.ToReported()));
        await AssertAgreesAsync();

        async Task<decimal> LeftAsync(string customer, int month)
        {
            ReadingPeriod period = (await limits.FindAsync(customer, readings[0].Service, Records.Utc(2026, month, 1), Cancel))!;
            var filter = new UsageFilter([customer], null);
            IReadOnlyList<PeriodFigures> used = await Store.SumBucketsAsync(filter, [period.Start, period.End], FigureParts.Quantity, Cancel);
            return period.Limit - used.Sum(u => u.Figures.Quantity.ToReported())
                + (await Store.GetReadingAllowancesAsync(filter, Cancel)).Where(a => a.ReadAt >= period.Start && a.ReadAt < period.End).Sum(a => a.Amount);
        }
    }

    [Fact]
    public async Task Readings_are_listed_by_customer_service_and_time_the_newest_first()
    {
        await RecordAsync(Left("1", 90), Left("2", 85, "b"), Left("2", 80), Total("3", 7, "router"));
        ReadingRecorder recorder = await RecorderAsync(Store, new TestLimits(Store, 100));
        var api = new Service("api", "requests", false, 1);
        await recorder.RecordAsync([Reading(Total("2", 5)) with { Service = api, CustomerId = "d" }], Cancel);
        Service[] services = [api, Reading(Total("2", 5)).Service];
        TimeZoneInfo tokyo = Zones.Find("Asia/Tokyo");

        async Task<string[]> ListAsync(UsageFilter filter, TimeRange range, params Service[] listed) =>
        [
            .. (await ReadingList.ReadAsync(Store, filter, listed, range, tokyo, Cancel)).Select(r => string.Create(
                CultureInfo.InvariantCulture, $"{r.Timestamp:dd HH zz} {r.CustomerId} {r.Service} {r.Meter} {r.Value} {r.Unit} {r.Usage} {r.Allowance}{r.Interpretation}{r.Previous}")),
        ];

        string[] all = await ListAsync(UsageFilter.All, TimeRange.Everything, services);
        Assert.Equal(
            [
                "03 09 +09 c bandwidth router 7 GB 0 0", "02 09 +09 d api a 5 requests 0 0", "02 09 +09 c bandwidth a 80 GB 10 0",
                "02 09 +09 c bandwidth b 85 GB 0 0", "01 09 +09 c bandwidth a 90 GB 0 75",
            ],
            all);
        Assert.Equal(all[1..4], await ListAsync(UsageFilter.All, new TimeRange(At("2"), At("3")), services));
        Assert.Equal(all[1..2], await ListAsync(new UsageFilter(["d"], null), TimeRange.Everything, services));
        Assert.Equal(all[1..2], await ListAsync(new UsageFilter(null, ["api"]), TimeRange.Everything, services));
        Assert.Equal(all[1..2], await ListAsync(UsageFilter.All, TimeRange.Everything, api));
    }

    private async Task<string[]> StoredAsync(string customer) =>
    [
        .. (await Store.GetReadingsAsync(customer, "bandwidth", Instants.Earliest, Cancel)).Readings
            .Select(r => string.Create(CultureInfo.InvariantCulture, $"{r.ReadAt:o} {r.Meter} {r.Value} {r.Usage} {r.Allowance} {r.UsageId is null}")),
    ];
}
