using System.Globalization;
using System.Xml.Linq;

namespace UsageTracking.Charts.Svg;

/// <summary>Sizes for one kind of screen. Every chart is drawn in both, and the style shows the one that can be read.</summary>
/// <param name="Name">The class of its group.</param>
/// <param name="Scale">How much it is blown up to fill the view.</param>
/// <param name="TitleSize">The size of the heading.</param>
/// <param name="TextSize">The size of all else.</param>
/// <param name="Padding">What stays free at the edges.</param>
/// <param name="TickDistance">The least distance between two labels of the scale of values.</param>
internal sealed record SvgLayout(string Name, double Scale, double TitleSize, double TextSize, double Padding, double TickDistance)
{
    /// <summary>The width of a chart in the file's own measure.</summary>
    public const int ViewWidth = 960;

    /// <summary>The height of a chart in the file's own measure.</summary>
    public const int ViewHeight = 600;

    public static readonly SvgLayout Wide = new("wide", 1, 22, 15, 20, 45);

    public static readonly SvgLayout Narrow = new("narrow", 2.5, 14.5, 11, 8, 24);

    public double Width => ViewWidth / Scale;

    public double Height => ViewHeight / Scale;

    public double LineHeight => TextSize * 1.35;

    /// <summary>A coordinate or size as SVG takes it.</summary>
    public static string Number(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);

    /// <summary>An element of SVG with attributes in pairs of name and value.</summary>
    public static XElement Element(string name, string? cssClass, params (string Name, object Value)[] attributes)
    {
        var element = new XElement(SvgFile.Namespace + name);
        if (cssClass is not null)
            element.SetAttributeValue("class", cssClass);
        foreach ((string attribute, object value) in attributes)
            element.SetAttributeValue(attribute, value is double number ? Number(number) : value);
        return element;
    }

    /// <summary>A line of text.</summary>
    public XElement Text(string? cssClass, double x, double baseline, string text, bool isTitle = false)
    {
        XElement element = Element("text", cssClass, ("x", x), ("y", baseline), ("font-size", isTitle ? TitleSize : TextSize));
        element.Value = text;
        return element;
    }
}
