using UsageTracking.Metering;
using UsageTracking.Stores;
using UsageTracking.Time;

namespace UsageTracking.Reports;

/// <summary>Usage and cost of every service, unused ones included; as one figure or per day.</summary>
public static class UsageReport
{
    /// <summary>One figure per customer and service, in catalogue order.</summary>
    /// <param name="store">The store.</param>
    /// <param name="scope">What the report is about.</param>
    /// <param name="customers">The customers to list, with or without usage.</param>
    /// <param name="cancel">Cancels the queries.</param>
    public static async Task<IReadOnlyList<ServiceUsage>> TotalsAsync(
        IUsageStore store, ReportScope scope, IReadOnlyList<string> customers, CancellationToken cancel)
    {
        TimeRange range = scope.RecordableRange;
        IReadOnlyList<PeriodFigures> rows = await scope.ReadFiguresAsync(store, range, [new Period(range.Start, range.End)], FigureParts.All, cancel);
        Dictionary<(string, string), Figures> figures = rows.ToDictionary(r => (r.CustomerId, r.Service), r => r.Figures);
        PriceList prices = await store.GetPricesAsync(customers, cancel);
        DateTimeOffset priceTime = PriceTime(scope);
        return
        [
            .. from customer in customers
               from service in scope.Services
               let used = figures.GetValueOrDefault((customer, service.Name), Figures.None)
               select new ServiceUsage
               {
                   Service = service.Name,
                   Quantity = used.Quantity.ToReported(),
                   Unit = service.Unit,
                   UnitCost = prices.UnitCostAt(customer, service.Name, priceTime),
                   Cost = used.Cost.ToReported(),
                   Events = used.Events,
                   Start = scope.Local(scope.Range.Start),
                   End = scope.Local(scope.Range.End),
                   CustomerId = customer,
               },
        ];
    }

    /// <summary>One figure per day, customer and service; newest day first, then catalogue order. Days without usage are zero.</summary>
    /// <inheritdoc cref="TotalsAsync"/>
    public static async Task<IReadOnlyList<DailyServiceUsage>> DailyAsync(
        IUsageStore store, ReportScope scope, IReadOnlyList<string> customers, CancellationToken cancel)
    {
        TimeRange range = scope.RecordableRange;
        IReadOnlyList<Period> days = Calendar.Periods(range, PeriodKind.Daily, scope.Zone);
        IReadOnlyList<PeriodFigures> rows = await scope.ReadFiguresAsync(store, range, days, FigureParts.All, cancel);
        Dictionary<(int, string, string), Figures> figures = rows.ToDictionary(r => (r.Period, r.CustomerId, r.Service), r => r.Figures);
        Dictionary<(string, string), decimal> largest = rows
            .GroupBy(r => (r.CustomerId, r.Service))
            .ToDictionary(g => g.Key, g => g.Max(r => r.Figures.Quantity).ToReported());
        PriceList prices = await store.GetPricesAsync(customers, cancel);
        return
        [
            .. from day in Enumerable.Range(0, days.Count).Reverse()
               from service in scope.Services
               from customer in customers
               let used = figures.GetValueOrDefault((day, customer, service.Name), Figures.None)
               let quantity = used.Quantity.ToReported()
               let end = days[day].End < range.End ? days[day].End : range.End
               select new DailyServiceUsage
               {
                   Date = days[day].Start.Date,
                   Service = service.Name,
                   Quantity = quantity,
                   Unit = service.Unit,
                   UnitCost = prices.UnitCostAt(customer, service.Name, end.AddTicks(-1)),
                   Cost = used.Cost.ToReported(),
                   Events = used.Events,
                   Start = scope.Local(days[day].Start > range.Start ? days[day].Start : range.Start),
                   End = scope.Local(end),
                   CustomerId = customer,
                   ShareOfLargest = largest.GetValueOrDefault((customer, service.Name)) is > 0 and var most ? Math.Max(quantity, 0) / most : 0,
               },
        ];
    }

    private static DateTimeOffset PriceTime(ReportScope scope) =>
        scope.Range.IsEmpty ? scope.Range.Start : scope.Range.End.AddTicks(-1);
}
