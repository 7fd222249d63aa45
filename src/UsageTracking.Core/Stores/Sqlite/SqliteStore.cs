using System.Runtime.CompilerServices;
using Microsoft.Data.Sqlite;
using UsageTracking.Metering;
using UsageTracking.Metering.Pricing;
using UsageTracking.Time;

namespace UsageTracking.Stores.Sqlite;

/// <summary>The embedded store: one SQLite file, used by this process and perhaps by others beside it.</summary>
public sealed class SqliteStore : IUsageStore
{
    private readonly SqliteDatabase _database;
    private readonly SqliteSchema _schema;

    /// <summary>Creates a store over a file. Opens nothing yet.</summary>
    public SqliteStore(string path)
    {
        Address = StoreAddress.ForFile(path);
        _database = new SqliteDatabase(Address);
        _schema = new SqliteSchema(_database);
    }

    /// <inheritdoc/>
    public StoreAddress Address { get; }

    /// <remarks>SQLite has one writer at a time.</remarks>
    public int ChunksAtOnce => 1;

    /// <summary>Not asked for, since there is one chunk at a time.</summary>
    public Task<long[]> ReserveIdsAsync(int count, CancellationToken cancel) => throw new NotSupportedException();

    /// <inheritdoc/>
    public Task<StoreState> GetStateAsync(CancellationToken cancel) => _schema.GetStateAsync(cancel);

    /// <inheritdoc/>
    public Task<IReadOnlyList<string>> PlanInitializeAsync(StoreLayout layout, CancellationToken cancel) => _schema.PlanAsync(layout, cancel);

    /// <inheritdoc/>
    public Task<IReadOnlyList<string>> InitializeAsync(CancellationToken cancel) => InitializeAsync(StoreLayout.Default, null, cancel);

    /// <inheritdoc/>
    public Task<IReadOnlyList<string>> InitializeAsync(StoreLayout layout, InitializeProgress? progress, CancellationToken cancel) =>
        _schema.InitializeAsync(layout, cancel);

    /// <inheritdoc/>
    public Task<ServiceCatalogue> GetCatalogueAsync(CancellationToken cancel) => _database.ReadAsync(SqliteSettings.ReadCatalogue, cancel);

    /// <inheritdoc/>
    public Task<PriceList> GetPricesAsync(IReadOnlyCollection<string> customerIds, CancellationToken cancel) =>
        _database.ReadAsync(c => SqliteSettings.ReadPrices(c, customerIds), cancel);

    /// <inheritdoc/>
    public Task SetBytesPerGigabyteAsync(long bytes, CancellationToken cancel) =>
        _database.WriteAsync(c => SqliteSettings.SetBytesPerGigabyte(c, bytes, Address), cancel);

    /// <inheritdoc/>
    public Task<IReadOnlyDictionary<string, string>> GetOptionsAsync(CancellationToken cancel) =>
        _database.ReadAsync(SqliteSettings.ReadOptions, cancel);

    /// <inheritdoc/>
    public Task SetOptionAsync(string name, string? value, CancellationToken cancel) =>
        _database.WriteAsync(c => SqliteSettings.SetOption(c, name, value), cancel);

    /// <inheritdoc/>
    public Task<IReadOnlyList<Customer>> GetCustomersAsync(string? caller, CancellationToken cancel) => _database.ReadAsync(SqliteCustomers.Read, cancel);

    /// <inheritdoc/>
    public Task<Customer> SetCustomerAsync(CustomerChange change, CancellationToken cancel) =>
        _database.WriteAsync(c => SqliteCustomers.Set(c, change), cancel);

    /// <inheritdoc/>
    public Task<long> CountRecordsAsync(string customerId, CancellationToken cancel) =>
        _database.ReadAsync(c => (long)c.Scalar("SELECT count(*) FROM billing_usage_records WHERE customer_id = $1", customerId)!, cancel);

    /// <inheritdoc/>
    public Task RemoveCustomerAsync(string customerId, CancellationToken cancel) =>
        _database.WriteAsync(c => SqliteCustomers.Remove(c, customerId), cancel);

    /// <inheritdoc/>
    public Task<ChunkOutcome> WriteAsync(UsageChunk chunk, CancellationToken cancel) =>
        _database.WriteAsync(c => SqliteWriter.Write(c, chunk, Address, cancel), cancel);

