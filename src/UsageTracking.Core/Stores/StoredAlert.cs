namespace UsageTracking.Stores;

/// <summary>Which alert it is: each is raised once.</summary>
public readonly record struct AlertKey(string CustomerId, string Service, string Rule, string Level, DateTimeOffset PeriodStart, decimal Granted);

/// <summary>An alert as a store keeps it.</summary>
public sealed record StoredAlert
{
    /// <summary>The customer.</summary>
    public required string CustomerId { get; init; }

    /// <summary>The service.</summary>
    public required string Service { get; init; }

    /// <summary>What was broken: the threshold, or a burn rate.</summary>
    public required string Rule { get; init; }

    /// <summary>How bad it is.</summary>
    public required string Level { get; init; }

    /// <summary>The first instant of the quota's period.</summary>
    public required DateTimeOffset PeriodStart { get; init; }

    /// <summary>Limit and top-ups, without what was carried over: more of it makes the same level a new alert.</summary>
    public required decimal Granted { get; init; }

    /// <summary>Which alert it is.</summary>
    public AlertKey Key => new(CustomerId, Service, Rule, Level, PeriodStart, Granted);

    /// <summary>When it was raised.</summary>
    public required DateTimeOffset RaisedAt { get; init; }

    /// <summary>The first instant after the period.</summary>
    public required DateTimeOffset PeriodEnd { get; init; }

    /// <summary>What was used by then.</summary>
    public required decimal Usage { get; init; }

    /// <summary>The limit in force.</summary>
    public required decimal Limit { get; init; }

    /// <summary>Usage in percent of the limit; null of a limit of 0.</summary>
    public required decimal? Percent { get; init; }

    /// <summary>The unit of both.</summary>
    public required string Unit { get; init; }

    /// <summary>The line that people read.</summary>
    public required string Message { get; init; }

    /// <summary>The id of the quota's zone.</summary>
    public required string TimeZone { get; init; }

    /// <summary>When it was handed over; null while that has not succeeded.</summary>
    public DateTimeOffset? DeliveredAt { get; init; }

    /// <summary>Until when its holder may hand it over; of one that was only read, null.</summary>
    public DateTimeOffset? ClaimedUntil { get; init; }
}
