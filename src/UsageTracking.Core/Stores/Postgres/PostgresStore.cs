using System.Runtime.CompilerServices;
using Npgsql;
using UsageTracking.Metering;
using UsageTracking.Metering.Pricing;
using UsageTracking.Time;

namespace UsageTracking.Stores.Postgres;

/// <summary>A PostgreSQL database, version 15 or later.</summary>
public sealed class PostgresStore : IUsageStore
{
    // Where tables are on several servers, two who write the same rows may begin at different ones.
    private const int DeadlockAttempts = 5;

    private readonly PostgresSource _source;
    private readonly PostgresSchema _schema;
    private readonly PostgresServer _server;
    private readonly PostgresSettings _settings;
    private readonly PostgresCustomers _customers;
    private readonly PostgresWriter _writer;
    private readonly PostgresReadings _readings;
    private readonly PostgresCorrections _corrections;
    private readonly PostgresRejected _rejected;
    private readonly PostgresReader _reader;
    private readonly PostgresPages _pages;
    private readonly PostgresQuantiles _quantiles;
    private readonly PostgresComparison _comparison;
    private readonly PostgresSummary _summary;
    private readonly PostgresQuotas _quotas;
    private readonly PostgresAlerts _alerts;
    private readonly PostgresArchives _archives;
    private readonly PostgresPrices _prices;
    private readonly PostgresInvoices _invoices;
    private readonly PostgresPartitions _partitions;

    /// <summary>Creates a store over a connection string or <c>postgresql://</c> URI. Opens nothing yet.</summary>
    /// <exception cref="UsageException"><c>InvalidConnectionString</c>.</exception>
    public PostgresStore(string connection)
        : this(PostgresAddress.Parse(connection))
    {
    }

    internal PostgresStore(NpgsqlConnectionStringBuilder connection)
    {
        Address = PostgresAddress.Describe(connection);
        WithoutSecrets = PostgresAddress.WithoutSecrets(connection);
        Login = new PostgresLogin(connection);
        // Times are instants; the session's zone must not matter to anything.
        connection.Timezone = "UTC";
        connection.ApplicationName ??= "UsageTracking";
        _source = new PostgresSource(NpgsqlDataSource.Create(connection));
        _schema = new PostgresSchema(_source, Address);
        _server = new PostgresServer(_source);
        _settings = new PostgresSettings(_source, Address);
        _customers = new PostgresCustomers(_source, Address);
        _partitions = new PostgresPartitions(_source, Address);
        _writer = new PostgresWriter(_source, Address, _partitions);
        _readings = new PostgresReadings(_source, _partitions);
        _corrections = new PostgresCorrections(_source);
        _rejected = new PostgresRejected(_source);
        _reader = new PostgresReader(_source);
        _pages = new PostgresPages(_source);
        _quantiles = new PostgresQuantiles(_source);
        _comparison = new PostgresComparison(_source, Address);
        _summary = new PostgresSummary(_source, Address);
        _quotas = new PostgresQuotas(_source);
        _alerts = new PostgresAlerts(_source);
        _archives = new PostgresArchives(_source, Address, _partitions);
        _prices = new PostgresPrices(_source);
        _invoices = new PostgresInvoices(_source, Address);
    }

    /// <inheritdoc/>
    public StoreAddress Address { get; }

    /// <summary>The connection string, without any password.</summary>
    internal string WithoutSecrets { get; }

    /// <summary>Who connects, and with which secrets.</summary>
    internal PostgresLogin Login { get; }

    /// <inheritdoc/>
    public int ChunksAtOnce => 4;

    /// <inheritdoc/>
    public Task<long[]> ReserveIdsAsync(int count, CancellationToken cancel) => Guard(() => _writer.ReserveIdsAsync(count, cancel));

    /// <inheritdoc/>
    public Task<StoreState> GetStateAsync(CancellationToken cancel) => Guard(() => _schema.GetStateAsync(cancel));

    /// <inheritdoc/>
    public Task<IReadOnlyList<string>> PlanInitializeAsync(StoreLayout layout, CancellationToken cancel) => Guard(() => _schema.PlanAsync(layout, cancel));

