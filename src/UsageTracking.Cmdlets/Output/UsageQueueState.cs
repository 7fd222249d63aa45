namespace UsageTracking.Cmdlets.Output;

/// <summary>Whose a queue is.</summary>
public enum UsageQueueState
{
    /// <summary>A process that is alive, this one or another.</summary>
    Live,

    /// <summary>A process that is gone; the next session that uses the store takes its records over.</summary>
    Orphan,
}
