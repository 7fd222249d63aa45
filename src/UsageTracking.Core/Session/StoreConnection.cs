using UsageTracking.Metering;
using UsageTracking.Queue;
using UsageTracking.Queue.Spools;
using UsageTracking.Stores;

namespace UsageTracking.Session;

/// <summary>A store this process uses, with its queue and what is remembered of it.</summary>
public sealed class StoreConnection : IAsyncDisposable
{
    // An unreachable server is asked again no more often than this while records are added.
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan ReplacedFor = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LookPatience = TimeSpan.FromSeconds(2);

    private readonly SemaphoreSlim _preparing = new(1, 1);
    private readonly Action<string> _notice;
    private readonly Action _refreshed;
    private IUsageStore _store;
    private (string Project, string CustomerId)? _projectCustomer;
    private volatile bool _isReady;
    private long _nextLook;
    private long? _wantedBytesPerGigabyte;

    internal StoreConnection(
        IUsageStore store, string source, SpoolFolder? spools, Action<string> notice, Action<string> warn, Action refreshed)
    {
        _store = store;
        _notice = notice;
        _refreshed = refreshed;
        Source = source;
        Queue = new UsageQueue(store, spools: spools);
        Queue.Stopped += (_, error) => warn($"{Wording.Count(Queue.Pending, "record")} not stored yet: {error.Message}");
        Queue.SetAside += (_, count) => warn($"{Wording.Count(count, "record")} rejected by the store {store.Address}. See Get-UsageRejectedRecord.");
        Queue.Lost += (_, what) => warn(what);
    }

    /// <summary>The store. It may not be prepared yet.</summary>
    public IUsageStore Store => _store;

    /// <summary>Where its address came from.</summary>
    public string Source { get; private set; }

    /// <summary>The records on their way to it.</summary>
    public UsageQueue Queue { get; }

    /// <summary>Its services, as last read; null while they never were.</summary>
    public ServiceCatalogue? Catalogue { get; private set; }

    internal IReadOnlyDictionary<string, string> StoredOptions { get; private set; } = new Dictionary<string, string>();

    /// <summary>
    /// Makes sure the store can be used: creates the embedded one, checks the schema of a server, reads the catalogue and options.
    /// </summary>
    /// <exception cref="UsageException"><c>StoreUnavailable</c>, <c>StoreNotInitialized</c>, <c>StoreOutOfDate</c> and others of those kinds.</exception>
    public async Task PrepareAsync(CancellationToken cancel)
    {
        if (_isReady)
            return;

        await _preparing.WaitAsync(cancel);
        try
        {
            if (_isReady)
                return;

            if (_store.Address.Kind == StoreKind.Sqlite)
                await CreateOrUpgradeAsync(cancel);
            else
                await CheckSchemaAsync(cancel);

            if (_wantedBytesPerGigabyte is { } bytes)
            {
                await Queue.SettleAsync(LookPatience, cancel);
                await SetBytesPerGigabyteAsync(bytes, cancel);
            }

            await RefreshAsync(cancel);
            _isReady = true;
            Queue.AdoptOrphans();
            Queue.Resume();
        }
        finally
        {
            _preparing.Release();
        }
    }

    /// <summary>Asks for gigabytes of this many bytes. The store is told when it is next prepared, and refuses where it holds records.</summary>
    public void UseBytesPerGigabyte(long bytes)
    {
        _wantedBytesPerGigabyte = bytes;
        _isReady = false;
    }

    /// <summary>Prepares the store if that can be done quickly; records may be added without it.</summary>
    public async Task TryPrepareAsync(CancellationToken cancel)
    {
        if (_isReady || Environment.TickCount64 < Interlocked.Read(ref _nextLook))
            return;

        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        patience.CancelAfter(LookPatience);
        try
        {
            // The driver itself may be slower to give up.
            await PrepareAsync(patience.Token).WaitAsync(patience.Token);
        }
        catch (Exception error) when (error is UsageException || (error is OperationCanceledException && !cancel.IsCancellationRequested))
        {
            // The drain will meet the same error, and report it.
            Interlocked.Exchange(ref _nextLook, Environment.TickCount64 + (long)LookInterval.TotalMilliseconds);
        }
    }

