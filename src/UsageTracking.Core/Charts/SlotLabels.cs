using System.Globalization;
using UsageTracking.Time;

namespace UsageTracking.Charts;

/// <summary>A text below the chart, by its middle.</summary>
internal readonly record struct SlotLabel(double X, string Text);

/// <summary>Chooses which slots are labelled, so that the labels are regular, do not touch each other, and stay in sight.</summary>
internal sealed class SlotLabels
{
    // In hours, days, weeks and months.
    private static readonly int[] HourSteps = [1, 2, 3, 6, 12, 24, 48, 168, 336, 672, 1344, 2688, 8760];
    private static readonly int[] DaySteps = [1, 2, 7, 14, 28, 56, 91, 182, 364, 728, 1820];
    private static readonly int[] WeekSteps = [1, 2, 4, 8, 13, 26, 52, 104, 260];
    private static readonly int[] MonthSteps = [1, 2, 3, 6, 12, 24, 60, 120];

    private readonly Chart _chart;
    private readonly bool _withYears;

    public SlotLabels(Chart chart)
    {
        _chart = chart;
        _withYears = chart.End - chart.Start > TimeSpan.FromDays(360);
    }

    /// <summary>How wide a text is.</summary>
    public required Func<string, double> Measure { get; init; }

    /// <summary>Where an instant is.</summary>
    public required Func<DateTimeOffset, double> Place { get; init; }

    /// <summary>The left edge that labels must keep to.</summary>
    public required double Left { get; init; }

    /// <summary>The right edge that labels must keep to.</summary>
    public required double Right { get; init; }

    /// <summary>The room between two labels.</summary>
    public required double Gap { get; init; }

    /// <summary>The labels, from left to right.</summary>
    public IReadOnlyList<SlotLabel> Choose()
    {
        int[] steps = _chart.Kind switch
        {
            PeriodKind.Hourly => HourSteps,
            PeriodKind.Weekly => WeekSteps,
            PeriodKind.Monthly => MonthSteps,
            _ => DaySteps,
        };
        foreach (int step in steps)
        {
            SlotLabel[] labels = [.. Regular(step)];
            if (labels.Length > 0 && Thin(labels).Count == labels.Length)
                return labels;
        }

        return Thin(Regular(1));
    }

    private IEnumerable<SlotLabel> Regular(int step)
    {
        bool isFirst = true;
        foreach (ChartSlot slot in _chart.Slots.Where(s => IsOn(s.Start, step)))
        {
            string text = Text(slot.Start, step, isFirst);
            double half = Measure(text) / 2;
            if (half * 2 > Right - Left)
                continue;

            double middle = (Place(slot.Start) + Place(slot.End)) / 2;
            yield return new SlotLabel(Math.Clamp(middle, Left + half, Right - half), text);
            isFirst = false;
        }
    }

    private bool IsOn(DateTimeOffset start, int step)
    {
        int days = (start.Date - _chart.Slots[0].Start.Date).Days;
        return _chart.Kind switch
        {
            PeriodKind.Hourly when step < 24 => start.Minute == 0 && start.Hour % step == 0,
            PeriodKind.Hourly => start is { Minute: 0, Hour: 0 } && days % (step / 24) == 0,
            PeriodKind.Weekly => days / 7 % step == 0,
            PeriodKind.Monthly => ((start.Year * 12) + start.Month - 1) % step == 0,
            _ => days % step == 0,
        };
    }

    private string Text(DateTimeOffset start, int step, bool isFirst)
    {
        string format = _chart.Kind switch
        {
            PeriodKind.Hourly when step < 24 && start.Hour != 0 => "HH:mm",
            PeriodKind.Monthly => isFirst || start.Month == 1 ? "MMM yyyy" : "MMM",
            _ => _withYears ? "d MMM yyyy" : "d MMM",
        };
        return start.ToString(format, CultureInfo.InvariantCulture);
    }

    private List<SlotLabel> Thin(IEnumerable<SlotLabel> labels)
    {
        var kept = new List<SlotLabel>();
        double taken = double.NegativeInfinity;
        foreach (SlotLabel label in labels)
        {
            double half = Measure(label.Text) / 2;
            if (label.X - half < taken)
                continue;

            kept.Add(label);
            taken = label.X + half + Gap;
        }

        return kept;
    }
}
