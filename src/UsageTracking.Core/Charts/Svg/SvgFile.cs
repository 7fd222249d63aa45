using System.Text;
using System.Xml;
using System.Xml.Linq;

namespace UsageTracking.Charts.Svg;

/// <summary>Writes charts, one below the other, as one SVG that needs nothing else.</summary>
public static class SvgFile
{
    private const double HeadingHeight = 56;

    internal static readonly XNamespace Namespace = "http://www.w3.org/2000/svg";

    /// <summary>Writes the file.</summary>
    /// <param name="stream">Where it goes; it is left open.</param>
    /// <param name="charts">At least one chart.</param>
    /// <param name="title">What stands above all of them, where there are several.</param>
    public static void Write(Stream stream, IReadOnlyList<Chart> charts, string? title = null)
    {
        string? heading = charts.Count == 1 || title is null ? null : ChartText.Clean(title);
        double top = heading is null ? 0 : HeadingHeight;
        double height = top + (charts.Count * SvgLayout.ViewHeight);
        XElement root = Root(height);
        root.Add(new XElement(Namespace + "title", heading ?? string.Join("; ", charts.Select(c => c.Title).Distinct())));
        root.Add(new XElement(Namespace + "desc", string.Join(" ", charts.Select(Describe))));
        root.Add(new XElement(Namespace + "style", SvgStyle.Css));
        // Under all of them, so that no seam shows between two.
        root.Add(Paper(height));
        if (heading is not null)
            root.Add(Heading(heading));
        for (int i = 0; i < charts.Count; i++)
        {
            XElement view = SvgLayout.Element("svg", null, ("y", top + (i * SvgLayout.ViewHeight)), ("width", SvgLayout.ViewWidth), ("height", SvgLayout.ViewHeight));
            view.Add(Drawing(charts[i]));
            root.Add(view);
        }

        var settings = new XmlWriterSettings { Encoding = new UTF8Encoding(false), Indent = true, IndentChars = " ", NewLineChars = "\n", CloseOutput = false };
        using var writer = XmlWriter.Create(stream, settings);
        root.Save(writer);
    }

    /// <summary>One chart for a page that has the style, and the text with this id, already.</summary>
    internal static XElement Inline(Chart chart, string labelId)
    {
        XElement root = Root(SvgLayout.ViewHeight);
        root.SetAttributeValue("aria-labelledby", labelId);
        root.Add(Drawing(chart));
        return root;
    }

    /// <summary>What a chart shows, in a sentence.</summary>
    internal static string Describe(Chart chart) => $"{chart.Title}. {string.Join(", ", chart.Subtitle)}.{(chart.Note is null ? "" : $" {chart.Note}")}";

    private static XElement Root(double height) =>
        SvgLayout.Element("svg", "usage-chart", ("viewBox", $"0 0 {SvgLayout.ViewWidth} {SvgLayout.Number(height)}"), ("role", "img"));

    private static IEnumerable<XElement> Heading(string heading)
    {
        foreach (SvgLayout layout in new[] { SvgLayout.Wide, SvgLayout.Narrow })
        {
            string text = TextWidth.Fit(heading, layout.TitleSize, layout.Width - (2 * layout.Padding), isBold: true);
            XElement group = Group(layout);
            group.Add(layout.Text("title", layout.Padding, (HeadingHeight * 0.5 / layout.Scale) + (layout.TitleSize * 0.5), text, isTitle: true));
            yield return group;
        }
    }

    private static IEnumerable<XElement> Drawing(Chart chart)
    {
        yield return Paper(SvgLayout.ViewHeight);
        foreach (SvgLayout layout in new[] { SvgLayout.Wide, SvgLayout.Narrow })
        {
            var header = new SvgHeader(chart, layout);
            var plot = new SvgPlot(chart, layout, header.Bottom);
            XElement group = Group(layout);
            group.Add(header.Elements, plot.Axes(), new SvgMarks(chart, layout, plot).Elements(), new SvgTips(chart, layout, plot).Elements());
            yield return group;
        }
    }

    private static XElement Paper(double height) =>
        SvgLayout.Element("rect", "paper", ("width", SvgLayout.ViewWidth), ("height", height));

    private static XElement Group(SvgLayout layout) => layout.Scale == 1
        ? SvgLayout.Element("g", layout.Name)
        : SvgLayout.Element("g", layout.Name, ("transform", $"scale({SvgLayout.Number(layout.Scale)})"));
}
