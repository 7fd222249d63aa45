namespace UsageTracking.Cmdlets.Output;

/// <summary>What an update of the summary changed.</summary>
/// <param name="Buckets">Buckets added, changed or removed.</param>
/// <param name="Records">Records of other programs folded in.</param>
public sealed record UsageSummaryUpdateInfo(long Buckets, long Records);
