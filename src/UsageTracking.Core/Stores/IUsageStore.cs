using UsageTracking.Metering;
using UsageTracking.Time;

namespace UsageTracking.Stores;

/// <summary>
/// Where usage is kept. Every engine behaves the same behind this interface; the same tests run against each.
/// Errors come as <see cref="UsageException"/>: <see cref="UsageErrorKind.StoreUnavailable"/> where the same call may
/// succeed later, <see cref="UsageErrorKind.StoreNotReady"/> where somebody must act first.
/// Safe for use from several threads.
/// </summary>
public interface IUsageStore : IQuotaStore, IAlertStore, IReadingStore, IArchiveStore, ICorrectionStore, IPricingStore, ICopyStore, IAsyncDisposable
{
    /// <summary>Which store this is; never holds a secret.</summary>
    StoreAddress Address { get; }

    /// <summary>How many chunks of one spool it can take at a time, each on a connection of its own.</summary>
    int ChunksAtOnce { get; }

    /// <summary>Sets aside ids, each larger than the one before, so that chunks that are sent at once have theirs in order.</summary>
    Task<long[]> ReserveIdsAsync(int count, CancellationToken cancel);

    /// <summary>Asks the store for its state. Creates nothing.</summary>
    Task<StoreState> GetStateAsync(CancellationToken cancel);

    /// <summary>The steps that initializing would take, in order; none where the schema is current.</summary>
    Task<IReadOnlyList<string>> PlanInitializeAsync(CancellationToken cancel) => PlanInitializeAsync(StoreLayout.Default, cancel);

    /// <summary>The steps that initializing with a layout would take, in order; none where the store is like that.</summary>
    /// <exception cref="UsageException"><c>LayoutNotSupported</c>: this store cannot be like that.</exception>
    Task<IReadOnlyList<string>> PlanInitializeAsync(StoreLayout layout, CancellationToken cancel);

    /// <summary>Creates the schema or brings it up to date, laid out as it is.</summary>
    /// <returns>The steps taken.</returns>
    Task<IReadOnlyList<string>> InitializeAsync(CancellationToken cancel) => InitializeAsync(StoreLayout.Default, null, cancel);

    /// <summary>
    /// Creates the schema or brings it up to date, and lays the records out like that. Doing it again changes nothing; where it was
    /// broken off it goes on.
    /// </summary>
    /// <param name="layout">What is wanted; a layout is never taken back.</param>
    /// <param name="progress">Where the long part says how far it is; null for nowhere.</param>
    /// <param name="cancel">Ends it soon, in a state from which another call goes on.</param>
    /// <returns>The steps taken.</returns>
    /// <exception cref="UsageException"><c>LayoutNotSupported</c>: this store cannot be like that.</exception>
    Task<IReadOnlyList<string>> InitializeAsync(StoreLayout layout, InitializeProgress? progress, CancellationToken cancel);

    /// <summary>The services and the size of a gigabyte.</summary>
    Task<ServiceCatalogue> GetCatalogueAsync(CancellationToken cancel);

    /// <summary>The list price of each service in force on a day.</summary>
    Task<PriceList> GetPricesAsync(IReadOnlyCollection<string> customerIds, CancellationToken cancel);

    /// <summary>
    /// Makes the store count gigabytes of this many bytes, for good.
    /// </summary>
    /// <exception cref="UsageException"><c>UnitsFixed</c>: records were already counted with the other.</exception>
    Task SetBytesPerGigabyteAsync(long bytes, CancellationToken cancel);

    /// <summary>The options kept in the store, by name.</summary>
    Task<IReadOnlyDictionary<string, string>> GetOptionsAsync(CancellationToken cancel);

    /// <summary>Keeps an option in the store; null removes it.</summary>
    Task SetOptionAsync(string name, string? value, CancellationToken cancel);

    /// <summary>All customers, by id.</summary>
    Task<IReadOnlyList<Customer>> GetCustomersAsync(CancellationToken cancel) => GetCustomersAsync(null, cancel);

    /// <summary>All customers that a caller may see, by id. It matters who asks only where policies hide rows.</summary>
    Task<IReadOnlyList<Customer>> GetCustomersAsync(string? caller, CancellationToken cancel);

    /// <summary>Creates a customer, or changes what is not null.</summary>
    /// <returns>The customer as it now is.</returns>
    Task<Customer> SetCustomerAsync(CustomerChange change, CancellationToken cancel);

    /// <summary>How many records a customer has.</summary>
    Task<long> CountRecordsAsync(string customerId, CancellationToken cancel);

    /// <summary>Deletes a customer and all its usage in one transaction.</summary>
    Task RemoveCustomerAsync(string customerId, CancellationToken cancel);

    /// <summary>
    /// Stores a chunk once: position, records and buckets in one transaction. A chunk whose position the store has already
    /// passed is not stored again; its outcome is what it was the first time.
    /// </summary>
    /// <exception cref="UsageException"><c>BadRecord</c> (a conflict): the engine refused a value; no record of the chunk was stored.</exception>
    Task<ChunkOutcome> WriteAsync(UsageChunk chunk, CancellationToken cancel);

