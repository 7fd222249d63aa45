using UsageTracking.Time;

namespace UsageTracking.Stores;

/// <summary>Says how many records a report cannot read, since they are archived.</summary>
public static class ArchivedRecords
{
    /// <summary>What is to be said of a range, to the quarter hour; null where none of its records is archived.</summary>
    /// <param name="store">The store.</param>
    /// <param name="filter">Which customers and services.</param>
    /// <param name="range">The time.</param>
    /// <param name="place">Where they are missing; empty for everywhere, else such as <c>in the percentiles</c>.</param>
    /// <param name="cancel">Cancels the query.</param>
    public static async Task<string?> WarnAsync(IUsageStore store, UsageFilter filter, TimeRange range, string place, CancellationToken cancel)
    {
        // Beyond all that can be recorded there may be no next quarter hour.
        DateTimeOffset start = Instants.QuarterHour(Later(range.Start, TimeRange.Everything.Start));
        DateTimeOffset end = Instants.NextQuarterHour(Earlier(range.End, TimeRange.Everything.End));
        if (filter.MatchesNothing || range.IsEmpty || end <= start)
            return null;

        IReadOnlyList<PeriodFigures> archived = await store.SumArchivedAsync(filter, [start, end], cancel);
        if (archived.Count == 0)
            return null;

        long events = archived.Sum(a => a.Figures.Events);
        string where = place == "" ? "" : " " + place;
        return events == 1
            ? $"1 record of this range is archived and not included{where}. Restore-UsageArchive brings it back."
            // Records that were all taken back are no events, but they are missing too.
            : $"{(events > 1 ? Wording.Count(events, "record") : "Records")} of this range are archived and not included{where}. Restore-UsageArchive brings them back.";
    }

    /// <summary>How many events of a customer only archives have the records of; null where it has none there at all.</summary>
    public static async Task<long?> FiguresAsync(IUsageStore store, string customerId, CancellationToken cancel)
    {
        IReadOnlyList<PeriodFigures> archived = await store.SumArchivedAsync(
            new UsageFilter([customerId], null), [TimeRange.Everything.Start, Instants.QuarterHour(TimeRange.Everything.End)], cancel);
        return archived.Count == 0 ? null : archived.Sum(a => a.Figures.Events);
    }

    private static DateTimeOffset Earlier(DateTimeOffset a, DateTimeOffset b) => a < b ? a : b;

    private static DateTimeOffset Later(DateTimeOffset a, DateTimeOffset b) => a > b ? a : b;
}
