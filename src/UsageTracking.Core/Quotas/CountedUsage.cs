using UsageTracking.Metering;
using UsageTracking.Stores;
using UsageTracking.Time;

namespace UsageTracking.Quotas;

/// <summary>Sums usage per period, of certain hours alone where only those count.</summary>
internal static class CountedUsage
{
    /// <summary>The usage of each customer and service in each of the periods, which follow each other.</summary>
    public static async Task<IReadOnlyDictionary<(string CustomerId, string Service), ExactDecimal[]>> ReadAsync(
        IUsageStore store, UsageFilter filter, IReadOnlyList<Period> periods, WeeklyHours hours, TimeZoneInfo zone, Widening widening, CancellationToken cancel)
    {
        var used = new Dictionary<(string, string), ExactDecimal[]>();
        if (periods.Count == 0)
            return used;

        (IReadOnlyList<Period> pieces, int[] owners) = Cut(periods, hours, zone);
        var range = new TimeRange(periods[0].Start, periods[^1].End);
        foreach (PeriodFigures row in await new FiguresReader(store) { Parts = FigureParts.Quantity, Widening = widening }.ReadAsync(filter, range, pieces, cancel))
        {
            if (owners[row.Period] < 0)
                continue;

            (string, string) key = (row.CustomerId, row.Service);
            if (!used.TryGetValue(key, out ExactDecimal[]? sums))
                used.Add(key, sums = new ExactDecimal[periods.Count]);

            sums[owners[row.Period]] += row.Figures.Quantity;
        }

        return used;
    }

    /// <summary>Cuts periods into pieces that count, with the period each belongs to, and pieces between them that do not (-1).</summary>
    private static (IReadOnlyList<Period> Pieces, int[] Owners) Cut(IReadOnlyList<Period> periods, WeeklyHours hours, TimeZoneInfo zone)
    {
        if (hours.IsAlways)
            return (periods, [.. Enumerable.Range(0, periods.Count)]);

        var pieces = new List<Period>();
        var owners = new List<int>();
        for (int i = 0; i < periods.Count; i++)
        {
            DateTimeOffset at = periods[i].Start;
            foreach (TimeRange part in hours.Within(new TimeRange(periods[i].Start, periods[i].End), zone))
            {
                Add(at, part.Start, -1);
                Add(part.Start, part.End, i);
                at = part.End;
            }

            Add(at, periods[i].End, -1);
        }

        return (pieces, [.. owners]);

        void Add(DateTimeOffset start, DateTimeOffset end, int owner)
        {
            if (end <= start)
                return;

            pieces.Add(new Period(start, end));
            owners.Add(owner);
        }
    }
}