    /// <summary>The store's id and the position it has reached in a spool.</summary>
    Task<SpoolPosition> GetSpoolPositionAsync(Guid spoolId, CancellationToken cancel);

    /// <summary>Records set aside, newest first.</summary>
    IAsyncEnumerable<RejectedRecord> ReadRejectedAsync(CancellationToken cancel) => ReadRejectedAsync(null, cancel);

    /// <summary>Records set aside that a caller may see, newest first. It matters who asks only where policies hide rows.</summary>
    IAsyncEnumerable<RejectedRecord> ReadRejectedAsync(string? caller, CancellationToken cancel);

    /// <summary>Forgets records that were set aside.</summary>
    /// <returns>The ids of those that were there.</returns>
    Task<IReadOnlyList<long>> RemoveRejectedAsync(IReadOnlyCollection<long> ids, CancellationToken cancel) => RemoveRejectedAsync(ids, null, cancel);

    /// <summary>Forgets records that were set aside and that a caller may see.</summary>
    /// <returns>The ids of those that were there.</returns>
    Task<IReadOnlyList<long>> RemoveRejectedAsync(IReadOnlyCollection<long> ids, string? caller, CancellationToken cancel);

    /// <summary>Figures per customer, service and period from the buckets. The bounds fall on quarter hours.</summary>
    /// <param name="filter">Which customers and services.</param>
    /// <param name="bounds">The first period's start, where each other one starts, and the last one's end.</param>
    /// <param name="parts">What is wanted of the figures; the rest is zero and null, and costs nothing.</param>
    /// <param name="cancel">Cancels the query.</param>
    Task<IReadOnlyList<PeriodFigures>> SumBucketsAsync(
        UsageFilter filter, IReadOnlyList<DateTimeOffset> bounds, FigureParts parts, CancellationToken cancel);

    /// <summary>
    /// Events and quantities per customer, service and period of what is archived, from the buckets; nothing where nothing is,
    /// which costs next to nothing. The bounds fall on quarter hours.
    /// </summary>
    Task<IReadOnlyList<PeriodFigures>> SumArchivedAsync(UsageFilter filter, IReadOnlyList<DateTimeOffset> bounds, CancellationToken cancel);

    /// <summary>Figures per customer, service and period from the records themselves; the bounds may be any instants.</summary>
    Task<IReadOnlyList<PeriodFigures>> SumRecordsAsync(UsageFilter filter, IReadOnlyList<DateTimeOffset> bounds, CancellationToken cancel);

    /// <summary>
    /// Figures per customer, service, period and values of top-level metadata keys, from the records themselves; the bounds
    /// may be any instants.
    /// </summary>
    Task<IReadOnlyList<GroupFigures>> SumGroupsAsync(
        UsageFilter filter, IReadOnlyList<DateTimeOffset> bounds, IReadOnlyList<string> keys, CancellationToken cancel);

    /// <summary>The quantities that percentiles per customer and service lie between, from the records themselves.</summary>
    /// <param name="filter">Which customers and services.</param>
    /// <param name="range">The time.</param>
    /// <param name="fractions">The percentiles, as fractions of 0 to 1.</param>
    /// <param name="cancel">Cancels the queries.</param>
    Task<IReadOnlyList<Quantiles>> ReadQuantilesAsync(
        UsageFilter filter, TimeRange range, IReadOnlyList<decimal> fractions, CancellationToken cancel);

    /// <summary>Records, newest first (by timestamp, then id).</summary>
    /// <param name="filter">Which customers and services.</param>
    /// <param name="range">The time.</param>
    /// <param name="first">How many at most; null for all.</param>
    /// <param name="includeUndone">Whether also those that were taken back, with their corrections, and who corrected them and why.</param>
    /// <param name="cancel">Cancels the query.</param>
    IAsyncEnumerable<StoredRecord> ReadRecordsAsync(UsageFilter filter, TimeRange range, long? first, bool includeUndone, CancellationToken cancel);

    /// <summary>Every record but those that were taken back, with their corrections, newest first (by timestamp, then id), a page at a time and all from one snapshot; no page where there is none.</summary>
    IAsyncEnumerable<RecordPage> ReadPagesAsync(UsageFilter filter, TimeRange range, CancellationToken cancel);

    /// <summary>
    /// Folds records that other programs wrote into the buckets and flags them; within a given range it also rebuilds the
    /// live buckets from the records. Doing it again changes nothing.
    /// </summary>
    Task<SummaryUpdate> UpdateSummaryAsync(UsageFilter filter, TimeRange? repair, CancellationToken cancel);

    /// <summary>
    /// Where the live buckets and the records do not agree, in one snapshot, by customer, service and time. The range grows
    /// to quarter hours.
    /// </summary>
    Task<IReadOnlyList<BucketDifference>> CompareBucketsAsync(UsageFilter filter, TimeRange range, CancellationToken cancel);

    /// <summary>How many records the queues' positions say there are, and how many there are, in one snapshot.</summary>
    Task<QueueBalance> CompareQueuesAsync(CancellationToken cancel);

    /// <summary>What the server says of itself; null where there is none.</summary>
    Task<ServerState?> GetServerStateAsync(CancellationToken cancel) => Task.FromResult<ServerState?>(null);
}
