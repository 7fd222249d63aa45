using System.Globalization;
using UsageTracking.Metering;
using UsageTracking.Readings;
using UsageTracking.Stores;
using UsageTracking.Tests.Testing;
using UsageTracking.Time;
using static UsageTracking.Tests.Readings.Meters;

namespace UsageTracking.Tests.Readings;

public sealed class SqliteReadingRecorderTests() : ReadingRecorderTests(StoreKind.Sqlite);

public sealed class PostgresReadingRecorderTests() : ReadingRecorderTests(StoreKind.PostgreSql);

public abstract class ReadingRecorderTests(StoreKind kind) : OnTestStore(() => TestStore.CreateAsync(kind))
{
    [Fact]
    public async Task Usage_is_recorded_once_at_the_later_reading_with_price_meter_and_reading()
    {
        await Test.QueryAsync("INSERT INTO usage_prices (service_name, customer_id, plan_name, in_force_from, unit_cost) VALUES ('bandwidth', NULL, NULL, '2026-06-02', '0.5')");

        Assert.Equal(["Opening 3.5"], await RecordAsync(Left("1 05:30", 96.5m)));
        Assert.Equal(["Usage 0.25"], await RecordAsync(Left("2 05:30", 96.25m)));
        Assert.Equal(["Usage 0"], await RecordAsync(Left("2 11:30", 96.25m)));

        StoredRecord[] records = [.. (await ReadAllAsync()).OrderBy(r => r.Timestamp)];
        Assert.Equal([(At("1 05:30"), 3.5m, 0.01m), (At("2 05:30"), 0.25m, 0.5m)], records.Select(r => (r.Timestamp, r.Quantity, r.UnitCost)));
        Assert.Equal(Metadata.Parse("""{"meter":"a","reading":96.5}"""), records[0].Metadata);
        Assert.All(records, r => Assert.Equal(("c", "bandwidth", null), (r.CustomerId, r.Service, r.CorrectsId)));
        Assert.Equal(["c"], (await Store.GetCustomersAsync(Cancel)).Select(c => c.CustomerId));
        await AssertAgreesAsync(expectedRecords: 2);
    }

    [Fact]
    public async Task A_repeated_reading_changes_nothing()
    {
        await RecordAsync(Left("1", 90));
        await RecordAsync(Left("2", 80));
        string[] before = await EverythingAsync();

        Assert.Equal(["Repeated 10"], await RecordAsync(Left("2", 80.0m)));
        Assert.Equal(["Repeated 10", "Repeated 10"], await RecordAsync(Left("1", 90), Left("2", 80)));

        Assert.Equal(before, await EverythingAsync());
    }

    [Fact]
    public async Task A_reading_within_one_batch_may_be_there_twice()
    {
        Assert.Equal(["Opening 10", "Repeated 10"], await RecordAsync(Left("1", 90), Left("1", 90)));
        Assert.Single(await ReadAllAsync());
    }

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
    public async Task A_rise_is_kept_as_an_allowance_and_may_be_refused()
    {
        await RecordAsync(Left("1", 90), Left("1", 5, "b"));
        await Assert.ThrowsAsync<UsageException>(() => RecordAsync(refuses: true, Left("2", 80), Left("2", 7, "b")));
        UsageException error = await Assert.ThrowsAsync<UsageException>(() => RecordAsync(refuses: true, Left("3", 7, "b")));
        Assert.Equal((UsageErrorKind.Conflict, "AllowanceRefused"), (error.Kind, error.ErrorId));
        Assert.Equal("2", await Test.ScalarAsync("SELECT count(*) FROM usage_readings"));
        Assert.Empty(await Store.GetReadingAllowancesAsync(UsageFilter.All, Cancel));

        Assert.Equal(["Usage 10", "Allowance 0 +2"], await RecordAsync(Left("2", 80), Left("2", 7, "b")));
        // What is there is not refused afterwards.
        Assert.Equal(["Usage 1"], await RecordAsync(refuses: true, Left("3", 79)));

        ReadingAllowance allowance = Assert.Single(await Store.GetReadingAllowancesAsync(UsageFilter.All, Cancel));
        Assert.Equal(new ReadingAllowance("c", "bandwidth", At("2"), 2m), allowance);
        Assert.Single(await Store.GetReadingAllowancesAsync(new UsageFilter(["c", "d"], ["bandwidth"]), Cancel));
        Assert.Empty(await Store.GetReadingAllowancesAsync(new UsageFilter(["d"], null), Cancel));
        Assert.Empty(await Store.GetReadingAllowancesAsync(new UsageFilter(null, ["api"]), Cancel));
    }

