using UsageTracking.Metering;
using UsageTracking.Stores;
using UsageTracking.Time;

namespace UsageTracking.Quotas;

/// <summary>
/// How fast a quota is used up: 1 is as fast as it lasts to the end of its period. A rate counts only where it holds over a
/// long window and over the last twelfth of it, so that a burst that is over raises nothing (Google, The Site Reliability
/// Workbook, 2018, chapter 5: multiwindow, multi-burn-rate alerts; its 30 days are scaled to the quota's period).
/// </summary>
/// <param name="Level">How bad that rate is.</param>
/// <param name="Window">The long window.</param>
/// <param name="Used">What was used in it, in the service's unit.</param>
/// <param name="Factor">The rate in it.</param>
internal sealed record BurnRate(QuotaLevel Level, TimeSpan Window, ExactDecimal Used, decimal Factor)
{
    private const int ShortWindow = 12;

    // 2 % of a month's quota in an hour, 5 % in six hours, 10 % in three days.
    private static readonly (QuotaLevel Level, decimal Factor, int PartOfPeriod)[] Limits =
    [
        (QuotaLevel.Critical, 14.4m, 720), (QuotaLevel.Critical, 6, 120), (QuotaLevel.Warning, 1, 10),
    ];

    // In less than that a single record is a rate.
    private static readonly TimeSpan ShortestWindow = TimeSpan.FromMinutes(10);

    /// <summary>The worst rate that a quota is used up at; null where it lasts.</summary>
    public static async Task<BurnRate?> ReadAsync(IUsageStore store, QuotaStanding standing, Widening widening, CancellationToken cancel)
    {
        if (!standing.IsLimited || standing.Limit == 0 || standing.Term.Rule.Kind != QuotaKind.Sum)
            return null;

        TimeSpan length = standing.Term.End - standing.Term.Start;
        foreach ((QuotaLevel level, decimal factor, int part) in Limits)
        {
            TimeSpan window = length / part;
            if (window >= ShortestWindow && await ReadAsync(store, standing, level, window, widening, cancel) is { } rate && rate.Factor >= factor)
                return rate;
        }

        return null;
    }

    private static async Task<BurnRate?> ReadAsync(
        IUsageStore store, QuotaStanding standing, QuotaLevel level, TimeSpan window, Widening widening, CancellationToken cancel)
    {
        // What was used of the period before does not burn this one.
        DateTimeOffset Begin(TimeSpan ago) => standing.At - ago > standing.Term.Start ? standing.At - ago : standing.Term.Start;

        TimeSpan last = window / ShortWindow;
        (string CustomerId, string Service) key = (standing.Quota.CustomerId, standing.Quota.Service.Name);
        QuotaRule rule = standing.Term.Rule;
        Period[] periods = [.. new[] { new Period(Begin(window), Begin(last)), new Period(Begin(last), standing.At) }.Where(p => p.End > p.Start)];
        if (periods.Length == 0
            || !(await CountedUsage.ReadAsync(store, new UsageFilter([key.CustomerId], [key.Service]), periods, rule.CountHours, rule.Zone, widening, cancel))
                .TryGetValue(key, out ExactDecimal[]? used))
        {
            return null;
        }

        ExactDecimal all = used.Aggregate((a, b) => a + b);
        decimal length = (standing.Term.End - standing.Term.Start).Ticks;
        decimal overall = Factor(all, window);
        return new BurnRate(level, window, all, Math.Min(overall, Factor(used[^1], last)));

        decimal Factor(ExactDecimal amount, TimeSpan time) =>
            (amount * length).DivideBy((ExactDecimal)standing.Limit * time.Ticks).ToReported();
    }
}
