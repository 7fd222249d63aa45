using System.Globalization;
using System.Numerics;

namespace UsageTracking.Metering;

/// <summary>
/// A decimal number of any length. <see cref="decimal"/> rounds silently beyond 28 digits; sums of usage and products of
/// quantity and price must not, so they are kept here until they are rounded once, on the way out.
/// </summary>
public readonly struct ExactDecimal : IEquatable<ExactDecimal>, IComparable<ExactDecimal>
{
    /// <summary>Decimals of a figure that leaves the project.</summary>
    public const int ReportedDecimals = 12;

    private const int LongestExponent = 400;
    private const NumberStyles PlainNumber = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint;

    // Nearly every figure fits a decimal; only what does not is kept the slow way.
    private readonly decimal _small;
    private readonly Wide? _wide;

    /// <summary>The number <paramref name="unscaled"/> / 10^<paramref name="scale"/>.</summary>
    public ExactDecimal(BigInteger unscaled, int scale)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(scale);
        var wide = new Wide(unscaled, scale);
        if (!TryToDecimal(wide, out _small))
            _wide = wide;
    }

    private ExactDecimal(decimal value) => _small = value;

    /// <summary>Zero.</summary>
    public static ExactDecimal Zero => default;

    /// <summary>The same number, exactly.</summary>
    public static implicit operator ExactDecimal(decimal value) => new(value);

    /// <summary>The exact sum.</summary>
    public static ExactDecimal operator +(ExactDecimal a, ExactDecimal b)
    {
        if (a._wide is null && b._wide is null && TryAdd(a._small, b._small, out decimal sum))
            return sum;

        (Wide x, Wide y) = (a.ToWide(), b.ToWide());
        int scale = Math.Max(x.Scale, y.Scale);
        return new ExactDecimal(x.At(scale) + y.At(scale), scale);
    }

    /// <summary>The exact difference.</summary>
    public static ExactDecimal operator -(ExactDecimal a, ExactDecimal b) =>
        a + (b._wide is { } wide ? new ExactDecimal(-wide.Unscaled, wide.Scale) : new ExactDecimal(-b._small));

    /// <summary>The exact product.</summary>
    public static ExactDecimal operator *(ExactDecimal a, ExactDecimal b)
    {
        if (a._wide is null && b._wide is null && TryMultiply(a._small, b._small, out decimal product))
            return product;

        (Wide x, Wide y) = (a.ToWide(), b.ToWide());
        return new ExactDecimal(x.Unscaled * y.Unscaled, x.Scale + y.Scale);
    }

    /// <summary>Whether both are the same number, however many zeros trail.</summary>
    public static bool operator ==(ExactDecimal a, ExactDecimal b) => a.CompareTo(b) == 0;

    /// <summary>Whether they are different numbers.</summary>
    public static bool operator !=(ExactDecimal a, ExactDecimal b) => a.CompareTo(b) != 0;

    /// <summary>Whether the first is smaller.</summary>
    public static bool operator <(ExactDecimal a, ExactDecimal b) => a.CompareTo(b) < 0;

    /// <summary>Whether the first is larger.</summary>
    public static bool operator >(ExactDecimal a, ExactDecimal b) => a.CompareTo(b) > 0;

    /// <summary>Whether the first is smaller or the same.</summary>
    public static bool operator <=(ExactDecimal a, ExactDecimal b) => a.CompareTo(b) <= 0;

    /// <summary>Whether the first is larger or the same.</summary>
    public static bool operator >=(ExactDecimal a, ExactDecimal b) => a.CompareTo(b) >= 0;

    /// <summary>Reads digits with an optional sign, point and exponent; invariant, nothing else.</summary>
    /// <returns>False where the text is no such number, or its exponent is beyond 400.</returns>
    public static bool TryParse(ReadOnlySpan<char> text, out ExactDecimal value)
    {
        value = default;
        text = text.Trim();
        int exponent = 0;
        int e = text.IndexOfAny('e', 'E');
        if (e >= 0)
        {
            if (!char.IsAsciiDigit(text[^1])
                || !int.TryParse(text[(e + 1)..], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out exponent)
                || Math.Abs((long)exponent) > LongestExponent)
            {
                return false;
            }

            text = text[..e];
        }

        bool negative = text is ['-', ..];
        if (text is ['-' or '+', ..])
            text = text[1..];

        int point = text.IndexOf('.');
        int decimals = point < 0 ? 0 : text.Length - point - 1;
        string digits = point < 0 ? text.ToString() : string.Concat(text[..point], text[(point + 1)..]);
        if (!BigInteger.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out BigInteger unscaled) || !char.IsAsciiDigit(digits[^1]))
            return false;

        if (negative)
            unscaled = -unscaled;

        int scale = decimals - exponent;
        value = scale >= 0
            ? new ExactDecimal(unscaled, scale)
            : new ExactDecimal(unscaled * BigInteger.Pow(10, -scale), 0);
        return true;
    }

    /// <summary>Reads what <see cref="ToString"/> and the stores write.</summary>
    /// <exception cref="FormatException">The text is no number.</exception>
    public static ExactDecimal Parse(string text)
    {
        // Nearly every stored figure fits a decimal that keeps all its digits; those are read the short way.
        if (text.Length is > 0 and <= 28 && char.IsAsciiDigit(text[^1]) && decimal.TryParse(text, PlainNumber, CultureInfo.InvariantCulture, out decimal small))
            return small;

        return TryParse(text, out ExactDecimal value) ? value : throw new FormatException($"'{text}' is no number.");
    }

    /// <summary>The quotient, with more decimals than are ever reported, so that rounding it later is the only rounding that shows.</summary>
    public ExactDecimal DivideBy(ExactDecimal divisor)
    {
        if (_wide is null && divisor._wide is null && TryDivide(_small, divisor._small, out decimal small))
            return small;

        const int QuotientDecimals = 40;
        (Wide number, Wide by) = (ToWide(), divisor.ToWide());
        int scale = Math.Max(number.Scale, QuotientDecimals);
        BigInteger quotient = BigInteger.DivRem(number.At(scale + by.Scale), by.Unscaled, out BigInteger rest);

        // One digit more tells a half from a little more than a half.
        return rest.IsZero
            ? new ExactDecimal(quotient, scale)
            : new ExactDecimal((quotient * 10) + (rest.Sign * by.Unscaled.Sign), scale + 1);
    }

    /// <summary>Rounds once, half to even.</summary>
    public ExactDecimal Round(int decimals)
    {
        if (_wide is not { } wide)
            return _small.Scale <= decimals ? this : Math.Round(_small, decimals, MidpointRounding.ToEven);

        if (wide.Scale <= decimals)
            return this;

        BigInteger divisor = BigInteger.Pow(10, wide.Scale - decimals);
        BigInteger quotient = BigInteger.DivRem(BigInteger.Abs(wide.Unscaled), divisor, out BigInteger rest);
        int half = (rest * 2).CompareTo(divisor);
        if (half > 0 || (half == 0 && !quotient.IsEven))
            quotient += 1;

        return new ExactDecimal(wide.Unscaled.Sign < 0 ? -quotient : quotient, decimals);
    }

    /// <summary>The number as figures leave the project: 12 decimals at most, trailing zeros trimmed.</summary>
    /// <exception cref="UsageException"><c>FigureTooLarge</c>: beyond what a decimal holds (about 7.9e28).</exception>
    public decimal ToReported()
    {
        // A large integer part leaves a decimal less room for decimals than twelve.
        for (int decimals = ReportedDecimals; ; decimals--)
        {
            if (Round(decimals).TryToDecimal(out decimal value))
                return Trim(value);

            if (decimals == 0)
                throw new UsageException(UsageErrorKind.LimitReached, "FigureTooLarge", $"The figure {this} is larger than 7.9e28, the largest that can be shown. Ask for a shorter range or fewer customers.");
        }
    }

    /// <summary>The same number as a decimal.</summary>
    /// <returns>False where a decimal cannot hold all its digits.</returns>
    public bool TryToDecimal(out decimal value)
    {
        value = _small;
        return _wide is null;
    }

    /// <summary>How many digits the number has, without leading zeros and trailing zeros after the point.</summary>
    public int SignificantDigits
    {
        get
        {
            Wide number = ToWide();
            string text = BigInteger.Abs(number.Unscaled).ToString(CultureInfo.InvariantCulture);
            int zeros = text.Length - text.TrimEnd('0').Length;
            return Math.Max(1, text.Length - Math.Min(zeros, number.Scale));
        }
    }

    /// <summary>The number without its sign.</summary>
    public ExactDecimal Abs() => Sign < 0 ? Zero - this : this;

    /// <summary>Below, at or above zero: -1, 0 or 1.</summary>
    public int Sign => _wide?.Unscaled.Sign ?? Math.Sign(_small);

    /// <inheritdoc/>
    public int CompareTo(ExactDecimal other)
    {
        if (_wide is null && other._wide is null)
            return _small.CompareTo(other._small);

        (Wide x, Wide y) = (ToWide(), other.ToWide());
        int scale = Math.Max(x.Scale, y.Scale);
        return x.At(scale).CompareTo(y.At(scale));
    }

    /// <inheritdoc/>
    public bool Equals(ExactDecimal other) => CompareTo(other) == 0;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is ExactDecimal other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => ToString().GetHashCode(StringComparison.Ordinal);

    /// <summary>Plain invariant digits without exponent or trailing zeros, as the stores keep them.</summary>
    public override string ToString()
    {
        if (_wide is not { } wide)
        {
            string text = Trim(_small).ToString(CultureInfo.InvariantCulture);
            return text == "-0" ? "0" : text;
        }

        string digits = BigInteger.Abs(wide.Unscaled).ToString(CultureInfo.InvariantCulture);
        string sign = wide.Unscaled.Sign < 0 ? "-" : "";
        if (wide.Scale == 0)
            return sign + digits;

        digits = digits.PadLeft(wide.Scale + 1, '0');
        string fraction = digits[^wide.Scale..].TrimEnd('0');
        return sign + digits[..^wide.Scale] + (fraction.Length == 0 ? "" : "." + fraction);
    }

    /// <summary>The same decimal without trailing zeros.</summary>
    public static decimal Trim(decimal value)
    {
        Span<int> bits = stackalloc int[4];
        decimal.GetBits(value, bits);
        int scale = value.Scale;
        if (bits[2] != 0)
            return value / 1.0000000000000000000000000000m;

        // A division of 96 bits is slow, and reports trim every figure.
        ulong digits = ((ulong)(uint)bits[1] << 32) | (uint)bits[0];
        // A small negative figure that is rounded away would leave its sign.
        if (digits == 0)
            return 0;

        while (scale > 0 && digits % 10 == 0)
        {
            digits /= 10;
            scale--;
        }

        return scale == value.Scale ? value : new decimal((int)digits, (int)(digits >> 32), 0, bits[3] < 0, (byte)scale);
    }

    // Decimal arithmetic gives up decimals before it gives up anything else: a result with all of them has lost nothing.
    private static bool TryAdd(decimal a, decimal b, out decimal sum)
    {
        try
        {
            sum = a + b;
            return sum.Scale == Math.Max(a.Scale, b.Scale);
        }
        catch (OverflowException)
        {
            sum = 0;
            return false;
        }
    }

    private static bool TryMultiply(decimal a, decimal b, out decimal product)
    {
        try
        {
            product = a * b;
            return product.Scale == a.Scale + b.Scale;
        }
        catch (OverflowException)
        {
            product = 0;
            return false;
        }
    }

    // Exact, or so long that rounding it again errs only where the first rounding made a tie.
    private static bool TryDivide(decimal value, decimal divisor, out decimal quotient)
    {
        quotient = 0;
        // A small divisor would make a quotient that a decimal cannot hold.
        if (Math.Abs(divisor) < 1 && Math.Abs(value) >= Math.Abs(divisor) * 1e12m)
            return false;

        quotient = value / divisor;
        if (Math.Abs(quotient) >= 1e12m)
            return false;

        decimal shifted = Math.Abs(quotient) * 1e12m;
        return shifted - Math.Truncate(shifted) is not (0 or 0.5m) || (quotient.Scale <= ReportedDecimals + 1 && quotient * divisor == value);
    }

    private static bool TryToDecimal(Wide number, out decimal value)
    {
        value = 0;
        BigInteger size = BigInteger.Abs(number.Unscaled);
        int scale = number.Scale;
        while (scale > 0 && (scale > 28 || size > LargestUnscaled))
        {
            size = BigInteger.DivRem(size, 10, out BigInteger digit);
            scale--;
            if (!digit.IsZero)
                return false;
        }

        if (size > LargestUnscaled)
            return false;

        value = new decimal(
            unchecked((int)(uint)(size & uint.MaxValue)),
            unchecked((int)(uint)((size >> 32) & uint.MaxValue)),
            unchecked((int)(uint)((size >> 64) & uint.MaxValue)),
            number.Unscaled.Sign < 0,
            (byte)scale);
        return true;
    }

    private Wide ToWide() => _wide ?? Wide.From(_small);

    private static readonly BigInteger LargestUnscaled = (BigInteger.One << 96) - 1;

    private sealed record Wide(BigInteger Unscaled, int Scale)
    {
        public static Wide From(decimal value)
        {
            Span<int> bits = stackalloc int[4];
            decimal.GetBits(value, bits);
            BigInteger unscaled = (((BigInteger)(uint)bits[2]) << 64) | (((BigInteger)(uint)bits[1]) << 32) | (uint)bits[0];
            return new Wide(bits[3] < 0 ? -unscaled : unscaled, value.Scale);
        }

        public BigInteger At(int scale) => scale == Scale ? Unscaled : Unscaled * BigInteger.Pow(10, scale - Scale);
    }
}