    [Fact]
    public async Task A_late_reading_may_not_make_a_rise_either_where_allowances_are_refused()
    {
        await RecordAsync(Left("1", 90), Left("3", 80));

        UsageException error = await Assert.ThrowsAsync<UsageException>(() => RecordAsync(refuses: true, Left("2", 70)));

        Assert.Equal("AllowanceRefused", error.ErrorId);
        Assert.Contains("from 70 to 80 GB at 2026-06-03", error.Message, StringComparison.Ordinal);
        Assert.Equal([(At("1"), 10m), (At("3"), 10m)], await NetAsync());
    }

    [Fact]
    public async Task Contradictions_are_errors_and_leave_nothing_behind()
    {
        await RecordAsync(Left("1", 90), Total("1", 500, "router"));
        string[] before = await EverythingAsync();

        foreach ((StoredReading reading, UsageErrorKind kind, string id) in new[]
        {
            (Left("1", 91), UsageErrorKind.Conflict, "ReadingConflict"),
            (Total("2", 90), UsageErrorKind.InvalidInput, "MeterKindMismatch"),
            (Left("2", 90, "Router"), UsageErrorKind.InvalidInput, "MeterKindMismatch"),
            (Left("5-31", 90), UsageErrorKind.NotFound, "QuotaNotFound"),
        })
        {
            UsageException error = await Assert.ThrowsAsync<UsageException>(
                () => RecordAsync(refuses: false, new TestLimits(Store, 100) { From = At("1") }, Left("2", 80, "x"), reading));
            Assert.Equal((kind, id), (error.Kind, error.ErrorId));
        }

        Assert.Equal(before, await EverythingAsync());
    }

    [Fact]
    public async Task A_meter_is_found_in_any_case() => Assert.Equal(
        ["Opening 10", "Usage 1", "Usage 2"],
        [.. await RecordAsync(Left("1", 90, "Line")), .. await RecordAsync(Left("2", 89, "LINE")), .. await RecordAsync(Left("3", 87, "line"))]);

    [Fact]
    public async Task Customers_are_created_only_where_that_is_wanted()
    {
        ReadingRecorder recorder = new(Store, await Store.GetCatalogueAsync(Cancel), new TestLimits(Store, 100)) { AutoCreateCustomer = false };

        UsageException error = await Assert.ThrowsAsync<UsageException>(() => recorder.RecordAsync([Reading(Left("1", 90))], Cancel));
        Assert.Equal((UsageErrorKind.NotFound, "UnknownCustomer"), (error.Kind, error.ErrorId));
        Assert.Equal("0", await Test.ScalarAsync("SELECT (SELECT count(*) FROM usage_readings) + (SELECT count(*) FROM usage_meters)"));

        await Store.SetCustomerAsync(new CustomerChange("c"), Cancel);
        await recorder.RecordAsync([Reading(Left("1", 90))], Cancel);
        Assert.Single(await ReadAllAsync());
    }

