using UsageTracking.Reports;
using UsageTracking.Time;

namespace UsageTracking.Charts;

/// <summary>Draws what is left of quotas: one chart per customer, service and period.</summary>
internal static class BurndownCharts
{
    public static Chart Make(IEnumerable<UsageBurndown> days)
    {
        UsageBurndown[] sorted = [.. days.GroupBy(d => d.Date).Select(g => g.Last()).OrderBy(d => d.Date)];
        UsageBurndown first = sorted[0];
        ChartSlot[] slots = [.. sorted.Select((day, i) => Slot(day, i == 0 ? null : sorted[i - 1]))];
        // Where the first days were left out, nobody knows where the lines came from.
        bool isWhole = slots[0].Start == first.PeriodStart;
        UsageBurndown? today = sorted.LastOrDefault(d => d.IsPartial);
        bool isProjected = sorted.Any(d => d.Projected is not null);
        string unit = ChartText.Clean(first.Unit);

        var target = new List<ChartPoint>();
        var actual = new List<ChartPoint>();
        if (isWhole)
            target.Add(new ChartPoint(-1, first.PeriodStart, first.Limit));
        if (isWhole && first.Actual is not null)
            actual.Add(new ChartPoint(-1, first.PeriodStart, first.Limit));
        target.AddRange(sorted.Select((day, i) => new ChartPoint(i, day.DayEnd, day.Target)));
        actual.AddRange(sorted.Select((day, i) => new ChartPoint(i, day.At, day.Actual)));

        List<ChartSeries> series = [new("Actual", ChartRole.Actual, actual), new("Target", ChartRole.Target, target)];
        if (isProjected)
            series.Insert(1, new ChartSeries("Projected", ChartRole.Projected, Projection(sorted, today)));

        return new Chart
        {
            Title = ChartText.Clean($"{first.Service}: what is left"),
            Subtitle = [ChartText.Clean(first.CustomerId), ChartText.Range(first.PeriodStart, first.PeriodEnd, PeriodKind.Daily), .. Standing(sorted, unit)],
            Unit = unit,
            Kind = PeriodKind.Daily,
            Start = first.PeriodStart,
            End = first.PeriodEnd,
            Slots = slots,
            Series = series,
            Now = today?.At,
            Note = today is not null && !isProjected ? "No projection yet: too little of the period has passed." : null,
        };
    }

    private static ChartSlot Slot(UsageBurndown day, UsageBurndown? before)
    {
        DateTimeOffset start = before is not null && before.Date.AddDays(1) == day.Date ? before.DayEnd
            : day.Date == day.PeriodStart.Date ? day.PeriodStart
            : day.DayEnd.AddDays(-1);
        return new ChartSlot(start, day.DayEnd, day.IsPartial);
    }

    private static List<ChartPoint> Projection(UsageBurndown[] days, UsageBurndown? today)
    {
        var points = new List<ChartPoint>();
        if (today?.Actual is { } left)
            points.Add(new ChartPoint(-1, today.At, left) { Low = left, High = left });

        points.AddRange(days
            .Select((day, i) => new ChartPoint(i, day.DayEnd, day.Projected) { Low = day.ProjectedLow, High = day.ProjectedHigh })
            .Where(p => p.Value is not null || p.At >= today?.DayEnd));
        return points;
    }

    // How things stood at the last measurement.
    private static IEnumerable<string> Standing(UsageBurndown[] days, string unit)
    {
        if (days.LastOrDefault(d => d.Actual is not null) is not { Actual: { } left } last)
            yield break;

        string ahead = last.Ahead switch
        {
            null => "",
            0 => ", on target",
            > 0 => $", {ChartText.Amount(Short(last.Ahead.Value), unit)} ahead of target",
            _ => $", {ChartText.Amount(Short(-last.Ahead.Value), unit)} behind target",
        };
        yield return $"{ChartText.Number(Short(left))} of {ChartText.Amount(last.Limit, unit)} left{ahead}";
    }

    // One glance takes in no more digits.
    private static decimal Short(decimal value) => Math.Round(value, Math.Abs(value) >= 10 ? 1 : Math.Abs(value) >= 1 ? 2 : 4);
}
