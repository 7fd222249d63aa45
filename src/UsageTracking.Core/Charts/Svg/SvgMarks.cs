using System.Xml.Linq;

namespace UsageTracking.Charts.Svg;

/// <summary>The lines, bands and bars themselves.</summary>
internal sealed class SvgMarks(Chart chart, SvgLayout layout, SvgPlot plot)
{
    // Closer together, marks on a line would hide it.
    private const double LeastDotDistance = 7;

    // What is narrower has no room for gaps and edges.
    private const double ThinBar = 4;

    // What is narrower might fall between two pixels.
    private const double LeastBar = 1.25;

    public IEnumerable<XElement> Elements()
    {
        IEnumerable<XElement> marks = chart.Bars().Select(Bar);
        for (int i = chart.Series.Count - 1; i >= 0; i--)
        {
            if (!chart.Series[i].IsBars)
                marks = marks.Concat(Bands(i));
        }

        if (chart.Now is { } now)
            marks = marks.Append(SvgLayout.Element("line", "now", ("x1", plot.X(now)), ("y1", plot.Top), ("x2", plot.X(now)), ("y2", plot.Bottom)));

        // The most important one comes last, so that nothing hides it.
        for (int i = chart.Series.Count - 1; i >= 0; i--)
        {
            if (!chart.Series[i].IsBars)
                marks = marks.Concat(Lines(i));
        }

        return marks;
    }

    private XElement Bar(ChartBar bar)
    {
        ChartSlot slot = chart.Slots[bar.Slot];
        double left = plot.X(slot.Start);
        double width = plot.X(slot.End) - left;
        bool isThin = width < ThinBar;
        double gap = isThin ? 0 : width * 0.15;
        double top = plot.Y(Math.Max(bar.From, bar.To));
        double height = plot.Y(Math.Min(bar.From, bar.To)) - top;
        string look = $"bar {SvgLook.Of(chart, bar.Series)}{(slot.IsPartial ? " partial" : "")}{(isThin ? " thin" : "")}";
        return SvgLayout.Element("rect", look, ("x", left + gap), ("y", top), ("width", Math.Max(width - (2 * gap), LeastBar)), ("height", height));
    }

    private IEnumerable<XElement> Bands(int series) =>
        from stretch in chart.Series[series].BandStretches()
        where stretch.Count > 1
        let upper = stretch.Select(p => Point(p.At, p.High!.Value))
        let lower = stretch.Reverse().Select(p => Point(p.At, p.Low!.Value))
        select SvgLayout.Element("polygon", $"band {SvgLook.Of(chart, series)}", ("points", string.Join(' ', upper.Concat(lower))));

    private IEnumerable<XElement> Lines(int series)
    {
        ChartSeries line = chart.Series[series];
        string look = SvgLook.Of(chart, series);
        bool hasRoom = (plot.Right - plot.Left) / chart.Slots.Count >= LeastDotDistance;
        foreach (IReadOnlyList<ChartPoint> stretch in line.Stretches())
        {
            yield return SvgLayout.Element("polyline", $"line {look}", ("points", string.Join(' ', stretch.Select(p => Point(p.At, p.Value!.Value)))));
            // One measurement alone makes no line.
            if (stretch.Count > 1 && (line.Role != ChartRole.Actual || !hasRoom))
                continue;

            foreach (ChartPoint point in stretch.Where(p => p.Slot >= 0))
                yield return SvgLayout.Element("circle", $"dot {look}", ("cx", plot.X(point.At)), ("cy", plot.Y(point.Value!.Value)), ("r", layout.TextSize * 0.22));
        }
    }

    private string Point(DateTimeOffset at, decimal value) => $"{SvgLayout.Number(plot.X(at))},{SvgLayout.Number(plot.Y(value))}";
}
