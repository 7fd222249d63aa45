using System.Xml.Linq;
using UsageTracking.Charts.Svg;

namespace UsageTracking.Charts.Html;

/// <summary>Every value of a chart in a table, for those who do not see the chart and those who want the figures.</summary>
internal static class HtmlTable
{
    /// <summary>The table, in a box of its own that scrolls where the screen is narrow.</summary>
    /// <param name="chart">The chart.</param>
    /// <param name="captionId">The id of the caption, which names the chart too.</param>
    public static XElement Make(Chart chart, string captionId)
    {
        var table = new XElement("table", new XElement("caption", new XAttribute("id", captionId), SvgFile.Describe(chart)));
        table.Add("\n", new XElement("thead", new XElement("tr", Heads(chart).Select(h => Cell("th", "col", h)))));
        table.Add("\n", new XElement("tbody", chart.UsedSlots().SelectMany(slot => new object[] { "\n", Row(chart, slot) })));
        // Without the index those who have no pointer could not scroll it.
        return new XElement("div",
            new XAttribute("class", "scroll"), new XAttribute("role", "region"), new XAttribute("aria-labelledby", captionId), new XAttribute("tabindex", "0"),
            table);
    }

    private static IEnumerable<string> Heads(Chart chart)
    {
        string unit = chart.Unit == "" ? "" : $" ({chart.Unit})";
        yield return ChartText.Word(chart.Kind);
        foreach (ChartSeries series in chart.Series)
        {
            yield return series.Name + unit;
            if (series.HasBand)
            {
                yield return "Low" + unit;
                yield return "High" + unit;
            }
        }
    }

    private static XElement Row(Chart chart, int slot)
    {
        string name = ChartText.Name(chart.Slots[slot], chart.Kind);
        var row = new XElement("tr", Cell("th", "row", chart.Slots[slot].IsPartial ? $"{name} ({ChartText.Partial(chart)})" : name));
        foreach (ChartSeries series in chart.Series)
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

    private static string Number(decimal? value) => value is { } number ? ChartText.Number(number) : "";
}
