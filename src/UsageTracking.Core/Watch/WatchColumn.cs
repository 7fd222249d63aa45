using UsageTracking.Charts;
using UsageTracking.Charts.Terminal;
using UsageTracking.Quotas;

namespace UsageTracking.Watch;

/// <summary>A column of the table that a watch shows.</summary>
/// <param name="Head">What stands above it.</param>
/// <param name="Rank">The higher it is, the sooner the column is left out where there is no room for all.</param>
/// <param name="Least">How wide it is at least, so that it does not move with every figure.</param>
/// <param name="Text">What it says of a sample.</param>
internal sealed record WatchColumn(string Head, int Rank, int Least, Func<UsageSample, string> Text)
{
    private const int MostColumns = 20;
    private const int BarWidth = 10;
    private const string Heights = " ▁▂▃▄▅▆▇█";

    /// <summary>Whether it is a figure, which stands on the right.</summary>
    public bool IsRight { get; init; }

    /// <summary>What colour a sample has in it; 0 is the terminal's own.</summary>
    public Func<UsageSample, int> Colour { get; init; } = _ => 0;

    /// <summary>All columns, from the left.</summary>
    public static IReadOnlyList<WatchColumn> All { get; } =
    [
        new("Service", 0, 9, s => ChartText.Clean(s.Service)),
        new("Customer", 0, 8, s => ChartText.Clean(s.CustomerId)),
        Figure("Events/s", 0, 8, s => FigureText.Quantity(s.EventsPerSecond)),
        Figure("Per min", 3, 8, s => FigureText.Quantity(s.QuantityPerMinute)),
        Figure("Today", 1, 8, s => FigureText.Quantity(s.Today)),
        Figure("Month", 2, 8, s => FigureText.Quantity(s.Month)),
        new("Unit", 6, 0, s => ChartText.Clean(s.Unit)),
        Figure("Quota", 0, 6, s => FigureText.Percent(s.Percent)) with { Colour = LevelColour },
        new("", 5, BarWidth, s => FigureText.Bar((s.Percent ?? 0) / 100, BarWidth)) { Colour = LevelColour },
        new("Level", 4, 8, s => s.Level?.ToString() ?? "") { Colour = LevelColour },
        new("Last 4 hours", 7, WatchReader.Quarters, s => Course(s.Course)) { Colour = _ => 36 },
    ];

    /// <summary>How wide it is with these samples.</summary>
    public int Width(IEnumerable<UsageSample> samples) => Math.Min(
        Math.Max(Math.Max(Least, Head.Length), samples.Select(s => TerminalText.Width(Text(s))).DefaultIfEmpty().Max()), MostColumns);

    private static WatchColumn Figure(string head, int rank, int least, Func<UsageSample, string> text) => new(head, rank, least, text) { IsRight = true };

    private static int LevelColour(UsageSample sample) => sample.Level switch
    {
        QuotaLevel.Ok => 32,
        QuotaLevel.Warning => 33,
        QuotaLevel.Critical or QuotaLevel.Exceeded => 31,
        _ => TerminalLook.Faint,
    };

    /// <summary>A column per quantity, as high as it is beside the largest; what is more than nothing shows.</summary>
    private static string Course(IReadOnlyList<decimal> quantities)
    {
        decimal most = quantities.DefaultIfEmpty().Max();
        return string.Concat(quantities.Select(q => q <= 0 ? Heights[0] : Heights[Math.Max(1, (int)Math.Round(q / most * (Heights.Length - 1)))]));
    }
}
