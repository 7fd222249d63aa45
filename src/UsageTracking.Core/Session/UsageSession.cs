using System.Collections.Concurrent;
using System.Diagnostics;
using UsageTracking.Metering;
using UsageTracking.Queue;
using UsageTracking.Queue.Spools;
using UsageTracking.Stores;
using UsageTracking.Time;

namespace UsageTracking.Session;

/// <summary>
/// The connected store, customer and options of a process, shared by all its threads. Nothing is opened before it is needed.
/// </summary>
public sealed class UsageSession : IAsyncDisposable
{
    private static readonly TimeSpan SettlePatience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan SettleInterval = TimeSpan.FromMilliseconds(100);

    private readonly object _gate = new();
    private readonly Func<string, string?> _environment;
    private readonly Dictionary<string, StoreConnection> _connections = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _options = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<string> _notices = new();
    private readonly ConcurrentQueue<string> _warnings = new();
    private StoreConnection? _connected;
    private string? _connectedBy;
    private string? _customerId;
    private string? _connectedZone;
    private (string Variables, UsageOptions Options)? _optionsInForce;

    /// <summary>Creates a session.</summary>
    /// <param name="environment">Reads an environment variable; the process's own by default.</param>
    public UsageSession(Func<string, string?>? environment = null) => _environment = environment ?? Environment.GetEnvironmentVariable;

    /// <summary>The options in force.</summary>
    /// <exception cref="UsageException"><c>InvalidOption</c>.</exception>
    public UsageOptions Options
    {
        get
        {
            string variables = Variables(OptionDefinition.Variables);
            UsageOptions options;
            lock (_gate)
            {
                if (_optionsInForce is { } known && known.Variables == variables)
                    return known.Options;

                var process = new Dictionary<string, string>(_options);
                if (_connectedZone is not null)
                    process[nameof(UsageOptions.TimeZone)] = _connectedZone;

                options = new UsageOptions(process, _environment, _connected?.StoredOptions ?? new Dictionary<string, string>());
                _optionsInForce = (variables, options);
            }

            ApplyOptions();
            return options;
        }
    }

    /// <summary>The customer of calls that name none, for a process in its current folder.</summary>
    /// <exception cref="UsageException">See <see cref="FindCustomer"/>.</exception>
    public string CustomerId => FindCustomer(Environment.CurrentDirectory);

    /// <summary>
    /// The customer of calls that name none, in the order in which nself looks for it: the connection's, the environment's,
    /// the one that the <c>.env</c> in the folder names, the one whose project the environment or that file names, else
    /// <c>default</c>.
    /// </summary>
    /// <param name="folder">The folder of the project.</param>
    /// <exception cref="UsageException">
    /// <c>InvalidCustomerId</c>: what is named is none. <c>CustomerUnresolved</c>: a project is named, and the store cannot be asked whose it is.
    /// </exception>
    public string FindCustomer(string folder)
    {
        lock (_gate)
        {
            if (_customerId is not null)
                return _customerId;
        }

        if (Setting("NSELF_CUSTOMER_ID", folder) is { } named)
            return CustomerIds.Check(named);

        return Setting("PROJECT_NAME", folder) is { } project ? Connection.FindCustomerOfProject(project) ?? CustomerIds.Default : CustomerIds.Default;
    }

    /// <summary>Every store this process has used, connected or with records still to send.</summary>
    public IReadOnlyList<StoreConnection> Connections
    {
        get
        {
            lock (_gate)
                return [.. _connections.Values];
        }
    }

    /// <summary>The connected store; where none is connected, the one the environment or the default names.</summary>
    /// <exception cref="UsageException"><c>InvalidConnectionString</c>: the environment's is unreadable.</exception>
    public StoreConnection Connection
    {
        get
        {
            string variables = Variables(StoreLocator.Variables);
            StoreConnection connection;
            lock (_gate)
            {
                // What somebody connected stays; what the environment named follows the environment.
                if (_connected is not null && (_connectedBy is null || _connectedBy == variables))
                    return _connected;

                (IUsageStore store, string source) = StoreLocator.Locate(_environment);
                connection = Use(store, source);
                _connectedBy = variables;
            }

            ApplyOptions();
            return connection;
        }
    }

