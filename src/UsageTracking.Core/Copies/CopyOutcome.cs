using UsageTracking.Stores;

namespace UsageTracking.Copies;

/// <summary>What came of a copy.</summary>
public sealed record CopyOutcome
{
    private const int MostNamed = 5;

    /// <summary>How many records the copied store has.</summary>
    public required long Records { get; init; }

    /// <summary>How many buckets.</summary>
    public required long Buckets { get; init; }

    /// <summary>How many customers.</summary>
    public required long Customers { get; init; }

    /// <summary>The first month with records, in UTC; null where there are none.</summary>
    public DateTimeOffset? Start { get; init; }

    /// <summary>The end of the last month with records; null where there are none.</summary>
    public DateTimeOffset? End { get; init; }

    /// <summary>Whether both stores are the same, and the copy can be used.</summary>
    public required bool IsComplete { get; init; }

    /// <summary>What differs without the copied store having changed, in words.</summary>
    public IReadOnlyList<string> Mismatches { get; init; } = [];

    /// <summary>Why it is not complete; null where it is.</summary>
    public UsageException? Error(StoreAddress from, StoreAddress to) => IsComplete ? null
        : Mismatches.Count > 0
            ? new UsageException(UsageErrorKind.Conflict, "CopyMismatch",
                $"The copy {to} is not what {from} is, though that did not change: {string.Join("; ", Mismatches.Take(MostNamed))}{(Mismatches.Count > MostNamed ? $"; and {Mismatches.Count - MostNamed} more" : "")}. Something else wrote into it. The same Copy-UsageStore copies these parts anew.", to.Text)
            : new UsageException(UsageErrorKind.Conflict, "SourceChanging",
                $"{from} is written to all the time, so the copy {to} never was the same. Stop what writes to it, or let it write to {to} already (it waits in the queues until the copy is whole), and run the same Copy-UsageStore again.", from.Text);
}
