namespace UsageTracking.Reports;

/// <summary>Which accounts of the same usage do not agree.</summary>
public enum DifferenceKind
{
    /// <summary>The buckets that reports read do not say what the records say.</summary>
    Buckets,

    /// <summary>The positions of the queues do not say how many records there are.</summary>
    Queues,
}