    /// <summary>Creates the schema or brings it up to date, laid out as asked, and lets the queue try again.</summary>
    /// <returns>The steps taken.</returns>
    public async Task<IReadOnlyList<string>> InitializeAsync(StoreLayout layout, CancellationToken cancel)
    {
        IReadOnlyList<string> steps = await _store.InitializeAsync(layout, cancel);
        _isReady = false;
        await PrepareAsync(cancel);
        Queue.Redirect(_store);
        return steps;
    }

    /// <summary>Reads catalogue and options again.</summary>
    public async Task RefreshAsync(CancellationToken cancel)
    {
        Catalogue = await _store.GetCatalogueAsync(cancel);
        StoredOptions = await _store.GetOptionsAsync(cancel);
        _refreshed();
    }

    /// <summary>The customer whose project this is, the oldest where there are several; null where there is none.</summary>
    /// <exception cref="UsageException"><c>CustomerUnresolved</c>: the store cannot be asked.</exception>
    internal string? FindCustomerOfProject(string project)
    {
        if (_projectCustomer is { } known && known.Project == project)
            return known.CustomerId;

        using var patience = new CancellationTokenSource(LookPatience);
        try
        {
            // The driver itself may be slower to give up.
            IReadOnlyList<Customer> customers = Task.Run(() => _store.GetCustomersAsync(patience.Token)).WaitAsync(patience.Token).GetAwaiter().GetResult();
            string? found = customers.Where(c => c.ProjectName == project).OrderBy(c => c.CreatedAt).FirstOrDefault()?.CustomerId;
            _projectCustomer = found is null ? null : (project, found);
            return found;
        }
        catch (UsageException error) when (error.ErrorId == "StoreNotInitialized" || (error.Kind == UsageErrorKind.StoreNotReady && _store.Address.Kind == StoreKind.Sqlite))
        {
            // Where there are no tables yet, or no file, there is no customer.
            return null;
        }
        catch (Exception error) when (error is UsageException or OperationCanceledException)
        {
            // Anybody else's customer would be wrong for good.
            throw new UsageException(UsageErrorKind.StoreUnavailable, "CustomerUnresolved",
                $"The store {_store.Address} cannot be asked whose project '{project}' is. Name the customer with -CustomerId or $env:NSELF_CUSTOMER_ID.", project, error);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Queue.DisposeAsync();
        await _store.DisposeAsync();
        _preparing.Dispose();
    }

    /// <summary>Uses the same store from now on by another connection, with other credentials perhaps.</summary>
    internal void Replace(IUsageStore store, string source)
    {
        IUsageStore old = _store;
        _store = store;
        Source = source;
        _isReady = false;
        _wantedBytesPerGigabyte = null;
        _projectCustomer = null;
        Interlocked.Exchange(ref _nextLook, 0);
        Queue.Redirect(store);
        // Other threads may be in the middle of something with the old one.
        _ = Task.Delay(ReplacedFor).ContinueWith(_ => old.DisposeAsync().AsTask(), TaskScheduler.Default);
    }

    private async Task SetBytesPerGigabyteAsync(long bytes, CancellationToken cancel)
    {
        try
        {
            await _store.SetBytesPerGigabyteAsync(bytes, cancel);
            _wantedBytesPerGigabyte = null;
        }
        catch (UsageException error) when (error.Kind == UsageErrorKind.Conflict)
        {
            // Asked for once: a store that refuses is usable all the same.
            _wantedBytesPerGigabyte = null;
            throw;
        }
    }

    private async Task CreateOrUpgradeAsync(CancellationToken cancel)
    {
        StoreState before = await _store.GetStateAsync(cancel);
        if ((await _store.InitializeAsync(cancel)).Count > 0)
            _notice($"{(before.IsInitialized ? "Brought up to date" : "Created")} the usage store {_store.Address}.");
    }

    private async Task CheckSchemaAsync(CancellationToken cancel)
    {
        StoreState state = await _store.GetStateAsync(cancel);
        if (!state.IsInitialized)
            throw StoreErrors.NotInitialized(_store.Address);

        if (!state.IsCurrent)
            throw StoreErrors.OutOfDate(_store.Address, state.SchemaVersion);
    }
}
