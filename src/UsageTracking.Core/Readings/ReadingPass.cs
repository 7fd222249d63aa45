using UsageTracking.Metering;
using UsageTracking.Stores;

namespace UsageTracking.Readings;

/// <summary>Works out what follows from readings and from those there are, and stores what is new; it may have to run again.</summary>
internal sealed class ReadingPass(IUsageStore store, IReadingLimits limits, IReadOnlyList<MeterReading> readings)
{
    private readonly string _customerId = readings[0].CustomerId;
    private readonly Service _service = readings[0].Service;
    private readonly HashSet<(string Meter, DateTimeOffset ReadAt)> _mine = [];

    /// <summary>Where meters of this service begin again from zero.</summary>
    public IReadOnlyList<decimal> Ranges { get; init; } = [];

    public bool AutoCreateCustomer { get; init; }

    public bool RefusesAllowances { get; init; }

    /// <summary>How many periods the readings at hand lie in.</summary>
    public int Periods { get; private set; }

    /// <summary>What followed from each reading, in the order given.</summary>
    public IReadOnlyList<UsageReading> Results { get; private set; } = [];

    /// <summary>Runs once.</summary>
    /// <returns>Whether a period changed that is not the last one.</returns>
    public async Task<bool> RunAsync(CancellationToken cancel)
    {
        DateTimeOffset from = await FindFromAsync(cancel);
        ReadingHistory history = await store.GetReadingsAsync(_customerId, _service.Name, from, cancel);
        Dictionary<(string Meter, DateTimeOffset ReadAt), StoredReading> stored = history.Readings.ToDictionary(r => (r.Meter, r.ReadAt));
        var meters = new MeterNames(history.Readings);
        StoredReading[] asked = [.. readings.Select(meters.Check)];
        var added = new List<StoredReading>();
        foreach (StoredReading reading in asked)
        {
            if (Same(reading, stored.GetValueOrDefault((reading.Meter, reading.ReadAt)) ?? added.Find(a => (a.Meter, a.ReadAt) == (reading.Meter, reading.ReadAt))) is null)
                added.Add(reading);
        }

        if (added.Count == 0 && _mine.Count == 0)
        {
            Results = [.. asked.Select(r => Repeated(stored[(r.Meter, r.ReadAt)]))];
            return false;
        }

        StoredReading[] all = [.. history.Readings, .. added];
        IReadOnlyList<ReadingPeriod> periods = await FindPeriodsAsync(all, added, from, cancel);
        Periods = periods.Count;
        Dictionary<(string Meter, DateTimeOffset ReadAt), DerivedReading> derived = TotalMeters.Derive(all.Where(r => r.Kind == ReadingKind.Total), from, Ranges)
            .Concat(RemainingMeters.Derive(all.Where(r => r.Kind == ReadingKind.Remaining), periods))
            .ToDictionary(d => (d.Reading.Meter, d.Reading.ReadAt));
        (ReadingUpdate Update, DerivedReading Derived)[] changed =
        [
            .. derived.Values.Select(d => (Update: new ReadingUpdate(stored.GetValueOrDefault((d.Reading.Meter, d.Reading.ReadAt)), d.Reading), Derived: d))
                .Where(c => c.Update.Before is null || (c.Update.Before.Usage, c.Update.Before.Allowance) != (c.Update.After.Usage, c.Update.After.Allowance))
                .OrderBy(c => c.Update.After.ReadAt).ThenBy(c => c.Update.After.Meter, StringComparer.Ordinal),
        ];
        RefuseAllowances(changed);
        if (changed.Length > 0)
            await store.WriteReadingsAsync(new ReadingChange(_customerId, _service.Name, history.Revision, [.. changed.Select(c => c.Update)], AutoCreateCustomer), cancel);

        _mine.UnionWith(added.Select(a => (a.Meter, a.ReadAt)));
        Results = [.. asked.Select((r, i) => Result(i, r))];
        return periods.Count > 1 && changed.Any(c => c.Update.After.Kind == ReadingKind.Remaining && c.Update.After.ReadAt < periods[^1].Start);

        UsageReading Result(int index, StoredReading reading)
        {
            (string Meter, DateTimeOffset ReadAt) key = (reading.Meter, reading.ReadAt);
            DerivedReading? result = derived.GetValueOrDefault(key);
            bool isMine = _mine.Contains(key) && Array.FindIndex(asked, r => (r.Meter, r.ReadAt) == key) == index;
            return isMine && result is not null ? ToResult(result) : Repeated(result?.Reading ?? stored[key]);
        }
    }

