using UsageTracking.Metering;
using UsageTracking.Stores;
using UsageTracking.Time;

namespace UsageTracking.Reports;

/// <summary>What a report is about: whose usage, of which services, when, and by which clocks.</summary>
/// <param name="Customers">The customers, all of them where null.</param>
/// <param name="Services">The services, in catalogue order.</param>
/// <param name="Range">The time.</param>
/// <param name="Zone">The zone that cuts hours, days and months.</param>
public sealed record ReportScope(IReadOnlyList<string>? Customers, IReadOnlyList<Service> Services, TimeRange Range, TimeZoneInfo Zone)
{
    /// <summary>Whether the services are all there are, so that the store need not look for each.</summary>
    public bool HasEveryService { get; init; }

    /// <summary>What the report had to count whole; known once it was read.</summary>
    public Widening Widening { get; } = new();

    /// <summary>The customers and services; of every service also those that the catalogue does not have.</summary>
    public UsageFilter Filter => new(Customers, HasEveryService ? null : [.. Services.Select(s => s.Name)]);

    /// <summary>The range without the time in which nothing can have been recorded, which only costs periods.</summary>
    internal TimeRange RecordableRange
    {
        get
        {
            DateTimeOffset latest = DateTimeOffset.UtcNow + (2 * Instants.LargestLead);
            DateTimeOffset start = Range.Start < Instants.Earliest ? Instants.Earliest : Range.Start;
            DateTimeOffset end = Range.End > latest ? latest : Range.End;
            return end > start ? new TimeRange(start, end) : new TimeRange(start, start);
        }
    }

    /// <summary>Where a service stands in the catalogue.</summary>
    internal Dictionary<string, int> Order => Services.Select((s, i) => (s.Name, i)).ToDictionary(s => s.Name, s => s.i, StringComparer.Ordinal);

    /// <summary>Figures of the scope's customers and services in each period, cut to the range.</summary>
    internal async Task<IReadOnlyList<PeriodFigures>> ReadFiguresAsync(
        IUsageStore store, TimeRange range, IReadOnlyList<Period> periods, FigureParts parts, CancellationToken cancel)
    {
        List<PeriodFigures> figures = await new FiguresReader(store) { Parts = parts, Widening = Widening }.ReadAsync(Filter, range, periods, cancel);
        // Other programs may have written services that the catalogue does not have.
        Dictionary<string, int> services = Order;
        figures.RemoveAll(f => !services.ContainsKey(f.Service));
        return figures;
    }

    /// <summary>An instant as the zone's clocks show it.</summary>
    internal DateTimeOffset Local(DateTimeOffset instant) => TimeZoneInfo.ConvertTime(instant, Zone);
}