    /// <inheritdoc/>
    public Task<IReadOnlyList<PeriodFigures>> SumBucketsAsync(
        UsageFilter filter, IReadOnlyList<DateTimeOffset> bounds, FigureParts parts, CancellationToken cancel) =>
        _database.ReadAsync(c => SqliteReader.SumBuckets(c, filter, bounds, parts), cancel);

    /// <inheritdoc/>
    public Task<IReadOnlyList<PeriodFigures>> SumArchivedAsync(UsageFilter filter, IReadOnlyList<DateTimeOffset> bounds, CancellationToken cancel) =>
        _database.ReadAsync(c => SqliteReader.SumArchived(c, filter, bounds), cancel);

    /// <inheritdoc/>
    public Task<IReadOnlyList<PeriodFigures>> SumRecordsAsync(UsageFilter filter, IReadOnlyList<DateTimeOffset> bounds, CancellationToken cancel) =>
        _database.ReadAsync(c => SqliteReader.SumRecords(c, filter, bounds), cancel);

    /// <inheritdoc/>
    public Task<IReadOnlyList<GroupFigures>> SumGroupsAsync(
        UsageFilter filter, IReadOnlyList<DateTimeOffset> bounds, IReadOnlyList<string> keys, CancellationToken cancel) =>
        _database.ReadAsync(c => SqliteReader.SumGroups(c, filter, bounds, keys), cancel);

    /// <inheritdoc/>
    public Task<IReadOnlyList<Quantiles>> ReadQuantilesAsync(
        UsageFilter filter, TimeRange range, IReadOnlyList<decimal> fractions, CancellationToken cancel) =>
        _database.ReadAsync(c => SqliteReader.ReadQuantiles(c, filter, range, fractions), cancel);

    /// <inheritdoc/>
    public Task<IReadOnlyList<BucketDifference>> CompareBucketsAsync(UsageFilter filter, TimeRange range, CancellationToken cancel) =>
        _database.ReadAsync(c => SqliteComparison.CompareBuckets(c, filter, range), cancel);

    /// <inheritdoc/>
    public Task<QueueBalance> CompareQueuesAsync(CancellationToken cancel) => _database.ReadAsync(SqliteComparison.CompareQueues, cancel);

    /// <inheritdoc/>
    public Task<SpoolPosition> GetSpoolPositionAsync(Guid spoolId, CancellationToken cancel) =>
        _database.ReadAsync(c => SqliteWriter.ReadSpoolPosition(c, spoolId, Address), cancel);

    /// <inheritdoc/>
    public Task<ReadingHistory> GetReadingsAsync(string customerId, string service, DateTimeOffset since, CancellationToken cancel) =>
        _database.ReadAsync(c => SqliteReadings.Read(c, customerId, service, since), cancel);

    /// <inheritdoc/>
    public Task<IReadOnlyList<FoundReading>> FindReadingsAsync(UsageFilter filter, TimeRange range, CancellationToken cancel) =>
        _database.ReadAsync(c => SqliteReadings.Find(c, filter, range), cancel);

    /// <inheritdoc/>
    public Task<IReadOnlyList<ReadingAllowance>> GetReadingAllowancesAsync(UsageFilter filter, CancellationToken cancel) =>
        _database.ReadAsync(c => SqliteReadings.ReadAllowances(c, filter), cancel);

    /// <inheritdoc/>
    public Task WriteReadingsAsync(ReadingChange change, CancellationToken cancel) =>
        _database.WriteAsync(c => SqliteReadings.Write(c, change), cancel);

    /// <inheritdoc/>
    public IAsyncEnumerable<StoredRecord> ReadRecordsAsync(
        UsageFilter filter, TimeRange range, long? first, bool includeUndone, CancellationToken cancel) =>
        StreamAsync(c => SqliteReader.ReadRecords(c, filter, range, first, includeUndone), cancel);

    /// <inheritdoc/>
    public Task<IReadOnlyList<CorrectionOutcome>> CorrectAsync(IReadOnlyList<RecordCorrection> corrections, CancellationToken cancel) =>
        _database.WriteAsync(c => SqliteCorrections.Write(c, corrections, cancel), cancel);

    /// <inheritdoc/>
    public IAsyncEnumerable<RecordPage> ReadPagesAsync(UsageFilter filter, TimeRange range, CancellationToken cancel) =>
        StreamAsync(c => SqlitePages.Read(c, filter, range), cancel);

