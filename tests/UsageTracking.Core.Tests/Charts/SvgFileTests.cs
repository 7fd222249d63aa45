using System.Globalization;
using System.Text;
using System.Xml.Linq;
using UsageTracking.Charts;
using UsageTracking.Charts.Svg;
using UsageTracking.Tests.Testing;
using UsageTracking.Time;
using static UsageTracking.Tests.Charts.ChartSamples;

namespace UsageTracking.Tests.Charts;

public sealed class SvgFileTests
{
    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    [Theory]
    [InlineData("wide")]
    [InlineData("narrow")]
    public void Lines_go_through_the_figures(string layout)
    {
        XElement group = Layout(Write(Draw(Burndown())), layout);
        // Scale and edges are read from the labels and the lines behind, as an eye does.
        (double X, double Y)[] target = Points(Single(group, "polyline", "line target"));
        (double X, double Y)[] actual = Points(Single(group, "polyline", "line actual"));
        (double X, double Y)[] projected = Points(Single(group, "polyline", "line projected"));
        XElement zero = Single(group, "line", "zero");
        (double left, double right) = (Number(zero, "x1"), Number(zero, "x2"));
        double perUnit = (Number(zero, "y1") - LabelY(group, "300")) / 300;
        double X(double day) => left + ((right - left) * day / 30);
        double Y(double value) => Number(zero, "y1") - (value * perUnit);

        Same(Enumerable.Range(0, 31).Select(d => (X(d), Y(300 - (10 * d)))), target);
        Same(Enumerable.Range(0, 10).Select(d => (X(d), Y(300 - (12 * d)))).Append((X(9.5), Y(186))), actual);
        Same(Enumerable.Range(10, 21).Select(d => (X(d), Y(300 - (12 * d)))).Prepend((X(9.5), Y(186))), projected);
        // Up the high ends, back down the low ones.
        (double X, double Y)[] band = Points(Single(group, "polygon", "band projected"));
        Same(
            Enumerable.Range(10, 21).Select(d => (X(d), Y(305 - (12 * d)))).Prepend((X(9.5), Y(186)))
                .Concat(Enumerable.Range(10, 21).Reverse().Select(d => (X(d), Y(295 - (12 * d)))).Append((X(9.5), Y(186)))),
            band);
        Assert.All(group.Elements(Svg + "line").Where(l => Class(l) == "now").Skip(1), now => Assert.Equal(X(9.5), Number(now, "x1"), 0.02));
    }

    [Theory]
    [InlineData("wide")]
    [InlineData("narrow")]
    public void Bars_are_as_high_as_the_figures(string layout)
    {
        XElement group = Layout(Write(Draw(Trend(1, 40), Trend(2, 100), Trend(4, -20), Trend(5, 10, isPartial: true))), layout);
        XElement zero = Single(group, "line", "zero");
        double perUnit = (Number(zero, "y1") - LabelY(group, "100")) / 100;
        double width = (Number(zero, "x2") - Number(zero, "x1")) / 5;

        XElement[] bars = [.. group.Elements(Svg + "rect").Where(r => Class(r).StartsWith("bar", StringComparison.Ordinal)).Skip(2)];

        Assert.Equal(["bar s0", "bar s0", "bar s0", "bar s0 partial"], bars.Select(Class));
        Assert.All(bars.Zip([40d, 100, 20, 10]), b => Assert.Equal(b.Second * perUnit, Number(b.First, "height"), 0.03));
        Assert.All(bars.Zip([40d, 100, 0, 10]), b => Assert.Equal(Number(zero, "y1") - (b.Second * perUnit), Number(b.First, "y"), 0.03));
        Assert.All(bars.Zip([0, 1, 3, 4]), b => Assert.Equal(
            Number(zero, "x1") + (width * (b.Second + 0.5)), Number(b.First, "x") + (Number(b.First, "width") / 2), 0.03));
    }

