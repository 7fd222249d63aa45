using UsageTracking.Time;

namespace UsageTracking.Stores;

/// <summary>
/// Reads figures per period, for every report and quota. Whole quarter hours come from the buckets, whose number does not grow
/// with events; those that a bound cuts come from the records. Where those records are archived, such a quarter hour counts whole,
/// in the last of the periods that it is cut into: so a quota's period has all of the quarter hour it begins in, with or without
/// the days before it.
/// </summary>
internal sealed class FiguresReader(IUsageStore store)
{
    // About three weeks of hours.
    private const int ManyPeriods = 500;

    private static readonly TimeSpan QuarterHour = TimeSpan.FromMinutes(15);

    /// <summary>What is wanted of the figures.</summary>
    public FigureParts Parts { get; init; }

    /// <summary>Is told which quarter hours count whole although a bound cuts them.</summary>
    public Widening? Widening { get; init; }

    /// <summary>Figures of each customer and service in each of the periods, which follow each other, cut to the range.</summary>
    public async Task<List<PeriodFigures>> ReadAsync(
        UsageFilter filter, TimeRange range, IReadOnlyList<Period> periods, CancellationToken cancel)
    {
        if (periods.Count == 0 || filter.MatchesNothing)
            return [];

        DateTimeOffset[] bounds = Bounds(range, periods);
        DateTimeOffset[] quarters = [.. bounds.Where(b => Instants.QuarterHour(b) != b).Select(Instants.QuarterHour).Distinct()];
        HashSet<(string, string, DateTimeOffset)> archived = await FindArchivedAsync(filter, quarters, cancel);
        int PeriodAt(DateTimeOffset instant) => PeriodOf(instant, periods);

        List<PeriodFigures> figures = await ReadWholeAsync(filter, bounds, quarters, archived, PeriodAt, cancel);
        var edges = new Dictionary<(string, string, int), Figures>();
        foreach (DateTimeOffset quarter in quarters)
        {
            DateTimeOffset[] parts =
            [
                .. bounds.Append(quarter).Append(quarter + QuarterHour).Where(b => b >= quarter && b <= quarter + QuarterHour && b >= range.Start && b <= range.End).Distinct().Order(),
            ];
            foreach (PeriodFigures row in await store.SumRecordsAsync(filter, parts, cancel))
            {
                // Of these the bucket was taken, which has what records are left too.
                if (archived.Contains((row.CustomerId, row.Service, quarter)))
                    continue;

                (string, string, int) key = (row.CustomerId, row.Service, PeriodAt(parts[row.Period]));
                edges[key] = edges.TryGetValue(key, out Figures? sum) ? sum + row.Figures : row.Figures;
            }
        }

        for (int i = 0; edges.Count > 0 && i < figures.Count; i++)
        {
            if (edges.Remove((figures[i].CustomerId, figures[i].Service, figures[i].Period), out Figures? edge))
                figures[i] = figures[i] with { Figures = figures[i].Figures + edge };
        }

        figures.AddRange(edges.Select(e => new PeriodFigures(e.Key.Item1, e.Key.Item2, e.Key.Item3, e.Value)));
        // What was all taken back is as if it had never been there.
        figures.RemoveAll(f => f.Figures.IsNothing);
        return figures;
    }

    /// <summary>The bounds of the periods within a range; the first and last are its own.</summary>
    public static DateTimeOffset[] Bounds(TimeRange range, IReadOnlyList<Period> periods) =>
        [range.Start, .. periods.Select(p => p.Start).Where(s => s > range.Start && s < range.End), range.End];

