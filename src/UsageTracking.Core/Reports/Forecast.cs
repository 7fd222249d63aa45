namespace UsageTracking.Reports;

/// <summary>
/// How usage is likely to go on: at the mean rate of this period, drawn towards that of the days before it while the period is
/// young, with the scatter of all those days. What n days will use then lies within z * s * sqrt(n + n^2 / N) of the mean, for
/// N known days of standard deviation s (the prediction interval of a mean; Hyndman and Athanasopoulos, Forecasting: Principles
/// and Practice, 3rd edition, 5.5). An estimate, so it is worked out in floating point.
/// </summary>
internal sealed class Forecast
{
    /// <summary>With fewer complete days than these there is none.</summary>
    public const int FewestDays = 3;

    // The days before weigh as much as a quarter of the period does.
    private const double PriorShare = 0.25;

    // More than a decimal can be added to.
    private const double Most = 1e27;

    // Four of five cases of a normal distribution lie within so many standard deviations.
    private const double Coverage = 1.2816;

    private readonly double _perDay;
    private readonly double _deviation;
    private readonly int _days;

    private Forecast(double perDay, double deviation, int days) => (_perDay, _deviation, _days) = (perDay, deviation, days);

    /// <summary>Whether nothing is used.</summary>
    public bool IsIdle => _perDay <= 0;

    /// <summary>Makes a forecast.</summary>
    /// <param name="before">The usage of each complete day before the period.</param>
    /// <param name="complete">That of each complete day of the period.</param>
    /// <param name="today">The usage since.</param>
    /// <param name="elapsed">The time since the period began, in days.</param>
    /// <param name="length">The whole period, in days.</param>
    /// <returns>Null where too little is known.</returns>
    public static Forecast? From(IEnumerable<decimal> before, IReadOnlyList<decimal> complete, decimal today, double elapsed, double length)
    {
        // A service that was not used at all yet is not one that is used little.
        double[] earlier = [.. before.SkipWhile(d => d == 0).Select(d => (double)d)];
        double[] known = [.. earlier.Concat(complete.Select(d => (double)d)).SkipWhile(d => d == 0)];
        if (known.Length < FewestDays || elapsed < 0)
            return null;

        // Today is not over, but where it has shown more than is usual, it has shown that that happens.
        if ((double)today > known.Average())
            known = [.. known, (double)today];

        double weight = Math.Min(earlier.Length, length * PriorShare);
        double prior = earlier.Length == 0 ? 0 : earlier.Average();
        double used = complete.Sum(d => (double)d) + (double)today;
        double mean = known.Average();
        double deviation = Math.Sqrt(known.Sum(d => (d - mean) * (d - mean)) / (known.Length - 1));
        return new Forecast(Math.Max(0, (used + (weight * prior)) / (elapsed + weight)), deviation, known.Length);
    }

    /// <summary>What will be used in some days.</summary>
    public decimal Expected(double days) => ToDecimal(_perDay * days);

    /// <summary>How far from it the low and the high are.</summary>
    public decimal Margin(double days) => ToDecimal(Coverage * _deviation * Math.Sqrt(days + (days * days / _days)));

    /// <summary>In how many days so much will be used; infinite where nothing is.</summary>
    public double DaysFor(decimal quantity) => IsIdle ? double.PositiveInfinity : (double)quantity / _perDay;

    // Fifteen digits, which is all an estimate has.
    private static decimal ToDecimal(double value) => (decimal)Math.Min(value, Most);
}
