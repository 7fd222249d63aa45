namespace UsageTracking.Reports;

/// <summary>What a customer used of one service in some time.</summary>
public abstract record UsageLine
{
    /// <summary>The service.</summary>
    public required string Service { get; init; }

    /// <summary>How much, in <see cref="Unit"/>.</summary>
    public required decimal Quantity { get; init; }

    /// <summary>The service's unit.</summary>
    public required string Unit { get; init; }

    /// <summary>The price per unit in force at the end of that time; usage keeps the price it was stamped with.</summary>
    public required decimal UnitCost { get; init; }

    /// <summary>The sum of quantity times the unit cost each record was stamped with.</summary>
    public required decimal Cost { get; init; }

    /// <summary>How many events.</summary>
    public required long Events { get; init; }

    /// <summary>The start of that time.</summary>
    public required DateTimeOffset Start { get; init; }

    /// <summary>The exclusive end of that time.</summary>
    public required DateTimeOffset End { get; init; }

    /// <summary>The customer.</summary>
    public required string CustomerId { get; init; }
}

/// <summary>Usage of one service over the whole range.</summary>
public sealed record ServiceUsage : UsageLine;

/// <summary>Usage of one service on one day, or on the part of it that the range covers.</summary>
public sealed record DailyServiceUsage : UsageLine
{
    /// <summary>The local day.</summary>
    public required DateTime Date { get; init; }

    /// <summary>The quantity as a share, 0 to 1, of the report's largest day of the same service and customer.</summary>
    public required decimal ShareOfLargest { get; init; }
}
