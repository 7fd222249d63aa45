using UsageTracking.Metering;
using UsageTracking.Stores;
using UsageTracking.Time;

namespace UsageTracking.Reports;

/// <summary>How usage changes from day to day.</summary>
public static class TrendReport
{
    /// <summary>
    /// One line per day, service and customer; newest day first, then catalogue order. Days without usage are zero; a service
    /// is listed if it was used on one of the days or the day before them.
    /// </summary>
    /// <param name="store">The store.</param>
    /// <param name="scope">What the report is about; its range begins at midnight and ends now.</param>
    /// <param name="cancel">Cancels the queries.</param>
    public static async Task<IReadOnlyList<UsageTrend>> ReadAsync(IUsageStore store, ReportScope scope, CancellationToken cancel)
    {
        // An instant of the day before is enough: its period is the whole day, which is read too.
        var dayBefore = new TimeRange(scope.Range.Start.AddTicks(-1), scope.Range.End);
        IReadOnlyList<Period> days = Calendar.Periods(dayBefore, PeriodKind.Daily, scope.Zone);
        var range = new TimeRange(days[0].Start, scope.Range.End);
        IReadOnlyList<PeriodFigures> rows = await scope.ReadFiguresAsync(store, range, days, FigureParts.Quantity, cancel);
        Dictionary<(int, string, string), decimal> totals = rows.ToDictionary(r => (r.Period, r.CustomerId, r.Service), r => r.Figures.Quantity.ToReported());
        Dictionary<string, int> order = scope.Order;
        (string CustomerId, string Service)[] used =
            [.. rows.Select(r => (r.CustomerId, r.Service)).Distinct().OrderBy(u => order[u.Service]).ThenBy(u => u.CustomerId, StringComparer.Ordinal)];
        return
        [
            .. from day in Enumerable.Range(1, days.Count - 1).Reverse()
               from line in used
               let total = totals.GetValueOrDefault((day, line.CustomerId, line.Service))
               let previous = totals.GetValueOrDefault((day - 1, line.CustomerId, line.Service))
               let isPartial = days[day].End > range.End
               select new UsageTrend
               {
                   Date = days[day].Start.Date,
                   Service = line.Service,
                   DailyTotal = total,
                   PreviousDay = previous,
                   PercentChange = isPartial ? null : Percent.Of(total - previous, previous),
                   IsPartial = isPartial,
                   Unit = scope.Services[order[line.Service]].Unit,
                   CustomerId = line.CustomerId,
               },
        ];
    }
}
