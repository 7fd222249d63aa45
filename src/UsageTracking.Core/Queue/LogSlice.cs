using UsageTracking.Metering;
using UsageTracking.Queue.Spools;
using UsageTracking.Stores;

namespace UsageTracking.Queue;

/// <summary>Consecutive records of a log. They are valid until the log is read on.</summary>
/// <param name="From">How many records of the log come before them.</param>
/// <param name="Records">The records.</param>
/// <param name="Damaged">What was skipped before them because it cannot be read.</param>
public sealed record LogSlice(long From, IReadOnlyList<UsageRecord> Records, IReadOnlyList<RowRange> Damaged)
{
    private RecordTraits? _traits;

    /// <summary>What a store has to know of them.</summary>
    public RecordTraits Traits
    {
        get => _traits ??= RecordTraits.Of(Records);
        init => _traits = value;
    }

    /// <summary>Some of the records.</summary>
    public IReadOnlyList<UsageRecord> Part(int first, int count) =>
        Records is EncodedRecords encoded ? encoded.Part(first, count) : [.. Records.Skip(first).Take(count)];
}

/// <summary>Records of a log that cannot be read.</summary>
/// <param name="First">The number of the first.</param>
/// <param name="Last">The number of the last; null where not even that can be read.</param>
/// <param name="File">The file they were in, if it is known.</param>
public sealed record RowRange(long First, long? Last, string? File);
