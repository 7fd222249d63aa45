using System.Diagnostics;
using UsageTracking.Stores;

namespace UsageTracking.Queue;

/// <summary>The background that carries records from a log to a store, one chunk at a time and in order.</summary>
internal sealed class Drain : IAsyncDisposable
{
    // A chunk costs some milliseconds whatever its size; beyond this they no longer show, and a failed one costs more to repeat.
    private const int LargestChunk = 25_000;

    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LongestPauseInFlush = TimeSpan.FromSeconds(1);

    private readonly IRecordLog _log;
    private readonly object _gate = new();
    private readonly CancellationTokenSource _ending = new();
    private readonly List<(long Target, TaskCompletionSource<UsageException?> Done)> _flushes = [];
    private IUsageStore _store;
    private QueueSettings _settings;
    private ChunkOutcome _outcome;

    // The chunk whose fate is unknown because its reply was lost. It is sent again exactly as it was, so that the store can
    // tell by its position whether it has it.
    private UsageChunk? _unsettled;
    private UsageException? _lastError;
    private Task? _running;
    private volatile bool _isAsleep = true;
    private bool _isStopped;

    public Drain(IUsageStore store, IRecordLog log, QueueSettings settings)
    {
        _store = store;
        _log = log;
        _settings = settings;
    }

    public event EventHandler<UsageException>? Stopped;

    public event EventHandler<long>? SetAside;

    public UsageException? LastError
    {
        get
        {
            lock (_gate)
                return _lastError;
        }
    }

    public QueueSettings Settings
    {
        get
        {
            lock (_gate)
                return _settings;
        }

        set
        {
            lock (_gate)
            {
                _settings = value;
                Wake();
            }
        }
    }

    public void Redirect(IUsageStore store)
    {
        lock (_gate)
        {
            _store = store;
            _lastError = null;
            _isStopped = false;
            Wake();
        }
    }

    /// <summary>Tells the drain how many records wait after one was appended. A drain at work sees for itself.</summary>
    public void Notice(long waiting)
    {
        if (!_isAsleep || (waiting != 1 && waiting < Volatile.Read(ref _settings).BatchSize))
            return;

        lock (_gate)
            Wake();
    }

    /// <summary>Completes when the log is stored up to the target, or with the error that keeps it from being so.</summary>
    public async Task<UsageException?> FlushAsync(long target, TimeSpan timeout, CancellationToken cancel)
    {
        var done = new TaskCompletionSource<UsageException?>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            if (_log.Stored >= target)
                return null;

            _flushes.Add((target, done));
            _isStopped = false;
            Wake();
        }

