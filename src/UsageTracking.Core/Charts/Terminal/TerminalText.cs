using System.Globalization;
using System.Text;

namespace UsageTracking.Charts.Terminal;

/// <summary>Text by the columns it takes.</summary>
internal static class TerminalText
{
    /// <summary>How many columns the text takes.</summary>
    public static int Width(string text) => text.EnumerateRunes().Sum(Width);

    /// <summary>The text, or as much of it as there is room for and an ellipsis; in ASCII where that is wanted.</summary>
    public static string Fit(string text, int columns, bool isAscii)
    {
        if (isAscii)
            text = ToAscii(text);
        if (Width(text) <= columns)
            return text;

        string ellipsis = isAscii ? "~" : "…";
        var part = new StringBuilder();
        int taken = 1;
        foreach (Rune rune in text.EnumerateRunes())
        {
            taken += Width(rune);
            if (taken > columns)
                break;

            part.Append(rune.ToString());
        }

        return columns < 1 ? "" : part.ToString().TrimEnd() + ellipsis;
    }

    /// <summary>Puts the parts one behind another, and starts a line where the next one has no room.</summary>
    public static IEnumerable<IReadOnlyList<T>> Lines<T>(IEnumerable<T> parts, Func<T, int> width, int gap, int columns)
    {
        var line = new List<T>();
        int taken = 0;
        foreach (T part in parts)
        {
            int more = width(part) + (line.Count == 0 ? 0 : gap);
            if (line.Count > 0 && taken + more > columns)
            {
                yield return line;
                line = [];
                (taken, more) = (0, width(part));
            }

            line.Add(part);
            taken += more;
        }

        if (line.Count > 0)
            yield return line;
    }

    private static string ToAscii(string text)
    {
        var ascii = new StringBuilder(text.Length);
        foreach (Rune rune in text.EnumerateRunes())
            ascii.Append(rune.Value is >= ' ' and <= '~' ? (char)rune.Value : '?');
        return ascii.ToString();
    }

    private static int Width(Rune rune) => Rune.GetUnicodeCategory(rune) switch
    {
        UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark or UnicodeCategory.Format => 0,
        _ => rune.Value is (>= 0x1100 and <= 0x115f) or (>= 0x2e80 and <= 0xa4cf) or (>= 0xac00 and <= 0xd7a3) or (>= 0xf900 and <= 0xfaff)
            or (>= 0xfe30 and <= 0xfe6f) or (>= 0xff00 and <= 0xff60) or (>= 0xffe0 and <= 0xffe6) or (>= 0x1f300 and <= 0x1faff) or (>= 0x20000 and <= 0x3fffd)
            ? 2
            : 1,
    };
}
