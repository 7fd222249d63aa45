using UsageTracking.Time;

namespace UsageTracking.Stores;

/// <summary>
/// Reads figures per period, for every report and quota. The whole quarter hours of a range come from the buckets, whose number does
/// not grow with events; what is left at its two ends comes from the records.
/// </summary>
internal sealed class FiguresReader(IUsageStore store)
{
    // About three weeks of hours.
    private const int ManyPeriods = 500;

    /// <summary>What is wanted of the figures.</summary>
    public FigureParts Parts { get; init; }

    /// <summary>Figures of each customer and service in each of the periods, which follow each other, cut to the range.</summary>
    public async Task<List<PeriodFigures>> ReadAsync(
        UsageFilter filter, TimeRange range, IReadOnlyList<Period> periods, CancellationToken cancel)
    {
        if (periods.Count == 0 || filter.MatchesNothing)
            return [];

        // Nearly all of it comes from the buckets; the edges add to the first and the last period.
        var figures = new List<PeriodFigures>();
        var edges = new Dictionary<(string, string, int), Figures>();
        foreach ((TimeRange part, bool fromBuckets) in Cut(range))
        {
            int first = Enumerable.Range(0, periods.Count).First(i => periods[i].End > part.Start);
            DateTimeOffset[] bounds = Bounds(part, periods);
            if (fromBuckets)
            {
                figures.AddRange((await ReadBucketsAsync(filter, bounds, cancel)).Select(f => f with { Period = first + f.Period }));
                continue;
            }

            foreach (PeriodFigures row in await store.SumRecordsAsync(filter, bounds, cancel))
            {
                (string, string, int) key = (row.CustomerId, row.Service, first + row.Period);
                edges[key] = edges.TryGetValue(key, out Figures? sum) ? sum + row.Figures : row.Figures;
            }
        }

        for (int i = 0; edges.Count > 0 && i < figures.Count; i++)
        {
            if (edges.Remove((figures[i].CustomerId, figures[i].Service, figures[i].Period), out Figures? edge))
                figures[i] = figures[i] with { Figures = figures[i].Figures + edge };
        }

        figures.AddRange(edges.Select(e => new PeriodFigures(e.Key.Item1, e.Key.Item2, e.Key.Item3, e.Value)));
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

    /// <summary>The bounds of the periods within a range; the first and last are its own.</summary>
    public static DateTimeOffset[] Bounds(TimeRange range, IReadOnlyList<Period> periods) =>
        [range.Start, .. periods.Select(p => p.Start).Where(s => s > range.Start && s < range.End), range.End];

    private static IEnumerable<(TimeRange Part, bool FromBuckets)> Cut(TimeRange range)
    {
        DateTimeOffset start = Instants.NextQuarterHour(range.Start);
        DateTimeOffset end = Instants.QuarterHour(range.End);
        if (start >= end)
        {
            if (!range.IsEmpty)
                yield return (range, false);

            yield break;
        }

        if (range.Start < start)
            yield return (new TimeRange(range.Start, start), false);

        yield return (new TimeRange(start, end), true);
        if (end < range.End)
            yield return (new TimeRange(end, range.End), false);
    }
}
