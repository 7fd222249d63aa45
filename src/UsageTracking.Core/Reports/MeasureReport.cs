using UsageTracking.Metering;
using UsageTracking.Stores;
using UsageTracking.Time;

namespace UsageTracking.Reports;

/// <summary>Usage per hour, day, week or month; by the values of metadata keys where that is asked for.</summary>
public static class MeasureReport
{
    /// <summary>
    /// One measure per period, service, customer and group; newest period first, then catalogue order, then the largest group.
    /// </summary>
    /// <param name="store">The store.</param>
    /// <param name="scope">What the report is about.</param>
    /// <param name="kind">How to cut the range.</param>
    /// <param name="groupBy">The metadata keys to group by; none for one measure per period, service and customer.</param>
    /// <param name="emptyFor">The customers whose periods without usage are listed too; null to leave those out.</param>
    /// <param name="cancel">Cancels the queries.</param>
    public static async Task<IReadOnlyList<UsageMeasure>> ReadAsync(
        IUsageStore store, ReportScope scope, PeriodKind kind, IReadOnlyList<string> groupBy, IReadOnlyList<string>? emptyFor, CancellationToken cancel)
    {
        TimeRange range = scope.RecordableRange;
        IReadOnlyList<Period> periods = Calendar.Periods(range, kind, scope.Zone);
        List<Row> rows = groupBy.Count == 0
            ? [.. (await scope.ReadFiguresAsync(store, range, periods, FigureParts.All, cancel)).Select(r => new Row(r, null))]
            : await ReadGroupsAsync(store, scope, range, periods, groupBy, cancel);
        if (emptyFor is not null)
            rows.AddRange(Empty(rows, periods.Count, scope, emptyFor));

        Dictionary<string, int> order = scope.Order;
        IOrderedEnumerable<Row> ordered = rows
            .OrderByDescending(r => r.Figures.Period)
            .ThenBy(r => order[r.Figures.Service])
            .ThenBy(r => r.Figures.CustomerId, StringComparer.Ordinal);
        if (groupBy.Count > 0)
            ordered = ordered.ThenByDescending(r => r.Figures.Figures.Quantity).ThenBy(r => r.Group?.ToString(), StringComparer.Ordinal);

        return [.. ordered.Select(r => Measure(r, periods[r.Figures.Period], kind, scope.Services[order[r.Figures.Service]].Unit))];
    }

    private static async Task<List<Row>> ReadGroupsAsync(
        IUsageStore store, ReportScope scope, TimeRange range, IReadOnlyList<Period> periods, IReadOnlyList<string> keys, CancellationToken cancel)
    {
        if (periods.Count == 0 || scope.Filter.MatchesNothing)
            return [];

        Dictionary<string, int> services = scope.Order;
        IReadOnlyList<GroupFigures> figures = await store.SumGroupsAsync(scope.Filter, FiguresReader.Bounds(range, periods), keys, cancel);
        return
        [
            // The same value may be written in several ways; here it is one group.
            .. from row in figures
               where services.ContainsKey(row.Service) && !row.Figures.IsNothing
               let values = row.Values.Select(UsageGroup.Text).ToArray()
               group (row.Figures, values) by (row.CustomerId, row.Service, row.Period, Key: UsageGroup.Identify(values)) into same
               select new Row(
                   new PeriodFigures(same.Key.CustomerId, same.Key.Service, same.Key.Period, same.Select(s => s.Figures).Aggregate((a, b) => a + b)),
                   new UsageGroup(keys, same.First().values)),
        ];
    }

    private static List<Row> Empty(List<Row> used, int periods, ReportScope scope, IReadOnlyList<string> customers)
    {
        HashSet<(string, string, int, string?)> there = [.. used.Select(r => Key(r.Figures.CustomerId, r.Figures.Service, r.Figures.Period, r.Group))];
        ILookup<(string, string), UsageGroup?> groups = used
            .DistinctBy(r => Key(r.Figures.CustomerId, r.Figures.Service, 0, r.Group))
            .ToLookup(r => (r.Figures.CustomerId, r.Figures.Service), r => r.Group);
        return
        [
            .. from period in Enumerable.Range(0, periods)
               from customer in customers
               from service in scope.Services
               from @group in groups[(customer, service.Name)].DefaultIfEmpty()
               where !there.Contains(Key(customer, service.Name, period, @group))
               select new Row(new PeriodFigures(customer, service.Name, period, Figures.None), @group),
        ];

        static (string, string, int, string?) Key(string customer, string service, int period, UsageGroup? group) =>
            (customer, service, period, group?.Identity);
    }

    private static UsageMeasure Measure(Row row, Period period, PeriodKind kind, string unit)
    {
        Figures figures = row.Figures.Figures;
        return new UsageMeasure
        {
            Service = row.Figures.Service,
            Period = period.Start,
            EventCount = figures.Events,
            TotalQuantity = figures.Quantity.ToReported(),
            TotalCost = figures.Cost.ToReported(),
            AverageQuantity = figures.Average,
            MinimumQuantity = figures.Minimum is { } low ? ExactDecimal.Trim(low) : null,
            MaximumQuantity = figures.Maximum is { } high ? ExactDecimal.Trim(high) : null,
            Group = row.Group,
            Unit = unit,
            PeriodKind = kind,
            CustomerId = row.Figures.CustomerId,
        };
    }

    private readonly record struct Row(PeriodFigures Figures, UsageGroup? Group);
}
