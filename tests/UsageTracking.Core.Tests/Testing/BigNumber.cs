using System.Globalization;
using System.Numerics;
using UsageTracking.Metering;

namespace UsageTracking.Tests.Testing;

/// <summary>Unscaled / 10^Scale in plain integer arithmetic: what the exact numbers of the core are compared with.</summary>
internal readonly record struct BigNumber(BigInteger Unscaled, int Scale)
{
    public static BigNumber Of(decimal value)
    {
        string text = value.ToString(CultureInfo.InvariantCulture);
        int point = text.IndexOf('.', StringComparison.Ordinal);
        return new BigNumber(
            BigInteger.Parse(text.Replace(".", "", StringComparison.Ordinal), CultureInfo.InvariantCulture),
            point < 0 ? 0 : text.Length - point - 1);
    }

    /// <summary>A number of up to that many digits and decimals.</summary>
    public static BigNumber Random(Random random, int digits, int decimals)
    {
        BigInteger unscaled = 0;
        for (int i = random.Next(digits + 1); i > 0; i--)
            unscaled = (unscaled * 10) + random.Next(10);

        return new BigNumber(random.Next(2) == 0 ? unscaled : -unscaled, random.Next(decimals + 1));
    }

    /// <summary>A decimal of any size and scale, now and then of the largest.</summary>
    public static decimal RandomDecimal(Random random)
    {
        Span<byte> bytes = stackalloc byte[12];
        bytes.Clear();
        random.NextBytes(bytes[..random.Next(13)]);
        return new decimal(
            BitConverter.ToInt32(bytes), BitConverter.ToInt32(bytes[4..]), BitConverter.ToInt32(bytes[8..]),
            random.Next(2) == 0, (byte)random.Next(29));
    }

    /// <summary>The nearest multiple of 10^-decimals to numerator / denominator, of two the even one.</summary>
    public static BigNumber Quotient(BigInteger numerator, BigInteger denominator, int decimals)
    {
        if (denominator < 0)
            (numerator, denominator) = (-numerator, -denominator);

        BigInteger scaled = numerator * BigInteger.Pow(10, decimals);
        var low = BigInteger.Divide(scaled, denominator);
        while (low * denominator > scaled)
            low--;

        BigInteger toLow = scaled - (low * denominator);
        BigInteger toHigh = ((low + 1) * denominator) - scaled;
        bool takeLow = toLow < toHigh || (toLow == toHigh && low.IsEven);
        return new BigNumber(takeLow ? low : low + 1, decimals);
    }

    public BigInteger At(int scale) => Unscaled * BigInteger.Pow(10, scale - Scale);

    public BigNumber Round(int decimals) => decimals >= Scale ? this : Quotient(Unscaled, BigInteger.Pow(10, Scale), decimals);

    public ExactDecimal ToExact() => new(Unscaled, Scale);

    /// <summary>Plain digits without trailing zeros after the point.</summary>
    public override string ToString()
    {
        BigInteger power = BigInteger.Pow(10, Scale);
        string whole = (BigInteger.Abs(Unscaled) / power).ToString(CultureInfo.InvariantCulture);
        string rest = Scale == 0 ? "" : (BigInteger.Abs(Unscaled) % power).ToString(CultureInfo.InvariantCulture).PadLeft(Scale, '0').TrimEnd('0');
        return (Unscaled < 0 ? "-" : "") + whole + (rest == "" ? "" : "." + rest);
    }
}