    /// <summary>From when on something else may follow from readings than before.</summary>
    private async Task<DateTimeOffset> FindFromAsync(CancellationToken cancel)
    {
        DateTimeOffset from = readings.Min(r => r.ReadAt);
        if (readings.Where(r => r.Kind == ReadingKind.Remaining).MinBy(r => r.ReadAt) is not { } first)
            return from;

        return await FindPeriodAsync(first.ReadAt, cancel) is { } period && period.Start < from ? period.Start : from;
    }

    /// <summary>The periods of all readings of what is left; none where only others were added.</summary>
    private async Task<IReadOnlyList<ReadingPeriod>> FindPeriodsAsync(
        StoredReading[] all, List<StoredReading> added, DateTimeOffset from, CancellationToken cancel)
    {
        var periods = new List<ReadingPeriod>();
        if (readings.All(r => r.Kind == ReadingKind.Total))
            return periods;

        foreach (StoredReading reading in all.Where(r => r.Kind == ReadingKind.Remaining && r.ReadAt >= from).OrderBy(r => r.ReadAt))
        {
            if (periods.Count > 0 && reading.ReadAt < periods[^1].End)
                continue;

            if (await FindPeriodAsync(reading.ReadAt, cancel) is { } period)
                periods.Add(period);
            else if (added.Contains(reading))
                throw NoQuota(reading.ReadAt);
        }

        return periods;
    }

    private Task<ReadingPeriod?> FindPeriodAsync(DateTimeOffset instant, CancellationToken cancel) => limits.FindAsync(_customerId, _service, instant, cancel);

    /// <summary>The reading that is there already, if there is one.</summary>
    private static StoredReading? Same(StoredReading reading, StoredReading? there) => there is null || there.Value == reading.Value
        ? there
        : throw new UsageException(UsageErrorKind.Conflict, "ReadingConflict", FormattableString.Invariant(
            $"The meter '{reading.Meter}' already has the reading {there.Value} at {reading.ReadAt:u}; {reading.Value} contradicts it. Give the time of this reading."), reading.Meter);

    private void RefuseAllowances(IEnumerable<(ReadingUpdate Update, DerivedReading Derived)> changed)
    {
        if (!RefusesAllowances)
            return;

        foreach ((ReadingUpdate update, DerivedReading derived) in changed)
        {
            if (derived.Interpretation == ReadingInterpretation.Allowance && update.After.Allowance > (update.Before?.Allowance ?? 0))
            {
                throw new UsageException(UsageErrorKind.Conflict, "AllowanceRefused", FormattableString.Invariant(
                    $"The meter '{update.After.Meter}' would rise from {derived.Previous ?? 0} to {update.After.Value} {_service.Unit} at {update.After.ReadAt:u}, within a period, and allowances are refused. Nothing was recorded."),
                    update.After.Meter);
            }
        }
    }

    private UsageException NoQuota(DateTimeOffset instant) => new(UsageErrorKind.NotFound, "QuotaNotFound", FormattableString.Invariant(
        $"The customer '{_customerId}' has no quota of '{_service.Name}' in force at {instant:u}, so what is left says nothing of what was used. Set one with Set-UsageQuota, or read a total."),
        _service.Name);

    private UsageReading ToResult(DerivedReading derived) => new()
    {
        CustomerId = _customerId,
        Service = _service.Name,
        Meter = derived.Reading.Meter,
        Timestamp = derived.Reading.ReadAt,
        Kind = derived.Reading.Kind,
        Value = derived.Reading.Value,
        Unit = _service.Unit,
        Usage = derived.Reading.Usage,
        Allowance = derived.Reading.Allowance,
        Interpretation = derived.Interpretation,
        Previous = derived.Previous,
    };

    private UsageReading Repeated(StoredReading reading) => ToResult(new DerivedReading(reading, ReadingInterpretation.Repeated, null));

    /// <summary>The meters there are, found in any case; each is of one kind for good.</summary>
    private sealed class MeterNames
    {
        private readonly Dictionary<string, StoredReading> _meters = new(StringComparer.OrdinalIgnoreCase);

        public MeterNames(IEnumerable<StoredReading> readings)
        {
            foreach (StoredReading reading in readings)
                _meters.TryAdd(reading.Meter, reading);
        }

        public StoredReading Check(MeterReading reading)
        {
            var asked = new StoredReading(reading.Meter, reading.Kind, reading.ReadAt, reading.Value);
            if (!_meters.TryAdd(reading.Meter, asked))
                asked = asked with { Meter = _meters[reading.Meter].Meter };

            ReadingKind kind = _meters[reading.Meter].Kind;
            return kind == reading.Kind
                ? asked
                : throw UsageException.Invalid("MeterKindMismatch",
                    $"The meter '{asked.Meter}' says {Say(kind)}; this reading says {Say(reading.Kind)}. Read it as before, or give the other meter a name of its own.", asked.Meter);
        }

        private static string Say(ReadingKind kind) => kind == ReadingKind.Remaining ? "what is left" : "a total";
    }
}