    /// <inheritdoc/>
    public Task<IReadOnlyList<string>> InitializeAsync(CancellationToken cancel) => InitializeAsync(StoreLayout.Default, null, cancel);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<string>> InitializeAsync(StoreLayout layout, InitializeProgress? progress, CancellationToken cancel)
    {
        IReadOnlyList<string> steps = await Guard(() => _schema.InitializeAsync(layout, progress, cancel));
        _source.ForgetLayout();
        return steps;
    }

    /// <inheritdoc/>
    public Task<ServiceCatalogue> GetCatalogueAsync(CancellationToken cancel) => Guard(() => _settings.GetCatalogueAsync(cancel));

    /// <inheritdoc/>
    public Task<PriceList> GetPricesAsync(IReadOnlyCollection<string> customerIds, CancellationToken cancel) =>
        Guard(() => _settings.GetPricesAsync(customerIds, cancel));

    /// <inheritdoc/>
    public Task SetBytesPerGigabyteAsync(long bytes, CancellationToken cancel) => Guard(() => _settings.SetBytesPerGigabyteAsync(bytes, cancel));

    /// <inheritdoc/>
    public Task<IReadOnlyDictionary<string, string>> GetOptionsAsync(CancellationToken cancel) => Guard(() => _settings.GetOptionsAsync(cancel));

    /// <inheritdoc/>
    public Task SetOptionAsync(string name, string? value, CancellationToken cancel) => Guard(() => _settings.SetOptionAsync(name, value, cancel));

    /// <inheritdoc/>
    public Task<IReadOnlyList<Customer>> GetCustomersAsync(string? caller, CancellationToken cancel) =>
        Guard(() => _customers.GetAsync(caller, cancel));

    /// <inheritdoc/>
    public Task<Customer> SetCustomerAsync(CustomerChange change, CancellationToken cancel) => Guard(() => _customers.SetAsync(change, cancel));

    /// <inheritdoc/>
    public Task<long> CountRecordsAsync(string customerId, CancellationToken cancel) => Guard(() => _customers.CountRecordsAsync(customerId, cancel));

    /// <inheritdoc/>
    public Task RemoveCustomerAsync(string customerId, CancellationToken cancel) => Guard(() => _customers.RemoveAsync(customerId, cancel));

    /// <inheritdoc/>
    public Task<ChunkOutcome> WriteAsync(UsageChunk chunk, CancellationToken cancel) => Guard(() => _writer.WriteAsync(chunk, cancel));

    /// <inheritdoc/>
    public Task<IReadOnlyList<PeriodFigures>> SumBucketsAsync(
        UsageFilter filter, IReadOnlyList<DateTimeOffset> bounds, FigureParts parts, CancellationToken cancel) =>
        Guard(() => _reader.SumBucketsAsync(filter, bounds, parts, cancel));

    /// <inheritdoc/>
    public Task<IReadOnlyList<PeriodFigures>> SumArchivedAsync(UsageFilter filter, IReadOnlyList<DateTimeOffset> bounds, CancellationToken cancel) =>
        Guard(() => _reader.SumArchivedAsync(filter, bounds, cancel));

    /// <inheritdoc/>
    public Task<IReadOnlyList<PeriodFigures>> SumRecordsAsync(UsageFilter filter, IReadOnlyList<DateTimeOffset> bounds, CancellationToken cancel) =>
        Guard(() => _reader.SumRecordsAsync(filter, bounds, cancel));

    /// <inheritdoc/>
    public Task<IReadOnlyList<GroupFigures>> SumGroupsAsync(
        UsageFilter filter, IReadOnlyList<DateTimeOffset> bounds, IReadOnlyList<string> keys, CancellationToken cancel) =>
        Guard(() => _reader.SumGroupsAsync(filter, bounds, keys, cancel));

    /// <inheritdoc/>
    public Task<IReadOnlyList<Quantiles>> ReadQuantilesAsync(
        UsageFilter filter, TimeRange range, IReadOnlyList<decimal> fractions, CancellationToken cancel) =>
        Guard(() => _quantiles.ReadAsync(filter, range, fractions, cancel));

