using System.Xml.Linq;

namespace UsageTracking.Charts.Svg;

/// <summary>What stands above the chart: heading, how things stand, the unit and the legend.</summary>
internal sealed class SvgHeader
{
    private readonly Chart _chart;
    private readonly SvgLayout _layout;
    private readonly List<XElement> _elements = [];
    private double _bottom;

    public SvgHeader(Chart chart, SvgLayout layout)
    {
        (_chart, _layout) = (chart, layout);
        _bottom = layout.Padding;
        WriteHeading();
        WriteLegend();
    }

    public IEnumerable<XElement> Elements => _elements;

    /// <summary>Below it there is room.</summary>
    public double Bottom => _bottom;

    private double Sample => _layout.TextSize * 2;

    private double Room => _layout.Width - (2 * _layout.Padding);

    private void WriteHeading()
    {
        string title = TextWidth.Fit(_chart.Title, _layout.TitleSize, Room, isBold: true);
        _bottom += _layout.TitleSize * 1.25;
        _elements.Add(_layout.Text("title", _layout.Padding, _bottom - (_layout.TitleSize * 0.25), title, isTitle: true));
        foreach (string line in TextWidth.Lines(_chart.Subtitle, _layout.TextSize, Room))
            WriteLine("subtitle", line);
        if (_chart.Note is not null)
            WriteLine("note", TextWidth.Fit(_chart.Note, _layout.TextSize, Room));
        _bottom += _layout.TextSize * 0.3;
    }

    private void WriteLine(string cssClass, string line)
    {
        _bottom += _layout.LineHeight;
        _elements.Add(_layout.Text(cssClass, _layout.Padding, Baseline, line));
    }

    private double Baseline => _bottom - (_layout.LineHeight * 0.25);

    // The unit stands at the head of its axis, and the legend goes on from there.
    private void WriteLegend()
    {
        string unit = TextWidth.Fit(_chart.Unit, _layout.TextSize, Room / 4);
        double left = _layout.Padding + TextWidth.Of(unit, _layout.TextSize) + (_layout.TextSize * 1.5);
        double x = left;
        // Long names of many groups must not crowd out what they name.
        double most = (_layout.Width - _layout.Padding - left - (_layout.TextSize * 1.2)) / (_chart.Series.Count > 2 ? 2 : 1);
        _bottom += _layout.LineHeight;
        foreach ((string name, double sampleWidth, Func<double, double, IEnumerable<XElement>> sample) in Items())
        {
            double indent = sampleWidth + (_layout.TextSize * 0.5);
            string text = TextWidth.Fit(name, _layout.TextSize, Math.Min(most, _layout.Width - _layout.Padding - left) - indent);
            double width = indent + TextWidth.Of(text, _layout.TextSize);
            if (x > left && x + width > _layout.Width - _layout.Padding)
            {
                x = left;
                _bottom += _layout.LineHeight;
            }

            _elements.AddRange(sample(x, _bottom - (_layout.LineHeight * 0.5)));
            _elements.Add(_layout.Text("legend", x + indent, Baseline, text));
            x += width + (_layout.TextSize * 1.2);
        }

        _elements.Add(_layout.Text("unit", _layout.Padding, Baseline, unit));
    }

    private IEnumerable<(string Name, double Width, Func<double, double, IEnumerable<XElement>> Sample)> Items()
    {
        for (int i = 0; i < _chart.Series.Count; i++)
        {
            ChartSeries series = _chart.Series[i];
            string look = SvgLook.Of(_chart, i);
            yield return (series.Name, Sample, series.IsBars ? (x, y) => [Box($"bar {look}", x, y)] : (x, y) => Line(series, look, x, y));
            if (series.HasBand)
                yield return ("Likely range", Sample, (x, y) => [Box($"band {look}", x, y)]);
        }

        if (_chart.Series.Any(s => s.IsBars) && _chart.UsedSlots().Any(i => _chart.Slots[i].IsPartial))
            yield return (ChartText.Partial(_chart), Sample, (x, y) => [Box("bar partial " + SvgLook.Of(_chart, 0), x, y)]);
        if (_chart.Now is { } now)
            yield return ($"Now, {ChartText.Moment(now)}", _layout.TextSize * 0.5, NowLine);
    }

    private XElement Box(string look, double x, double y)
    {
        double height = _layout.TextSize * 0.8;
        return SvgLayout.Element("rect", look, ("x", x), ("y", y - (height / 2)), ("width", Sample), ("height", height));
    }

    private IEnumerable<XElement> Line(ChartSeries series, string look, double x, double y)
    {
        yield return SvgLayout.Element("line", $"line {look}", ("x1", x), ("y1", y), ("x2", x + Sample), ("y2", y));
        if (series.Role == ChartRole.Actual)
            yield return SvgLayout.Element("circle", $"dot {look}", ("cx", x + (Sample / 2)), ("cy", y), ("r", _layout.TextSize * 0.25));
    }

    private IEnumerable<XElement> NowLine(double x, double y)
    {
        double half = _layout.TextSize * 0.5;
        yield return SvgLayout.Element("line", "now", ("x1", x + (half / 2)), ("y1", y - half), ("x2", x + (half / 2)), ("y2", y + half));
    }
}
