using UsageTracking.Time;

namespace UsageTracking.Reports;

/// <summary>A period in which a customer used much of a service.</summary>
public sealed record UsagePeak
{
    /// <summary>The period's first instant, with the zone's offset then.</summary>
    public required DateTimeOffset Period { get; init; }

    /// <summary>The service.</summary>
    public required string Service { get; init; }

    /// <summary>The usage of the period, in <see cref="Unit"/>.</summary>
    public required decimal TotalUsage { get; init; }

    /// <summary>How many events.</summary>
    public required long EventCount { get; init; }

    /// <summary>The service's unit.</summary>
    public required string Unit { get; init; }

    /// <summary>How the periods were cut.</summary>
    public required PeriodKind PeriodKind { get; init; }

    /// <summary>The customer.</summary>
    public required string CustomerId { get; init; }
}
