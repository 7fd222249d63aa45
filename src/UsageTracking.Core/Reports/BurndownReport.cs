using UsageTracking.Metering;
using UsageTracking.Quotas;
using UsageTracking.Stores;
using UsageTracking.Time;

namespace UsageTracking.Reports;

/// <summary>What a burn-down is about.</summary>
/// <param name="CustomerId">The customer.</param>
/// <param name="Service">The service.</param>
/// <param name="Period">The time in which the limit is to last.</param>
/// <param name="Rule">What is in force: the kind, unit, zone and counted hours.</param>
/// <param name="LimitAt">The limit in force just before an instant, top-ups included.</param>
public sealed record BurndownSubject(string CustomerId, Service Service, TimeRange Period, QuotaRule Rule, Func<DateTimeOffset, decimal> LimitAt)
{
    /// <summary>When a meter first said what was left in the period: before it nothing is known, unless usage was recorded.</summary>
    public DateTimeOffset? MeasuredFrom { get; init; }
}

/// <summary>What should be left of a quota day by day, what was, and what is likely to be.</summary>
public static class BurndownReport
{
    /// <summary>With fewer complete days than these nothing is projected.</summary>
    public const int FewestDaysToProject = Forecast.FewestDays;

    /// <summary>One object per day of the period, in order.</summary>
    /// <param name="store">The store.</param>
    /// <param name="subject">What it is about.</param>
    /// <param name="weights">How the target line spends the limit.</param>
    /// <param name="now">The time that today's figures are about.</param>
    /// <param name="widening">Is told what had to be counted whole.</param>
    /// <param name="cancel">Cancels the queries.</param>
    public static async Task<IReadOnlyList<UsageBurndown>> ReadAsync(
        IUsageStore store, BurndownSubject subject, BurndownWeights weights, DateTimeOffset now, Widening widening, CancellationToken cancel)
    {
        (string customer, string service) = (subject.CustomerId, subject.Service.Name);
        QuotaRule rule = subject.Rule;
        DailyUse use = await DailyUse.ReadAsync(
            store, new UsageFilter([customer], [service]), subject.Period, rule.CountHours, rule.Zone, widening, cancel);
        IReadOnlyList<Period> days = use.Days;
        IReadOnlyList<ExactDecimal> used = use.Of(customer, service);
        ExactDecimal[] shares = [.. days.Select(d => weights.Of(new TimeRange(d.Start, d.End), rule.Zone))];
        ExactDecimal whole = shares.Aggregate(ExactDecimal.Zero, (a, b) => a + b);
        if (whole.Sign == 0)
            throw UsageException.Invalid("InvalidHours", "The peak hours are all the time there is, with a weight of 0: then nothing can be spent. Give other hours or a weight above 0.");

        Forecast? forecast = use.ForecastAt(now, customer, service);
        (ExactDecimal sum, ExactDecimal spent) = (ExactDecimal.Zero, ExactDecimal.Zero);
        decimal? left = null;
        var lines = new List<UsageBurndown>(days.Count);
        for (int i = 0; i < days.Count; i++)
        {
            Period day = days[i];
            bool isToday = day.Start <= now && now < day.End;
            ExactDecimal spentBefore = spent;
            sum += used[i];
            spent += shares[i];
            decimal limit = subject.LimitAt(day.End);
            ExactDecimal target = Target(limit, spent);
            DateTimeOffset at = isToday ? now : day.End;
            bool isMeasured = sum.Sign != 0 || !(at <= subject.MeasuredFrom);
            decimal? actual = day.Start <= now && isMeasured ? (limit - Counted(sum, at)).ToReported() : null;
            ExactDecimal targetNow = isToday ? Target(limit, spentBefore + weights.Of(new TimeRange(day.Start, now), rule.Zone)) : target;
            if (isToday)
                left = actual;

            (decimal? projected, decimal? low, decimal? high) = now < day.End && left is not null ? Project(limit, sum, day.End) : default;
            lines.Add(new UsageBurndown
            {
                Date = TimeZoneInfo.ConvertTime(day.Start, rule.Zone).Date,
                Target = target.ToReported(),
                Actual = actual,
                Projected = projected,
                ProjectedLow = low,
                ProjectedHigh = high,
                Ahead = actual is { } known ? (known - targetNow).ToReported() : null,
                Limit = limit,
                IsPartial = isToday,
                At = TimeZoneInfo.ConvertTime(at, rule.Zone),
                DayEnd = TimeZoneInfo.ConvertTime(day.End, rule.Zone),
                PeriodStart = TimeZoneInfo.ConvertTime(subject.Period.Start, rule.Zone),
                PeriodEnd = TimeZoneInfo.ConvertTime(subject.Period.End, rule.Zone),
                Service = service,
                Unit = rule.Unit,
                CustomerId = customer,
            });
        }

        return lines;

        // A level is to be kept, not spent.
        ExactDecimal Target(decimal limit, ExactDecimal part) => rule.Kind == QuotaKind.Level
            ? limit
            : ((ExactDecimal)limit * (whole - part)).DivideBy(whole);

        ExactDecimal Counted(ExactDecimal amount, DateTimeOffset until)
        {
            long ticks = (until - subject.Period.Start).Ticks;
            return rule.Kind != QuotaKind.Level ? amount : ticks == 0 ? ExactDecimal.Zero : (amount * TimeSpan.TicksPerHour).DivideBy(ticks);
        }

        (decimal?, decimal?, decimal?) Project(decimal limit, ExactDecimal amount, DateTimeOffset until)
        {
            if (forecast is null)
                return default;

            double ahead = (until - now).TotalDays;
            (decimal expected, decimal margin) = (forecast.Expected(ahead), forecast.Margin(ahead));
            decimal Left(decimal more) => (limit - Counted(amount + more, until)).ToReported();

            // Nothing is given back: at best nothing more is used.
            return (Left(expected), Left(expected + margin), Left(Math.Max(0, expected - margin)));
        }
    }
}
