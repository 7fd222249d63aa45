using System.Globalization;
using UsageTracking.Metering;
using UsageTracking.Readings;
using UsageTracking.Stores;
using UsageTracking.Tests.Testing;
using UsageTracking.Time;

namespace UsageTracking.Tests.Readings;

/// <summary>Tests that record readings of bandwidth of the customer 'c' in GB.</summary>
public abstract class OnReadings(StoreKind kind) : OnTestStore(() => TestStore.CreateAsync(kind))
{
    private protected Task<IReadOnlyList<string>> RecordAsync(params StoredReading[] readings) => RecordAsync(refuses: false, readings);

    private protected Task<IReadOnlyList<string>> RecordAsync(bool refuses, params StoredReading[] readings) => RecordAsync(refuses, new TestLimits(Store, 100), readings);

    private protected Task<IReadOnlyList<string>> RecordAsync(bool refuses, TestLimits limits, params StoredReading[] readings) => RecordAsync(Store, refuses, limits, readings);

    private protected static async Task<IReadOnlyList<string>> RecordAsync(IUsageStore store, bool refuses, TestLimits limits, params StoredReading[] readings) =>
    [
        .. (await (await RecorderAsync(store, limits, refuses)).RecordAsync([.. readings.Select(Reading)], Cancel))
            .Select(r => string.Create(CultureInfo.InvariantCulture, $"{r.Interpretation} {r.Usage}{(r.Allowance == 0 ? "" : $" +{r.Allowance}")}")),
    ];

    private protected static async Task<ReadingRecorder> RecorderAsync(IUsageStore store, TestLimits limits, bool refuses = false) =>
        new(store, await store.GetCatalogueAsync(Cancel), limits) { RefusesAllowances = refuses };

    private protected Task RemoveAsync(params StoredReading[] readings) => RemoveAsync(new TestLimits(Store, 100), readings);

    private protected async Task RemoveAsync(TestLimits limits, params StoredReading[] readings)
    {
        ReadingRecorder recorder = await RecorderAsync(Store, limits);
        foreach (StoredReading reading in readings)
            await recorder.RemoveAsync(Reading(reading), Cancel);
    }

    private protected static MeterReading Reading(StoredReading reading) =>
        new("c", new Service("bandwidth", "GB", true, 3), reading.Meter, reading.Kind, reading.ReadAt, reading.Value);

    private protected async Task<List<StoredRecord>> ReadAllAsync()
    {
        var records = new List<StoredRecord>();
        await foreach (StoredRecord record in Store.ReadRecordsAsync(UsageFilter.All, TimeRange.Everything, null, includeUndone: true, Cancel))
            records.Add(record);

        return records;
    }

    /// <summary>What is left at each instant after corrections.</summary>
    private protected async Task<(DateTimeOffset Time, decimal Usage)[]> NetAsync(string customer = "c") =>
    [
        .. (await ReadAllAsync()).Where(r => r.CustomerId == customer).GroupBy(r => r.Timestamp).OrderBy(g => g.Key)
            .Select(g => (g.Key, g.Sum(r => r.Quantity))).Where(n => n.Item2 != 0),
    ];

    private protected async Task<string[]> EverythingAsync()
    {
        var rows = new List<string>();
        foreach (string table in (string[])["billing_usage_records", "usage_readings", "usage_meters", "usage_buckets", "usage_ledger"])
            rows.AddRange((await Test.QueryAsync($"SELECT * FROM {table}")).Select(r => $"{table}: {string.Join(' ', r)}"));

        return [.. rows];
    }

    /// <summary>Buckets say what records say, the ledger balances, and every reading's record is what the reading says.</summary>
    private protected async Task AssertAgreesAsync(int? expectedRecords = null)
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
