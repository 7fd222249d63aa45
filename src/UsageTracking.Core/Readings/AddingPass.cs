using UsageTracking.Metering;
using UsageTracking.Stores;

namespace UsageTracking.Readings;

/// <summary>Adds readings to those there are; what is there already is not added again.</summary>
internal sealed class AddingPass(IUsageStore store, IReadingLimits limits, IReadOnlyList<MeterReading> readings)
    : ReadingPass(store, limits, readings[0].CustomerId, readings[0].Service)
{
    private readonly HashSet<(string Meter, DateTimeOffset ReadAt)> _mine = [];

    public bool AutoCreateCustomer { get; init; }

    public bool RefusesAllowances { get; init; }

    /// <summary>What followed from each reading, in the order given.</summary>
    public IReadOnlyList<UsageReading> Results { get; private set; } = [];

    /// <inheritdoc/>
    public override async Task<bool> RunAsync(CancellationToken cancel)
    {
        DateTimeOffset from = await FindFromAsync([.. readings.Select(r => (r.Kind, r.ReadAt))], cancel);
        ReadingHistory history = await GetHistoryAsync(from, cancel);
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
        // What is left does not follow from totals.
        IReadOnlyList<ReadingPeriod> periods = readings.All(r => r.Kind == ReadingKind.Total) ? [] : await FindPeriodsAsync(all, added, from, cancel);
        Dictionary<(string Meter, DateTimeOffset ReadAt), DerivedReading> derived = Derive(all, periods, from).ToDictionary(d => (d.Reading.Meter, d.Reading.ReadAt));
        (ReadingUpdate Update, DerivedReading Derived)[] changed = [.. FindChanges(history, derived.Values)];
        RefuseAllowances(changed);
        ReadingUpdate[] updates = [.. changed.Select(c => c.Update)];
        if (updates.Length > 0)
            await WriteAsync(new ReadingChange(CustomerId, Service.Name, history.Revision, updates, AutoCreateCustomer), cancel);

        _mine.UnionWith(added.Select(a => (a.Meter, a.ReadAt)));
        Results = [.. asked.Select((r, i) => Result(i, r))];
        return IsUnsettled(periods, updates);

        UsageReading Result(int index, StoredReading reading)
        {
            (string Meter, DateTimeOffset ReadAt) key = (reading.Meter, reading.ReadAt);
            DerivedReading? result = derived.GetValueOrDefault(key);
            bool isMine = _mine.Contains(key) && Array.FindIndex(asked, r => (r.Meter, r.ReadAt) == key) == index;
            return isMine && result is not null ? ToResult(result) : Repeated(result?.Reading ?? stored[key]);
        }
    }

    /// <summary>The reading that is there already, if there is one.</summary>
    private static StoredReading? Same(StoredReading reading, StoredReading? there) => there is null || there.Value == reading.Value
        ? there
        : throw new UsageException(UsageErrorKind.Conflict, "ReadingConflict", FormattableString.Invariant(
            $"The meter '{reading.Meter}' already has the reading {there.Value} at {reading.ReadAt:u}; {reading.Value} contradicts it. Give the time of this reading, or take the other one back with Remove-UsageReading."), reading.Meter);

    private void RefuseAllowances(IEnumerable<(ReadingUpdate Update, DerivedReading Derived)> changed)
    {
        if (!RefusesAllowances)
            return;

        foreach ((ReadingUpdate update, DerivedReading derived) in changed)
        {
            StoredReading after = derived.Reading;
            if (derived.Interpretation == ReadingInterpretation.Allowance && after.Allowance > (update.Before?.Allowance ?? 0))
            {
                throw new UsageException(UsageErrorKind.Conflict, "AllowanceRefused", FormattableString.Invariant(
                    $"The meter '{after.Meter}' would rise from {derived.Previous ?? 0} to {after.Value} {Service.Unit} at {after.ReadAt:u}, within a period, and allowances are refused. Nothing was recorded."),
                    after.Meter);
            }
        }
    }

    private UsageReading ToResult(DerivedReading derived) => UsageReading.From(CustomerId, Service, derived.Reading) with
    {
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
