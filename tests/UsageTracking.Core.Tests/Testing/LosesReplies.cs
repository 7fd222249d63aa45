using UsageTracking.Metering;
using UsageTracking.Stores;
using UsageTracking.Time;

namespace UsageTracking.Tests.Testing;

/// <summary>A real store whose answer to a write can get lost after the write was committed, as with a connection that breaks.</summary>
internal sealed class LosesReplies(IUsageStore store) : IUsageStore
{
    /// <summary>Called before a write; returns whether its reply is to be lost.</summary>
    public Func<UsageChunk, bool> Loses { get; set; } = _ => false;

    public StoreAddress Address => store.Address;

    public async Task<ChunkOutcome> WriteAsync(UsageChunk chunk, CancellationToken cancel)
    {
        bool lose = Loses(chunk);
        ChunkOutcome outcome = await store.WriteAsync(chunk, cancel);
        return lose ? throw new UsageException(UsageErrorKind.StoreUnavailable, "StoreUnavailable", "The reply was lost.") : outcome;
    }

    public Task<SpoolPosition> GetSpoolPositionAsync(Guid spoolId, CancellationToken cancel) => store.GetSpoolPositionAsync(spoolId, cancel);

    public Task<ReadingHistory> GetReadingsAsync(string customerId, string service, DateTimeOffset since, CancellationToken cancel) =>
        store.GetReadingsAsync(customerId, service, since, cancel);

    public Task<IReadOnlyList<ReadingAllowance>> GetReadingAllowancesAsync(UsageFilter filter, CancellationToken cancel) =>
        store.GetReadingAllowancesAsync(filter, cancel);

    public Task WriteReadingsAsync(ReadingChange change, CancellationToken cancel) => store.WriteReadingsAsync(change, cancel);

    public IAsyncEnumerable<RejectedRecord> ReadRejectedAsync(CancellationToken cancel) => store.ReadRejectedAsync(cancel);

    public Task<IReadOnlyList<long>> RemoveRejectedAsync(IReadOnlyCollection<long> ids, CancellationToken cancel) => store.RemoveRejectedAsync(ids, cancel);

    public Task<StoreState> GetStateAsync(CancellationToken cancel) => store.GetStateAsync(cancel);

    public Task<IReadOnlyList<string>> PlanInitializeAsync(CancellationToken cancel) => store.PlanInitializeAsync(cancel);

    public Task<IReadOnlyList<string>> InitializeAsync(CancellationToken cancel) => store.InitializeAsync(cancel);

    public Task<ServiceCatalogue> GetCatalogueAsync(CancellationToken cancel) => store.GetCatalogueAsync(cancel);

    public Task<PriceList> GetPricesAsync(IReadOnlyCollection<string> customerIds, CancellationToken cancel) => store.GetPricesAsync(customerIds, cancel);

    public Task SetBytesPerGigabyteAsync(long bytes, CancellationToken cancel) => store.SetBytesPerGigabyteAsync(bytes, cancel);

    public Task<IReadOnlyDictionary<string, string>> GetOptionsAsync(CancellationToken cancel) => store.GetOptionsAsync(cancel);

    public Task SetOptionAsync(string name, string? value, CancellationToken cancel) => store.SetOptionAsync(name, value, cancel);

    public Task<IReadOnlyList<Customer>> GetCustomersAsync(CancellationToken cancel) => store.GetCustomersAsync(cancel);

    public Task<Customer> SetCustomerAsync(CustomerChange change, CancellationToken cancel) => store.SetCustomerAsync(change, cancel);

    public Task<long> CountRecordsAsync(string customerId, CancellationToken cancel) => store.CountRecordsAsync(customerId, cancel);

    public Task RemoveCustomerAsync(string customerId, CancellationToken cancel) => store.RemoveCustomerAsync(customerId, cancel);

    public Task<IReadOnlyList<PeriodFigures>> SumBucketsAsync(
        UsageFilter filter, IReadOnlyList<DateTimeOffset> bounds, FigureParts parts, CancellationToken cancel) =>
        store.SumBucketsAsync(filter, bounds, parts, cancel);

    public Task<IReadOnlyList<PeriodFigures>> SumRecordsAsync(UsageFilter filter, IReadOnlyList<DateTimeOffset> bounds, CancellationToken cancel) =>
        store.SumRecordsAsync(filter, bounds, cancel);

    public Task<IReadOnlyList<GroupFigures>> SumGroupsAsync(
        UsageFilter filter, IReadOnlyList<DateTimeOffset> bounds, IReadOnlyList<string> keys, CancellationToken cancel) =>
        store.SumGroupsAsync(filter, bounds, keys, cancel);

    public Task<IReadOnlyList<Quantiles>> ReadQuantilesAsync(
        UsageFilter filter, TimeRange range, IReadOnlyList<decimal> fractions, CancellationToken cancel) =>
        store.ReadQuantilesAsync(filter, range, fractions, cancel);

    public Task<IReadOnlyList<BucketDifference>> CompareBucketsAsync(UsageFilter filter, TimeRange range, CancellationToken cancel) =>
        store.CompareBucketsAsync(filter, range, cancel);

    public Task<QueueBalance> CompareQueuesAsync(CancellationToken cancel) => store.CompareQueuesAsync(cancel);

    public IAsyncEnumerable<StoredRecord> ReadRecordsAsync(UsageFilter filter, TimeRange range, long? first, CancellationToken cancel) =>
        store.ReadRecordsAsync(filter, range, first, cancel);

    public Task<SummaryUpdate> UpdateSummaryAsync(UsageFilter filter, TimeRange? repair, CancellationToken cancel) =>
        store.UpdateSummaryAsync(filter, repair, cancel);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
