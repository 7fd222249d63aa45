using System.Globalization;

namespace UsageTracking.Charts;

/// <summary>The scale of values: from one round number to another, with zero among them.</summary>
internal sealed class ValueAxis
{
    // No quantity has more than 28 digits.
    private const decimal Furthest = 1e28m;

    private static readonly (decimal Size, string Suffix)[] Sizes = [(1e12m, "T"), (1e9m, "G"), (1e6m, "M"), (1e3m, "K")];

    private readonly decimal _size = 1;
    private readonly string _suffix = "";
    private readonly bool _isExponential;

    private ValueAxis(decimal min, decimal max, decimal step)
    {
        (Min, Max, Step) = (min, max, step);
        decimal largest = Math.Max(max, -min);
        _isExponential = largest >= 1e16m || step < 1e-6m;
        // Up to 9,999 the digits are as short as a suffix.
        if (!_isExponential && largest >= 10000)
            (_size, _suffix) = Sizes.First(s => largest >= s.Size);
    }

    public decimal Min { get; }

    public decimal Max { get; }

    public decimal Step { get; }

    /// <summary>The round numbers, ascending.</summary>
    public IEnumerable<decimal> Ticks
    {
        get
        {
            for (decimal i = Min / Step; i <= Max / Step; i++)
                yield return i * Step;
        }
    }

    /// <summary>An axis with all values in it.</summary>
    /// <param name="values">The values.</param>
    /// <param name="steps">How many steps it should have at most; a range on both sides of zero may take one more.</param>
    public static ValueAxis Over(IEnumerable<decimal> values, int steps)
    {
        decimal low = 0;
        decimal high = 0;
        foreach (decimal value in values)
            (low, high) = (Math.Max(Math.Min(low, value), -Furthest), Math.Min(Math.Max(high, value), Furthest));

        if (low == high)
            high = 1;
        decimal step = RoundUp((high / steps) - (low / steps));
        return new ValueAxis(Math.Floor(low / step) * step, Math.Ceiling(high / step) * step, step);
    }

    /// <summary>How far up the axis a value is, 0 to 1.</summary>
    public double Share(decimal value) => ((double)value - (double)Min) / ((double)Max - (double)Min);

    /// <summary>A tick, all of one axis in the same form: 1,500; 12.5K.</summary>
    public string Label(decimal tick) => _isExponential && tick != 0
        ? tick.ToString("0.###e+0", CultureInfo.InvariantCulture)
        : (tick / _size).ToString("#,0.########", CultureInfo.InvariantCulture) + (tick == 0 ? "" : _suffix);

    // The next of 1, 2, 5, 10, 20, 25, 50 and so on.
    private static decimal RoundUp(decimal value)
    {
        decimal power = 1;
        while (power > value)
            power /= 10;
        while (power * 10 <= value)
            power *= 10;

        if (value <= power)
            return power;
        if (value <= 2 * power)
            return 2 * power;
        if (value <= 2.5m * power && power >= 10)
            return 2.5m * power;
        return value <= 5 * power ? 5 * power : 10 * power;
    }
}
