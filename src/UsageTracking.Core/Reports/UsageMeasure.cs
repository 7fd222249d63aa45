using UsageTracking.Time;

namespace UsageTracking.Reports;

/// <summary>What a customer used of one service in one period.</summary>
public sealed record UsageMeasure
{
    /// <summary>The service.</summary>
    public required string Service { get; init; }

    /// <summary>The period's first instant, with the zone's offset then.</summary>
    public required DateTimeOffset Period { get; init; }

    /// <summary>How many events.</summary>
    public required long EventCount { get; init; }

    /// <summary>The sum of quantities, in <see cref="Unit"/>.</summary>
    public required decimal TotalQuantity { get; init; }

    /// <summary>The sum of quantity times stamped unit cost.</summary>
    public required decimal TotalCost { get; init; }

    /// <summary>Total divided by count; null where there was no event.</summary>
    public required decimal? AverageQuantity { get; init; }

    /// <summary>The smallest quantity of one event; null where there was none.</summary>
    public required decimal? MinimumQuantity { get; init; }

    /// <summary>The largest quantity of one event; null where there was none.</summary>
    public required decimal? MaximumQuantity { get; init; }

    /// <summary>The metadata values the events have in common; null where they are not grouped.</summary>
    public required UsageGroup? Group { get; init; }

    /// <summary>The service's unit.</summary>
    public required string Unit { get; init; }

    /// <summary>How the periods were cut.</summary>
    public required PeriodKind PeriodKind { get; init; }

    /// <summary>The customer.</summary>
    public required string CustomerId { get; init; }
}