    [Fact]
    public async Task Months_long_gone_have_their_place()
    {
        await RecordAsync(new StoredReading("a", ReadingKind.Total, Records.Utc(2015, 3, 1), 7), new StoredReading("a", ReadingKind.Total, Records.Utc(2015, 4, 1), 9));

        Assert.Equal(2m, Assert.Single(await ReadAllAsync()).Quantity);
        await AssertAgreesAsync(expectedRecords: 1);
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
    public async Task A_removed_customer_takes_its_meters_along()
    {
        await RecordAsync(Left("1", 90));
        await Store.RemoveCustomerAsync("c", Cancel);

        Assert.Equal("0", await Test.ScalarAsync("SELECT (SELECT count(*) FROM usage_readings) + (SELECT count(*) FROM usage_meters)"));
        Assert.Equal(["Opening 10"], await RecordAsync(Left("1", 90)));
        await AssertAgreesAsync(expectedRecords: 1);
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

    private Task<IReadOnlyList<string>> RecordAsync(params StoredReading[] readings) => RecordAsync(refuses: false, readings);

    private Task<IReadOnlyList<string>> RecordAsync(bool refuses, params StoredReading[] readings) => RecordAsync(refuses, new TestLimits(Store, 100), readings);

    private Task<IReadOnlyList<string>> RecordAsync(bool refuses, TestLimits limits, params StoredReading[] readings) => RecordAsync(Store, refuses, limits, readings);

    private static async Task<IReadOnlyList<string>> RecordAsync(IUsageStore store, bool refuses, TestLimits limits, params StoredReading[] readings) =>
    [
        .. (await (await RecorderAsync(store, limits, refuses)).RecordAsync([.. readings.Select(Reading)], Cancel))
            .Select(r => string.Create(CultureInfo.InvariantCulture, $"{r.Interpretation} {r.Usage}{(r.Allowance == 0 ? "" : $" +{r.Allowance}")}")),
    ];

    private static async Task<ReadingRecorder> RecorderAsync(IUsageStore store, TestLimits limits, bool refuses = false) =>
        new(store, await store.GetCatalogueAsync(Cancel), limits) { RefusesAllowances = refuses };

    private static MeterReading Reading(StoredReading reading) =>
        new("c", new Service("bandwidth", "GB", true, 3), reading.Meter, reading.Kind, reading.ReadAt, reading.Value);

    private async Task<List<StoredRecord>> ReadAllAsync()
    {
        var records = new List<StoredRecord>();
        await foreach (StoredRecord record in Store.ReadRecordsAsync(UsageFilter.All, TimeRange.Everything, null, Cancel))
            records.Add(record);

        return records;
    }

    /// <summary>What is left at each instant after corrections.</summary>
    private async Task<(DateTimeOffset Time, decimal Usage)[]> NetAsync(string customer = "c") =>
    [
        .. (await ReadAllAsync()).Where(r => r.CustomerId == customer).GroupBy(r => r.Timestamp).OrderBy(g => g.Key)
            .Select(g => (g.Key, g.Sum(r => r.Quantity))).Where(n => n.Item2 != 0),
    ];

    private async Task<string[]> EverythingAsync()
    {
        var rows = new List<string>();
        foreach (string table in (string[])["billing_usage_records", "usage_readings", "usage_meters", "usage_buckets", "usage_ledger"])
            rows.AddRange((await Test.QueryAsync($"SELECT * FROM {table}")).Select(r => $"{table}: {string.Join(' ', r)}"));

        return [.. rows];
    }

    /// <summary>Buckets say what records say, the ledger balances, and every reading's record is what the reading says.</summary>
    private async Task AssertAgreesAsync(int? expectedRecords = null)
    {
        Assert.Empty(await Store.CompareBucketsAsync(UsageFilter.All, TimeRange.Everything, Cancel));
        QueueBalance balance = await Store.CompareQueuesAsync(Cancel);
        Assert.Equal(balance.Expected, balance.Records);
        List<StoredRecord> records = await ReadAllAsync();
        Assert.Equal(expectedRecords ?? records.Count, records.Count);
        HashSet<long> corrected = [.. records.Select(r => r.CorrectsId).OfType<long>()];
        Assert.Equal(records.Count(r => r.CorrectsId is not null), corrected.Count);
        Assert.Equal(
            records.Where(r => r.CorrectsId is null && !corrected.Contains(r.Id)).Select(r => (r.CustomerId, (long?)r.Id, r.Timestamp, r.Quantity, r.Metadata["meter"])).Order(),
            (await Task.WhenAll(records.Select(r => r.CustomerId).Distinct().Select(async c => (Customer: c, History: await Store.GetReadingsAsync(c, "bandwidth", Instants.Earliest, Cancel)))))
                .SelectMany(h => h.History.Readings.Where(r => r.UsageId is not null).Select(r => (h.Customer, r.UsageId, r.ReadAt, r.Usage, (string?)r.Meter))).Order());
    }
}
