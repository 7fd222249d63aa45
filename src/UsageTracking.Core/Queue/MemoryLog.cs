using UsageTracking.Metering;

namespace UsageTracking.Queue;

/// <summary>Records wait in this process's memory; they are lost if it is killed.</summary>
public sealed class MemoryLog : IRecordLog
{
    private readonly Queue<(UsageRecord Record, DateTimeOffset AppendedAt)> _waiting = new();
    private readonly object _gate = new();
    private readonly int _capacity;
    private readonly TimeSpan _patience;
    private readonly TimeProvider _clock;
    private long _stored;

    /// <summary>Creates a log that holds so many records; <see cref="Append"/> waits so long for room.</summary>
    public MemoryLog(int capacity = 50_000, TimeSpan? patience = null, TimeProvider? clock = null)
    {
        _capacity = capacity;
        _patience = patience ?? TimeSpan.FromSeconds(30);
        _clock = clock ?? TimeProvider.System;
    }

    /// <inheritdoc/>
    public Guid SpoolId { get; } = Guid.NewGuid();

    /// <inheritdoc/>
    public long Appended
    {
        get
        {
            lock (_gate)
                return _stored + _waiting.Count;
        }
    }

    /// <inheritdoc/>
    public long Stored
    {
        get
        {
            lock (_gate)
                return _stored;
        }
    }

    /// <inheritdoc/>
    public DateTimeOffset? OldestWaiting
    {
        get
        {
            lock (_gate)
                return _waiting.TryPeek(out (UsageRecord, DateTimeOffset At) oldest) ? oldest.At : null;
        }
    }

    /// <inheritdoc/>
    public long Append(UsageRecord record, CancellationToken cancel)
    {
        lock (_gate)
        {
            long start = _waiting.Count < _capacity ? 0 : _clock.GetTimestamp();
            while (_waiting.Count >= _capacity)
            {
                if (_clock.GetElapsedTime(start) >= _patience)
                {
                    throw new UsageException(UsageErrorKind.LimitReached, "QueueFull",
                        $"{Wording.Count(_waiting.Count, "record")} wait to be stored, which is all the queue holds, and none was stored for {_patience.TotalSeconds:0} seconds. See Get-UsageQueue for the reason.");
                }

                cancel.ThrowIfCancellationRequested();
                Monitor.Wait(_gate, TimeSpan.FromMilliseconds(200));
            }

            _waiting.Enqueue((record, _clock.GetUtcNow()));
            return _waiting.Count;
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<UsageRecord> Peek(int most)
    {
        lock (_gate)
        {
            int count = Math.Min(most, _waiting.Count);
            var records = new List<UsageRecord>(count);
            foreach ((UsageRecord record, _) in _waiting)
            {
                if (records.Count == count)
                    break;

                records.Add(record);
            }

            return records;
        }
    }

    /// <inheritdoc/>
    public void MarkStored(long position)
    {
        lock (_gate)
        {
            while (_stored < position)
            {
                _waiting.Dequeue();
                _stored++;
            }

            Monitor.PulseAll(_gate);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // Nothing to release; a log on disk has files.
    }
}