        try
        {
            return await done.Task.WaitAsync(timeout, cancel);
        }
        catch (TimeoutException)
        {
            return LastError ?? new UsageException(UsageErrorKind.LimitReached, "FlushTimeout",
                $"The store took longer than {timeout.TotalSeconds:0.#} seconds. Give more time with -Timeout; the records go on being stored in the background.");
        }
        finally
        {
            lock (_gate)
                _flushes.RemoveAll(f => f.Done == done);
        }
    }

    public ChunkOutcome TakeOutcome()
    {
        lock (_gate)
        {
            ChunkOutcome outcome = _outcome;
            _outcome = default;
            return outcome;
        }
    }

    public async ValueTask DisposeAsync()
    {
        Task? running;
        lock (_gate)
        {
            running = _running;
            _ending.Cancel();
            Monitor.PulseAll(_gate);
        }

        if (running is not null)
            await running;

        _ending.Dispose();
    }

    private void Wake()
    {
        // A thread of its own (in the background, so that it never keeps a process alive): COPY works synchronously.
        _running ??= Task.Factory.StartNew(Run, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        Monitor.PulseAll(_gate);
    }

    private void Run()
    {
        TimeSpan pause = TimeSpan.Zero;
        while (WaitForWork(pause))
        {
            UsageException? error = StoreOneChunk();
            pause = error is null ? TimeSpan.Zero : NextPause(pause);
            Report(error);
        }
    }

    /// <summary>Waits out a pause and then until something is due; false at the end.</summary>
    private bool WaitForWork(TimeSpan pause)
    {
        lock (_gate)
        {
            long pausedAt = Stopwatch.GetTimestamp();
            while (!_ending.IsCancellationRequested)
            {
                // A flush that starts meanwhile does not wait out a long pause.
                TimeSpan effective = _flushes.Count > 0 && pause > LongestPauseInFlush ? LongestPauseInFlush : pause;
                TimeSpan rest = effective - Stopwatch.GetElapsedTime(pausedAt);
                // Asleep before looking: a record that is appended after the look wakes it. Nothing wakes a pause but a flush.
                _isAsleep = rest <= TimeSpan.Zero && !_isStopped;
                TimeSpan due = rest > TimeSpan.Zero ? rest : DueIn();
                if (due <= TimeSpan.Zero)
                {
                    _isAsleep = false;
                    return true;
                }

                Monitor.Wait(_gate, due);
            }

            return false;
        }
    }

    /// <summary>How long until something is to be sent.</summary>
    private TimeSpan DueIn()
    {
        long waiting = _log.Appended - _log.Stored;
        if (waiting == 0 || _isStopped)
            return TimeSpan.FromMinutes(1);

        if (_flushes.Count > 0 || waiting >= _settings.BatchSize)
            return TimeSpan.Zero;

        TimeSpan age = DateTimeOffset.UtcNow - (_log.OldestWaiting ?? DateTimeOffset.UtcNow);
        return _settings.BatchTimeout - age;
    }

    private UsageException? StoreOneChunk()
    {
        (IUsageStore store, QueueSettings settings) = (_store, _settings);
        try
        {
            UsageChunk chunk = _unsettled ?? new UsageChunk(_log.SpoolId, _log.Stored, _log.Peek(LargestChunk), settings.AutoCreateCustomer);
            if (chunk.Records.Count > 0)
                Store(store, chunk);

            return null;
        }
        catch (UsageException error)
        {
            return error;
        }
        catch (OperationCanceledException)
        {
            return null;
        }
        catch (Exception unexpected)
        {
            // Whatever it is, the records stay and the reason is shown; a drain that died silently would be worse.
            return new UsageException(UsageErrorKind.StoreUnavailable, "DrainFailed", $"Storing failed unexpectedly: {unexpected.Message}", null, unexpected);
        }
    }

    /// <summary>Stores a chunk; one that holds a value the store refuses is halved until the bad record stands alone and is set aside.</summary>
    private void Store(IUsageStore store, UsageChunk chunk)
    {
        try
        {
            ChunkOutcome outcome = store.WriteAsync(chunk, _ending.Token).GetAwaiter().GetResult();
            _unsettled = null;
            lock (_gate)
                _outcome += outcome;

            _log.MarkStored(chunk.To);
            if (outcome.Rejected > 0)
                SetAside?.Invoke(this, outcome.Rejected);
        }
        catch (Exception error) when (MayHaveBeenStored(error))
        {
            _unsettled = chunk;
            throw;
        }
        catch (UsageException error) when (error.ErrorId == "BadRecord" && chunk.Refusal is null)
        {
            _unsettled = null;
            if (chunk.Records.Count == 1)
            {
                Store(store, chunk with { Refusal = error });
                return;
            }

            int half = chunk.Records.Count / 2;
            Store(store, chunk with { Records = [.. chunk.Records.Take(half)] });
            Store(store, chunk with { From = chunk.From + half, Records = [.. chunk.Records.Skip(half)] });
        }
    }

    // Only an error that the store itself gave says for sure that it kept nothing.
    private static bool MayHaveBeenStored(Exception error) =>
        error is not UsageException known || known.Kind == UsageErrorKind.StoreUnavailable;

    private void Report(UsageException? error)
    {
        bool stops = false;
        lock (_gate)
        {
            if (error is { Kind: not UsageErrorKind.StoreUnavailable })
            {
                // Trying again would only fail again: rest until a flush, a new connection or new settings.
                // Whoever waits for a flush is told by it.
                stops = _flushes.Count == 0 && error.Message != _lastError?.Message;
                _isStopped = true;
                _flushes.ForEach(f => f.Done.TrySetResult(error));
                _flushes.Clear();
            }

            _lastError = error;
            long stored = _log.Stored;
            foreach ((_, TaskCompletionSource<UsageException?> done) in _flushes.Where(f => f.Target <= stored))
                done.TrySetResult(null);

            _flushes.RemoveAll(f => f.Target <= stored);
        }

        if (stops)
            Stopped?.Invoke(this, error!);
    }

    private static TimeSpan NextPause(TimeSpan pause)
    {
        TimeSpan doubled = pause < ShortestPause ? ShortestPause : pause * 2;
        // Some randomness keeps many writers from coming back all at once.
        return (doubled < LongestPause ? doubled : LongestPause) * (0.75 + (Random.Shared.NextDouble() / 2));
    }
}