    /// <inheritdoc/>
    public IAsyncEnumerable<RejectedRecord> ReadRejectedAsync(string? caller, CancellationToken cancel) =>
        StreamAsync(SqliteRejected.Read, cancel);

    /// <inheritdoc/>
    public Task<IReadOnlyList<long>> RemoveRejectedAsync(IReadOnlyCollection<long> ids, string? caller, CancellationToken cancel) =>
        _database.WriteAsync(c => SqliteRejected.Remove(c, ids), cancel);

    /// <inheritdoc/>
    public Task<SummaryUpdate> UpdateSummaryAsync(UsageFilter filter, TimeRange? repair, CancellationToken cancel) =>
        _database.WriteAsync(c => SqliteSummary.Update(c, filter, repair), cancel);

    /// <inheritdoc/>
    public Task<IReadOnlyList<QuotaSetting>> GetQuotasAsync(UsageFilter filter, CancellationToken cancel) =>
        _database.ReadAsync(c => SqliteQuotas.Read(c, filter), cancel);

    /// <inheritdoc/>
    public Task SetQuotaAsync(QuotaSetting setting, DateOnly until, CancellationToken cancel) =>
        _database.WriteAsync(c => SqliteQuotas.Set(c, setting, until), cancel);

    /// <inheritdoc/>
    public Task EndQuotaAsync(string customerId, string service, DateOnly from, CancellationToken cancel) =>
        _database.WriteAsync(c => SqliteQuotas.End(c, customerId, service, from), cancel);

    /// <inheritdoc/>
    public Task<IReadOnlyList<PlanQuota>> GetPlanQuotasAsync(UsageFilter filter, CancellationToken cancel) =>
        _database.ReadAsync(c => SqliteQuotas.ReadPlans(c, filter), cancel);

    /// <inheritdoc/>
    public Task<IReadOnlyList<Allowance>> GetAllowancesAsync(UsageFilter filter, CancellationToken cancel) =>
        _database.ReadAsync(c => SqliteQuotas.ReadAllowances(c, filter), cancel);

    /// <inheritdoc/>
    public Task AddAllowanceAsync(Allowance allowance, CancellationToken cancel) =>
        _database.WriteAsync(c => SqliteQuotas.AddAllowance(c, allowance), cancel);

    /// <inheritdoc/>
    public Task<bool> RaiseAlertAsync(StoredAlert alert, IReadOnlyList<string> covered, DateTimeOffset claimedUntil, CancellationToken cancel) =>
        _database.WriteAsync(c => SqliteAlerts.Raise(c, alert, covered, claimedUntil), cancel);

    /// <inheritdoc/>
    public Task<IReadOnlyList<StoredAlert>> ClaimAlertsAsync(
        UsageFilter filter, DateTimeOffset now, DateTimeOffset claimedUntil, CancellationToken cancel) =>
        _database.WriteAsync(c => SqliteAlerts.Claim(c, filter, now, claimedUntil), cancel);

    /// <inheritdoc/>
    public Task<bool> KeepAlertAsync(StoredAlert alert, DateTimeOffset claimedUntil, CancellationToken cancel) =>
        _database.WriteAsync(c => SqliteAlerts.Keep(c, alert, claimedUntil), cancel);

    /// <inheritdoc/>
    public Task SettleAlertAsync(StoredAlert alert, DateTimeOffset? deliveredAt, CancellationToken cancel) =>
        _database.WriteAsync(c => SqliteAlerts.Settle(c, alert, deliveredAt), cancel);

    /// <inheritdoc/>
    public Task<IReadOnlyList<StoredAlert>> GetAlertsAsync(UsageFilter filter, DateTimeOffset since, CancellationToken cancel) =>
        _database.ReadAsync(c => SqliteAlerts.Get(c, filter, since), cancel);

    /// <inheritdoc/>
    public Task<ArchivePlan> PlanArchiveAsync(ArchiveScope scope, CancellationToken cancel) =>
        _database.ReadAsync(c => SqliteArchives.Plan(c, scope), cancel);

    /// <inheritdoc/>
    public Task<IArchiveRun> BeginArchiveAsync(ArchiveScope scope, CancellationToken cancel) => Task.Run<IArchiveRun>(
        () => SqliteErrors.Guard(() => SqliteArchiveRun.Begin(_database, scope, cancel), Address, cancel), cancel);

    /// <inheritdoc/>
    // Under the write lock, so that one that is just being completed has ended.
    public Task<StoredArchive?> FindArchiveAsync(Guid id, CancellationToken cancel) => _database.WriteAsync(c => SqliteArchives.Find(c, id), cancel);

