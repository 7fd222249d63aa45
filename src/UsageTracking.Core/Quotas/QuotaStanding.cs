using UsageTracking.Metering;
using UsageTracking.Stores;

namespace UsageTracking.Quotas;

/// <summary>How a quota stands in one of its periods. Comparisons are exact; only what is shown is rounded.</summary>
public sealed record QuotaStanding
{
    /// <summary>The quota.</summary>
    public required Quota Quota { get; init; }

    /// <summary>The period.</summary>
    public required QuotaTerm Term { get; init; }

    /// <summary>The time at which it stands so.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>What was left of the period before and added to this one's limit.</summary>
    public required decimal CarriedOver { get; init; }

    /// <summary>What was given on top in this period.</summary>
    public required decimal Allowances { get; init; }

    /// <summary>The usage that counts, in the service's unit.</summary>
    public required ExactDecimal Amount { get; init; }

    /// <summary>The limit with all that came on top; -1 for none.</summary>
    public decimal Limit => Term.Rule.IsUnlimited ? QuotaSetting.Unlimited : Term.Rule.Limit + CarriedOver + Allowances;

    /// <summary>The limit and what somebody gave on top, without what came over by itself.</summary>
    public decimal Granted => Term.Rule.IsUnlimited ? QuotaSetting.Unlimited : Term.Rule.Limit + Allowances;

    /// <summary>What is held against the limit, in its unit.</summary>
    public ExactDecimal Used => Term.Rule.Kind != QuotaKind.Level ? Amount
        : HourTicks == 0 ? ExactDecimal.Zero
        : (Amount * TimeSpan.TicksPerHour).DivideBy(HourTicks);

    /// <summary>What is left; null without a limit. Below zero where more was used.</summary>
    public decimal? Remaining => IsLimited ? ((ExactDecimal)Limit - Used).ToReported() : null;

    /// <summary>Usage in percent of the limit, not rounded; null without a limit or of 0.</summary>
    public decimal? Percent => IsLimited ? Metering.Percent.Of(Used.ToReported(), Limit) : null;

    /// <summary>Whether there is a limit that usage can be held against.</summary>
    public bool IsLimited => !Term.Rule.IsUnlimited && Term.Rule.Kind != QuotaKind.NotComparable;

    /// <summary>Which level the usage has reached.</summary>
    public QuotaLevel LevelAt(AlertThresholds thresholds)
    {
        if (Term.Rule.Kind == QuotaKind.NotComparable)
            return QuotaLevel.NotComparable;

        if (!IsLimited)
            return QuotaLevel.Ok;

        // No percentage leads to a limit of nothing: any use is too much.
        if (Limit == 0)
            return Amount.Sign > 0 ? QuotaLevel.Exceeded : QuotaLevel.Ok;

        return Reaches(thresholds.Exceeded) ? QuotaLevel.Exceeded
            : Reaches(thresholds.Critical) ? QuotaLevel.Critical
            : Reaches(thresholds.Warning) ? QuotaLevel.Warning
            : QuotaLevel.Ok;
    }

    /// <summary>Whether so much more would be within the limit.</summary>
    public bool Fits(ExactDecimal more) => !IsLimited || Used + more <= Limit;

    /// <summary>The customers and services of some quotas.</summary>
    internal static UsageFilter FilterOf(IEnumerable<QuotaStanding> standings) => new(
        [.. standings.Select(s => s.Quota.CustomerId).Distinct()], [.. standings.Select(s => s.Quota.Service.Name).Distinct()]);

    // Multiplied, not divided: a quotient may have no end.
    private bool Reaches(decimal percent) => Term.Rule.Kind == QuotaKind.Level
        ? Amount * 100 * TimeSpan.TicksPerHour >= (ExactDecimal)percent * Limit * HourTicks && HourTicks > 0
        : Amount * 100 >= (ExactDecimal)percent * Limit;

    private long HourTicks => Math.Max(0, ((At < Term.End ? At : Term.End) - Term.Start).Ticks);
}
