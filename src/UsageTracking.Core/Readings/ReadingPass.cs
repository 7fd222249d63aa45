using UsageTracking.Metering;
using UsageTracking.Stores;

namespace UsageTracking.Readings;

/// <summary>Changes the readings of a customer's meters of one service, and stores what follows from them then; it may have to run again.</summary>
internal abstract class ReadingPass(IUsageStore store, IReadingLimits limits, string customerId, Service service)
{
    /// <summary>Where meters of this service begin again from zero.</summary>
    public IReadOnlyList<decimal> Ranges { get; init; } = [];

    /// <summary>How many periods the readings at hand lie in.</summary>
    public int Periods { get; private set; }

    protected string CustomerId => customerId;

    protected Service Service => service;

    /// <summary>Runs once.</summary>
    /// <returns>Whether something changed before the last period.</returns>
    public abstract Task<bool> RunAsync(CancellationToken cancel);

    /// <summary>From when on something else may follow from readings than before these came or went.</summary>
    protected async Task<DateTimeOffset> FindFromAsync(IReadOnlyCollection<(ReadingKind Kind, DateTimeOffset ReadAt)> readings, CancellationToken cancel)
    {
        DateTimeOffset from = readings.Min(r => r.ReadAt);
        DateTimeOffset[] left = [.. readings.Where(r => r.Kind == ReadingKind.Remaining).Select(r => r.ReadAt)];
        return left.Length > 0 && await FindPeriodAsync(left.Min(), cancel) is { } period && period.Start < from ? period.Start : from;
    }

    /// <summary>The readings from an instant on, and before them the last one of each meter.</summary>
    protected Task<ReadingHistory> GetHistoryAsync(DateTimeOffset from, CancellationToken cancel) =>
        store.GetReadingsAsync(customerId, service.Name, from, cancel);

    /// <summary>The periods of all readings of what is left.</summary>
    /// <exception cref="UsageException"><c>QuotaNotFound</c>: a reading that was added is in none.</exception>
    protected async Task<IReadOnlyList<ReadingPeriod>> FindPeriodsAsync(
        IEnumerable<StoredReading> all, IReadOnlyCollection<StoredReading> added, DateTimeOffset from, CancellationToken cancel)
    {
        var periods = new List<ReadingPeriod>();
        foreach (StoredReading reading in all.Where(r => r.Kind == ReadingKind.Remaining && r.ReadAt >= from).OrderBy(r => r.ReadAt))
        {
            if (periods.Count > 0 && reading.ReadAt < periods[^1].End)
                continue;

            if (await FindPeriodAsync(reading.ReadAt, cancel) is { } period)
                periods.Add(period);
            else if (added.Contains(reading))
                throw NoQuota(reading.ReadAt);
        }

        Periods = periods.Count;
        return periods;
    }

    /// <summary>What follows from each reading from an instant on.</summary>
    protected IEnumerable<DerivedReading> Derive(IReadOnlyCollection<StoredReading> all, IReadOnlyList<ReadingPeriod> periods, DateTimeOffset from) =>
        TotalMeters.Derive(all.Where(r => r.Kind == ReadingKind.Total), from, Ranges)
            .Concat(RemainingMeters.Derive(all.Where(r => r.Kind == ReadingKind.Remaining), periods));

    /// <summary>The readings of which something else follows than is stored, by time and meter.</summary>
    protected static IEnumerable<(ReadingUpdate Update, DerivedReading Derived)> FindChanges(ReadingHistory history, IEnumerable<DerivedReading> derived)
    {
        Dictionary<(string Meter, DateTimeOffset ReadAt), StoredReading> stored = history.Readings.ToDictionary(r => (r.Meter, r.ReadAt));
        return derived.OrderBy(d => d.Reading.ReadAt).ThenBy(d => d.Reading.Meter, StringComparer.Ordinal)
            .Select(d => (Update: new ReadingUpdate(stored.GetValueOrDefault((d.Reading.Meter, d.Reading.ReadAt)), d.Reading), Derived: d))
            .Where(c => c.Update.Before is not { } before || (before.Usage, before.Allowance) != (c.Derived.Reading.Usage, c.Derived.Reading.Allowance));
    }

    protected Task WriteAsync(ReadingChange change, CancellationToken cancel) => store.WriteReadingsAsync(change, cancel);

    /// <summary>Whether the limit of a period may have changed by what is carried over into it.</summary>
    protected static bool IsUnsettled(IReadOnlyList<ReadingPeriod> periods, IEnumerable<ReadingUpdate> updates) =>
        periods.Count > 0 && updates.Any(u => u.Reading.Kind == ReadingKind.Remaining && u.Reading.ReadAt < periods[^1].Start);

    private Task<ReadingPeriod?> FindPeriodAsync(DateTimeOffset instant, CancellationToken cancel) => limits.FindAsync(customerId, service, instant, cancel);

    private UsageException NoQuota(DateTimeOffset instant) => new(UsageErrorKind.NotFound, "QuotaNotFound", FormattableString.Invariant(
        $"The customer '{customerId}' has no quota of '{service.Name}' in force at {instant:u}, so what is left says nothing of what was used. Set one with Set-UsageQuota, or read a total."),
        service.Name);
}
