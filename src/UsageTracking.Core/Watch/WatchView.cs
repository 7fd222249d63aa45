using UsageTracking.Queue.Spools;

namespace UsageTracking.Watch;

/// <summary>What there is to see at one look.</summary>
public sealed record WatchView
{
    /// <summary>The store.</summary>
    public required string Store { get; init; }

    /// <summary>When it was looked at.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>How usage goes, by customer and in catalogue order; that of the last look that the store answered.</summary>
    public required IReadOnlyList<UsageSample> Samples { get; init; }

    /// <summary>The queues.</summary>
    public required IReadOnlyList<SpoolStatus> Queues { get; init; }

    /// <summary>Why the store did not answer; null where it did.</summary>
    public string? Problem { get; init; }
}
