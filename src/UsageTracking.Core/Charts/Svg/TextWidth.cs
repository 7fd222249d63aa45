using System.Globalization;
using System.Text;

namespace UsageTracking.Charts.Svg;

/// <summary>
/// How wide a text may become, in whichever font the reader has: judged by DejaVu Sans, which is wider than all that are
/// usual on screens.
/// </summary>
internal static class TextWidth
{
    private const double Bold = 1.14;

    // Hundredths of the font's size, from the space to the tilde.
    private static readonly byte[] Widths =
    [
        32, 41, 46, 84, 64, 96, 78, 28, 40, 40, 50, 84, 32, 37, 32, 34, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 34, 34, 84, 84, 84, 54,
        100, 69, 69, 70, 78, 64, 58, 78, 76, 30, 30, 66, 56, 87, 75, 79, 61, 79, 70, 64, 62, 74, 69, 99, 69, 62, 69, 40, 34, 40, 84, 50,
        50, 62, 64, 55, 64, 62, 36, 64, 64, 28, 28, 58, 28, 98, 64, 62, 64, 64, 42, 53, 40, 64, 60, 82, 60, 60, 53, 64, 34, 64, 84,
    ];

    /// <summary>The width of a text of a size.</summary>
    public static double Of(string text, double size, bool isBold = false) =>
        text.EnumerateRunes().Sum(Of) * size * (isBold ? Bold : 1) / 100;

    /// <summary>The text, or as much of it as there is room for and an ellipsis.</summary>
    public static string Fit(string text, double size, double room, bool isBold = false)
    {
        if (Of(text, size, isBold) <= room)
            return text;

        // Letters and the marks on them stay together.
        int[] starts = StringInfo.ParseCombiningCharacters(text);
        for (int count = starts.Length - 1; count > 0; count--)
        {
            string part = text[..starts[count]].TrimEnd() + "…";
            if (Of(part, size, isBold) <= room)
                return part;
        }

        return "…";
    }

    /// <summary>Puts the parts one behind another, and those for which there is no room in a line of their own.</summary>
    public static IReadOnlyList<string> Lines(IEnumerable<string> parts, double size, double room)
    {
        var lines = new List<string>();
        foreach (string part in parts)
        {
            string longer = lines.Count == 0 ? part : $"{lines[^1]} · {part}";
            if (lines.Count > 0 && Of(longer, size) <= room)
                lines[^1] = longer;
            else
                lines.Add(Fit(part, size, room));
        }

        return lines;
    }

    private static int Of(Rune rune) => rune.Value switch
    {
        >= ' ' and <= '~' => Widths[rune.Value - ' '],
        < 0x1100 => 80,
        _ => 105,
    };
}