    /// <summary>Connects a store for everything that follows. Records added before still go to theirs.</summary>
    /// <param name="store">The store.</param>
    /// <param name="source">Where its address came from.</param>
    /// <param name="customerId">The customer of calls that name none; null keeps to the environment's.</param>
    /// <param name="timeZone">The id of the zone of calls that name none; null keeps to the option.</param>
    public StoreConnection Connect(IUsageStore store, string source, string? customerId, string? timeZone)
    {
        string? checkedId = customerId is null ? null : CustomerIds.Check(customerId);
        if (timeZone is not null)
            Zones.Find(timeZone);

        // What is wrong with an option is said before anything is switched.
        _ = Options;

        StoreConnection connection;
        lock (_gate)
        {
            connection = Use(store, source);
            _connectedBy = null;
            _customerId = checkedId;
            SetConnectedZone(timeZone);
        }

        ApplyOptions();
        return connection;
    }

    /// <summary>Forgets the connected store, customer and zone. Records that wait go on being stored.</summary>
    public void Disconnect()
    {
        lock (_gate)
        {
            _connected = null;
            _connectedBy = null;
            _customerId = null;
            SetConnectedZone(null);
        }
    }

    /// <summary>Sets an option for this process.</summary>
    /// <exception cref="UsageException"><c>InvalidOption</c>.</exception>
    public void SetOption(string name, string value)
    {
        OptionDefinition.Get(name).Read(value, "this process");
        lock (_gate)
        {
            _options[name] = value;
            if (name == nameof(UsageOptions.TimeZone))
                _connectedZone = null;

            _optionsInForce = null;
        }

        ApplyOptions();
    }

    /// <summary>Keeps an option in the connected store, for every process that uses it.</summary>
    /// <exception cref="UsageException"><c>InvalidOption</c>, or the store's error.</exception>
    public async Task PersistOptionAsync(string name, string value, CancellationToken cancel)
    {
        OptionDefinition.Get(name).Read(value, "the store");
        StoreConnection connection = Connection;
        await connection.PrepareAsync(cancel);
        await connection.Store.SetOptionAsync(name, value, cancel);
        await connection.RefreshAsync(cancel);
    }

    /// <summary>Hands the options in force to the queues; done after anything that may have changed them.</summary>
    /// <exception cref="UsageException"><c>InvalidOption</c>.</exception>
    private void ApplyOptions()
    {
        QueueSettings settings = Options.ForQueue;
        foreach (StoreConnection connection in Connections)
        {
            if (connection.Queue.Settings != settings)
                connection.Queue.Settings = settings;
        }
    }

    /// <summary>Whether there is something to tell.</summary>
    public bool HasNews => !_notices.IsEmpty || !_warnings.IsEmpty;

    /// <summary>What was done that a user wants to know of, once.</summary>
    public IEnumerable<string> TakeNotices() => TakeAll(_notices);

    /// <summary>What went wrong in the background, once.</summary>
    public IEnumerable<string> TakeWarnings() => TakeAll(_warnings);

    /// <summary>The folder of all spools; null where records wait in memory.</summary>
    public string? SpoolRoot => SpoolLocator.Locate(_environment);

    /// <summary>How every spool stands: this process's own, those it took over, and those of other processes and stores.</summary>
    public IReadOnlyList<SpoolStatus> Spools
    {
        get
        {
            // Without a record there is no spool yet; that of the connected store is shown all the same.
            StoreConnection connected = Connection;
            List<SpoolStatus> mine = [.. Connections.SelectMany(c => c.Queue.Status.Where((s, i) => s.Folder is not null || s.Records > 0 || (c == connected && i == 0)))];
            string? root = SpoolRoot;
            return root is null ? mine : [.. mine, .. SpoolFolder.List(root, mine.Select(s => s.SpoolId).ToHashSet())];
        }
    }

