using UsageTracking.Time;

namespace UsageTracking.Charts;

/// <summary>A day, hour, week or month of a chart: what one row of its table and one tip are about.</summary>
/// <param name="Start">Its first instant.</param>
/// <param name="End">The first instant after it.</param>
/// <param name="IsPartial">Whether it is not over yet, or was not asked for as a whole.</param>
public sealed record ChartSlot(DateTimeOffset Start, DateTimeOffset End, bool IsPartial);

/// <summary>A piece of a stacked bar.</summary>
/// <param name="Slot">The index of the slot it stands in.</param>
/// <param name="Series">The index of its series.</param>
/// <param name="From">Where it starts: zero, or where the piece below it ends.</param>
/// <param name="To">Where it ends.</param>
public readonly record struct ChartBar(int Slot, int Series, decimal From, decimal To);

/// <summary>What there is to draw, whatever it is drawn on.</summary>
public sealed record Chart
{
    /// <summary>The heading.</summary>
    public required string Title { get; init; }

    /// <summary>What the heading leaves open: the customer, the time, how things stand.</summary>
    public required IReadOnlyList<string> Subtitle { get; init; }

    /// <summary>The unit of all values.</summary>
    public required string Unit { get; init; }

    /// <summary>What a slot is.</summary>
    public required PeriodKind Kind { get; init; }

    /// <summary>The left edge.</summary>
    public required DateTimeOffset Start { get; init; }

    /// <summary>The right edge.</summary>
    public required DateTimeOffset End { get; init; }

    /// <summary>The slots, in order; none need to have a value.</summary>
    public required IReadOnlyList<ChartSlot> Slots { get; init; }

    /// <summary>The series, the most important one first.</summary>
    public required IReadOnlyList<ChartSeries> Series { get; init; }

    /// <summary>The instant that is now, where that matters.</summary>
    public DateTimeOffset? Now { get; init; }

    /// <summary>Why something is missing.</summary>
    public string? Note { get; init; }

    /// <summary>The pieces of all bars, those of one slot stacked: what is above zero upwards, what is below downwards.</summary>
    public IEnumerable<ChartBar> Bars()
    {
        for (int slot = 0; slot < Slots.Count; slot++)
        {
            decimal above = 0;
            decimal below = 0;
            for (int series = 0; series < Series.Count; series++)
            {
                if (!Series[series].IsBars || Series[series].In(slot)?.Value is not { } value)
                    continue;

                decimal edge = value < 0 ? below : above;
                yield return new ChartBar(slot, series, edge, edge + value);
                (below, above) = value < 0 ? (edge + value, above) : (below, edge + value);
            }
        }
    }

    /// <summary>The slots with a value.</summary>
    public IEnumerable<int> UsedSlots() => Enumerable.Range(0, Slots.Count).Where(slot => Series.Any(s => s.In(slot)?.Value is not null));

    /// <summary>Every value that must be in sight.</summary>
    internal IEnumerable<decimal> Extent() => Series
        .Where(s => !s.IsBars)
        .SelectMany(s => s.Points)
        .SelectMany(p => new[] { p.Value, p.Low, p.High })
        .OfType<decimal>()
        .Concat(Bars().Select(b => b.To));
}
