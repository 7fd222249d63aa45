using UsageTracking.Metering;
using UsageTracking.Stores;
using UsageTracking.Time;

namespace UsageTracking.Reports;

/// <summary>What a customer used of one service in one period.</summary>
public sealed record UsageMeasure
{
    /// <summary>The service.</summary>
    public required string Service { get; init; }

    /// <summary>The period's first instant, with the zone's offset then.</summary>
    public required DateTimeOffset Period { get; init; }

    /// <summary>How many events.</summary>
    public required long EventCount { get; init; }

    /// <summary>The sum of quantities, in the service's unit.</summary>
    public required decimal TotalQuantity { get; init; }

    /// <summary>The sum of quantity times stamped unit cost.</summary>
    public required decimal TotalCost { get; init; }

    /// <summary>Total divided by count; null where there was no event.</summary>
    public required decimal? AverageQuantity { get; init; }

    /// <summary>The smallest quantity of one event; null where there was none.</summary>
    public required decimal? MinimumQuantity { get; init; }

    /// <summary>The largest quantity of one event; null where there was none.</summary>
    public required decimal? MaximumQuantity { get; init; }

    /// <summary>How the periods were cut.</summary>
    public required PeriodKind PeriodKind { get; init; }

    /// <summary>The customer.</summary>
    public required string CustomerId { get; init; }
}

/// <summary>Usage per hour, day, week or month.</summary>
public static class MeasureReport
{
    /// <summary>One measure per period, service and customer; newest period first, then catalogue order.</summary>
    /// <param name="store">The store.</param>
    /// <param name="scope">What the report is about.</param>
    /// <param name="kind">How to cut the range.</param>
    /// <param name="emptyFor">The customers whose periods without usage are listed too; null to leave those out.</param>
    /// <param name="cancel">Cancels the queries.</param>
    public static async Task<IReadOnlyList<UsageMeasure>> ReadAsync(
        IUsageStore store, ReportScope scope, PeriodKind kind, IReadOnlyList<string>? emptyFor, CancellationToken cancel)
    {
        TimeRange range = scope.RecordableRange;
        IReadOnlyList<Period> periods = Calendar.Periods(range, kind, scope.Zone);
        IEnumerable<PeriodFigures> rows = await new FiguresReader(store).ReadAsync(scope.Filter, range, periods, cancel);
        if (emptyFor is not null)
        {
            HashSet<(string, string, int)> used = [.. rows.Select(r => (r.CustomerId, r.Service, r.Period))];
            rows = rows.Concat(
                from period in Enumerable.Range(0, periods.Count)
                from customer in emptyFor
                from service in scope.Services
                where !used.Contains((customer, service.Name, period))
                select new PeriodFigures(customer, service.Name, period, default));
        }

        Dictionary<string, int> order = scope.Order;
        return
        [
            .. from row in rows
               orderby row.Period descending, order[row.Service], row.CustomerId
               select Measure(row, periods[row.Period], kind),
        ];
    }

    private static UsageMeasure Measure(PeriodFigures row, Period period, PeriodKind kind)
    {
        decimal total = row.Figures.Quantity.ToReported();
        return new UsageMeasure
        {
            Service = row.Service,
            Period = period.Start,
            EventCount = row.Figures.Events,
            TotalQuantity = total,
            TotalCost = row.Figures.Cost.ToReported(),
            AverageQuantity = row.Figures.Events == 0 ? null : Average(row.Figures),
            MinimumQuantity = row.Figures.Minimum is { } low ? ExactDecimal.Trim(low) : null,
            MaximumQuantity = row.Figures.Maximum is { } high ? ExactDecimal.Trim(high) : null,
            PeriodKind = kind,
            CustomerId = row.CustomerId,
        };
    }

    private static decimal Average(Figures figures) => figures.Quantity.DivideBy(figures.Events).ToReported();
}
