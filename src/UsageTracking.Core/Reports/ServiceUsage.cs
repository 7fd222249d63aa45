namespace UsageTracking.Reports;

/// <summary>What a customer used of one service.</summary>
public sealed record ServiceUsage
{
    /// <summary>The service.</summary>
    public required string Service { get; init; }

    /// <summary>How much, in <see cref="Unit"/>.</summary>
    public required decimal Quantity { get; init; }

    /// <summary>The service's unit.</summary>
    public required string Unit { get; init; }

    /// <summary>The price per unit in force at the end of the range; usage keeps the price it was stamped with.</summary>
    public required decimal UnitCost { get; init; }

    /// <summary>The sum of quantity times the unit cost each record was stamped with.</summary>
    public required decimal Cost { get; init; }

    /// <summary>How many events.</summary>
    public required long Events { get; init; }

    /// <summary>The start of the range.</summary>
    public required DateTimeOffset Start { get; init; }

    /// <summary>The exclusive end of the range.</summary>
    public required DateTimeOffset End { get; init; }

    /// <summary>The customer.</summary>
    public required string CustomerId { get; init; }
}

/// <summary>What a customer used of one service on one day.</summary>
public sealed record DailyServiceUsage
{
    /// <summary>The local day.</summary>
    public required DateTime Date { get; init; }

    /// <inheritdoc cref="ServiceUsage.Service"/>
    public required string Service { get; init; }

    /// <inheritdoc cref="ServiceUsage.Quantity"/>
    public required decimal Quantity { get; init; }

    /// <inheritdoc cref="ServiceUsage.Unit"/>
    public required string Unit { get; init; }

    /// <inheritdoc cref="ServiceUsage.UnitCost"/>
    public required decimal UnitCost { get; init; }

    /// <inheritdoc cref="ServiceUsage.Cost"/>
    public required decimal Cost { get; init; }

    /// <inheritdoc cref="ServiceUsage.Events"/>
    public required long Events { get; init; }

    /// <summary>The day's first instant, or the start of the range where that is later.</summary>
    public required DateTimeOffset Start { get; init; }

    /// <summary>The first instant after the day, or the end of the range where that is earlier.</summary>
    public required DateTimeOffset End { get; init; }

    /// <inheritdoc cref="ServiceUsage.CustomerId"/>
    public required string CustomerId { get; init; }
}