    /// <inheritdoc/>
    public Task<IReadOnlyList<BucketDifference>> CompareBucketsAsync(UsageFilter filter, TimeRange range, CancellationToken cancel) =>
        Guard(() => _comparison.CompareBucketsAsync(filter, range, cancel));

    /// <inheritdoc/>
    public Task<QueueBalance> CompareQueuesAsync(CancellationToken cancel) => Guard(() => _comparison.CompareQueuesAsync(cancel));

    /// <inheritdoc/>
    public Task<ServerState?> GetServerStateAsync(CancellationToken cancel) => Guard<ServerState?>(async () => await _server.GetStateAsync(cancel));

    /// <inheritdoc/>
    public Task<SpoolPosition> GetSpoolPositionAsync(Guid spoolId, CancellationToken cancel) => Guard(() => _writer.GetSpoolPositionAsync(spoolId, cancel));

    /// <inheritdoc/>
    public Task<ReadingHistory> GetReadingsAsync(string customerId, string service, DateTimeOffset since, CancellationToken cancel) =>
        Guard(() => _readings.GetAsync(customerId, service, since, cancel));

    /// <inheritdoc/>
    public Task<IReadOnlyList<FoundReading>> FindReadingsAsync(UsageFilter filter, TimeRange range, CancellationToken cancel) =>
        Guard(() => _readings.FindAsync(filter, range, cancel));

    /// <inheritdoc/>
    public Task<IReadOnlyList<ReadingAllowance>> GetReadingAllowancesAsync(UsageFilter filter, CancellationToken cancel) =>
        Guard(() => _readings.GetAllowancesAsync(filter, cancel));

    /// <inheritdoc/>
    public Task WriteReadingsAsync(ReadingChange change, CancellationToken cancel) => Guard(() => _readings.WriteAsync(change, cancel));

    /// <inheritdoc/>
    public IAsyncEnumerable<StoredRecord> ReadRecordsAsync(
        UsageFilter filter, TimeRange range, long? first, bool includeUndone, CancellationToken cancel) =>
        Guarded(_reader.ReadRecordsAsync(filter, range, first, includeUndone, cancel), cancel);

    /// <inheritdoc/>
    public Task<IReadOnlyList<CorrectionOutcome>> CorrectAsync(IReadOnlyList<RecordCorrection> corrections, CancellationToken cancel) =>
        // Not tried again: where only the reply was lost, a second try would say that somebody had done it before.
        Translated(() => _corrections.WriteAsync(corrections, cancel));

    /// <inheritdoc/>
    public IAsyncEnumerable<RecordPage> ReadPagesAsync(UsageFilter filter, TimeRange range, CancellationToken cancel) =>
        Guarded(_pages.ReadAsync(filter, range, cancel), cancel);

    /// <inheritdoc/>
    public IAsyncEnumerable<RejectedRecord> ReadRejectedAsync(string? caller, CancellationToken cancel) =>
        Guarded(_rejected.ReadAsync(caller, cancel), cancel);

    /// <inheritdoc/>
    public Task<IReadOnlyList<long>> RemoveRejectedAsync(IReadOnlyCollection<long> ids, string? caller, CancellationToken cancel) =>
        Guard(() => _rejected.RemoveAsync(ids, caller, cancel));

    /// <inheritdoc/>
    public Task<SummaryUpdate> UpdateSummaryAsync(UsageFilter filter, TimeRange? repair, CancellationToken cancel) =>
        Guard(() => _summary.UpdateAsync(filter, repair, cancel));

    /// <inheritdoc/>
    public Task<IReadOnlyList<QuotaSetting>> GetQuotasAsync(UsageFilter filter, CancellationToken cancel) => Guard(() => _quotas.GetAsync(filter, cancel));

    /// <inheritdoc/>
    public Task SetQuotaAsync(QuotaSetting setting, DateOnly until, CancellationToken cancel) => Guard(() => _quotas.SetAsync(setting, until, cancel));

    /// <inheritdoc/>
    public Task EndQuotaAsync(string customerId, string service, DateOnly from, CancellationToken cancel) =>
        Guard(() => _quotas.EndAsync(customerId, service, from, cancel));

    /// <inheritdoc/>
    public Task<IReadOnlyList<PlanQuota>> GetPlanQuotasAsync(UsageFilter filter, CancellationToken cancel) => Guard(() => _quotas.GetPlansAsync(filter, cancel));

