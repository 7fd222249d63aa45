using UsageTracking.Quotas;

namespace UsageTracking.Watch;

/// <summary>How the usage of a service goes, at one look.</summary>
public sealed record UsageSample
{
    /// <summary>When it was looked at.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>The customer.</summary>
    public required string CustomerId { get; init; }

    /// <summary>The service.</summary>
    public required string Service { get; init; }

    /// <summary>The service's unit.</summary>
    public required string Unit { get; init; }

    /// <summary>Events stored per second since a look some seconds ago; null at the first look. Below zero where more was taken back.</summary>
    public required decimal? EventsPerSecond { get; init; }

    /// <summary>Quantity stored per minute in the same time.</summary>
    public required decimal? QuantityPerMinute { get; init; }

    /// <summary>Usage of today.</summary>
    public required decimal Today { get; init; }

    /// <summary>Usage of this month.</summary>
    public required decimal Month { get; init; }

    /// <summary>The quota's limit, with what came on top; -1 for any amount, null without a quota.</summary>
    public required decimal? Limit { get; init; }

    /// <summary>What was used in the quota's period, in the quota's unit.</summary>
    public required decimal? Used { get; init; }

    /// <summary>Usage in percent of the limit, not rounded; null without a limit, or of 0.</summary>
    public required decimal? Percent { get; init; }

    /// <summary>How near the quota is to its limit; null without one.</summary>
    public required QuotaLevel? Level { get; init; }

    /// <summary>How many records wait for the store, of whatever customer and service, in all queues that this user has here.</summary>
    public required long Pending { get; init; }

    /// <summary>The quantity of each of the last quarter hours, the present one last.</summary>
    internal IReadOnlyList<decimal> Course { get; init; } = [];
}
