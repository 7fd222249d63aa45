using System.Diagnostics;
using UsageTracking.Queue.Spools;
using UsageTracking.Stores;

namespace UsageTracking.Queue;

/// <summary>
/// The background that carries records to a store: those of this process, and those of processes that are gone, whose
/// spools it takes over.
/// </summary>
internal sealed class Drain : IAsyncDisposable
{
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LongestPauseInFlush = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LookInterval = TimeSpan.FromMinutes(1);

    private readonly IRecordLog _own;
    private readonly SpoolFolder? _folder;
    private readonly object _gate = new();
    // Held while a chunk is on its way: nothing else may touch the logs from the reading side.
    private readonly object _sending = new();
    private readonly CancellationTokenSource _ending = new();
    private readonly List<Flush> _flushes = [];
    // The own log first; a copy is made when one is added or removed.
    private LogSender[] _senders;
    private IUsageStore _store;
    private QueueSettings _settings;
    private ChunkOutcome _outcome;
    private UsageException? _lastError;
    private Task? _running;
    // Asleep: something may be worth waking up for. Idle: anything is, since nothing waits.
    private volatile bool _isAsleep = true;
    private volatile bool _isIdle = true;
    private string? _warnedOf;
    private TimeSpan _pause;
    private bool _isStopped;
    private bool _isDisposed;
    private int _turn;
    private long? _lookedAt;

    public Drain(IUsageStore store, IRecordLog log, SpoolFolder? folder, QueueSettings settings)
    {
        _store = store;
        _own = log;
        _folder = folder;
        _settings = settings;
        _senders = [NewSender(log)];
    }

    public event EventHandler<UsageException>? Stopped;

    public event EventHandler<long>? SetAside;

    public event EventHandler<string>? Lost;

    public UsageException? LastError
    {
        get
        {
            lock (_gate)
                return _senders[0].Obstacle ?? _lastError;
        }
    }

    /// <summary>How many records wait, in all logs.</summary>
    public long Waiting => Volatile.Read(ref _senders).Sum(s => s.Waiting);

    /// <summary>The logs whose records go to the store.</summary>
    public IReadOnlyList<IRecordLog> Logs => [.. Volatile.Read(ref _senders).Select(s => s.Log)];

    /// <summary>The spools taken over.</summary>
    public IReadOnlyList<SpoolLog> Adopted => [.. Volatile.Read(ref _senders).Select(s => s.Log).OfType<SpoolLog>().Where(l => l.IsAdopted)];

    public QueueSettings Settings
    {
        get => Volatile.Read(ref _settings);

        set
        {
            lock (_gate)
            {
                _settings = value;
                Resume();
            }
        }
    }

    public void Redirect(IUsageStore store)
    {
        lock (_gate)
        {
            _store = store;
            _lastError = null;
            _pause = TimeSpan.Zero;
            foreach (LogSender sender in _senders)
                sender.Forget();

            // What comes next belongs to the store as it is now, be it another one at the same address.
            _own.Reset(discard: false);
            Resume();
        }
    }

    /// <summary>Tries again what somebody had to mend.</summary>
    public void Resume()
    {
        lock (_gate)
        {
            TryEverythingAgain();
            // Whoever has added nothing yet has nothing to send either.
            if (_running is not null || Waiting > 0)
                Wake();
        }
    }

    /// <summary>Tells the drain how many records wait after some were appended. A drain at work sees for itself.</summary>
    public void Notice(long waiting)
    {
        if (!_isAsleep || (!_isIdle && waiting < Volatile.Read(ref _settings).BatchSize))
            return;

        lock (_gate)
            Wake();
    }

    /// <summary>Does not wait for a batch to come together while nothing fits in any more.</summary>
    public void MakeRoom()
    {
        if (!_isAsleep)
            return;

        lock (_gate)
            Wake();
    }

    /// <summary>Takes over the spools of this store whose owners are gone.</summary>
    public void AdoptOrphans()
    {
        lock (_gate)
        {
            if (Adopt())
                Wake();
        }
    }

