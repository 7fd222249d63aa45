using UsageTracking.Metering;
using UsageTracking.Quotas;

namespace UsageTracking.Watch;

/// <summary>What is watched.</summary>
public sealed record WatchQuestion
{
    /// <summary>The customers to list, with or without usage.</summary>
    public required IReadOnlyList<string> Customers { get; init; }

    /// <summary>Whether every other customer is watched too, as soon as it uses something.</summary>
    public bool HasEveryCustomer { get; init; }

    /// <summary>The services, in catalogue order.</summary>
    public required IReadOnlyList<Service> Services { get; init; }

    /// <summary>Whether the services are all there are.</summary>
    public bool HasEveryService { get; init; }

    /// <summary>The zone that cuts days and months.</summary>
    public required TimeZoneInfo Zone { get; init; }

    /// <summary>Where the quotas' levels begin.</summary>
    public required AlertThresholds Thresholds { get; init; }
}