    [Fact]
    public void Each_day_has_a_tip_with_its_figures()
    {
        XElement group = Layout(Write(Draw(Burndown())), "wide");
        XElement[] hits = [.. group.Elements(Svg + "g").Where(g => Class(g) == "hit")];

        Assert.Equal(30, hits.Length);
        string[] Tip(int day) => [.. hits[day - 1].Descendants(Svg + "text").Select(t => t.Value)];
        Assert.Equal(["Sun 1 Jun 2014", "Actual: 288 GB", "Target: 290 GB"], Tip(1));
        Assert.Equal(["Tue 10 Jun 2014", "Actual: 186 GB", "Projected: 180 GB", "Likely: 175 to 185 GB", "Target: 200 GB", "(as of 10 Jun 12:00)"], Tip(10));
        Assert.Equal(["Mon 30 Jun 2014", "Projected: -60 GB", "Likely: -65 to -55 GB", "Target: 0 GB"], Tip(30));
    }

    [Fact]
    public void Text_stays_text()
    {
        const string Nasty = "<script>alert(1)</script>&\"'\u001b[31m\u202e\ud800\u0000";
        string svg = Write(Draw([.. Burndown(customer: Nasty, unit: "<b>&"), Measure(June, 1, group: Nasty)]));

        Assert.DoesNotContain("<script", svg, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain('\u001b', svg);
        Assert.DoesNotContain('\u202e', svg);
        XElement root = XDocument.Parse(svg).Root!;
        Assert.Contains("<script>alert(1)</script>&\"'", root.Element(Svg + "desc")!.Value, StringComparison.Ordinal);
        Assert.Contains(root.Descendants(Svg + "text"), t => t.Value == "<b>&");
    }

    [Fact]
    public void The_file_needs_nothing_else_and_says_what_it_is()
    {
        XElement root = XDocument.Parse(Write(Draw(Burndown()))).Root!;

        Assert.Equal("img", root.Attribute("role")!.Value);
        Assert.Equal("bandwidth: what is left", root.Element(Svg + "title")!.Value);
        Assert.Equal("bandwidth: what is left. home, June 2014, 186 of 300 GB left, 19 GB behind target.", root.Element(Svg + "desc")!.Value);
        Assert.DoesNotContain(root.DescendantsAndSelf(), e => e.Name.LocalName is "script" or "image" or "use" or "foreignObject");
        Assert.DoesNotContain(root.DescendantsAndSelf().Attributes(), a => a.Name.LocalName is "href" or "src" || a.Name.LocalName.StartsWith("on", StringComparison.Ordinal));
        Assert.DoesNotContain("url(", root.Element(Svg + "style")!.Value, StringComparison.Ordinal);
        Assert.DoesNotContain("@import", root.Element(Svg + "style")!.Value, StringComparison.Ordinal);
        Assert.Contains("prefers-color-scheme:dark", root.Element(Svg + "style")!.Value, StringComparison.Ordinal);
    }

    [Fact]
    public void Several_charts_stand_below_each_other()
    {
        IReadOnlyList<Chart> charts = Draw(Trend(1, 2), Trend(1, 2, service: "compute"), Trend(1, 2, service: "storage"));

        XElement root = XDocument.Parse(Write(charts)).Root!;
        Assert.Equal("0 0 960 1800", root.Attribute("viewBox")!.Value);
        Assert.Equal(["0", "600", "1200"], root.Elements(Svg + "svg").Select(s => s.Attribute("y")!.Value));

        XElement titled = XDocument.Parse(Write(charts, "All of them")).Root!;
        Assert.Equal("All of them", titled.Element(Svg + "title")!.Value);
        Assert.Equal(2, titled.Elements(Svg + "g").SelectMany(g => g.Elements(Svg + "text")).Count(t => t.Value == "All of them"));
    }

    [Fact]
    public void The_same_figures_give_the_same_file_whatever_the_culture()
    {
        string expected = Write(Draw(Burndown()));
        Cultures.In("ar-SA", () => Assert.Equal(expected, Write(Draw(Burndown()))));
        Cultures.In("de-DE", () => Assert.Equal(expected, Write(Draw(Enumerable.Reverse(Burndown())))));
    }

    [Fact]
    public void A_year_of_hours_is_drawn_too()
    {
        IReadOnlyList<Chart> charts = Draw(Enumerable.Range(0, 8760).Select(h => Measure(June.AddHours(h), h % 24, PeriodKind.Hourly)));

        string svg = Write(charts);

        Assert.True(svg.Length < 6_000_000, $"{svg.Length}");
        // Nothing can point at a tenth of a pixel.
        Assert.DoesNotContain("class=\"hit\"", svg, StringComparison.Ordinal);
    }

    [Fact]
    public void A_few_hours_far_apart_are_seen_and_can_be_pointed_at()
    {
        XElement group = Layout(Write(Draw(Hour(0), Hour(300), Hour(302), Hour(700))), "narrow");

        static object Hour(int hour) => Measure(June.AddHours(hour), 5, PeriodKind.Hourly);
        XElement[] bars = [.. group.Elements(Svg + "rect").Where(r => Class(r).StartsWith("bar", StringComparison.Ordinal)).Skip(1)];
        Assert.Equal(4, bars.Length);
        Assert.All(bars, b => Assert.True(Number(b, "width") >= 1));
        (double Left, double Right)[] columns =
            [.. group.Descendants(Svg + "rect").Where(r => Class(r) == "column").Select(r => (Number(r, "x"), Number(r, "x") + Number(r, "width")))];
        Assert.Equal(4, columns.Length);
        Assert.All(columns.Zip(columns.Skip(1)), c => Assert.True(c.First.Right <= c.Second.Left + 0.02));
    }

    internal static string Write(IReadOnlyList<Chart> charts, string? title = null)
    {
        using var stream = new MemoryStream();
        SvgFile.Write(stream, charts, title);
        return Encoding.UTF8.GetString(stream.ToArray());
    }

    private static XElement Layout(string svg, string name) =>
        XDocument.Parse(svg).Root!.Element(Svg + "svg")!.Elements(Svg + "g").Single(g => Class(g) == name);

    private static XElement Single(XElement group, string name, string cssClass) =>
        Assert.Single(group.Elements(Svg + name), e => Class(e) == cssClass);

    private static string Class(XElement element) => element.Attribute("class")?.Value ?? "";

    private static double Number(XElement element, string attribute) => double.Parse(element.Attribute(attribute)!.Value, CultureInfo.InvariantCulture);

    // A label stands beside the line of its value, in the order of the lines.
    private static double LabelY(XElement group, string label)
    {
        string[] labels = [.. group.Elements(Svg + "text").Where(t => Class(t) == "tick value").Select(t => t.Value)];
        XElement[] lines = [.. group.Elements(Svg + "line").Where(l => Class(l) is "grid" or "zero")];
        Assert.Equal(labels.Length, lines.Length);
        return Number(lines[Array.IndexOf(labels, label)], "y1");
    }

    private static (double X, double Y)[] Points(XElement line) =>
    [
        .. line.Attribute("points")!.Value.Split(' ').Select(p => p.Split(',').Select(n => double.Parse(n, CultureInfo.InvariantCulture)).ToArray()).Select(p => (p[0], p[1])),
    ];

    private static void Same(IEnumerable<(double X, double Y)> expected, (double X, double Y)[] actual)
    {
        (double X, double Y)[] points = [.. expected];
        Assert.Equal(points.Length, actual.Length);
        Assert.All(points.Zip(actual), p =>
        {
            Assert.Equal(p.First.X, p.Second.X, 0.02);
            Assert.Equal(p.First.Y, p.Second.Y, 0.02);
        });
    }
}
