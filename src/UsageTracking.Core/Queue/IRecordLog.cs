using UsageTracking.Metering;

namespace UsageTracking.Queue;

/// <summary>
/// Where records wait between being added and being stored. Records are numbered from 1 in the order they were appended;
/// a position says how many come before it. Any thread may append; one at a time reads and marks.
/// </summary>
public interface IRecordLog : IDisposable
{
    /// <summary>Names this log in the store, which keeps the position it has reached. A log that was reset has another.</summary>
    Guid SpoolId { get; }

    /// <summary>The id of the store its records belong to; null before the first drain.</summary>
    Guid? StoreId { get; }

    /// <summary>The position after the last record appended.</summary>
    long Appended { get; }

    /// <summary>The position up to which records were stored.</summary>
    long Stored { get; }

    /// <summary>When the oldest record that waits was appended; null where none waits.</summary>
    DateTimeOffset? OldestWaiting { get; }

    /// <summary>For how long some record has waited all the time, by a clock that nobody sets.</summary>
    TimeSpan Waited { get; }

    /// <summary>Whether there is no room for more.</summary>
    bool IsFull(QueueSettings settings);

    /// <summary>Appends records, all or none.</summary>
    /// <returns>Whether they were taken; false where the log is full and the settings say to drop them.</returns>
    /// <exception cref="UsageException"><c>QueueFull</c>, or <c>SpoolNotWritable</c>: none was appended.</exception>
    bool Append(IReadOnlyList<UsageRecord> records, QueueSettings settings, CancellationToken cancel);

    /// <summary>Makes what was appended survive a power cut.</summary>
    /// <exception cref="UsageException"><c>SpoolNotWritable</c>.</exception>
    void Sync();

    /// <summary>The records after <see cref="Stored"/>, oldest first, about as many as asked for.</summary>
    LogSlice Peek(int most);

    /// <summary>Begins to read what comes after that, for the next time. What was given before stays valid.</summary>
    void ReadAhead(int most);

    /// <summary>All records after <see cref="Stored"/>, for a look at them; whoever sends them is not disturbed.</summary>
    LogSlice Copy();

    /// <summary>Forgets the records up to a position; they are stored.</summary>
    void MarkStored(long position);

    /// <summary>Gives back the room of what is stored; it may take some time.</summary>
    void Tidy();

    /// <summary>Goes back to an earlier position, or as far back as records are still there.</summary>
    void Rewind(long position);

    /// <summary>Ties the log to a store for good.</summary>
    void Bind(Guid storeId);

    /// <summary>Takes another name in the store, because somebody else sends under this one.</summary>
    void Rename();

    /// <summary>Keeps the reason why records wait, for those who look from outside.</summary>
    void NoteError(string? message);

    /// <summary>Begins anew, under another name and tied to no store.</summary>
    /// <param name="discard">Whether records that wait are thrown away; else nothing happens while any wait.</param>
    /// <returns>How many records were thrown away.</returns>
    long Reset(bool discard);
}

/// <summary>What follows from the members of a log.</summary>
public static class RecordLogs
{
    /// <summary>How many records wait. What is stored is read first: both may move meanwhile.</summary>
    public static long Waiting(this IRecordLog log)
    {
        long stored = log.Stored;
        return Math.Max(0, log.Appended - stored);
    }
}
