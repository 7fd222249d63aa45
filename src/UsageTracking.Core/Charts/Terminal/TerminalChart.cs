namespace UsageTracking.Charts.Terminal;

/// <summary>Draws charts, one below the other, as lines of text.</summary>
public static class TerminalChart
{
    private const int LeastColumns = 8;
    private const int LeastRows = 4;

    /// <summary>The lines; none is wider than the settings allow.</summary>
    /// <param name="charts">The charts.</param>
    /// <param name="settings">What the terminal can show.</param>
    /// <param name="title">What stands above all of them, where there are several.</param>
    public static IEnumerable<string> Draw(IReadOnlyList<Chart> charts, TerminalSettings settings, string? title = null)
    {
        if (title is not null && charts.Count > 1)
        {
            yield return TerminalText.Fit(ChartText.Clean(title), settings.Width, settings.IsAscii);
            yield return "";
        }

        for (int i = 0; i < charts.Count; i++)
        {
            if (i > 0)
                yield return "";
            foreach (string line in Draw(charts[i], settings))
                yield return line;
        }
    }

    private static List<string> Draw(Chart chart, TerminalSettings settings)
    {
        List<string> head = [TerminalText.Fit(chart.Title, settings.Width, settings.IsAscii)];
        List<string> standing = [.. Standing(chart, settings)];
        List<string> legend = [.. TerminalLegend.Lines(chart, settings)];
        // Where there is little room, what is left out is what the chart can do without.
        int room = settings.Height - head.Count - 2;
        if (room - standing.Count - legend.Count < LeastRows)
            standing = [];
        if (room - legend.Count < LeastRows)
            legend = [];

        int rows = Math.Max(LeastRows, room - standing.Count - legend.Count);
        return [.. head, .. standing, .. legend, .. Body(chart, settings, rows)];
    }

    private static IEnumerable<string> Standing(Chart chart, TerminalSettings settings)
    {
        string separator = settings.IsAscii ? " - " : " · ";
        IEnumerable<string> parts = chart.Subtitle.Select(p => TerminalText.Fit(p, settings.Width, settings.IsAscii));
        foreach (IReadOnlyList<string> line in TerminalText.Lines(parts, TerminalText.Width, separator.Length, settings.Width))
            yield return string.Join(separator, line);
        if (chart.Note is not null)
            yield return TerminalText.Fit(chart.Note, settings.Width, settings.IsAscii);
    }

    private static IEnumerable<string> Body(Chart chart, TerminalSettings settings, int rows)
    {
        var axis = ValueAxis.Over(chart.Extent(), Math.Max(1, rows / 3));
        int labelWidth = axis.Ticks.Max(t => axis.Label(t).Length);
        // Without room for the scale, the course alone says something.
        bool hasScale = settings.Width - labelWidth - 2 >= LeastColumns;
        int indent = hasScale ? labelWidth + 2 : 0;
        var canvas = new Canvas(Math.Max(1, settings.Width - indent), rows);
        var plot = new TerminalPlot(chart, settings, axis, canvas);
        plot.Draw();

        var labels = axis.Ticks.GroupBy(plot.Row).ToDictionary(g => g.Key, g => axis.Label(g.First()));
        for (int row = 0; row < rows; row++)
        {
            bool isTick = labels.TryGetValue(row, out string? label);
            string scale = hasScale ? $"{(label ?? "").PadLeft(labelWidth)} {Rule(settings, isTick ? '┤' : '│', isTick ? '+' : '|')}" : "";
            yield return (scale + canvas.Row(row, settings.UsesColour)).TrimEnd();
        }

        foreach (string line in TimeAxis(chart, settings, plot, canvas.Columns, indent))
            yield return line;
    }

    private static string[] TimeAxis(Chart chart, TerminalSettings settings, TerminalPlot plot, int columns, int indent)
    {
        var labels = new SlotLabels(chart) { Measure = text => text.Length, Place = plot.Column, Left = 0, Right = columns, Gap = 2 };
        char[] rule = [.. Enumerable.Repeat(settings.IsAscii ? '-' : '─', columns)];
        char[] words = [.. Enumerable.Repeat(' ', columns)];
        foreach (SlotLabel label in labels.Choose())
        {
            int start = Math.Clamp((int)Math.Round(label.X - (label.Text.Length / 2.0)), 0, columns - label.Text.Length);
            label.Text.CopyTo(0, words, start, label.Text.Length);
            rule[Math.Clamp((int)label.X, 0, columns - 1)] = settings.IsAscii ? '+' : '┬';
        }

        string corner = indent == 0 ? "" : new string(' ', indent - 1) + Rule(settings, '└', '+');
        return [corner + new string(rule), (new string(' ', indent) + new string(words)).TrimEnd()];
    }

    private static char Rule(TerminalSettings settings, char symbol, char ascii) => settings.IsAscii ? ascii : symbol;
}
