using UsageTracking.Metering;
using UsageTracking.Stores;

namespace UsageTracking.Readings;

/// <summary>The readings of what is left in one period.</summary>
/// <param name="period">The period.</param>
/// <param name="readings">The readings in it, by time.</param>
/// <param name="before">The last reading of each meter before it.</param>
internal sealed class PeriodReadings(
    ReadingPeriod period, IReadOnlyList<StoredReading> readings, IReadOnlyDictionary<string, StoredReading> before)
{
    // Lines are not read at one instant, and providers take a while to begin a period anew.
    private static readonly TimeSpan OpeningTime = TimeSpan.FromHours(24);

    private readonly List<DerivedReading> _derived = [];
    private readonly List<Step> _steps = [];
    private ExactDecimal _usedOfOldCount;

    public IReadOnlyList<DerivedReading> Derive()
    {
        if (readings.Count == 0)
            return [];

        StoredReading[][] meters = [.. readings.GroupBy(r => r.Meter, StringComparer.Ordinal).Select(TakeOldCount)];
        StoredReading[] firsts = [.. meters.Select(m => m[0]).OrderBy(r => r.ReadAt).ThenBy(r => r.Meter, StringComparer.Ordinal)];
        StoredReading[] opening = [.. firsts.TakeWhile(r => r.ReadAt - firsts[0].ReadAt <= OpeningTime)];
        var open = new Step(opening[0], null, period.Start.AddTicks(-1), opening[^1].ReadAt)
        {
            Given = period.Limit,
            Shown = opening.Aggregate(ExactDecimal.Zero, (sum, r) => sum + r.Value),
        };
        _steps.Add(open);
        foreach (StoredReading[] meter in meters)
        {
            // A meter that is new in the middle of the period brings what it says.
            if (!opening.Contains(meter[0]))
                _steps.Add(new Step(meter[0], null, opening[0].ReadAt, meter[0].ReadAt) { Shown = meter[0].Value });

            for (int i = 1; i < meter.Length; i++)
            {
                _steps.Add(new Step(meter[i], meter[i - 1].Value, meter[i - 1].ReadAt, meter[i].ReadAt)
                {
                    Given = meter[i - 1].Value,
                    Shown = meter[i].Value,
                });
            }
        }

        UseManualAllowances();
        foreach (Step step in _steps)
            _derived.Add(step == open ? Open(step) : Compare(step));

        // What the others show is in the opening already.
        foreach (StoredReading reading in opening.Skip(1))
            _derived.Add(DerivedReading.From(reading, ReadingInterpretation.Opening, 0m, 0m, null));

        return _derived;
    }

    /// <summary>
    /// Takes away the readings at the period's start that still belong to the count of the period before; returns the rest.
    /// </summary>
    private StoredReading[] TakeOldCount(IGrouping<string, StoredReading> meter)
    {
        StoredReading[] all = [.. meter];
        if (!before.TryGetValue(meter.Key, out StoredReading? last))
            return all;

        int old = CountOfOldCount(all, last.Value);
        decimal previous = last.Value;
        foreach (StoredReading reading in all.Take(old))
        {
            ExactDecimal usage = (ExactDecimal)previous - reading.Value;
            _derived.Add(DerivedReading.From(reading, ReadingInterpretation.Usage, usage, 0m, previous));
            _usedOfOldCount += usage;
            previous = reading.Value;
        }

        return all[old..];
    }

    private int CountOfOldCount(StoredReading[] meter, decimal previous)
    {
        for (int i = 0; i < meter.Length && meter[i].ReadAt - period.Start < OpeningTime; i++)
        {
            if (meter[i].Value > previous)
                return i;

            previous = meter[i].Value;
        }

        return 0;
    }

    /// <summary>
    /// Each allowance that somebody recorded is part of one step: of those in which its instant lies one that shows a rise,
    /// if there is any, and of these the one that ends first. Before the next reading it is part of none.
    /// </summary>
    private void UseManualAllowances()
    {
        foreach (ManualAllowance allowance in period.Allowances.OrderBy(a => a.At).ThenBy(a => a.Amount))
        {
            Step? step = _steps.Where(s => s.Contains(allowance.At))
                .OrderByDescending(s => s.IsRise).ThenBy(s => s.End).ThenBy(s => s.Reading.Meter, StringComparer.Ordinal)
                .FirstOrDefault();
            if (step is not null)
                step.Given += allowance.Amount;
        }
    }

    private DerivedReading Open(Step step)
    {
        ExactDecimal usage = step.Given - step.Shown;
        // What was used of the old count is usage of this period too, but this period's count does not know of it.
        return DerivedReading.From(
            step.Reading, ReadingInterpretation.Opening, OrZero(usage), OrZero(ExactDecimal.Zero - usage) + _usedOfOldCount, null);
    }

    private static DerivedReading Compare(Step step)
    {
        ExactDecimal usage = step.Given - step.Shown;
        ReadingInterpretation interpretation = usage.Sign < 0 || step.Previous is null ? ReadingInterpretation.Allowance : ReadingInterpretation.Usage;
        return DerivedReading.From(step.Reading, interpretation, OrZero(usage), OrZero(ExactDecimal.Zero - usage), step.Previous);
    }

    private static ExactDecimal OrZero(ExactDecimal number) => number.Sign < 0 ? ExactDecimal.Zero : number;

    /// <summary>From what there was to what a reading shows, after an instant and up to another.</summary>
    private sealed class Step(StoredReading reading, decimal? previous, DateTimeOffset after, DateTimeOffset end)
    {
        public StoredReading Reading => reading;

        public decimal? Previous => previous;

        public DateTimeOffset End => end;

        /// <summary>What was left, and what was added to it.</summary>
        public ExactDecimal Given { get; set; }

        /// <summary>What is left.</summary>
        public ExactDecimal Shown { get; init; }

        public bool IsRise => Shown > Given;

        public bool Contains(DateTimeOffset instant) => instant > after && instant <= end;
    }
}
