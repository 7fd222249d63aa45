using System.Globalization;
using System.Xml.Linq;
using UsageTracking.Charts.Svg;

namespace UsageTracking.Charts.Html;

/// <summary>Every value of a chart in a table, for those who do not see the chart and those who want the figures.</summary>
internal sealed class HtmlTable
{
    private const int MostDecimals = 3;

    private readonly Chart _chart;
    private readonly ChartSeries[] _columns;
    private readonly string _format;

    private HtmlTable(Chart chart)
    {
        _chart = chart;
        // As a reader asks: what should be, what is, what will be.
        _columns = [.. chart.Series.OrderBy(s => s.IsBars ? 0 : (int)s.Role)];
        int decimals = chart.UsedSlots()
            .SelectMany(slot => chart.Series.Select(s => s.In(slot)))
            .SelectMany(p => new[] { p?.Value, p?.Low, p?.High })
            .Max(v => v is { } value ? Decimals(value) : 0);
        _format = $"N{decimals}";
    }

    /// <summary>The table, in a box of its own that scrolls where the screen is narrow.</summary>
    /// <param name="chart">The chart.</param>
    /// <param name="captionId">The id of the caption, which names the chart too.</param>
    public static XElement Make(Chart chart, string captionId)
    {
        var maker = new HtmlTable(chart);
        string unit = chart.Unit == "" ? "" : $" In {chart.Unit}.";
        var table = new XElement("table", new XElement("caption", new XElement("div", new XAttribute("id", captionId), SvgFile.Describe(chart) + unit)));
        table.Add("\n", new XElement("thead", new XElement("tr", maker.Heads().Select(h => Cell("th", "col", h)))));
        table.Add("\n", new XElement("tbody", chart.UsedSlots().SelectMany(slot => new object[] { "\n", maker.Row(slot) })));
        // Without the index those who have no pointer could not scroll it.
        return new XElement("div",
            new XAttribute("class", "scroll"), new XAttribute("role", "region"), new XAttribute("aria-labelledby", captionId), new XAttribute("tabindex", "0"),
            table);
    }

    private IEnumerable<string> Heads() => new[] { ChartText.Word(_chart.Kind) }
        .Concat(_columns.SelectMany(s => s.HasBand ? new[] { s.Name, "Low", "High" } : [s.Name]));

    private XElement Row(int slot)
    {
        string name = ChartText.Name(_chart.Slots[slot], _chart.Kind);
        var row = new XElement("tr", Cell("th", "row", _chart.Slots[slot].IsPartial ? $"{name} ({ChartText.Partial(_chart)})" : name));
        foreach (ChartSeries series in _columns)
        {
            ChartPoint? point = series.In(slot);
            row.Add(Cell("td", null, Number(point?.Value)));
            if (series.HasBand)
                row.Add(Cell("td", null, Number(point?.Low)), Cell("td", null, Number(point?.High)));
        }

        return row;
    }

    // An empty text keeps the end tag, which HTML wants.
    private static XElement Cell(string name, string? scope, string text) =>
        new(name, scope is null ? null : new XAttribute("scope", scope), new XText(text));

    private static int Decimals(decimal value)
    {
        int decimals = MostDecimals;
        while (decimals > 0 && Math.Round(value, decimals) == Math.Round(value, decimals - 1))
            decimals--;
        return decimals;
    }

    // The points of a column stand below each other; what is small keeps the digits that count.
    private string Number(decimal? value) => value switch
    {
        null => "",
        0 or >= 1 or <= -1 => value.Value.ToString(_format, CultureInfo.InvariantCulture),
        { } small => ChartText.Number(small),
    };
}
