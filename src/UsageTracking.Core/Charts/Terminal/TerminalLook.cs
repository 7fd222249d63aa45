using System.Globalization;

namespace UsageTracking.Charts.Terminal;

/// <summary>The characters and colours of a series: told apart without colours too.</summary>
internal static class TerminalLook
{
    /// <summary>What the colour of axes and of the line that is now is.</summary>
    public const int Faint = 90;

    private const string Fills = "█▓▒░▚╳◆";
    private const string AsciiFills = "#=+o%x@";
    private static readonly int[] Colours = [36, 33, 32, 35, 34, 31, 96];

    /// <summary>The escape sequence that sets a colour; 0 is the terminal's own.</summary>
    public static string Switch(int colour) => string.Create(CultureInfo.InvariantCulture, $"\u001b[{colour}m");

    public static int Colour(Chart chart, int series) => chart.Series[series].Role switch
    {
        ChartRole.Actual => 36,
        ChartRole.Projected => 33,
        ChartRole.Target or ChartRole.OtherUsage => 37,
        _ => Colours[series % Colours.Length],
    };

    /// <summary>What bars are made of.</summary>
    public static char Fill(Chart chart, int series, TerminalSettings settings)
    {
        bool isOther = chart.Series[series].Role == ChartRole.OtherUsage;
        if (settings.IsAscii)
            return isOther ? '.' : AsciiFills[series % AsciiFills.Length];
        if (isOther)
            return '·';
        return settings.UsesColour ? '█' : Fills[series % Fills.Length];
    }

    /// <summary>What a bar that is not whole is made of.</summary>
    public static char PartialFill(TerminalSettings settings) => settings.IsAscii ? ':' : '▒';

    /// <summary>What a line is made of in ASCII.</summary>
    public static char LineSymbol(ChartRole role) => role switch
    {
        ChartRole.Actual => '#',
        ChartRole.Projected => 'o',
        _ => '.',
    };

    public static char BandSymbol(TerminalSettings settings) => settings.IsAscii ? '~' : '░';

    public static char NowSymbol(TerminalSettings settings) => settings.IsAscii ? '|' : '┊';

    /// <summary>What stands before a line's name in the legend.</summary>
    public static string LineSample(ChartRole role, TerminalSettings settings) => role switch
    {
        _ when settings.IsAscii => new string(LineSymbol(role), 3),
        ChartRole.Actual => "⠶⠶⠶",
        ChartRole.Projected => "⠒⠂⠒",
        _ => "⠂⠐⠐",
    };
}
