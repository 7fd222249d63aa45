namespace UsageTracking.Cmdlets.Output;

/// <summary>What became of the records that waited.</summary>
/// <param name="Committed">Records stored since the last flush of this process.</param>
/// <param name="Discarded">Records thrown away.</param>
/// <param name="Remaining">Records that still wait.</param>
public sealed record UsageQueueClearInfo(long Committed, long Discarded, long Remaining);
