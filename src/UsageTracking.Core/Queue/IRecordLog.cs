using UsageTracking.Metering;

namespace UsageTracking.Queue;

/// <summary>
/// Where records wait between being added and being stored. Records are numbered from 1 in the order they were appended;
/// a position says how many come before it. Safe for use from several threads.
/// </summary>
public interface IRecordLog : IDisposable
{
    /// <summary>Names this log in the store, which keeps the position it has reached.</summary>
    Guid SpoolId { get; }

    /// <summary>The position after the last record appended.</summary>
    long Appended { get; }

    /// <summary>The position up to which records were stored.</summary>
    long Stored { get; }

    /// <summary>When the oldest record that waits was appended; null where none waits.</summary>
    DateTimeOffset? OldestWaiting { get; }

    /// <summary>Appends a record; waits while the log is full.</summary>
    /// <returns>How many records now wait.</returns>
    /// <exception cref="UsageException"><c>QueueFull</c>: it stayed full for too long.</exception>
    long Append(UsageRecord record, CancellationToken cancel);

    /// <summary>The records after <see cref="Stored"/>, oldest first, at most <paramref name="most"/>.</summary>
    IReadOnlyList<UsageRecord> Peek(int most);

    /// <summary>Forgets the records up to a position; they are stored.</summary>
    void MarkStored(long position);
}
