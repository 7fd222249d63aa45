using UsageTracking.Time;

namespace UsageTracking.Stores;

/// <summary>What happens when a quota is used up. Usage that happened is recorded either way.</summary>
public enum QuotaEnforcement
{
    /// <summary>Test-UsageQuota warns.</summary>
    Soft,

    /// <summary>Test-UsageQuota says no.</summary>
    Hard,
}

/// <summary>After what time a quota begins anew.</summary>
public enum QuotaPeriod
{
    /// <summary>Every local midnight.</summary>
    Daily,

    /// <summary>On one day of the week.</summary>
    Weekly,

    /// <summary>On one day of the month.</summary>
    Monthly,
}

/// <summary>A customer's own quota for a service, from one day on until the next setting.</summary>
public sealed record QuotaSetting
{
    /// <summary>The limit that is none.</summary>
    public const decimal Unlimited = -1;

    /// <summary>The customer.</summary>
    public required string CustomerId { get; init; }

    /// <summary>The service.</summary>
    public required string Service { get; init; }

    /// <summary>The first day of the first period in force, in the zone.</summary>
    public required DateOnly From { get; init; }

    /// <summary>How much may be used in a period; -1 for any amount.</summary>
    public required decimal Limit { get; init; }

    /// <summary>The unit of the limit; null for the service's usual one.</summary>
    public string? Unit { get; init; }

    /// <summary>What happens when it is used up.</summary>
    public QuotaEnforcement Enforcement { get; init; }

    /// <summary>After what time it begins anew.</summary>
    public QuotaPeriod Period { get; init; } = QuotaPeriod.Monthly;

    /// <summary>On which day: 1 to 7 from Monday, or 1 to 31, which means a shorter month's last day.</summary>
    public int AnchorDay { get; init; } = 1;

    /// <summary>How many percent of what was left come on top of the next period's limit.</summary>
    public decimal CarryOver { get; init; }

    /// <summary>Only use in these hours counts.</summary>
    public WeeklyHours CountHours { get; init; } = WeeklyHours.Always;

    /// <summary>The id of the zone of all of that.</summary>
    public string TimeZone { get; init; } = "UTC";

    /// <summary>Whether there is no quota of the customer's own from that day on.</summary>
    public bool IsEnded { get; init; }
}

/// <summary>What a plan allows a customer through its subscription, in nself's tables.</summary>
/// <param name="CustomerId">The customer.</param>
/// <param name="Service">The service.</param>
/// <param name="PlanName">The plan.</param>
/// <param name="Limit">How much may be used in a period; -1 for any amount.</param>
/// <param name="Unit">nself's limit_type; null for the service's usual unit.</param>
/// <param name="Enforcement">What happens when it is used up.</param>
/// <param name="ResetPeriod">nself's reset_period: daily, weekly, monthly or yearly.</param>
/// <param name="PeriodStart">The start of the subscription's period.</param>
/// <param name="PeriodEnd">Its end.</param>
/// <param name="OveragePrice">What a unit above the limit costs; null where nothing.</param>
public sealed record PlanQuota(
    string CustomerId, string Service, string PlanName, decimal Limit, string? Unit, QuotaEnforcement Enforcement, string? ResetPeriod,
    DateTimeOffset PeriodStart, DateTimeOffset PeriodEnd, decimal? OveragePrice = null);

/// <summary>A top-up of the period that its time falls into.</summary>
/// <param name="CustomerId">The customer.</param>
/// <param name="Service">The service.</param>
/// <param name="At">Since when it counts.</param>
/// <param name="Amount">How much, in the quota's unit.</param>
/// <param name="Note">What it is for.</param>
public sealed record Allowance(string CustomerId, string Service, DateTimeOffset At, decimal Amount, string? Note);