    /// <summary>The customers and services, with the quarter hours of these, whose records are archived, if only in part.</summary>
    private async Task<HashSet<(string, string, DateTimeOffset)>> FindArchivedAsync(UsageFilter filter, DateTimeOffset[] cut, CancellationToken cancel)
    {
        var archived = new HashSet<(string, string, DateTimeOffset)>();
        if (cut.Length == 0)
            return archived;

        // What lies between them is asked for too, and left out.
        HashSet<DateTimeOffset> quarters = [.. cut];
        DateTimeOffset[] bounds = [.. cut.SelectMany(q => new[] { q, q + QuarterHour }).Distinct()];
        foreach (PeriodFigures row in await store.SumArchivedAsync(filter, bounds, cancel))
        {
            if (!quarters.Contains(bounds[row.Period]))
                continue;

            archived.Add((row.CustomerId, row.Service, bounds[row.Period]));
            Widening?.Add(bounds[row.Period]);
        }

        return archived;
    }

    /// <summary>The figures of all quarter hours that lie in one period each, and of those that count whole.</summary>
    private async Task<List<PeriodFigures>> ReadWholeAsync(
        UsageFilter filter, DateTimeOffset[] bounds, DateTimeOffset[] cut, HashSet<(string, string, DateTimeOffset)> archived,
        Func<DateTimeOffset, int> periodAt, CancellationToken cancel)
    {
        // A quarter hour that is cut is a period of its own, which is left out unless it counts whole; at the ends only then is it read.
        HashSet<DateTimeOffset> left = [.. cut];
        DateTimeOffset start = archived.Count > 0 ? Instants.QuarterHour(bounds[0]) : Instants.NextQuarterHour(bounds[0]);
        DateTimeOffset end = archived.Count > 0 ? Instants.NextQuarterHour(bounds[^1]) : Instants.QuarterHour(bounds[^1]);
        DateTimeOffset[] whole = cut.Length == 0
            ? bounds
            : [.. bounds.SelectMany(b => new[] { Instants.QuarterHour(b), Instants.NextQuarterHour(b) }).Where(b => b >= start && b <= end).Distinct().Order()];
        if (whole.Length < 2)
            return [];

        bool IsLeftOut(DateTimeOffset quarter) => archived.Count == 0 && left.Contains(quarter);
        int[] owners = [.. whole.Zip(whole.Skip(1), (b, next) => IsLeftOut(b) ? -1 : periodAt((next < bounds[^1] ? next : bounds[^1]).AddTicks(-1)))];
        var figures = new List<PeriodFigures>();
        var places = new Dictionary<(string, string, int), int>();
        // Only a period that is cut in its middle, or has a quarter hour that counts whole, has more than one part.
        bool hasParts = owners.Where(o => o >= 0).Distinct().Count() < owners.Count(o => o >= 0);
        foreach (PeriodFigures row in await ReadBucketsAsync(filter, whole, cancel))
        {
            if (owners[row.Period] is not (>= 0 and int period) || (left.Contains(whole[row.Period]) && !archived.Contains((row.CustomerId, row.Service, whole[row.Period]))))
                continue;

            if (!hasParts || places.TryAdd((row.CustomerId, row.Service, period), figures.Count))
                figures.Add(row with { Period = period });
            else if (places[(row.CustomerId, row.Service, period)] is var place)
                figures[place] = figures[place] with { Figures = figures[place].Figures + row.Figures };
        }

        return figures;
    }

    private async Task<IEnumerable<PeriodFigures>> ReadBucketsAsync(UsageFilter filter, DateTimeOffset[] bounds, CancellationToken cancel)
    {
        if (bounds.Length < ManyPeriods)
            return await store.SumBucketsAsync(filter, bounds, Parts, cancel);

        // Two halves at once take little more than half the time.
        int middle = bounds.Length / 2;
        IReadOnlyList<PeriodFigures>[] halves = await Task.WhenAll(
            store.SumBucketsAsync(filter, bounds[..(middle + 1)], Parts, cancel),
            store.SumBucketsAsync(filter, bounds[middle..], Parts, cancel));
        return halves[0].Concat(halves[1].Select(f => f with { Period = middle + f.Period }));
    }

    private static int PeriodOf(DateTimeOffset instant, IReadOnlyList<Period> periods)
    {
        (int low, int high) = (0, periods.Count - 1);
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (periods[middle].End > instant)
                high = middle;
            else
                low = middle + 1;
        }

        return low;
    }
}
