namespace UsageTracking.Quotas;

/// <summary>How near a quota is to its limit.</summary>
public enum QuotaLevel
{
    /// <summary>Below every threshold, or without a limit.</summary>
    Ok,

    /// <summary>At the first threshold or above.</summary>
    Warning,

    /// <summary>At the second threshold or above.</summary>
    Critical,

    /// <summary>Used up.</summary>
    Exceeded,

    /// <summary>The limit counts something else than the service.</summary>
    NotComparable,
}

/// <summary>At how many percent of a limit each level begins.</summary>
/// <param name="Warning">The first.</param>
/// <param name="Critical">The second.</param>
/// <param name="Exceeded">The third.</param>
public sealed record AlertThresholds(decimal Warning, decimal Critical, decimal Exceeded);
