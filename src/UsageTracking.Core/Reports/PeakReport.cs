using UsageTracking.Stores;
using UsageTracking.Time;

namespace UsageTracking.Reports;

/// <summary>The busiest hours, days, weeks or months.</summary>
public static class PeakReport
{
    /// <summary>The periods with the most usage, largest first; of equal ones the newest first, then catalogue order.</summary>
    /// <param name="store">The store.</param>
    /// <param name="scope">What the report is about.</param>
    /// <param name="kind">How to cut the range.</param>
    /// <param name="first">How many to return.</param>
    /// <param name="cancel">Cancels the queries.</param>
    public static async Task<IReadOnlyList<UsagePeak>> ReadAsync(
        IUsageStore store, ReportScope scope, PeriodKind kind, int first, CancellationToken cancel)
    {
        TimeRange range = scope.RecordableRange;
        IReadOnlyList<Period> periods = Calendar.Periods(range, kind, scope.Zone);
        IReadOnlyList<PeriodFigures> rows = await scope.ReadFiguresAsync(store, range, periods, FigureParts.Quantity, cancel);
        Dictionary<string, int> order = scope.Order;
        return
        [
            .. rows
                .Where(r => r.Figures.Quantity.Sign > 0)
                .OrderByDescending(r => r.Figures.Quantity)
                .ThenByDescending(r => r.Period)
                .ThenBy(r => order[r.Service])
                .ThenBy(r => r.CustomerId, StringComparer.Ordinal)
                .Take(first)
                .Select(r => new UsagePeak
                {
                    Period = periods[r.Period].Start,
                    Service = r.Service,
                    TotalUsage = r.Figures.Quantity.ToReported(),
                    EventCount = r.Figures.Events,
                    Unit = scope.Services[order[r.Service]].Unit,
                    PeriodKind = kind,
                    CustomerId = r.CustomerId,
                }),
        ];
    }
}
