using UsageTracking.Metering;

namespace UsageTracking.Queue;

/// <summary>
/// Takes the records of one pipeline and hands them to the queue many at a time, since a write per record would show. A pipeline
/// that pauses does not keep them from being written.
/// </summary>
public sealed class QueueWriter : IDisposable
{
    private const int LargestBatch = 1000;
    private const int LargestMetadata = 1024 * 1024;
    private static readonly TimeSpan LongestHold = TimeSpan.FromMilliseconds(20);

    private readonly UsageQueue _queue;
    private readonly CancellationToken _cancel;
    private readonly Timer _pause;
    private readonly object _gate = new();
    private List<UsageRecord> _batch = new(64);
    private int _metadata;
    private long _taken;
    private Exception? _failure;

    internal QueueWriter(UsageQueue queue, CancellationToken cancel)
    {
        _queue = queue;
        _cancel = cancel;
        _pause = new Timer(_ => WriteInPause());
    }

    /// <summary>Records dropped because the queue was full and the settings say so.</summary>
    public long Dropped { get; private set; }

    /// <summary>Takes a record. It is safe after <see cref="Write"/> or <see cref="Complete"/>.</summary>
    /// <exception cref="UsageException"><c>QueueFull</c> or <c>SpoolNotWritable</c>; the message says how many records of this pipeline were not added.</exception>
    public void Add(UsageRecord record, CancellationToken cancel)
    {
        lock (_gate)
        {
            _batch.Add(record);
            ThrowFailure();
            _metadata += record.Metadata.Bytes.Length;
            if (_batch.Count == 1)
                _pause.Change(LongestHold, Timeout.InfiniteTimeSpan);

            if (_batch.Count >= LargestBatch || _metadata >= LargestMetadata || _queue.Settings.Durability == Durability.Strict)
                WriteBatch(cancel);
        }
    }

    /// <summary>Writes what was taken: it survives the end of the process.</summary>
    /// <returns>Whether all of it was written; false where it was dropped.</returns>
    /// <exception cref="UsageException"><inheritdoc cref="Add" path="/exception"/></exception>
    public bool Write(CancellationToken cancel)
    {
        lock (_gate)
        {
            ThrowFailure();
            return WriteBatch(cancel);
        }
    }

    /// <summary>Writes what was taken and, if it was more than one record, makes it as safe as the durability says.</summary>
    /// <exception cref="UsageException"><inheritdoc cref="Add" path="/exception"/></exception>
    public void Complete(CancellationToken cancel)
    {
        Write(cancel);
        if (_taken > 1)
            _queue.Sync();
    }

    /// <summary>A pipeline that breaks off keeps what it has taken.</summary>
    public void Dispose()
    {
        using var now = new CancellationTokenSource();
        now.Cancel();
        lock (_gate)
        {
            try
            {
                WriteBatch(now.Token);
            }
            catch (Exception error) when (error is UsageException or OperationCanceledException)
            {
                // The pipeline did not end well, and nothing said that they were added.
            }
        }

        _pause.Dispose();
    }

    private void WriteInPause()
    {
        lock (_gate)
        {
            try
            {
                WriteBatch(_cancel);
            }
            catch (Exception error)
            {
                // The next record finds it. On a timer's thread it would end the process.
                _failure = error;
            }
        }
    }

    private bool WriteBatch(CancellationToken cancel)
    {
        if (_batch.Count == 0)
            return true;

        List<UsageRecord> batch = _batch;
        _batch = new List<UsageRecord>(Math.Min(LargestBatch, 2 * batch.Count));
        _metadata = 0;
        bool isTaken = _queue.Add(batch, cancel);
        if (isTaken)
            _taken += batch.Count;
        else
            Dropped += batch.Count;

        return isTaken;
    }

    private void ThrowFailure()
    {
        if (_failure is not { } failure)
            return;

        _failure = null;
        throw failure;
    }
}
