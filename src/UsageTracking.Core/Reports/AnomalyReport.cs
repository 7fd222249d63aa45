using UsageTracking.Metering;
using UsageTracking.Stores;
using UsageTracking.Time;

namespace UsageTracking.Reports;

/// <summary>
/// Hours or days far from what that hour of the week, or that weekday, usually is: by median and median absolute deviation,
/// which a few odd weeks do not move (Iglewicz and Hoaglin, How to Detect and Handle Outliers, 1993).
/// </summary>
public static class AnomalyReport
{
    /// <summary>Scores beyond this are anomalies; the limit Iglewicz and Hoaglin recommend.</summary>
    public const decimal UsualThreshold = 3.5m;

    /// <summary>How many weeks before a period say what is usual.</summary>
    public const int UsualWeeks = 8;

    /// <summary>With fewer weeks than these nothing is called usual.</summary>
    public const int FewestWeeks = 4;

    /// <summary>Scores beyond this, in either direction, say no more than that.</summary>
    public const decimal LargestScore = 1_000_000_000_000_000;

    // Makes the MAD of a normal distribution its standard deviation.
    private const decimal Consistency = 1.4826m;

    // Where no floor is given: a share of the average usage per period.
    private const decimal UsualFloor = 0.1m;

    /// <summary>One anomaly per period, service and customer; newest first, then catalogue order.</summary>
    /// <param name="store">The store.</param>
    /// <param name="scope">What the report is about. Periods that are not over, or not wholly in its range, are not judged.</param>
    /// <param name="kind">Hourly or Daily.</param>
    /// <param name="weeks">How many weeks before a period say what is usual.</param>
    /// <param name="threshold">The smallest score, in either direction, that is an anomaly.</param>
    /// <param name="floor">
    /// The least that the spread is taken for, in the service's unit, so that a steady service does not cry wolf; null for a
    /// tenth of the average usage per period.
    /// </param>
    /// <param name="cancel">Cancels the queries.</param>
    public static async Task<IReadOnlyList<UsageAnomaly>> ReadAsync(
        IUsageStore store, ReportScope scope, PeriodKind kind, int weeks, decimal threshold, decimal? floor, CancellationToken cancel)
    {
        TimeRange range = scope.RecordableRange;
        DateTimeOffset now = DateTimeOffset.UtcNow;
        DateTimeOffset end = range.End < now ? range.End : now;
        if (end <= range.Start)
            return [];

        DateTime firstDay = scope.Local(range.Start).Date.AddDays(-7 * weeks);
        var history = new TimeRange(Zones.FirstInstant(firstDay, scope.Zone), end);
        IReadOnlyList<Period> periods = Calendar.Periods(history, kind, scope.Zone);
        IReadOnlyList<PeriodFigures> rows = await scope.ReadFiguresAsync(store, history, periods, FigureParts.Quantity, cancel);
        Dictionary<string, int> order = scope.Order;
        return
        [
            .. from series in rows.GroupBy(r => (r.CustomerId, r.Service))
               from found in Judge([.. series], periods, kind, range.Start, end, weeks, threshold, floor)
               orderby found.Period descending, order[series.Key.Service], series.Key.CustomerId
               select new UsageAnomaly
               {
                   Period = periods[found.Period].Start,
                   Service = series.Key.Service,
                   Expected = found.Expected.ToReported(),
                   Actual = found.Actual.ToReported(),
                   Score = Limit(found.Score).ToReported(),
                   Spread = found.Spread.ToReported(),
                   Weeks = found.Weeks,
                   Unit = scope.Services[order[series.Key.Service]].Unit,
                   PeriodKind = kind,
                   CustomerId = series.Key.CustomerId,
               },
        ];
    }

    private static ExactDecimal Limit(ExactDecimal score) =>
        score > LargestScore ? LargestScore : score < -LargestScore ? -LargestScore : score;

    private static IEnumerable<Finding> Judge(
        IReadOnlyList<PeriodFigures> used, IReadOnlyList<Period> periods, PeriodKind kind, DateTimeOffset start, DateTimeOffset end, int weeks, decimal threshold, decimal? givenFloor)
    {
        Dictionary<int, ExactDecimal> totals = used.ToDictionary(r => r.Period, r => r.Figures.Quantity);
        // What was not used at all yet was not used little.
        int first = totals.Keys.Min();
        ExactDecimal floor = givenFloor
            ?? (totals.Values.Aggregate((a, b) => a + b) * UsualFloor).DivideBy(periods.Count - first);
        var usual = new Dictionary<(DayOfWeek Day, int Hour), List<(DateTime Date, ExactDecimal Total)>>();
        for (int i = first; i < periods.Count; i++)
        {
            Period period = periods[i];
            // Where clocks change by half an hour, so long are two hours; they are like no others.
            if (period.End > end || period.End - period.Start < TimeSpan.FromHours(1))
                continue;

            // A day may begin at one o'clock, where clocks skip midnight.
            (DayOfWeek Day, int Hour) key = (period.Start.DayOfWeek, kind == PeriodKind.Hourly ? period.Start.Hour : 0);
            if (!usual.TryGetValue(key, out List<(DateTime Date, ExactDecimal Total)>? before))
                usual.Add(key, before = []);

            ExactDecimal actual = totals.GetValueOrDefault(i);
            DateTime date = period.Start.Date;
            if (period.Start >= start && Judge(actual, [.. before.Where(b => b.Date >= date.AddDays(-7 * weeks) && b.Date < date)], floor) is { } finding
                && finding.Score.Abs() >= threshold)
            {
                yield return finding with { Period = i };
            }

            before.Add((date, actual));
        }
    }

    private static Finding? Judge(ExactDecimal actual, IReadOnlyList<(DateTime Date, ExactDecimal Total)> before, ExactDecimal floor)
    {
        // Where clocks go back, an hour comes twice a day.
        int weeks = before.Select(b => b.Date).Distinct().Count();
        if (weeks < FewestWeeks)
            return null;

        ExactDecimal expected = Percentile.Median(before.Select(b => b.Total));
        ExactDecimal deviation = Percentile.Median(before.Select(b => (b.Total - expected).Abs()));
        ExactDecimal spread = deviation > floor ? deviation : floor;
        return spread.Sign == 0 ? null : new Finding(0, expected, actual, (actual - expected).DivideBy(spread * Consistency), spread, weeks);
    }

    private readonly record struct Finding(int Period, ExactDecimal Expected, ExactDecimal Actual, ExactDecimal Score, ExactDecimal Spread, int Weeks);
}
