using System.Text;
using System.Xml;
using System.Xml.Linq;
using UsageTracking.Charts.Svg;

namespace UsageTracking.Charts.Html;

/// <summary>Writes charts, each with a table of its values, as one page that needs nothing else.</summary>
public static class HtmlPage
{
    // No character of it means anything to XML, since HTML reads it as it stands.
    private const string PageCss = """
        html{color-scheme:light dark;background:#fff;color:#1f2328;font-family:system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,"DejaVu Sans",sans-serif;font-size:16px;line-height:1.45}
        body{max-width:960px;margin:0 auto;padding:12px}
        h1{font-size:1.5rem;margin:.25rem 0 1rem;overflow-wrap:anywhere}
        h1.hidden{position:absolute;width:1px;height:1px;margin:-1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
        section{margin:0 0 2.5rem}
        .scroll{overflow-x:auto;margin-top:.75rem}
        table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums;font-size:.875rem}
        caption{text-align:left;padding:.25rem .5rem;color:#57606a}
        caption div{max-width:calc(100vw - 2.5rem)}
        th,td{padding:.25rem .5rem;border-bottom:1px solid #e3e6ea;text-align:right;white-space:nowrap}
        th{font-weight:600}
        th:first-child{text-align:left}
        tbody th{font-weight:400}
        @media (max-width:640px){body{padding:4px}table{font-size:.8125rem}th,td{padding:.25rem .3rem}tbody th{white-space:normal;min-width:7.5em}}
        @media (prefers-color-scheme:dark){html{background:#0d1117;color:#f0f6fc}caption{color:#9198a1}th,td{border-color:#262c36}}
        """;

    /// <summary>Writes the file.</summary>
    /// <param name="stream">Where it goes; it is left open.</param>
    /// <param name="charts">At least one chart.</param>
    /// <param name="title">What stands above all of them, where there are several.</param>
    public static void Write(Stream stream, IReadOnlyList<Chart> charts, string? title = null)
    {
        string heading = charts.Count == 1 ? charts[0].Title : ChartText.Clean(title ?? "Usage");
        var page = new XElement("html", new XAttribute("lang", "en"), Head(heading), Body(heading, charts.Count > 1 && title is not null, charts));
        var settings = new XmlWriterSettings
        {
            Encoding = new UTF8Encoding(false),
            OmitXmlDeclaration = true,
            ConformanceLevel = ConformanceLevel.Fragment,
            NewLineChars = "\n",
            CloseOutput = false,
        };
        using var writer = XmlWriter.Create(stream, settings);
        writer.WriteRaw("<!DOCTYPE html>\n");
        page.WriteTo(writer);
        writer.WriteRaw("\n");
    }

    private static XElement Head(string heading) => new(
        "head",
        "\n", new XElement("meta", new XAttribute("charset", "utf-8")),
        "\n", new XElement("meta", new XAttribute("http-equiv", "Content-Security-Policy"), new XAttribute("content", "default-src 'none'; style-src 'unsafe-inline'")),
        "\n", new XElement("meta", new XAttribute("name", "viewport"), new XAttribute("content", "width=device-width, initial-scale=1")),
        "\n", new XElement("meta", new XAttribute("name", "color-scheme"), new XAttribute("content", "light dark")),
        "\n", new XElement("title", heading),
        "\n", new XElement("style", $"\n{PageCss}\n{SvgStyle.Css}\n"),
        "\n");

    private static XElement Body(string heading, bool isShown, IReadOnlyList<Chart> charts)
    {
        // A single chart shows its heading itself; those who listen want one all the same.
        var title = new XElement("h1", isShown ? null : new XAttribute("class", "hidden"), heading);
        return new XElement("body", "\n", title, charts.Select(Section), "\n");
    }

    private static IEnumerable<object> Section(Chart chart, int index)
    {
        string id = FormattableString.Invariant($"chart-{index + 1}");
        yield return "\n";
        yield return new XElement("section", "\n", SvgFile.Inline(chart, id), "\n", HtmlTable.Make(chart, id), "\n");
    }
}
