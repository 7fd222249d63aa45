using UsageTracking.Stores;
using UsageTracking.Time;

namespace UsageTracking.Reports;

/// <summary>
/// Reads figures per period for every report. The whole quarter hours of a range come from the buckets, whose number does
/// not grow with events; what is left at its two ends comes from the records.
/// </summary>
internal sealed class FiguresReader(IUsageStore store)
{
    /// <summary>What is wanted of the figures.</summary>
    public FigureParts Parts { get; init; }

    /// <summary>Figures of each customer and service of the scope in each period, cut to the range.</summary>
    public async Task<IReadOnlyList<PeriodFigures>> ReadAsync(
        ReportScope scope, TimeRange range, IReadOnlyList<Period> periods, CancellationToken cancel)
    {
        if (periods.Count == 0 || scope.Filter.MatchesNothing)
            return [];

        Dictionary<string, int> services = scope.Order;
        var sums = new Dictionary<(string, string, int), Figures>();
        foreach ((TimeRange part, bool fromBuckets) in Cut(range))
        {
            int first = Enumerable.Range(0, periods.Count).First(i => periods[i].End > part.Start);
            DateTimeOffset[] bounds = Bounds(part, periods);
            IReadOnlyList<PeriodFigures> rows = fromBuckets
                ? await store.SumBucketsAsync(scope.Filter, bounds, Parts, cancel)
                : await store.SumRecordsAsync(scope.Filter, bounds, cancel);
            foreach (PeriodFigures row in rows)
            {
                // Other programs may have written services that the catalogue does not have.
                if (!services.ContainsKey(row.Service))
                    continue;

                (string, string, int) key = (row.CustomerId, row.Service, first + row.Period);
                sums[key] = sums.TryGetValue(key, out Figures sum) ? sum + row.Figures : row.Figures;
            }
        }

        return [.. sums.Select(s => new PeriodFigures(s.Key.Item1, s.Key.Item2, s.Key.Item3, s.Value))];
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
