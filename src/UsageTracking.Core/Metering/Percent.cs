namespace UsageTracking.Metering;

/// <summary>Percentages from 0 to 100, not rounded.</summary>
public static class Percent
{
    private const int MostDecimals = 28;

    /// <summary>How many percent of the whole the part is; null where there is no whole, or a decimal cannot hold the figure.</summary>
    public static decimal? Of(decimal part, decimal whole)
    {
        if (whole == 0)
            return null;

        ExactDecimal percent = ((ExactDecimal)part * 100).DivideBy(whole);
        for (int decimals = MostDecimals; decimals >= 0; decimals--)
        {
            if (percent.Round(decimals).TryToDecimal(out decimal value))
                return ExactDecimal.Trim(value);
        }

        return null;
    }
}
