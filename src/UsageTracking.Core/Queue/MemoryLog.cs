using System.Diagnostics;
using UsageTracking.Metering;

namespace UsageTracking.Queue;

/// <summary>Records wait in this process's memory; they are lost if it is killed.</summary>
public sealed class MemoryLog(int capacity = 50_000) : IRecordLog
{
    private readonly Queue<(UsageRecord Record, DateTimeOffset AppendedAt)> _waiting = new();
    private readonly object _gate = new();
    private long _stored;
    private long? _waitingSince;

    /// <inheritdoc/>
    public Guid SpoolId { get; private set; } = Guid.NewGuid();

    /// <inheritdoc/>
    public Guid? StoreId { get; private set; }

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
    public TimeSpan Waited
    {
        get
        {
            lock (_gate)
                return _waitingSince is { } since ? Stopwatch.GetElapsedTime(since) : TimeSpan.Zero;
        }
    }

    /// <inheritdoc/>
    public bool IsFull(QueueSettings settings)
    {
        lock (_gate)
            return _waiting.Count >= capacity;
    }

    /// <inheritdoc/>
    public bool Append(IReadOnlyList<UsageRecord> records, QueueSettings settings, CancellationToken cancel)
    {
        lock (_gate)
        {
            if (!Room.Wait(_gate, () => _waiting.Count < capacity, settings, records.Count, () => _waiting.Count, cancel))
                return false;

            foreach (UsageRecord record in records)
                _waiting.Enqueue((record, DateTimeOffset.UtcNow));

            _waitingSince ??= Stopwatch.GetTimestamp();
            return true;
        }
    }

    /// <inheritdoc/>
    public void Sync()
    {
        // Memory survives nothing.
    }

    /// <inheritdoc/>
    public LogSlice Peek(int most)
    {
        lock (_gate)
        {
            return new LogSlice(_stored, [.. _waiting.Take(most).Select(w => w.Record)], []);
        }
    }

    /// <inheritdoc/>
    public void ReadAhead(int most)
    {
        // It is all here.
    }

    /// <inheritdoc/>
    public LogSlice Copy() => Peek(int.MaxValue);

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

            if (_waiting.Count == 0)
                _waitingSince = null;

            Monitor.PulseAll(_gate);
        }
    }

    /// <inheritdoc/>
    public void Tidy()
    {
        // What is stored is gone from here.
    }

    /// <inheritdoc/>
    public void Rewind(long position)
    {
        // What was stored is gone from here.
    }

    /// <inheritdoc/>
    public void Bind(Guid storeId) => StoreId = storeId;

    /// <inheritdoc/>
    public void Rename() => SpoolId = Guid.NewGuid();

    /// <inheritdoc/>
    public void NoteError(string? message)
    {
        // Nobody can look from outside.
    }

    /// <inheritdoc/>
    public long Reset(bool discard)
    {
        lock (_gate)
        {
            int waiting = _waiting.Count;
            if (waiting > 0 && !discard)
                return 0;

            _waiting.Clear();
            _stored = 0;
            _waitingSince = null;
            SpoolId = Guid.NewGuid();
            StoreId = null;
            Monitor.PulseAll(_gate);
            return waiting;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // Nothing to release; a log on disk has files.
    }
}
