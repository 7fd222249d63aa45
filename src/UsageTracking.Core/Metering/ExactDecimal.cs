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

    private readonly BigInteger _unscaled;
    private readonly int _scale;

    /// <summary>The number <paramref name="unscaled"/> / 10^<paramref name="scale"/>.</summary>
    public ExactDecimal(BigInteger unscaled, int scale)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(scale);
        _unscaled = unscaled;
        _scale = scale;
    }

    /// <summary>Zero.</summary>
    public static ExactDecimal Zero => default;

    /// <summary>The same number, exactly.</summary>
    public static implicit operator ExactDecimal(decimal value)
    {
        Span<int> bits = stackalloc int[4];
        decimal.GetBits(value, bits);
        BigInteger unscaled = (((BigInteger)(uint)bits[2]) << 64) | (((BigInteger)(uint)bits[1]) << 32) | (uint)bits[0];
        return new ExactDecimal(bits[3] < 0 ? -unscaled : unscaled, value.Scale);
    }

    /// <summary>The exact sum.</summary>
    public static ExactDecimal operator +(ExactDecimal a, ExactDecimal b)
    {
        int scale = Math.Max(a._scale, b._scale);
        return new ExactDecimal(a.Unscaled(scale) + b.Unscaled(scale), scale);
    }

    /// <summary>The exact difference.</summary>
    public static ExactDecimal operator -(ExactDecimal a, ExactDecimal b) => a + new ExactDecimal(-b._unscaled, b._scale);

    /// <summary>The exact product.</summary>
    public static ExactDecimal operator *(ExactDecimal a, ExactDecimal b) => new(a._unscaled * b._unscaled, a._scale + b._scale);

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
    public ExactDecimal DivideBy(long divisor)
    {
        const int QuotientDecimals = 40;
        int scale = Math.Max(_scale, QuotientDecimals);
        BigInteger quotient = BigInteger.DivRem(Unscaled(scale), divisor, out BigInteger rest);

        // One digit more tells a half from a little more than a half.
        return rest.IsZero
            ? new ExactDecimal(quotient, scale)
            : new ExactDecimal((quotient * 10) + (rest.Sign * Math.Sign(divisor)), scale + 1);
    }

    /// <summary>Rounds once, half to even.</summary>
    public ExactDecimal Round(int decimals)
    {
        if (_scale <= decimals)
            return this;

        BigInteger divisor = BigInteger.Pow(10, _scale - decimals);
        BigInteger quotient = BigInteger.DivRem(BigInteger.Abs(_unscaled), divisor, out BigInteger rest);
        int half = (rest * 2).CompareTo(divisor);
        if (half > 0 || (half == 0 && !quotient.IsEven))
            quotient += 1;

        return new ExactDecimal(_unscaled.Sign < 0 ? -quotient : quotient, decimals);
    }

    /// <summary>The number as figures leave the project: 12 decimals at most, trailing zeros trimmed.</summary>
    /// <exception cref="UsageException"><c>FigureTooLarge</c>: beyond what a decimal holds (about 7.9e28).</exception>
    public decimal ToReported()
    {
        // A large integer part leaves a decimal less room for decimals than twelve.
        for (int decimals = Math.Min(_scale, ReportedDecimals); ; decimals--)
        {
            ExactDecimal rounded = Round(decimals);
            if (TryToDecimal(rounded, out decimal value))
                return Trim(value);

            if (decimals == 0)
                throw new UsageException(UsageErrorKind.LimitReached, "FigureTooLarge", $"The figure {this} is larger than 7.9e28, the largest that can be shown. Ask for a shorter range or fewer customers.");
        }
    }

    /// <summary>The same number as a decimal.</summary>
    /// <returns>False where a decimal cannot hold all its digits.</returns>
    public bool TryToDecimal(out decimal value) => TryToDecimal(this, out value);

    /// <summary>How many digits the number has, without leading zeros and trailing zeros after the point.</summary>
    public int SignificantDigits
    {
        get
        {
            string text = BigInteger.Abs(_unscaled).ToString(CultureInfo.InvariantCulture);
            int zeros = text.Length - text.TrimEnd('0').Length;
            return Math.Max(1, text.Length - Math.Min(zeros, _scale));
        }
    }

    /// <summary>Below, at or above zero: -1, 0 or 1.</summary>
    public int Sign => _unscaled.Sign;

    /// <inheritdoc/>
    public int CompareTo(ExactDecimal other)
    {
        int scale = Math.Max(_scale, other._scale);
        return Unscaled(scale).CompareTo(other.Unscaled(scale));
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
        string digits = BigInteger.Abs(_unscaled).ToString(CultureInfo.InvariantCulture);
        string sign = _unscaled.Sign < 0 ? "-" : "";
        if (_scale == 0)
            return sign + digits;

        digits = digits.PadLeft(_scale + 1, '0');
        string fraction = digits[^_scale..].TrimEnd('0');
        return sign + digits[..^_scale] + (fraction.Length == 0 ? "" : "." + fraction);
    }

    /// <summary>The same decimal without trailing zeros.</summary>
    public static decimal Trim(decimal value) => value / 1.0000000000000000000000000000m;

    private static bool TryToDecimal(ExactDecimal number, out decimal value)
    {
        BigInteger size = BigInteger.Abs(number._unscaled);
        int scale = number._scale;
        while (scale > 0 && (scale > 28 || size > LargestUnscaled))
        {
            size = BigInteger.DivRem(size, 10, out BigInteger digit);
            scale--;
            if (!digit.IsZero)
            {
                value = 0;
                return false;
            }
        }

        if (size > LargestUnscaled)
        {
            value = 0;
            return false;
        }

        value = new decimal(
            unchecked((int)(uint)(size & uint.MaxValue)),
            unchecked((int)(uint)((size >> 32) & uint.MaxValue)),
            unchecked((int)(uint)((size >> 64) & uint.MaxValue)),
            number._unscaled.Sign < 0,
            (byte)scale);
        return true;
    }

    private BigInteger Unscaled(int scale) =>
        scale == _scale ? _unscaled : _unscaled * BigInteger.Pow(10, scale - _scale);

    private static readonly BigInteger LargestUnscaled = (BigInteger.One << 96) - 1;
}
