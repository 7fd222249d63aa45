namespace UsageTracking.Reports;

/// <summary>How the quantities of a customer's events of one service are distributed.</summary>
public sealed record UsageStatistic
{
    /// <summary>The service.</summary>
    public required string Service { get; init; }

    /// <summary>How many events.</summary>
    public required long TotalEvents { get; init; }

    /// <summary>The sum of quantities, in <see cref="Unit"/>.</summary>
    public required decimal TotalQuantity { get; init; }

    /// <summary>Total divided by events; null where there was none.</summary>
    public required decimal? AverageQuantity { get; init; }

    /// <summary>The smallest quantity of one event; null where there was none.</summary>
    public required decimal? MinimumQuantity { get; init; }

    /// <summary>The largest quantity of one event; null where there was none.</summary>
    public required decimal? MaximumQuantity { get; init; }

    /// <summary>Half of the events have at most this quantity; null where there was none.</summary>
    public required decimal? MedianQuantity { get; init; }

    /// <summary>95 of 100 events have at most this quantity; null where there was none.</summary>
    public required decimal? P95Quantity { get; init; }

    /// <summary>99 of 100 events have at most this quantity; null where there was none.</summary>
    public required decimal? P99Quantity { get; init; }

    /// <summary>The service's unit.</summary>
    public required string Unit { get; init; }

    /// <summary>The start of the time.</summary>
    public required DateTimeOffset Start { get; init; }

    /// <summary>The exclusive end of the time.</summary>
    public required DateTimeOffset End { get; init; }

    /// <summary>The customer.</summary>
    public required string CustomerId { get; init; }
}
