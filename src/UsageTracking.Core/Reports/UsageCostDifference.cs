namespace UsageTracking.Reports;

/// <summary>What a customer's use of a service costs, and what it would have cost at other prices.</summary>
public sealed record UsageCostDifference
{
    /// <summary>The customer.</summary>
    public required string CustomerId { get; init; }

    /// <summary>The service.</summary>
    public required string Service { get; init; }

    /// <summary>How much was used.</summary>
    public required decimal Quantity { get; init; }

    /// <summary>The service's unit.</summary>
    public required string Unit { get; init; }

    /// <summary>What it costs.</summary>
    public required decimal Current { get; init; }

    /// <summary>What it would have cost.</summary>
    public required decimal Proposed { get; init; }

    /// <summary>How much more that is.</summary>
    public required decimal Difference { get; init; }

    /// <summary>The same in percent, not rounded; null from nothing.</summary>
    public required decimal? PercentChange { get; init; }

    /// <summary>The start of the range.</summary>
    public required DateTimeOffset Start { get; init; }

    /// <summary>The exclusive end of the range.</summary>
    public required DateTimeOffset End { get; init; }
}
