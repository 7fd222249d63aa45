namespace UsageTracking.Session;

/// <summary>What came of a file.</summary>
/// <param name="Records">Records that were added to the queue.</param>
/// <param name="Rejected">Lines that were bad.</param>
/// <param name="Dropped">Records that a full queue dropped, as its settings say.</param>
/// <param name="Duration">How long it took.</param>
public sealed record ImportCount(long Records, long Rejected, long Dropped, TimeSpan Duration);
