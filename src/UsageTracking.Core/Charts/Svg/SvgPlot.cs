using System.Xml.Linq;

namespace UsageTracking.Charts.Svg;

/// <summary>Where instants and values are, and the lines and labels that say so.</summary>
internal sealed class SvgPlot
{
    // Closer together, the marks would be a grey carpet.
    private const double LeastMarkDistance = 6;

    private readonly Chart _chart;
    private readonly SvgLayout _layout;
    private readonly ValueAxis _axis;

    public SvgPlot(Chart chart, SvgLayout layout, double top)
    {
        (_chart, _layout) = (chart, layout);
        Top = top + (layout.TextSize * 0.7);
        Bottom = layout.Height - layout.Padding - (layout.TextSize * 1.6);
        _axis = ValueAxis.Over(chart.Extent(), Math.Max(2, (int)((Bottom - Top) / layout.TickDistance)));
        Left = layout.Padding + _axis.Ticks.Max(t => TextWidth.Of(_axis.Label(t), layout.TextSize)) + (layout.TextSize * 0.6);
        Right = layout.Width - layout.Padding;
    }

    public double Left { get; }

    public double Right { get; }

    public double Top { get; }

    public double Bottom { get; }

    public double X(DateTimeOffset at) => Left + ((Right - Left) * (at - _chart.Start).Ticks / (_chart.End - _chart.Start).Ticks);

    public double Y(decimal value) => Bottom - ((Bottom - Top) * _axis.Share(value));

    /// <summary>The lines behind everything, and all labels.</summary>
    public IEnumerable<XElement> Axes()
    {
        foreach (decimal tick in _axis.Ticks)
        {
            double y = Y(tick);
            yield return SvgLayout.Element("line", tick == 0 ? "zero" : "grid", ("x1", Left), ("y1", y), ("x2", Right), ("y2", y));
            yield return _layout.Text("tick value", Left - (_layout.TextSize * 0.6), y + (_layout.TextSize * 0.35), _axis.Label(tick));
        }

        var labels = new SlotLabels(_chart)
        {
            Measure = text => TextWidth.Of(text, _layout.TextSize),
            Place = X,
            Left = _layout.Padding,
            Right = Right,
            Gap = _layout.TextSize * 0.9,
        };
        foreach (SlotLabel label in labels.Choose())
            yield return _layout.Text("tick time", label.X, Bottom + (_layout.TextSize * 1.6), label.Text);

        if ((Right - Left) / _chart.Slots.Count < LeastMarkDistance)
            yield break;

        foreach (ChartSlot slot in _chart.Slots)
            yield return SvgLayout.Element("line", "mark", ("x1", X(slot.Start)), ("y1", Bottom), ("x2", X(slot.Start)), ("y2", Bottom + (_layout.TextSize * 0.3)));
    }
}
