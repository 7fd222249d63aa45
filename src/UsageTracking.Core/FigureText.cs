using System.Globalization;

namespace UsageTracking;

/// <summary>Figures as tables show them, short. What they are made from keeps every digit.</summary>
public static class FigureText
{
    private static readonly (decimal Size, string Suffix)[] Sizes = [(1e3m, "K"), (1e6m, "M"), (1e9m, "G"), (1e12m, "T")];

    /// <summary>A quantity with K, M, G or T from a thousand on: 1.25M, 45.6K, 0.000488, 9.31e-5.</summary>
    public static string Quantity(decimal? value)
    {
        if (value is not { } number)
            return "";

        decimal size = 1;
        string suffix = "";
        foreach ((decimal next, string nextSuffix) in Sizes)
        {
            // What would be shown as a thousand of one size is one of the next.
            if (Math.Round(Math.Abs(number) / size, 2) < 1000)
                break;

            (size, suffix) = (next, nextSuffix);
        }

        return Plain(number / size) + suffix;
    }

    /// <summary>A percentage with one decimal, rounded down, so that what is not reached does not look so: 99.9%.</summary>
    public static string Percent(decimal? value) =>
        value is { } percent ? (Math.Floor(percent * 10) / 10).ToString("0.#'%'", CultureInfo.InvariantCulture) : "";

    /// <summary>A bar for a share of 0 to 1, exact to an eighth of a character; what is more than nothing shows.</summary>
    public static string Bar(decimal share, int width)
    {
        const string Eighths = " ▏▎▍▌▋▊▉";
        int length = (int)Math.Round(Math.Clamp(share, 0, 1) * width * 8);
        if (length == 0 && share > 0)
            length = 1;

        string end = length % 8 == 0 ? "" : Eighths[length % 8].ToString();
        return new string('█', length / 8) + end;
    }

    /// <summary>As many digits as it takes to see a number below one: three of them count.</summary>
    public static string Small(decimal number)
    {
        int leadingZeros = (int)Math.Floor(-Math.Log10((double)Math.Abs(number)));
        return Math.Round(number, Math.Min(leadingZeros + 3, 28)).ToString("0.############################", CultureInfo.InvariantCulture);
    }

    // Whole numbers whole, others with at most two decimals above one and three significant digits below.
    private static string Plain(decimal number)
    {
        if (number == 0 || Math.Abs(number) >= 1)
            return number.ToString("0.##", CultureInfo.InvariantCulture);

        return Math.Abs(number) < 0.0001m ? number.ToString("0.##e-0", CultureInfo.InvariantCulture) : Small(number);
    }
}