    /// <inheritdoc/>
    public Task<IReadOnlyList<Allowance>> GetAllowancesAsync(UsageFilter filter, CancellationToken cancel) =>
        Guard(() => _quotas.GetAllowancesAsync(filter, cancel));

    /// <inheritdoc/>
    public Task AddAllowanceAsync(Allowance allowance, CancellationToken cancel) => Translated(async () =>
    {
        // Not tried again: it might have been kept, and would count twice.
        await _quotas.AddAllowanceAsync(allowance, cancel);
        return true;
    });

    /// <inheritdoc/>
    public Task<bool> RaiseAlertAsync(StoredAlert alert, IReadOnlyList<string> covered, DateTimeOffset claimedUntil, CancellationToken cancel) =>
        Guard(() => _alerts.RaiseAsync(alert, covered, claimedUntil, cancel));

    /// <inheritdoc/>
    public Task<IReadOnlyList<StoredAlert>> ClaimAlertsAsync(
        UsageFilter filter, DateTimeOffset now, DateTimeOffset claimedUntil, CancellationToken cancel) =>
        Guard(() => _alerts.ClaimAsync(filter, now, claimedUntil, cancel));

    /// <inheritdoc/>
    public Task<bool> KeepAlertAsync(StoredAlert alert, DateTimeOffset claimedUntil, CancellationToken cancel) =>
        Guard(() => _alerts.KeepAsync(alert, claimedUntil, cancel));

    /// <inheritdoc/>
    public Task SettleAlertAsync(StoredAlert alert, DateTimeOffset? deliveredAt, CancellationToken cancel) =>
        Guard(() => _alerts.SettleAsync(alert, deliveredAt, cancel));

    /// <inheritdoc/>
    public Task<IReadOnlyList<StoredAlert>> GetAlertsAsync(UsageFilter filter, DateTimeOffset since, CancellationToken cancel) =>
        Guard(() => _alerts.GetAsync(filter, since, cancel));

    /// <inheritdoc/>
    public Task<ArchivePlan> PlanArchiveAsync(ArchiveScope scope, CancellationToken cancel) => Guard(() => _archives.PlanAsync(scope, cancel));

    /// <inheritdoc/>
    public async Task<IArchiveRun> BeginArchiveAsync(ArchiveScope scope, CancellationToken cancel) =>
        new GuardedRun(this, await Guard(() => _archives.BeginAsync(scope, cancel)));

    /// <inheritdoc/>
    public Task<StoredArchive?> FindArchiveAsync(Guid id, CancellationToken cancel) => Guard(() => _archives.FindAsync(id, cancel));

    /// <inheritdoc/>
    public Task<IReadOnlyList<StoredArchive>> GetArchivesAsync(CancellationToken cancel) => Guard(() => _archives.GetAsync(cancel));

    /// <inheritdoc/>
    public Task<long> RestoreArchiveAsync(StoredArchive archive, IEnumerable<ArchivedRecord> records, CancellationToken cancel) =>
        // Not tried again: where only the reply was lost, a second try would say that somebody had restored it before.
        Translated(() => _archives.RestoreAsync(archive, records, cancel));

    /// <inheritdoc/>
    public Task SetServiceAsync(Service service, CancellationToken cancel) => Guard(() => _prices.SetServiceAsync(service, cancel));

    /// <inheritdoc/>
    public Task<IReadOnlyList<Price>> ListPricesAsync(CancellationToken cancel) => Guard(() => _prices.ListAsync(cancel));

    /// <inheritdoc/>
    public Task SetPriceAsync(Price price, CancellationToken cancel) => Guard(() => _prices.SetAsync(price, cancel));

    /// <inheritdoc/>
    public Task RemovePriceAsync(long id, CancellationToken cancel) => Guard(() => _prices.RemoveAsync(id, cancel));

    /// <inheritdoc/>
    public Task<PriceBook> GetPriceBookAsync(IReadOnlyList<string>? customerIds, CancellationToken cancel) =>
        Guard(() => _invoices.GetBookAsync(customerIds, cancel));

