using System.Text;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using UsageTracking.Charts;
using UsageTracking.Charts.Html;
using static UsageTracking.Tests.Charts.ChartSamples;

namespace UsageTracking.Tests.Charts;

public sealed class HtmlPageTests
{
    [Fact]
    public void Every_value_is_in_the_table()
    {
        XElement table = Assert.Single(Parse(Write(Draw(Burndown()))).Descendants("table"));

        Assert.StartsWith("bandwidth: what is left. home, June 2014", table.Element("caption")!.Value, StringComparison.Ordinal);
        Assert.Equal(["Day", "Target", "Actual", "Projected", "Low", "High"], table.Element("thead")!.Descendants("th").Select(h => h.Value));
        Assert.All(table.Element("thead")!.Descendants("th"), h => Assert.Equal("col", h.Attribute("scope")!.Value));
        XElement[] rows = [.. table.Element("tbody")!.Elements("tr")];
        Assert.Equal(30, rows.Length);
        Assert.All(rows, r => Assert.Equal("row", r.Elements().First().Attribute("scope")!.Value));
        string[] Cells(int day) => [.. rows[day - 1].Elements().Select(c => c.Value)];
        Assert.Equal(["Sun 1 Jun 2014", "290", "288", "", "", ""], Cells(1));
        Assert.Equal(["Tue 10 Jun 2014 (as of 10 Jun 12:00)", "200", "186", "180", "175", "185"], Cells(10));
        Assert.Equal(["Mon 30 Jun 2014", "0", "", "-60", "-65", "-55"], Cells(30));
    }

    [Fact]
    public void Values_of_a_table_have_their_points_below_each_other_and_small_ones_keep_their_digits()
    {
        XElement page = Parse(Write(Draw(Trend(1, 96.6666666667m), Trend(2, 1234), Trend(3, 0.00012345m), Trend(4, 0))));

        Assert.Equal(["96.667", "1,234.000", "0.000123", "0.000"], page.Descendants("td").Select(c => c.Value));
    }

    [Fact]
    public void The_page_is_whole_in_itself()
    {
        string html = Write(Draw(Burndown()));
        XElement page = Parse(html);

        Assert.StartsWith("<!DOCTYPE html>\n<html lang=\"en\">", html, StringComparison.Ordinal);
        Assert.Equal("bandwidth: what is left", page.Element("head")!.Element("title")!.Value);
        Assert.Equal(
            "default-src 'none'; style-src 'unsafe-inline'",
            page.Descendants("meta").Single(m => m.Attribute("http-equiv")?.Value == "Content-Security-Policy").Attribute("content")!.Value);
        Assert.Equal("width=device-width, initial-scale=1", page.Descendants("meta").Single(m => m.Attribute("name")?.Value == "viewport").Attribute("content")!.Value);
        Assert.DoesNotContain(page.DescendantsAndSelf(), e => e.Name.LocalName is "script" or "link" or "img" or "iframe" or "a");
        Assert.DoesNotContain(page.DescendantsAndSelf().Attributes(), a => a.Name.LocalName is "href" or "src" || a.Name.LocalName.StartsWith("on", StringComparison.Ordinal));
        // What HTML reads as it stands must not have been written as XML would have it.
        Assert.DoesNotMatch("[<>&]", page.Element("head")!.Element("style")!.Value);
        Assert.DoesNotMatch(@"<(td|th|div|title|h1)\b[^>]*/>", html);
        // The name of the chart is the caption of its table.
        string id = page.Descendants("caption").Single().Element("div")!.Attribute("id")!.Value;
        Assert.Equal(id, page.Descendants().Single(e => e.Name.LocalName == "svg").Attribute("aria-labelledby")!.Value);
    }

    [Fact]
    public void Text_stays_text()
    {
        const string Nasty = "</title></style><script>alert(1)</script>&amp;\u0000";
        string html = Write(Draw([.. Burndown(customer: Nasty, unit: "<i>"), Measure(June, 1, group: Nasty)]), Nasty);

        Assert.DoesNotContain("<script", html, StringComparison.OrdinalIgnoreCase);
        Assert.Equal("</title></style><script>alert(1)</script>&amp;\ufffd", Parse(html).Element("head")!.Element("title")!.Value);
        Assert.Single(Regex.Matches(html, "</style>"));
    }

    [Fact]
    public void Several_charts_have_a_heading_and_ids_of_their_own()
    {
        XElement page = Parse(Write(Draw(Trend(1, 2), Trend(1, 2, service: "compute")), "Both"));

        Assert.Equal("Both", page.Descendants("h1").Single().Value);
        Assert.Null(page.Descendants("h1").Single().Attribute("class"));
        string[] ids = [.. page.Descendants().Attributes("id").Select(a => a.Value)];
        Assert.Equal(["chart-1", "chart-2"], ids);
    }

    [Fact]
    public void The_same_figures_give_the_same_page() => Assert.Equal(Write(Draw(Burndown())), Write(Draw(Enumerable.Reverse(Burndown()))));

    private static string Write(IReadOnlyList<Chart> charts, string? title = null)
    {
        using var stream = new MemoryStream();
        HtmlPage.Write(stream, charts, title);
        return Encoding.UTF8.GetString(stream.ToArray());
    }

    // It is well-formed XML too, but for its first line.
    private static XElement Parse(string html) => XElement.Parse(html[html.IndexOf("<html", StringComparison.Ordinal)..]);
}
