using System.Xml.Linq;

namespace UsageTracking.Charts.Svg;

/// <summary>The values of each slot, shown when the pointer is over it. They need neither script nor network.</summary>
internal sealed class SvgTips(Chart chart, SvgLayout layout, SvgPlot plot)
{
    // Nothing can point at what is narrower.
    private const double LeastWidth = 1;
    private const double EasyWidth = 8;

    private double LineHeight => layout.TextSize * 1.35;

    private double Inset => layout.TextSize * 0.7;

    public IEnumerable<XElement> Elements()
    {
        int[] used = [.. chart.UsedSlots()];
        for (int i = 0; i < used.Length; i++)
        {
            (double left, double right) = (Left(used[i]), Right(used[i]));
            // A narrow column that stands alone takes of the empty room beside it what it takes to be hit.
            double more = Math.Max(0, EasyWidth - (right - left)) / 2;
            left -= Math.Min(more, (left - (i == 0 ? plot.Left : Right(used[i - 1]))) / 2);
            right += Math.Min(more, ((i == used.Length - 1 ? plot.Right : Left(used[i + 1])) - right) / 2);
            if (right - left >= LeastWidth)
                yield return Tip(used[i], left, right);
        }
    }

    private double Left(int slot) => plot.X(chart.Slots[slot].Start);

    private double Right(int slot) => plot.X(chart.Slots[slot].End);

    private XElement Tip(int slot, double left, double right)
    {
        XElement column = SvgLayout.Element("rect", "column", ("x", left), ("y", plot.Top), ("width", right - left), ("height", plot.Bottom - plot.Top));
        XElement tip = SvgLayout.Element("g", "tip");
        tip.Add(Spots(slot));

        string name = TextWidth.Fit(ChartText.Name(chart.Slots[slot], chart.Kind), layout.TextSize, layout.Width * 0.6, isBold: true);
        string[] lines = [.. Lines(slot).Select(Fit)];
        double width = lines.Select(l => TextWidth.Of(l, layout.TextSize)).Append(TextWidth.Of(name, layout.TextSize, isBold: true)).Max() + (2 * Inset);
        double height = (LineHeight * (lines.Length + 1)) + (Inset * 1.2);
        (double x, double y) = Place(slot, left, right, width, height);
        tip.Add(SvgLayout.Element("rect", "box", ("x", x), ("y", y), ("width", width), ("height", height), ("rx", layout.TextSize * 0.3)));

        double baseline = y + (Inset * 0.6) + LineHeight - (layout.TextSize * 0.3);
        tip.Add(layout.Text("tip-name", x + Inset, baseline, name));
        foreach (string line in lines)
            tip.Add(layout.Text("tip-value", x + Inset, baseline += LineHeight, line));

        XElement hit = SvgLayout.Element("g", "hit");
        hit.Add(column, tip);
        return hit;
    }

    // Rings around the values of the lines.
    private IEnumerable<XElement> Spots(int slot) =>
        from series in Enumerable.Range(0, chart.Series.Count)
        where !chart.Series[series].IsBars
        let point = chart.Series[series].In(slot)
        where point?.Value is not null
        let look = $"spot {SvgLook.Of(chart, series)}"
        select SvgLayout.Element("circle", look, ("cx", plot.X(point.At)), ("cy", plot.Y(point.Value!.Value)), ("r", layout.TextSize * 0.35));

    private string Fit((string Name, string Value) line)
    {
        // The figures are seen whole.
        double room = (layout.Width * 0.6) - TextWidth.Of(line.Value, layout.TextSize);
        return TextWidth.Fit(line.Name, layout.TextSize, room) + line.Value;
    }

    // Beside the column, and where lines that fall from left to right leave room: below and before what is high, above and
    // behind what is low.
    private (double X, double Y) Place(int slot, double left, double right, double width, double height)
    {
        double before = left - Inset - width;
        double behind = right + Inset;
        bool fitsBefore = before >= layout.Padding / 2;
        bool fitsBehind = behind + width <= layout.Width - (layout.Padding / 2);
        double[] heights = [.. Heights(slot)];
        bool isHigh = heights.Length > 0 && heights.Min() < (plot.Top + plot.Bottom) / 2;

        double x = isHigh ? (fitsBefore ? before : behind) : fitsBehind ? behind : before;
        double y = heights.Length == 0 || (!isHigh && !fitsBehind) ? plot.Top + Inset
            : !isHigh ? heights.Min() - Inset - height
            : fitsBefore ? heights.Max() + Inset
            : plot.Bottom - Inset - height;
        y = Math.Clamp(y, plot.Top + Inset, Math.Max(plot.Top + Inset, plot.Bottom - Inset - height));
        return (
            Math.Clamp(x, layout.Padding / 2, layout.Width - (layout.Padding / 2) - width),
            Math.Clamp(y, 2, Math.Max(2, layout.Height - 2 - height)));
    }

    private IEnumerable<double> Heights(int slot) => chart.Series
        .Where(s => !s.IsBars)
        .Select(s => s.In(slot))
        .SelectMany(p => new[] { p?.Value, p?.Low, p?.High })
        .OfType<decimal>()
        .Select(plot.Y);

    private IEnumerable<(string Name, string Value)> Lines(int slot)
    {
        foreach (ChartSeries series in chart.Series)
        {
            if (series.In(slot) is not { Value: { } value } point)
                continue;

            yield return (series.Name, $": {ChartText.Amount(value, chart.Unit)}");
            if (point is { Low: { } low, High: { } high })
                yield return ("Likely", $": {ChartText.Number(low)} to {ChartText.Amount(high, chart.Unit)}");
        }

        if (chart.Slots[slot].IsPartial)
            yield return ("", $"({ChartText.Partial(chart)})");
    }
}
