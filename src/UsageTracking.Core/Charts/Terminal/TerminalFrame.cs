using System.Globalization;
using System.Text;

namespace UsageTracking.Charts.Terminal;

/// <summary>
/// Escape sequences that draw lines where the lines before them were. What was on the terminal stays above them, and the last
/// lines stay when it ends.
/// </summary>
public sealed class TerminalFrame
{
    private const string HideCursor = "\u001b[?25l";
    private const string ShowCursor = "\u001b[?25h";
    private const string ClearLine = "\u001b[K";
    private const string ClearBelow = "\u001b[J";
    private const string ClearAll = "\u001b[H\u001b[2J";

    private int _lines;
    private (int Width, int Height) _window;

    /// <summary>Draws the lines, each of which has to be narrower than the window, and all of them together lower.</summary>
    public string Draw(IReadOnlyList<string> lines, int width, int height)
    {
        var text = new StringBuilder(HideCursor);
        // A terminal of another width breaks lines anew: nobody knows where they are then.
        if (_lines > 0 && _window != (width, height))
            text.Append(ClearAll);
        else if (_lines > 0)
            text.Append(CultureInfo.InvariantCulture, $"\u001b[{_lines}A\r");

        foreach (string line in lines)
            text.Append(line).Append(ClearLine).Append("\r\n");

        (_lines, _window) = (lines.Count, (width, height));
        return text.Append(ClearBelow).ToString();
    }

    /// <summary>Leaves the terminal as it was before, on a line of its own below the lines.</summary>
    public static string End() => "\r" + ClearLine + ShowCursor;
}
