using UsageTracking.Metering;
using UsageTracking.Stores;
using UsageTracking.Time;

namespace UsageTracking.Reports;

/// <summary>Totals, extremes and percentiles of the quantities of single events.</summary>
public static class StatisticReport
{
    private static readonly decimal[] Fractions = [0.5m, 0.95m, 0.99m];

    /// <summary>One statistic per customer and service, in catalogue order; those without events too.</summary>
    /// <param name="store">The store.</param>
    /// <param name="scope">What the report is about.</param>
    /// <param name="customers">The customers to list.</param>
    /// <param name="cancel">Cancels the queries.</param>
    public static async Task<IReadOnlyList<UsageStatistic>> ReadAsync(
        IUsageStore store, ReportScope scope, IReadOnlyList<string> customers, CancellationToken cancel)
    {
        TimeRange range = scope.RecordableRange;
        IReadOnlyList<PeriodFigures> rows = await scope.ReadFiguresAsync(store, range, [new Period(range.Start, range.End)], FigureParts.All, cancel);
        Dictionary<(string, string), Figures> figures = rows.ToDictionary(r => (r.CustomerId, r.Service), r => r.Figures);
        // Percentiles need every single record; where there is none, the buckets have said so.
        IReadOnlyList<Quantiles> quantiles = figures.Count == 0 ? [] : await store.ReadQuantilesAsync(scope.Filter, range, Fractions, cancel);
        Dictionary<(string, string), Quantiles> byService = quantiles.ToDictionary(q => (q.CustomerId, q.Service));
        return
        [
            .. from customer in customers
               from service in scope.Services
               let used = figures.GetValueOrDefault((customer, service.Name), Figures.None)
               let percentiles = Percentiles(byService.GetValueOrDefault((customer, service.Name)))
               select new UsageStatistic
               {
                   Service = service.Name,
                   TotalEvents = used.Events,
                   TotalQuantity = used.Quantity.ToReported(),
                   AverageQuantity = used.Average,
                   MinimumQuantity = used.Minimum is { } low ? ExactDecimal.Trim(low) : null,
                   MaximumQuantity = used.Maximum is { } high ? ExactDecimal.Trim(high) : null,
                   MedianQuantity = percentiles[0],
                   P95Quantity = percentiles[1],
                   P99Quantity = percentiles[2],
                   Unit = service.Unit,
                   Start = scope.Local(scope.Range.Start),
                   End = scope.Local(scope.Range.End),
                   CustomerId = customer,
               },
        ];
    }

    private static decimal?[] Percentiles(Quantiles? quantiles) => quantiles is { Count: > 0 }
        ? [.. Fractions.Zip(quantiles.Neighbours, (f, n) => (decimal?)Percentile.Interpolate(quantiles.Count, f, n.Lower, n.Upper))]
        : new decimal?[Fractions.Length];
}