    /// <inheritdoc/>
    public Task<IReadOnlyList<StoredArchive>> GetArchivesAsync(CancellationToken cancel) => _database.ReadAsync(SqliteArchives.Get, cancel);

    /// <inheritdoc/>
    public Task<long> RestoreArchiveAsync(StoredArchive archive, IEnumerable<ArchivedRecord> records, CancellationToken cancel) =>
        _database.WriteAsync(c => SqliteArchives.Restore(c, archive, records, cancel), cancel);

    /// <inheritdoc/>
    public Task SetServiceAsync(Service service, CancellationToken cancel) => _database.WriteAsync(c => SqlitePrices.SetService(c, service), cancel);

    /// <inheritdoc/>
    public Task<IReadOnlyList<Price>> ListPricesAsync(CancellationToken cancel) => _database.ReadAsync(c => SqlitePrices.Read(c, "removed_at IS NULL"), cancel);

    /// <inheritdoc/>
    public Task SetPriceAsync(Price price, CancellationToken cancel) => _database.WriteAsync(c => SqlitePrices.Set(c, price), cancel);

    /// <inheritdoc/>
    public Task RemovePriceAsync(long id, CancellationToken cancel) => _database.WriteAsync(c => SqlitePrices.Remove(c, id), cancel);

    /// <inheritdoc/>
    public Task<PriceBook> GetPriceBookAsync(IReadOnlyList<string>? customerIds, CancellationToken cancel) =>
        _database.ReadAsync(c => SqliteInvoices.ReadBook(c, customerIds), cancel);

    /// <inheritdoc/>
    public Task<IReadOnlyList<PricedUsage>> SumPricedAsync(
        UsageFilter filter, IReadOnlyList<DateTimeOffset> bounds, IReadOnlyList<DateTimeOffset> known, bool uninvoicedOnly, CancellationToken cancel) =>
        _database.ReadAsync(c => SqliteInvoices.Sum(c, filter, bounds, known, uninvoicedOnly), cancel);

    /// <inheritdoc/>
    public Task<StoredInvoice?> SaveInvoiceAsync(InvoiceDraft draft, CancellationToken cancel) =>
        _database.WriteAsync(c => SqliteInvoices.Save(c, draft), cancel);

    /// <inheritdoc/>
    public Task<IReadOnlyList<StoredInvoice>> GetInvoicesAsync(IReadOnlyList<string>? customerIds, CancellationToken cancel) =>
        _database.ReadAsync(c => SqliteInvoices.Read(c, customerIds, withClosed: true), cancel);

    /// <inheritdoc/>
    public Task<ICopySource> OpenCopySourceAsync(CancellationToken cancel) => Task.Run<ICopySource>(
        () => SqliteErrors.Guard(() => SqliteCopySource.Open(_database, cancel), Address, cancel), cancel);

    /// <inheritdoc/>
    public Task<IReadOnlyList<string?>> BeginCopyAsync(Guid from, CancellationToken cancel) =>
        _database.WriteAsync(c => SqliteCopyTarget.Begin(c, from, Address), cancel);

    /// <inheritdoc/>
    public Task<ICopyTarget> OpenCopyTargetAsync(CancellationToken cancel) => Task.Run<ICopyTarget>(
        () => SqliteErrors.Guard(() => SqliteCopyTarget.Open(_database, cancel), Address, cancel), cancel);

    /// <inheritdoc/>
    public Task CompleteCopyAsync(IReadOnlyDictionary<CopyTable, long> numbers, CancellationToken cancel) =>
        _database.WriteAsync(c => SqliteCopyTarget.Complete(c, numbers), cancel);

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _database.Dispose();
        return ValueTask.CompletedTask;
    }

    private async IAsyncEnumerable<T> StreamAsync<T>(
        Func<SqliteConnection, IEnumerable<T>> read, [EnumeratorCancellation] CancellationToken cancel)
    {
        // SQLite answers at once or not at all; there is nothing to await between rows.
        await Task.CompletedTask;
        using SqliteDatabase.Session session = SqliteErrors.Guard(() => _database.Open(cancel), Address, cancel);
        using IEnumerator<T> row = read(session.Connection).GetEnumerator();
        while (SqliteErrors.Guard(row.MoveNext, Address, cancel))
            yield return row.Current;
    }
}