    /// <inheritdoc/>
    public Task<IReadOnlyList<PricedUsage>> SumPricedAsync(
        UsageFilter filter, IReadOnlyList<DateTimeOffset> bounds, IReadOnlyList<DateTimeOffset> known, bool uninvoicedOnly, CancellationToken cancel) =>
        Guard(() => _invoices.SumAsync(filter, bounds, known, uninvoicedOnly, cancel));

    /// <inheritdoc/>
    public Task<StoredInvoice?> SaveInvoiceAsync(InvoiceDraft draft, CancellationToken cancel) =>
        // Not tried again: where only the reply was lost, there would be nothing left to invoice.
        Translated(() => _invoices.SaveAsync(draft, cancel));

    /// <inheritdoc/>
    public Task<IReadOnlyList<StoredInvoice>> GetInvoicesAsync(IReadOnlyList<string>? customerIds, CancellationToken cancel) =>
        Guard(() => _invoices.GetAsync(customerIds, cancel));

    /// <inheritdoc/>
    public Task<ICopySource> OpenCopySourceAsync(CancellationToken cancel) =>
        Guard<ICopySource>(async () => await PostgresCopySource.OpenAsync(_source, Address, cancel));

    /// <inheritdoc/>
    public Task<IReadOnlyList<string?>> BeginCopyAsync(Guid from, CancellationToken cancel) =>
        Guard(() => PostgresCopyTarget.BeginAsync(_source, from, Address, cancel));

    /// <inheritdoc/>
    public Task<ICopyTarget> OpenCopyTargetAsync(CancellationToken cancel) =>
        Guard<ICopyTarget>(async () => await PostgresCopyTarget.OpenAsync(_source, _partitions, Address, cancel));

    /// <inheritdoc/>
    public Task CompleteCopyAsync(IReadOnlyDictionary<CopyTable, long> numbers, CancellationToken cancel) =>
        Guard(() => PostgresCopyTarget.CompleteAsync(_source, numbers, cancel));

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _source.DisposeAsync();

    private async Task<T> Guard<T>(Func<Task<T>> work)
    {
        try
        {
            return await work();
        }
        catch (NpgsqlException error) when (PostgresErrors.IsBrokenConnection(error) || error.SqlState == PostgresErrorCodes.DeadlockDetected)
        {
            // Connections from before a restart of the server fail once. Whatever is asked may be asked twice.
            return await Translated(work);
        }
        catch (Exception error) when (error is NpgsqlException or TimeoutException or IOException)
        {
            throw PostgresErrors.Translate(error, Address);
        }
    }

    private async IAsyncEnumerable<T> Guarded<T>(IAsyncEnumerable<T> rows, [EnumeratorCancellation] CancellationToken cancel)
    {
        await using IAsyncEnumerator<T> row = rows.GetAsyncEnumerator(cancel);
        while (await Translated(async () => await row.MoveNextAsync(), DeadlockAttempts))
            yield return row.Current;
    }

    private async Task<T> Translated<T>(Func<Task<T>> work, int attempt = 1)
    {
        try
        {
            return await PostgresErrors.GuardAsync(work, Address);
        }
        catch (UsageException error) when (error.InnerException is PostgresException { SqlState: PostgresErrorCodes.DeadlockDetected } && attempt < DeadlockAttempts)
        {
            // All of it was rolled back.
            return await Translated(work, attempt + 1);
        }
    }

    private async Task Guard(Func<Task> work) => await Guard(async () =>
    {
        await work();
        return true;
    });

    /// <summary>An archive in the making, whose errors are translated.</summary>
    private sealed class GuardedRun(PostgresStore store, IArchiveRun run) : IArchiveRun
    {
        public long Records => run.Records;

        public bool MayBeCompleted => run.MayBeCompleted;

        public IAsyncEnumerable<IReadOnlyList<ArchivedRecord>> ReadAsync(CancellationToken cancel) => store.Guarded(run.ReadAsync(cancel), cancel);

        public Task<StoredArchive> CompleteAsync(StoredArchive archive, CancellationToken cancel) =>
            store.Translated(() => run.CompleteAsync(archive, cancel));

        public ValueTask DisposeAsync() => run.DisposeAsync();
    }
}