    /// <summary>How many records wait that <see cref="Discard"/> would throw away.</summary>
    public long CountDiscardable() => Waiting + (_folder?.CountOrphaned(Volatile.Read(ref _senders).Select(s => s.Log.SpoolId).ToHashSet()) ?? 0);

    /// <summary>Completes when what waits now is stored, or with the error that keeps it from being so.</summary>
    /// <param name="timeout">How long to try.</param>
    /// <param name="untilError">Whether any error ends it, also one that may pass.</param>
    /// <param name="cancel">Ends the wait.</param>
    public async Task<UsageException?> FlushAsync(TimeSpan timeout, bool untilError, CancellationToken cancel)
    {
        AdoptOrphans();
        Flush flush;
        lock (_gate)
        {
            flush = new Flush([.. _senders.Where(s => s.Waiting > 0).Select(s => (s, s.Log.SpoolId, s.Log.Appended))], untilError);
            if (flush.IsDone)
                return null;

            TryEverythingAgain();
            _flushes.Add(flush);
            Wake();
        }

        try
        {
            return await flush.Done.Task.WaitAsync(timeout, cancel);
        }
        catch (TimeoutException)
        {
            return LastError ?? new UsageException(UsageErrorKind.LimitReached, "FlushTimeout", FormattableString.Invariant(
                $"The store took longer than {timeout.TotalSeconds:0.#} seconds. Give more time with -Timeout; the records go on being stored in the background."));
        }
        finally
        {
            lock (_gate)
                _flushes.Remove(flush);
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

    /// <summary>Throws away what waits.</summary>
    /// <returns>How many records that were.</returns>
    /// <exception cref="UsageException"><c>QueueBusy</c>: a chunk was on its way for too long.</exception>
    public long Discard(TimeSpan patience, CancellationToken cancel)
    {
        long start = Stopwatch.GetTimestamp();
        bool isMine;
        while (!(isMine = Monitor.TryEnter(_sending, TimeSpan.FromMilliseconds(200))) && Stopwatch.GetElapsedTime(start) < patience)
            cancel.ThrowIfCancellationRequested();

        if (!isMine)
        {
            throw new UsageException(UsageErrorKind.LimitReached, "QueueBusy", FormattableString.Invariant(
                $"Records have been on their way to the store {_store.Address} for {patience.TotalSeconds:0.#} seconds; they cannot be thrown away now. Try again later."));
        }

        try
        {
            lock (_gate)
            {
                Adopt();
                long discarded = _senders.Sum(s => s.Discard());
                RemoveSpent();
                _flushes.ForEach(f => f.Done.TrySetResult(null));
                _flushes.Clear();
                _lastError = null;
                _isStopped = false;
                return discarded;
            }
        }
        finally
        {
            Monitor.Exit(_sending);
        }
    }

    /// <summary>Lets go of the logs because the process ends; whatever does not end in time, the operating system ends.</summary>
    public void Leave(TimeSpan patience)
    {
        _ending.Cancel();
        if (!Monitor.TryEnter(_sending, patience))
            return;

        foreach (LogSender sender in _senders)
            sender.Log.Dispose();

        Monitor.Exit(_sending);
    }

    public async ValueTask DisposeAsync()
    {
        Task? running;
        lock (_gate)
        {
            if (_isDisposed)
                return;

            _isDisposed = true;
            running = _running;
            _ending.Cancel();
            Monitor.PulseAll(_gate);
        }

        if (running is not null)
            await running;

        foreach (LogSender sender in _senders)
            sender.Log.Dispose();

        _ending.Dispose();
    }

    private LogSender NewSender(IRecordLog log)
    {
        var sender = new LogSender(log);
        sender.Settled += outcome =>
        {
            lock (_gate)
                _outcome += outcome;

            if (outcome.Rejected > 0)
                SetAside?.Invoke(this, outcome.Rejected);
        };
        sender.Lost += what => Lost?.Invoke(this, what);
        return sender;
    }

    private void TryEverythingAgain()
    {
        _isStopped = false;
        foreach (LogSender sender in _senders)
            sender.TryAgain();
    }

    private bool Adopt()
    {
        _lookedAt = Stopwatch.GetTimestamp();
        if (_folder is null || _ending.IsCancellationRequested)
            return false;

        HashSet<Guid> known = [.. _senders.Select(s => s.Log.SpoolId)];
        LogSender[] orphans = [.. _folder.AdoptOrphans(known).Select(NewSender)];
        _senders = [.. _senders, .. orphans];
        foreach (LogSender orphan in orphans)
        {
            if (((SpoolLog)orphan.Log).TailDamage is { } damage)
                orphan.ReportDamage(damage);
        }

        return orphans.Length > 0;
    }

    private void Wake()
    {
        // A thread of its own (in the background, so that it never keeps a process alive): COPY works synchronously.
        _running ??= Task.Factory.StartNew(Run, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        Monitor.PulseAll(_gate);
    }

    private void Run()
    {
        while (!_ending.IsCancellationRequested)
        {
            try
            {
                Work();
            }
            catch (Exception unexpected)
            {
                // Without this thread nothing would be stored any more, and nobody would know why.
                lock (_gate)
                {
                    _lastError = Unexpected(unexpected);
                    _pause = LongestPauseInFlush;
                }
            }
        }
    }

    private void Work()
    {
        while (WaitForWork(out LogSender? sender))
        {
            UsageException? error;
            bool isObstacle;
            lock (_sending)
            {
                error = SendChunk(sender!);
                // A flush that starts now takes the obstacle away, to try again.
                isObstacle = sender!.Obstacle is not null;
            }

            _pause = error is null || isObstacle ? TimeSpan.Zero : NextPause(_pause);
            Report(sender, error, isObstacle);
            // Else the next chunk does it on its way.
            if (sender.Waiting > 0)
                continue;

            lock (_sending)
                sender.Log.Tidy();
        }
    }

    /// <summary>Waits out a pause and then until something is due; false at the end.</summary>
    private bool WaitForWork(out LogSender? sender)
    {
        lock (_gate)
        {
            long pausedAt = Stopwatch.GetTimestamp();
            while (!_ending.IsCancellationRequested)
            {
                if (_lookedAt is not { } looked || Stopwatch.GetElapsedTime(looked) >= LookInterval)
                {
                    // Somebody may have mended what stopped it.
                    TryEverythingAgain();
                    Adopt();
                }

                // A flush that starts meanwhile does not wait out a long pause.
                TimeSpan effective = _flushes.Count > 0 && _pause > LongestPauseInFlush ? LongestPauseInFlush : _pause;
                TimeSpan rest = effective - Stopwatch.GetElapsedTime(pausedAt);
                // Idle before looking: a record that is appended after the look wakes it. Nothing wakes a pause but a flush.
                _isIdle = _isAsleep = rest <= TimeSpan.Zero && !_isStopped;
                Interlocked.MemoryBarrier();
                TimeSpan due = rest;
                sender = null;
                if (rest <= TimeSpan.Zero && (due = NextDue(out sender)) <= TimeSpan.Zero)
                {
                    _isAsleep = false;
                    foreach (Flush flush in _flushes)
                        flush.IsBegun = true;

                    return true;
                }

                if (sender is not null)
                    _isIdle = false;

                Monitor.Wait(_gate, due < LookInterval ? due : LookInterval);
            }

            sender = null;
            return false;
        }
    }

    /// <summary>The log to send from next, in turn, and how long until that.</summary>
    private TimeSpan NextDue(out LogSender? next)
    {
        next = null;
        TimeSpan soonest = TimeSpan.MaxValue;
        if (_isStopped)
            return soonest;

        for (int i = 1; i <= _senders.Length; i++)
        {
            LogSender sender = _senders[(_turn + i) % _senders.Length];
            TimeSpan due = DueIn(sender);
            if (due >= soonest)
                continue;

            (soonest, next) = (due, sender);
            if (due <= TimeSpan.Zero)
            {
                _turn = (_turn + i) % _senders.Length;
                break;
            }
        }

        return soonest;
    }

    private TimeSpan DueIn(LogSender sender)
    {
        long waiting = sender.Waiting;
        if (sender.Obstacle is not null)
            return TimeSpan.MaxValue;

        if (sender.Log != _own)
            return TimeSpan.Zero;

        if (waiting == 0)
            return TimeSpan.MaxValue;

        return _flushes.Count > 0 || waiting >= _settings.BatchSize || sender.Log.IsFull(_settings) ? TimeSpan.Zero : _settings.BatchTimeout - sender.Log.Waited;
    }

    private UsageException? SendChunk(LogSender sender)
    {
        (IUsageStore store, QueueSettings settings) = (_store, Settings);
        try
        {
            sender.SendNext(store, settings, _ending.Token);
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
            return Unexpected(unexpected);
        }
    }

    private static UsageException Unexpected(Exception error) =>
        new(UsageErrorKind.StoreUnavailable, "DrainFailed", $"Storing failed unexpectedly: {error.Message}", null, error);

    private void Report(LogSender sender, UsageException? error, bool isObstacle)
    {
        sender.Log.NoteError(error?.Message);
        bool warns = false;
        lock (_gate)
        {
            if (error is { Kind: not UsageErrorKind.StoreUnavailable })
            {
                // Trying again would only fail again: rest until a flush, a new connection or new settings, or for a while.
                // Whoever waits for a flush is told by it.
                warns = _flushes.Count == 0 && error.Message != _warnedOf;
                _warnedOf = error.Message;
                // One spool that cannot be sent does not hold up the others, nor a flush that began since.
                _isStopped = !isObstacle && _flushes.TrueForAll(f => f.IsBegun);
            }

            if (!isObstacle)
                _lastError = error;

            if (error is null)
                _warnedOf = null;

            foreach (Flush flush in _flushes)
                flush.Settle(sender, error, isObstacle, _isStopped);

            _flushes.RemoveAll(f => f.Done.Task.IsCompleted);
            RemoveSpent();
        }

        if (warns)
            Stopped?.Invoke(this, error!);
    }

    /// <summary>Lets go of the spools taken over that are stored; their folders go with them.</summary>
    private void RemoveSpent()
    {
        LogSender[] spent = [.. _senders.Where(s => s.Log != _own && s.Waiting == 0)];
        if (spent.Length == 0)
            return;

        _senders = [.. _senders.Except(spent)];
        foreach (LogSender sender in spent)
            sender.Log.Dispose();
    }

    private static TimeSpan NextPause(TimeSpan pause)
    {
        TimeSpan doubled = pause < ShortestPause ? ShortestPause : pause * 2;
        // Some randomness keeps many writers from coming back all at once.
        return (doubled < LongestPause ? doubled : LongestPause) * (0.75 + (Random.Shared.NextDouble() / 2));
    }

    /// <summary>A wait for everything that was there when it began.</summary>
    private sealed class Flush(List<(LogSender Sender, Guid SpoolId, long Position)> targets, bool untilError)
    {
        private UsageException? _obstacle;

        public TaskCompletionSource<UsageException?> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>Whether an attempt was made since it was asked for; what failed before does not end it.</summary>
        public bool IsBegun { get; set; }

        public bool IsDone => targets.Count == 0;

        /// <summary>Takes note of what became of a chunk.</summary>
        public void Settle(LogSender sender, UsageException? error, bool isObstacle, bool isStopped)
        {
            if (isObstacle)
                _obstacle = error;

            targets.RemoveAll(t => (isObstacle && t.Sender == sender) || t.SpoolId != t.Sender.Log.SpoolId || t.Sender.Log.Stored >= t.Position);
            if (IsBegun && (isStopped || (untilError && error is not null)))
                Done.TrySetResult(error);
            else if (IsDone)
                Done.TrySetResult(_obstacle);
        }
    }
}
