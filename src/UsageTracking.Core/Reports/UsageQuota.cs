using UsageTracking.Quotas;
using UsageTracking.Stores;

namespace UsageTracking.Reports;

/// <summary>How a quota stands in its present period.</summary>
public sealed record UsageQuota
{
    /// <summary>The service.</summary>
    public required string Service { get; init; }

    /// <summary>How much may be used, with what came on top; -1 for any amount.</summary>
    public required decimal Limit { get; init; }

    /// <summary>What was used.</summary>
    public required decimal Used { get; init; }

    /// <summary>What is left, below zero where more was used; null without a limit.</summary>
    public required decimal? Remaining { get; init; }

    /// <summary>Usage in percent of the limit, not rounded; null without a limit, or of 0.</summary>
    public required decimal? Percent { get; init; }

    /// <summary>How near it is to the limit.</summary>
    public required QuotaLevel Level { get; init; }

    /// <summary>The unit of all quantities.</summary>
    public required string Unit { get; init; }

    /// <summary>How usage is held against the limit.</summary>
    public required QuotaKind Kind { get; init; }

    /// <summary>The first instant of the period.</summary>
    public required DateTimeOffset PeriodStart { get; init; }

    /// <summary>The first instant after it.</summary>
    public required DateTimeOffset PeriodEnd { get; init; }

    /// <summary>When nothing was left, or is likely to be; null where it lasts, or nobody can tell yet.</summary>
    public required DateTimeOffset? RunsOutAt { get; init; }

    /// <summary>What happens when it is used up.</summary>
    public required QuotaEnforcement Enforcement { get; init; }

    /// <summary>What came over from the period before.</summary>
    public required decimal CarriedOver { get; init; }

    /// <summary>What was given on top in this period.</summary>
    public required decimal Allowances { get; init; }

    /// <summary>After what time it begins anew; null for a plan's.</summary>
    public required QuotaPeriod? Period { get; init; }

    /// <summary>On which day; null for a plan's.</summary>
    public required int? AnchorDay { get; init; }

    /// <summary>How many percent of what is left come over to the next period.</summary>
    public required decimal CarryOver { get; init; }

    /// <summary>The hours in which use counts; empty for all.</summary>
    public required string CountHours { get; init; }

    /// <summary>The days on which use counts; empty for all.</summary>
    public required string CountDays { get; init; }

    /// <summary>The id of the zone of its periods and hours.</summary>
    public required string TimeZone { get; init; }

    /// <summary>The plan it comes from; null for the customer's own.</summary>
    public required string? PlanName { get; init; }

    /// <summary>The customer.</summary>
    public required string CustomerId { get; init; }
}
