using System.Diagnostics;
using UsageTracking.Metering;
using UsageTracking.Stores;

namespace UsageTracking.Queue;

/// <summary>
/// Takes records without waiting for the store and stores them in the background: as soon as enough wait, or the oldest
/// has waited long enough, or a flush asks for it. Safe for use from several threads.
/// </summary>
public sealed class UsageQueue : IAsyncDisposable
{
    private readonly IRecordLog _log;
    private readonly Drain _drain;

    /// <summary>Creates a queue in front of a store. The background starts with the first record.</summary>
    public UsageQueue(IUsageStore store, QueueSettings? settings = null, IRecordLog? log = null)
    {
        _log = log ?? new MemoryLog();
        _drain = new Drain(store, _log, settings ?? QueueSettings.Default);
    }

    /// <summary>When the background sends. Takes effect at once.</summary>
    public QueueSettings Settings
    {
        get => _drain.Settings;
        set => _drain.Settings = value;
    }

    /// <summary>How many records wait.</summary>
    public long Pending => _log.Appended - _log.Stored;

    /// <summary>How the queue stands.</summary>
    public QueueStatus Status => new(_log.SpoolId, Pending, _log.OldestWaiting, _drain.LastError);

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

    /// <summary>Sends from now on to this store, which has the same address (with other credentials, perhaps).</summary>
    public void Redirect(IUsageStore store) => _drain.Redirect(store);

    /// <summary>Takes a record. Waits only while the queue is full.</summary>
    /// <exception cref="UsageException"><c>QueueFull</c>.</exception>
    public void Add(UsageRecord record, CancellationToken cancel = default)
    {
        long waiting = _log.Append(record, cancel);
        _drain.Notice(waiting);
    }

    /// <summary>Stores everything added before the call, without counting it as a flush.</summary>
    /// <returns>Null, or why records remain.</returns>
    public Task<UsageException?> SettleAsync(TimeSpan timeout, CancellationToken cancel = default) =>
        _drain.FlushAsync(_log.Appended, timeout, cancel);

    /// <summary>Stores everything added before the call.</summary>
    /// <param name="timeout">How long to try. A store that somebody has to mend first ends the flush at once.</param>
    /// <param name="cancel">Ends the wait; what was not stored goes on waiting in the queue.</param>
    public async Task<FlushResult> FlushAsync(TimeSpan timeout, CancellationToken cancel = default)
    {
        long started = Stopwatch.GetTimestamp();
        UsageException? error = await SettleAsync(timeout, cancel);
        ChunkOutcome outcome = _drain.TakeOutcome();
        return new FlushResult(outcome.Committed, outcome.Duplicates, outcome.Rejected, Pending, Stopwatch.GetElapsedTime(started), error);
    }

    /// <summary>Ends the background. What still waits is lost with a log in memory; flush before.</summary>
    public async ValueTask DisposeAsync()
    {
        await _drain.DisposeAsync();
        _log.Dispose();
    }
}
