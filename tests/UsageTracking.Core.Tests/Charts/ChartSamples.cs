using UsageTracking.Charts;
using UsageTracking.Reports;
using UsageTracking.Time;

namespace UsageTracking.Tests.Charts;

/// <summary>Lines of reports with figures that are easy to place by hand.</summary>
internal static class ChartSamples
{
    public static readonly DateTimeOffset June = new(2014, 6, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>
    /// June 2014 with a quota of 300, ten a day. Up to the noon of <paramref name="today"/> twelve a day were used, and the
    /// projection goes on so, give or take five.
    /// </summary>
    public static UsageBurndown[] Burndown(int today = 10, bool isProjected = true, string customer = "home", string unit = "GB") =>
    [
        .. from day in Enumerable.Range(1, 30)
           let isPartial = day == today
           let left = 300 - (12m * (isPartial ? day - 0.5m : day))
           let projected = isProjected && day >= today ? 300 - (12m * day) : (decimal?)null
           let dayEnd = June.AddDays(day)
           select new UsageBurndown
           {
               Date = new DateTime(2014, 6, day),
               Target = 300 - (10m * day),
               Actual = day <= today ? left : null,
               Projected = projected,
               ProjectedLow = projected - 5,
               ProjectedHigh = projected + 5,
               Ahead = day <= today ? left - (300 - (10m * (isPartial ? day - 0.5m : day))) : null,
               Limit = 300,
               IsPartial = isPartial,
               At = isPartial ? dayEnd.AddHours(-12) : dayEnd,
               DayEnd = dayEnd,
               PeriodStart = June,
               PeriodEnd = June.AddDays(30),
               Service = "bandwidth",
               Unit = unit,
               CustomerId = customer,
           },
    ];

    public static UsageTrend Trend(int day, decimal total, bool isPartial = false, string service = "api") => new()
    {
        Date = new DateTime(2014, 6, day),
        Service = service,
        DailyTotal = total,
        PreviousDay = 0,
        PercentChange = null,
        IsPartial = isPartial,
        Unit = "requests",
        CustomerId = "acme",
    };

    public static UsageMeasure Measure(DateTimeOffset period, decimal total, PeriodKind kind = PeriodKind.Daily, string? group = null) => new()
    {
        Service = "api",
        Period = period,
        EventCount = 1,
        TotalQuantity = total,
        TotalCost = 0,
        AverageQuantity = null,
        MinimumQuantity = null,
        MaximumQuantity = null,
        Group = group is null ? null : new UsageGroup(["endpoint"], [group]),
        Unit = "requests",
        PeriodKind = kind,
        CustomerId = "acme",
    };

    public static IReadOnlyList<Chart> Draw(params IEnumerable<object> lines)
    {
        var set = new ChartSet();
        foreach (object line in lines)
            set.Add(line);
        return set.ToCharts();
    }
}
