namespace UsageTracking.Cmdlets.Output;

/// <summary>What a flush did, and what the background did since the flush before.</summary>
/// <param name="Committed">Records stored since the last flush of this process.</param>
/// <param name="Duplicates">Records that were already stored under the same event key.</param>
/// <param name="Rejected">Records set aside, with their reasons.</param>
/// <param name="Remaining">Records that still wait; zero where the flush was complete.</param>
/// <param name="Duration">How long the flush took.</param>
public sealed record UsageFlushInfo(long Committed, long Duplicates, long Rejected, long Remaining, TimeSpan Duration);
