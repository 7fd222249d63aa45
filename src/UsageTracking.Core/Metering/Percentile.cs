namespace UsageTracking.Metering;

/// <summary>
/// Percentiles by linear interpolation between the two closest ranks, as SQL's <c>percentile_cont</c> defines them
/// (ISO/IEC 9075-2, 10.9), but exact: of n ordered values the one at rank (n - 1) * fraction, counted from 0.
/// </summary>
public static class Percentile
{
    /// <summary>The two ranks the percentile lies between, counted from 0.</summary>
    /// <param name="count">How many values there are; at least one.</param>
    /// <param name="fraction">0 to 1; 0.5 is the median.</param>
    public static (long Lower, long Upper) Ranks(long count, decimal fraction)
    {
        decimal rank = (count - 1) * fraction;
        return ((long)Math.Floor(rank), (long)Math.Ceiling(rank));
    }

    /// <summary>The percentile, from the values at its two ranks.</summary>
    public static decimal Interpolate(long count, decimal fraction, decimal lower, decimal upper)
    {
        decimal rank = (count - 1) * fraction;
        return (lower + ((upper - (ExactDecimal)lower) * (rank - Math.Floor(rank)))).ToReported();
    }

    /// <summary>The median of values in any order; at least one.</summary>
    public static ExactDecimal Median(IEnumerable<ExactDecimal> values)
    {
        ExactDecimal[] sorted = [.. values.Order()];
        (long lower, long upper) = Ranks(sorted.Length, 0.5m);
        return (sorted[lower] + sorted[upper]) * 0.5m;
    }
}
