namespace UsageTracking.Charts;

/// <summary>What a series means, and so how it looks.</summary>
public enum ChartRole
{
    /// <summary>What should be left: a dotted line.</summary>
    Target,

    /// <summary>What was left: a line with a mark at each measurement.</summary>
    Actual,

    /// <summary>What is likely to be left: a dashed line in a band.</summary>
    Projected,

    /// <summary>What was used: bars.</summary>
    Usage,

    /// <summary>What all groups used together that have no series of their own: bars.</summary>
    OtherUsage,
}

/// <summary>A value at an instant.</summary>
/// <param name="Slot">The index of the slot whose value it is; -1 where a line only starts there.</param>
/// <param name="At">The instant.</param>
/// <param name="Value">The value; null interrupts the line.</param>
public sealed record ChartPoint(int Slot, DateTimeOffset At, decimal? Value)
{
    /// <summary>The low end of the band around it.</summary>
    public decimal? Low { get; init; }

    /// <summary>The high end of the band around it.</summary>
    public decimal? High { get; init; }
}

/// <summary>Values that belong together.</summary>
public sealed class ChartSeries
{
    private readonly Dictionary<int, ChartPoint> _bySlot;

    /// <summary>Creates a series of points in order of time.</summary>
    public ChartSeries(string name, ChartRole role, IReadOnlyList<ChartPoint> points)
    {
        Name = name;
        Role = role;
        Points = points;
        _bySlot = points.Where(p => p.Slot >= 0).ToDictionary(p => p.Slot);
    }

    /// <summary>What the legend calls it.</summary>
    public string Name { get; }

    /// <summary>What it means.</summary>
    public ChartRole Role { get; }

    /// <summary>The points, in order of time.</summary>
    public IReadOnlyList<ChartPoint> Points { get; }

    /// <summary>Whether it is drawn as bars.</summary>
    public bool IsBars => Role is ChartRole.Usage or ChartRole.OtherUsage;

    /// <summary>Whether there is a band around it.</summary>
    public bool HasBand => Points.Any(p => p.Low is not null && p.High is not null);

    /// <summary>The point of a slot.</summary>
    public ChartPoint? In(int slot) => _bySlot.GetValueOrDefault(slot);

    /// <summary>The unbroken stretches of the line.</summary>
    public IEnumerable<IReadOnlyList<ChartPoint>> Stretches() => Split(p => p.Value is not null);

    /// <summary>The unbroken stretches of the band.</summary>
    public IEnumerable<IReadOnlyList<ChartPoint>> BandStretches() => Split(p => p.Low is not null && p.High is not null);

    private IEnumerable<IReadOnlyList<ChartPoint>> Split(Func<ChartPoint, bool> isThere)
    {
        var stretch = new List<ChartPoint>();
        foreach (ChartPoint point in Points)
        {
            if (isThere(point))
            {
                stretch.Add(point);
            }
            else if (stretch.Count > 0)
            {
                yield return stretch;
                stretch = [];
            }
        }

        if (stretch.Count > 0)
            yield return stretch;
    }
}
