using System.Diagnostics;
using UsageTracking.Metering;
using UsageTracking.Queue.Spools;
using UsageTracking.Stores;

namespace UsageTracking.Queue;

/// <summary>
/// Takes records without waiting for the store and stores them in the background: as soon as enough wait, or the oldest
/// has waited long enough, or a flush asks for it. Safe for use from several threads.
/// </summary>
public sealed class UsageQueue : IAsyncDisposable
{
    private readonly IRecordLog _log;
    private readonly IUsageStore _store;
    private readonly Drain _drain;

    /// <summary>Creates a queue in front of a store. The background starts with the first record.</summary>
    /// <param name="store">Where the records go.</param>
    /// <param name="settings">How they are kept and sent.</param>
    /// <param name="spools">Where they wait on disk; null keeps them in memory, where they end with the process.</param>
    public UsageQueue(IUsageStore store, QueueSettings? settings = null, SpoolFolder? spools = null)
    {
        _store = store;
        _log = spools?.Create() ?? (IRecordLog)new MemoryLog();
        _drain = new Drain(store, _log, spools, settings ?? QueueSettings.Default);
    }

    /// <summary>How records are kept and sent. Takes effect at once.</summary>
    public QueueSettings Settings
    {
        get => _drain.Settings;
        set => _drain.Settings = value;
    }

    /// <summary>How many records wait, those of dead processes included whose spools were taken over.</summary>
    public long Pending => _drain.Waiting;

    /// <summary>Why the last attempt to store failed; null once one succeeds.</summary>
    public UsageException? LastError => _drain.LastError;

    /// <summary>How the own log stands, and each spool taken over.</summary>
    public IReadOnlyList<SpoolStatus> Status => [OwnStatus with { LastError = LastError?.Message }, .. _drain.Adopted.Select(l => l.Status)];

    /// <summary>Raised, on the background's thread, when it stops until somebody acts; once per reason.</summary>
    public event EventHandler<UsageException>? Stopped
    {
        add => _drain.Stopped += value;
        remove => _drain.Stopped -= value;
    }

    /// <summary>Raised, on the background's thread, with the number of records that were just set aside among the rejected.</summary>
    public event EventHandler<long>? SetAside
    {
        add => _drain.SetAside += value;
        remove => _drain.SetAside -= value;
    }

    /// <summary>Raised when records turn out to be lost, with which and why.</summary>
    public event EventHandler<string>? Lost
    {
        add => _drain.Lost += value;
        remove => _drain.Lost -= value;
    }

    private SpoolStatus OwnStatus => _log is SpoolLog spool
        ? spool.Status
        : new SpoolStatus(_store.Address.Text, _log.SpoolId, Environment.ProcessId, Environment.MachineName, true, _log.Waiting(), 0, _log.OldestWaiting, null, null);

    /// <summary>Sends from now on to this store, which has the same address (with other credentials, perhaps).</summary>
    public void Redirect(IUsageStore store) => _drain.Redirect(store);

    /// <summary>Takes a record: when this returns it is as safe as the durability says. Waits only while the queue is full.</summary>
    /// <returns>Whether it was taken; false where the queue is full and the settings say to drop it.</returns>
    /// <exception cref="UsageException"><c>QueueFull</c> or <c>SpoolNotWritable</c>.</exception>
    public bool Add(UsageRecord record, CancellationToken cancel = default) => Add([record], cancel);

    /// <summary>Takes records one after the other, for a pipeline: they are safe when it is completed.</summary>
    public QueueWriter OpenWriter(CancellationToken cancel = default) => new(this, cancel);

    /// <summary>Takes over the spools of this store whose owners are gone.</summary>
    public void AdoptOrphans() => _drain.AdoptOrphans();

    /// <summary>Stores everything added before the call, without counting it as a flush.</summary>
    /// <returns>Null, or why records remain.</returns>
    public Task<UsageException?> SettleAsync(TimeSpan timeout, CancellationToken cancel = default) =>
        _drain.FlushAsync(timeout, untilError: false, cancel);

    /// <summary>Stores what can be stored in a short time; a store that is away is not waited for.</summary>
    public Task StoreNowAsync(TimeSpan timeout) => _drain.FlushAsync(timeout, untilError: true, CancellationToken.None);

    /// <summary>Lets go of everything because the process ends. What waits in a spool waits for the next session.</summary>
    public void Leave(TimeSpan patience) => _drain.Leave(patience);

    /// <summary>Stores everything added before the call.</summary>
    /// <param name="timeout">How long to try. A store that somebody has to mend first ends the flush at once.</param>
    /// <param name="cancel">Ends the wait; what was not stored goes on waiting in the queue.</param>
    public async Task<FlushResult> FlushAsync(TimeSpan timeout, CancellationToken cancel = default)
    {
        long started = Stopwatch.GetTimestamp();
        UsageException? error = await SettleAsync(timeout, cancel);
        ChunkOutcome outcome = _drain.TakeOutcome();
        long remaining = Pending;
        // The last of them may have been stored just after the time was up.
        return new FlushResult(outcome.Committed, outcome.Duplicates, outcome.Rejected, remaining, Stopwatch.GetElapsedTime(started), remaining == 0 ? null : error);
    }

    /// <summary>A copy of the records that wait, of each spool with its name.</summary>
    /// <exception cref="IOException">They were stored, and their files removed, in the middle of it: the next try finds what is left.</exception>
    public IReadOnlyList<(Guid SpoolId, LogSlice Records)> CopyPending() =>
        [.. _drain.Logs.Where(l => l.Waiting() > 0).Select(l => (l.SpoolId, l.Copy()))];

    /// <summary>How many records <see cref="Discard"/> would throw away.</summary>
    public long CountDiscardable() => _drain.CountDiscardable();

    /// <summary>Throws away what waits, also in the spools of dead processes; those of living ones are left alone.</summary>
    /// <returns>How many records that were.</returns>
    /// <exception cref="UsageException"><c>QueueBusy</c>: a chunk was on its way for too long.</exception>
    public long Discard(TimeSpan patience, CancellationToken cancel = default) => _drain.Discard(patience, cancel);

    /// <summary>Removes the files of this process's spool where nothing in them waits any more.</summary>
    public void RemoveSpent() => _log.Reset(discard: false);

    /// <summary>Tries again what somebody had to mend: tables that were missing, a password that was wrong.</summary>
    public void Resume() => _drain.Resume();

    /// <summary>Ends the background. What still waits in memory is lost; in a spool it waits for the next session.</summary>
    public ValueTask DisposeAsync() => _drain.DisposeAsync();

    internal bool Add(IReadOnlyList<UsageRecord> records, CancellationToken cancel)
    {
        QueueSettings settings = Settings;
        if (_log.IsFull(settings))
            _drain.MakeRoom();

        try
        {
            return _log.Append(records, settings, cancel);
        }
        finally
        {
            // Also where they were taken and only the disk's confirmation is missing.
            _drain.Notice(_log.Waiting());
        }
    }

    internal void Sync()
    {
        if (Settings.Durability == Durability.Machine)
            _log.Sync();
    }
}