    /// <summary>How many records wait for a store, in the queues of all processes.</summary>
    public long CountWaiting(StoreAddress store) => Spools.Where(s => s.Store == store.Text).Sum(s => s.Records);

    /// <summary>Stores what this process has for a store, and refuses where the records of others would be left behind.</summary>
    /// <exception cref="UsageException"><c>RecordsWaiting</c>.</exception>
    public async Task SettleSourceAsync(StoreAddress store, CancellationToken cancel)
    {
        foreach (StoreConnection connection in Connections.Where(c => c.Store.Address == store))
        {
            connection.Queue.AdoptOrphans();
            await connection.Queue.SettleAsync(SettlePatience, cancel);
        }

        // Those of other processes are a moment from being stored, mostly.
        long started = Stopwatch.GetTimestamp();
        while (CountWaiting(store) is > 0 and var waiting)
        {
            if (Stopwatch.GetElapsedTime(started) > SettlePatience)
            {
                throw new UsageException(UsageErrorKind.Conflict, "RecordsWaiting",
                    $"{Wording.Count(waiting, "record")} for the store {store} {(waiting == 1 ? "waits" : "wait")} in queues still and would not be copied. Get-UsageQueue shows whose they are; connect that store and store them with Invoke-UsageFlush, or throw them away with Clear-UsageQueue -Discard.", store.Text);
            }

            await Task.Delay(SettleInterval, cancel);
        }
    }

    /// <summary>Sends what waits, for a bounded time, because the module or the process ends.</summary>
    /// <param name="patience">How long to take at most, for all stores together.</param>
    /// <param name="isEnd">Whether the process ends: then the spools are let go.</param>
    public void Shutdown(TimeSpan patience, bool isEnd)
    {
        long started = Stopwatch.GetTimestamp();
        Task[] flushes = [.. Connections.Where(c => c.Queue.Pending > 0).Select(c => c.Queue.StoreNowAsync(patience))];
        Task.WaitAll(flushes, patience);
        foreach (StoreConnection connection in isEnd ? Connections : [])
        {
            TimeSpan rest = patience - Stopwatch.GetElapsedTime(started);
            connection.Queue.Leave(rest > TimeSpan.Zero ? rest : TimeSpan.Zero);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (StoreConnection connection in Connections)
            await connection.DisposeAsync();
    }

    private StoreConnection Use(IUsageStore store, string source)
    {
        if (_connections.TryGetValue(store.Address.Text, out StoreConnection? known))
        {
            known.Replace(store, source);
        }
        else
        {
            known = new StoreConnection(store, source, SpoolRoot is { } root ? new SpoolFolder(root, store.Address) : null, _notices.Enqueue, _warnings.Enqueue, Refreshed);
            _connections.Add(store.Address.Text, known);
        }

        _optionsInForce = null;
        return _connected = known;
    }

    /// <summary>A connection's zone lasts as long as the connection; one that was set as an option stays.</summary>
    private void SetConnectedZone(string? timeZone)
    {
        _connectedZone = timeZone;
        _optionsInForce = null;
    }

    private void Refreshed()
    {
        lock (_gate)
            _optionsInForce = null;

        ApplyOptions();
    }

    private string? Setting(string name, string folder) =>
        _environment(name) is { Length: > 0 } value ? value : ProjectFile.Read(folder, name);

    private string Variables(IReadOnlyList<string> names) => string.Join('\0', names.Select(n => _environment(n)));

    private static IEnumerable<string> TakeAll(ConcurrentQueue<string> texts)
    {
        while (texts.TryDequeue(out string? text))
            yield return text;
    }
}
