namespace UsageTracking.Charts.Svg;

/// <summary>Which classes of the style a series has.</summary>
internal static class SvgLook
{
    public const int Colours = 7;

    /// <summary>The classes of the series with this index.</summary>
    public static string Of(Chart chart, int series) => chart.Series[series].Role switch
    {
        ChartRole.Target => "target",
        ChartRole.Actual => "actual",
        ChartRole.Projected => "projected",
        ChartRole.OtherUsage => "other",
        _ => $"s{series % Colours}",
    };
}
