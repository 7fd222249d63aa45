namespace UsageTracking.Charts.Terminal;

/// <summary>What the marks of a chart mean, and its unit.</summary>
internal static class TerminalLegend
{
    public static IEnumerable<string> Lines(Chart chart, TerminalSettings settings)
    {
        foreach (IReadOnlyList<(string Sample, int Colour, string Name)> line in TerminalText.Lines(Items(chart, settings), Width, 2, settings.Width))
        {
            // Only a single one can be too wide, and then its colours would be cut with it.
            yield return line.Count == 1 && Width(line[0]) > settings.Width
                ? TerminalText.Fit($"{line[0].Sample} {line[0].Name}", settings.Width, settings.IsAscii)
                : string.Join("  ", line.Select(i => Show(i, settings)));
        }
    }

    private static IEnumerable<(string Sample, int Colour, string Name)> Items(Chart chart, TerminalSettings settings)
    {
        (string, int, string) Item(string sample, int colour, string name) => (sample, colour, TerminalText.Fit(name, settings.Width, settings.IsAscii));

        if (chart.Unit != "")
            yield return Item("", 0, chart.Unit);
        for (int i = 0; i < chart.Series.Count; i++)
        {
            ChartSeries series = chart.Series[i];
            string sample = series.IsBars ? new string(TerminalLook.Fill(chart, i, settings), 2) : TerminalLook.LineSample(series.Role, settings);
            yield return Item(sample, TerminalLook.Colour(chart, i), series.Name);
            if (series.HasBand)
                yield return Item(new string(TerminalLook.BandSymbol(settings), 2), TerminalLook.Faint, "Likely range");
        }

        if (chart.Series.Any(s => s.IsBars) && chart.UsedSlots().Any(i => chart.Slots[i].IsPartial))
            yield return Item(new string(TerminalLook.PartialFill(settings), 2), TerminalLook.Colour(chart, 0), ChartText.Partial(chart));
        if (chart.Now is { } now)
            yield return Item(TerminalLook.NowSymbol(settings).ToString(), TerminalLook.Faint, $"Now, {ChartText.Moment(now)}");
    }

    private static int Width((string Sample, int Colour, string Name) item) =>
        TerminalText.Width(item.Name) + (item.Sample == "" ? 0 : item.Sample.Length + 1);

    private static string Show((string Sample, int Colour, string Name) item, TerminalSettings settings)
    {
        if (item.Sample == "")
            return item.Name;

        string sample = settings.UsesColour ? TerminalLook.Switch(item.Colour) + item.Sample + TerminalLook.Switch(0) : item.Sample;
        return $"{sample} {item.Name}";
    }
}
