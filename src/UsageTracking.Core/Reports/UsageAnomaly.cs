using UsageTracking.Time;

namespace UsageTracking.Reports;

/// <summary>A period in which a customer used far more or less of a service than usual.</summary>
public sealed record UsageAnomaly
{
    /// <summary>The period's first instant, with the zone's offset then.</summary>
    public required DateTimeOffset Period { get; init; }

    /// <summary>The service.</summary>
    public required string Service { get; init; }

    /// <summary>The median of the same hour of the week, or the same weekday, in the weeks before.</summary>
    public required decimal Expected { get; init; }

    /// <summary>The usage of the period, in <see cref="Unit"/>.</summary>
    public required decimal Actual { get; init; }

    /// <summary>
    /// How far from usual: (actual - expected) / (1.4826 * spread), about the number of standard deviations; negative where less
    /// was used; 1e15 at most, in either direction.
    /// </summary>
    public required decimal Score { get; init; }

    /// <summary>The median distance from the median in the weeks before, or the floor where that is larger.</summary>
    public required decimal Spread { get; init; }

    /// <summary>In how many of the weeks before there was such a period.</summary>
    public required int Weeks { get; init; }

    /// <summary>The service's unit.</summary>
    public required string Unit { get; init; }

    /// <summary>Hourly or Daily.</summary>
    public required PeriodKind PeriodKind { get; init; }

    /// <summary>The customer.</summary>
    public required string CustomerId { get; init; }
}
