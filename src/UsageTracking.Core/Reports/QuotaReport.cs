using UsageTracking.Metering;
using UsageTracking.Quotas;
using UsageTracking.Stores;
using UsageTracking.Time;

namespace UsageTracking.Reports;

/// <summary>How quotas stand, and when they run out.</summary>
public static class QuotaReport
{
    private static readonly TimeSpan FineStep = TimeSpan.FromMinutes(15);
    private static readonly TimeSpan CoarseStep = TimeSpan.FromHours(6);
    private static readonly TimeSpan LongPeriod = TimeSpan.FromDays(62);

    /// <summary>One object per quota in force, by customer and in catalogue order.</summary>
    /// <param name="store">The store.</param>
    /// <param name="book">The quotas.</param>
    /// <param name="standings">How they stand.</param>
    /// <param name="thresholds">Where the levels begin.</param>
    /// <param name="widening">Is told what had to be counted whole.</param>
    /// <param name="cancel">Cancels the queries.</param>
    public static async Task<IReadOnlyList<UsageQuota>> ReadAsync(
        IUsageStore store, QuotaBook book, IReadOnlyList<QuotaStanding> standings, AlertThresholds thresholds, Widening widening, CancellationToken cancel)
    {
        Dictionary<QuotaStanding, DateTimeOffset?> ends = await ReadEndsAsync(store, book, standings, widening, cancel);
        return [.. standings.Select(s => Describe(s, thresholds, ends.GetValueOrDefault(s)))];
    }

    private static UsageQuota Describe(QuotaStanding standing, AlertThresholds thresholds, DateTimeOffset? runsOutAt)
    {
        QuotaRule rule = standing.Term.Rule;
        return new UsageQuota
        {
            Service = standing.Quota.Service.Name,
            Limit = standing.Limit,
            Used = standing.Used.ToReported(),
            Remaining = standing.Remaining,
            Percent = standing.Percent,
            Level = standing.LevelAt(thresholds),
            Unit = rule.Unit,
            Kind = rule.Kind,
            PeriodStart = Local(standing.Term.Start),
            PeriodEnd = Local(standing.Term.End),
            RunsOutAt = runsOutAt is { } time ? Local(time) : null,
            Enforcement = rule.Enforcement,
            CarriedOver = standing.CarriedOver,
            Allowances = standing.Allowances,
            Period = rule.Setting?.Period,
            AnchorDay = rule.Setting?.AnchorDay,
            CarryOver = rule.CarryOver,
            CountHours = rule.CountHours.Hours,
            CountDays = rule.CountHours.Days,
            TimeZone = rule.Zone.Id,
            PlanName = rule.PlanName,
            CustomerId = standing.Quota.CustomerId,
        };

        DateTimeOffset Local(DateTimeOffset instant) => TimeZoneInfo.ConvertTime(instant, rule.Zone);
    }

    private static async Task<Dictionary<QuotaStanding, DateTimeOffset?>> ReadEndsAsync(
        IUsageStore store, QuotaBook book, IReadOnlyList<QuotaStanding> standings, Widening widening, CancellationToken cancel)
    {
        var ends = new Dictionary<QuotaStanding, DateTimeOffset?>(ReferenceEqualityComparer.Instance);
        IEnumerable<QuotaStanding> limited = standings.Where(s => s.IsLimited && s.Term.Rule.Kind == QuotaKind.Sum && s.Limit > 0);
        foreach (IGrouping<(DateTimeOffset, DateTimeOffset, WeeklyHours, string), QuotaStanding> same in limited
            .GroupBy(s => (s.Term.Start, s.Term.End, s.Term.Rule.CountHours, s.Term.Rule.Zone.Id)))
        {
            QuotaTerm term = same.First().Term;
            DailyUse use = await DailyUse.ReadAsync(
                store, QuotaStanding.FilterOf(same), new TimeRange(term.Start, term.End), term.Rule.CountHours, term.Rule.Zone, widening, cancel);
            foreach (QuotaStanding standing in same)
            {
                ends[standing] = standing.Remaining > 0
                    ? Estimate(standing, use.ForecastAt(standing.At, standing.Quota.CustomerId, standing.Quota.Service.Name))
                    : await FindEndAsync(store, book, standing, widening, cancel);
            }
        }

        return ends;
    }

    private static DateTimeOffset? Estimate(QuotaStanding standing, Forecast? forecast)
    {
        double days = forecast?.DaysFor(standing.Remaining!.Value) ?? double.PositiveInfinity;
        return days < (standing.Term.End - standing.At).TotalDays ? Instants.Truncate(standing.At.AddDays(days)) : null;
    }

    /// <summary>Since when nothing has been left, to the quarter hour (of very long periods to a quarter of a day).</summary>
    private static async Task<DateTimeOffset?> FindEndAsync(
        IUsageStore store, QuotaBook book, QuotaStanding standing, Widening widening, CancellationToken cancel)
    {
        QuotaTerm term = standing.Term;
        TimeSpan step = term.End - term.Start > LongPeriod ? CoarseStep : FineStep;
        var steps = new List<Period>();
        for (DateTimeOffset at = term.Start; at < standing.At; at = steps[^1].End)
            steps.Add(new Period(at, at + step < standing.At ? at + step : standing.At));

        (string, string) key = (standing.Quota.CustomerId, standing.Quota.Service.Name);
        IReadOnlyDictionary<(string CustomerId, string Service), ExactDecimal[]> sums =
            await CountedUsage.ReadAsync(store, QuotaStanding.FilterOf([standing]), steps, term.Rule.CountHours, term.Rule.Zone, widening, cancel);
        if (!sums.TryGetValue(key, out ExactDecimal[]? used))
            return null;

        DateTimeOffset? end = null;
        ExactDecimal sum = ExactDecimal.Zero;
        for (int i = 0; i < steps.Count; i++)
        {
            sum += used[i];
            decimal limit = term.Rule.Limit + standing.CarriedOver + book.Granted(standing.Quota.CustomerId, standing.Quota.Service.Name, term.Start, steps[i].End);
            end = sum < limit ? null : end ?? steps[i].End;
        }

        return end;
    }
}
