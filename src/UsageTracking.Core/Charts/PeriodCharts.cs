using UsageTracking.Time;

namespace UsageTracking.Charts;

/// <summary>What was used in one period, by one group where there are several.</summary>
internal sealed record PeriodUsage(string Service, string CustomerId, string Unit, PeriodKind Kind, DateTimeOffset Start, decimal Quantity)
{
    public string? Group { get; init; }

    public bool IsPartial { get; init; }

    /// <summary>Whether it was picked for its size, so that a sum of such periods says nothing.</summary>
    public bool IsPeak { get; init; }
}

/// <summary>Draws usage per hour, day, week or month as bars: one chart per customer and service.</summary>
internal static class PeriodCharts
{
    private const int MostGroups = 6;

    // More empty slots than that are left out, and the rest keep their places all the same.
    private const int MostSlots = 5000;

    public static Chart Make(IReadOnlyList<PeriodUsage> usage)
    {
        PeriodUsage first = usage[0];
        string unit = ChartText.Clean(first.Unit);
        List<ChartSlot> slots = Slots(usage, first.Kind);
        var places = slots.Select((slot, i) => (slot.Start, i)).ToDictionary(s => s.Start, s => s.i);
        (string? Group, Dictionary<int, decimal> Totals)[] groups =
        [
            .. usage
                .GroupBy(u => u.Group)
                .Select(g => (g.Key, Totals: g.GroupBy(u => places[u.Start]).ToDictionary(s => s.Key, s => s.Last().Quantity)))
                .OrderByDescending(g => g.Totals.Values.Sum())
                .ThenBy(g => g.Key, StringComparer.Ordinal),
        ];
        bool isGrouped = groups.Any(g => g.Group is not null);
        ChartSeries Bars(string name, ChartRole role, Dictionary<int, decimal> totals) => new(
            name, role, [.. totals.OrderBy(t => t.Key).Select(t => new ChartPoint(t.Key, slots[t.Key].Start, t.Value))]);

        // A single one that is too many takes no more room than "other".
        int own = groups.Length <= MostGroups + 1 ? groups.Length : MostGroups;
        List<ChartSeries> series =
            [.. groups[..own].Select(g => Bars(isGrouped ? Name(g.Group) : "Usage", ChartRole.Usage, g.Totals))];
        if (own < groups.Length)
        {
            series.Add(Bars($"{groups.Length - own} others", ChartRole.OtherUsage, groups[own..]
                .SelectMany(g => g.Totals)
                .GroupBy(t => t.Key)
                .ToDictionary(t => t.Key, t => t.Sum(v => v.Value))));
        }

        DateTimeOffset end = slots[^1].End;
        string word = ChartText.Word(first.Kind).ToLowerInvariant();
        decimal total = groups.SelectMany(g => g.Totals.Values).Sum();
        return new Chart
        {
            Title = ChartText.Clean(first.IsPeak ? $"{first.Service}: busiest {word}s" : $"{first.Service}: usage per {word}"),
            Subtitle =
            [
                ChartText.Clean(first.CustomerId),
                ChartText.Range(slots[0].Start, end, first.Kind),
                .. first.IsPeak ? Array.Empty<string>() : [$"{ChartText.Amount(total, unit)} in all"],
            ],
            Unit = unit,
            Kind = first.Kind,
            Start = slots[0].Start,
            End = end,
            Slots = slots,
            Series = series,
        };
    }

    private static string Name(string? group) => string.IsNullOrWhiteSpace(group) ? "(none)" : ChartText.Clean(group);

    private static List<ChartSlot> Slots(IReadOnlyList<PeriodUsage> usage, PeriodKind kind)
    {
        DateTimeOffset[] used = [.. usage.Select(u => u.Start).Distinct().Order()];
        HashSet<DateTimeOffset> partial = [.. usage.Where(u => u.IsPartial).Select(u => u.Start)];
        var slots = new List<ChartSlot>();
        for (int i = 0; i < used.Length; i++)
        {
            DateTimeOffset? next = i + 1 < used.Length ? used[i + 1] : null;
            DateTimeOffset end = Earlier(Next(used[i], kind), next);
            slots.Add(new ChartSlot(used[i], end, partial.Contains(used[i])));
            while (end < next && slots.Count < MostSlots)
            {
                DateTimeOffset start = end;
                end = Earlier(Next(start, kind), next);
                slots.Add(new ChartSlot(start, end, false));
            }
        }

        return slots;
    }

    private static DateTimeOffset Next(DateTimeOffset start, PeriodKind kind) => kind switch
    {
        PeriodKind.Hourly => start.AddHours(1),
        PeriodKind.Weekly => start.AddDays(7),
        PeriodKind.Monthly => start.AddMonths(1),
        _ => start.AddDays(1),
    };

    private static DateTimeOffset Earlier(DateTimeOffset a, DateTimeOffset? b) => b < a ? b.Value : a;
}
