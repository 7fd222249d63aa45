using UsageTracking.Stores;
using UsageTracking.Time;

namespace UsageTracking.Quotas;

/// <summary>What a quota says while it is in force.</summary>
public sealed record QuotaRule
{
    /// <summary>How much may be used in a period; -1 for any amount.</summary>
    public required decimal Limit { get; init; }

    /// <summary>How usage is held against it.</summary>
    public required QuotaKind Kind { get; init; }

    /// <summary>The unit of the limit.</summary>
    public required string Unit { get; init; }

    /// <summary>What happens when it is used up.</summary>
    public required QuotaEnforcement Enforcement { get; init; }

    /// <summary>How many percent of what was left come on top of the next period's limit.</summary>
    public decimal CarryOver { get; init; }

    /// <summary>Only use in these hours counts.</summary>
    public WeeklyHours CountHours { get; init; } = WeeklyHours.Always;

    /// <summary>The zone of its periods and hours.</summary>
    public required TimeZoneInfo Zone { get; init; }

    /// <summary>The plan it comes from; null for the customer's own.</summary>
    public string? PlanName { get; init; }

    /// <summary>What a unit above the plan's limit costs; null where nothing.</summary>
    public decimal? OveragePrice { get; init; }

    /// <summary>The customer's own setting; null for a plan's.</summary>
    public QuotaSetting? Setting { get; init; }

    /// <summary>Whether any amount may be used.</summary>
    public bool IsUnlimited => Limit < 0;

    internal QuotaCycle Cycle { get; init; } = null!;
}

/// <summary>One period of a quota.</summary>
/// <param name="Start">Its first instant.</param>
/// <param name="End">The first instant after it.</param>
/// <param name="Rule">What is in force in it.</param>
public sealed record QuotaTerm(DateTimeOffset Start, DateTimeOffset End, QuotaRule Rule);
