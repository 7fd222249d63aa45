using UsageTracking.Stores;
using UsageTracking.Time;

namespace UsageTracking.Reports;

/// <summary>
/// Reads figures per period for every report. The whole quarter hours of a range come from the buckets, whose number does
/// not grow with events; what is left at its two ends comes from the records.
/// </summary>
internal sealed class FiguresReader(IUsageStore store)
{
    /// <summary>Figures of each customer and service in each period, cut to the range.</summary>
    public async Task<IReadOnlyList<PeriodFigures>> ReadAsync(
        UsageFilter filter, TimeRange range, IReadOnlyList<Period> periods, CancellationToken cancel)
    {
        if (periods.Count == 0 || filter.MatchesNothing)
            return [];

        var sums = new Dictionary<(string, string, int), Figures>();
        foreach ((TimeRange part, bool fromBuckets) in Parts(range))
        {
            int first = Enumerable.Range(0, periods.Count).First(i => periods[i].End > part.Start);
            DateTimeOffset[] bounds =
            [
                part.Start,
                .. periods.Skip(first + 1).Select(p => p.Start).TakeWhile(s => s < part.End),
                part.End,
            ];
            IReadOnlyList<PeriodFigures> rows = fromBuckets
                ? await store.SumBucketsAsync(filter, bounds, cancel)
                : await store.SumRecordsAsync(filter, bounds, cancel);
            foreach (PeriodFigures row in rows)
            {
                (string, string, int) key = (row.CustomerId, row.Service, first + row.Period);
                sums[key] = sums.TryGetValue(key, out Figures sum) ? sum + row.Figures : row.Figures;
            }
        }

        return [.. sums.Select(s => new PeriodFigures(s.Key.Item1, s.Key.Item2, s.Key.Item3, s.Value))];
    }

    private static IEnumerable<(TimeRange Part, bool FromBuckets)> Parts(TimeRange range)
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
