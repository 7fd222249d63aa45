using System.Text.RegularExpressions;
using UsageTracking.Charts;
using UsageTracking.Charts.Terminal;
using UsageTracking.Time;
using static UsageTracking.Tests.Charts.ChartSamples;

namespace UsageTracking.Tests.Charts;

public sealed partial class TerminalChartTests
{
    [Fact]
    public void Lines_are_where_the_figures_are()
    {
        // Two columns a day, and a row for every 20 from 300 down to -100.
        string[] lines = [.. Show(Draw(Burndown()), 67, 27, isAscii: true)];
        string[] plot = [.. lines.Skip(4).Take(21).Select(l => l.PadRight(67))];
        char At(int day, int value) => plot[(300 - value) / 20][6 + (day * 2)];

        Assert.Equal(
            ["bandwidth: what is left", "home - June 2014 - 186 of 300 GB left, 19 GB behind target", "GB  ### Actual  ooo Projected  ~~ Likely range  ... Target"],
            lines.Take(2).Append(lines[2][..58]));
        Assert.StartsWith(" 300 +#", plot[0], StringComparison.Ordinal);
        Assert.StartsWith("   0 +", plot[15], StringComparison.Ordinal);
        Assert.StartsWith("-100 +", plot[20], StringComparison.Ordinal);
        Assert.Equal(('#', 'o', 'o'), (At(5, 240), At(20, 60), At(30, -60)));
        Assert.Equal(('.', '.', '.', '.'), (At(6, 240), At(14, 160), At(20, 100), At(30, 0)));
        // Half a day after the ninth.
        Assert.Equal('|', plot[20][6 + 19]);
        Assert.Equal("      1 Jun", lines[^1][..11]);
    }

    [Fact]
    public void Braille_is_where_the_figures_are()
    {
        // One dot a day across, as 30 columns have no more than 60, and four dots for 20.
        string[] plot = [.. Show(Draw(Burndown()), 36, 24, isAscii: false).Where(l => l.Length > 5 && l[5] is '│' or '┤').Select(l => l[6..].PadRight(30))];
        bool IsSet(int x, int y) => plot[y / 4][x / 2] is >= '\u2800' and <= '\u28ff' and var cell && ((cell - 0x2800) & Bits[(y % 4 * 2) + (x % 2)]) != 0;
        int Y(int value) => (int)Math.Round(((plot.Length * 4) - 1) * (300 - value) / 400d);

        Assert.All(Enumerable.Range(0, 10), day => Assert.True(IsSet((int)Math.Round(59 * day / 30d), Y(300 - (12 * day))), $"{day}"));
        Assert.False(IsSet(0, Y(0)));
    }

    [Fact]
    public void No_line_is_ever_wider_than_allowed_nor_anything_but_ASCII_where_that_is_wanted()
    {
        IReadOnlyList<Chart> charts = Draw([
            .. Burndown(customer: "日本語のお客様 with a very long name indeed", unit: "GB of something long"), .. Burndown(2, isProjected: false),
            Trend(1, 1e15m), Trend(3, 5, isPartial: true), Measure(June, -4, group: "/api/é/\u001b[31m"), Measure(June, 7, group: "x"),
            .. Enumerable.Range(0, 300).Select(h => Measure(June.AddHours(h), h, PeriodKind.Hourly)), Measure(June, 3, PeriodKind.Monthly)]);
        for (int width = 1; width < 140; width++)
        {
            foreach (bool isAscii in new[] { true, false })
            {
                List<string> lines = Show(charts, width, 20, isAscii, "A title that is rather long for a small terminal");

                Assert.All(lines, l => Assert.True(TerminalText.Width(l) <= width, $"{width}: {l}"));
                Assert.All(lines, l => Assert.Equal(l.TrimEnd(), l));
                Assert.DoesNotContain(lines, l => l.Any(c => char.IsControl(c) || (isAscii && c > '~')));
            }
        }
    }

    [Theory]
    [InlineData(80, 20)]
    [InlineData(120, 38)]
    [InlineData(40, 12)]
    [InlineData(20, 10)]
    public void A_chart_is_as_high_as_wanted(int width, int height)
    {
        Assert.Equal(height, Show(Draw(Burndown()), width, height, false).Count);
        Assert.Equal(height, Show(Draw(Trend(1, 3), Trend(4, 8)), width, height, true).Count);
    }

    [Fact]
    public void With_colours_it_is_the_same_text()
    {
        IReadOnlyList<Chart> charts = Draw([.. Burndown(), Trend(1, 3), Trend(2, 4, isPartial: true)]);
        var settings = new TerminalSettings { Width = 80, Height = 20 };

        string[] plain = [.. TerminalChart.Draw(charts, settings)];
        string[] coloured = [.. TerminalChart.Draw(charts, settings with { UsesColour = true })];

        Assert.DoesNotContain(plain, l => l.Contains('\u001b', StringComparison.Ordinal));
        Assert.Contains(coloured, l => l.Contains("\u001b[36m", StringComparison.Ordinal));
        Assert.Equal(plain, coloured.Select(l => Colour().Replace(l, "").TrimEnd()));
        // No colour runs on into what comes after.
        Assert.All(coloured.Where(l => l.Contains('\u001b', StringComparison.Ordinal)), l => Assert.Equal("\u001b[0m", Colour().Matches(l)[^1].Value));
    }

    [Fact]
    public void Bars_are_as_high_as_the_figures_to_an_eighth_of_a_line()
    {
        // Eight rows for 0 to 4, two for each: a quarter of one is two eighths of half a row.
        List<string> lines = Show(Draw(Trend(1, 4), Trend(2, 2), Trend(3, 0.25m), Trend(4, 0.0001m), Trend(5, 0)), 43, 14, false);
        string[] plot = [.. lines.Where(l => l.Contains('│', StringComparison.Ordinal) || l.Contains('┤', StringComparison.Ordinal))];

        Assert.Equal(
            ["4 ┤███████", "  │███████", "  │███████", "  │███████", "2 ┤███████ ███████", "  │███████ ███████", "  │███████ ███████", "0 ┤███████ ███████ ▄▄▄▄▄▄▄ ▁▁▁▁▁▁▁"],
            plot);
    }

    // Which bit of a braille character is which dot.
    private static readonly int[] Bits = [0x01, 0x08, 0x02, 0x10, 0x04, 0x20, 0x40, 0x80];

    [GeneratedRegex("\u001b\\[[0-9]*m")]
    private static partial Regex Colour();

    private static List<string> Show(IReadOnlyList<Chart> charts, int width, int height, bool isAscii, string? title = null) =>
        [.. TerminalChart.Draw(charts, new TerminalSettings { Width = width, Height = height, IsAscii = isAscii }, title)];
}
