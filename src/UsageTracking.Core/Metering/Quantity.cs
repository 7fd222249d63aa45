using System.Globalization;
using System.Numerics;

namespace UsageTracking.Metering;

/// <summary>Reads quantities and prices from whatever a caller has: numbers of any type, or invariant text.</summary>
public static class Quantity
{
    /// <summary>Decimals a quantity keeps; it is rounded to them once, half to even, on entry.</summary>
    public const int Decimals = 18;

    /// <summary>Significant digits a quantity may have.</summary>
    public const int Digits = 28;

    /// <summary>Decimals a unit cost may have.</summary>
    public const int UnitCostDecimals = 10;

    private const decimal TenDigits = 10_000_000_000m;

    /// <summary>Reads a quantity: zero or more, rounded to 18 decimals.</summary>
    /// <param name="value">A number of any type, or invariant text.</param>
    /// <param name="what">What the number is, for the message.</param>
    /// <exception cref="UsageException"><c>InvalidQuantity</c>.</exception>
    public static decimal Read(object? value, string what = "quantity")
    {
        // Nearly every quantity has at most ten digits before the point; with 18 after it that is within 28.
        if (AsDecimal(value) is { } number and >= 0 and < TenDigits)
            return number.Scale == 0 ? number : ExactDecimal.Trim(Math.Round(number, Decimals, MidpointRounding.ToEven));

        ExactDecimal exact = Number(value, "InvalidQuantity", what);
        // Only of usage is there a correction to speak of.
        return exact.Sign < 0 && what != "quantity"
            ? throw Invalid("InvalidQuantity", value, $"a {what} cannot be negative. Give 0 or more.")
            : FromExact(exact, value);
    }

    /// <summary>Rounds an exact number to a quantity.</summary>
    /// <exception cref="UsageException"><c>InvalidQuantity</c>: negative, or more than 28 digits.</exception>
    public static decimal FromExact(ExactDecimal number, object? given)
    {
        if (number.Sign < 0)
            throw Invalid("InvalidQuantity", given, "a quantity cannot be negative. Usage is only ever added; a mistake is undone by a correction.");

        ExactDecimal rounded = number.Round(Decimals);
        if (rounded.SignificantDigits > Digits || !rounded.TryToDecimal(out decimal quantity))
            throw Invalid("InvalidQuantity", given, $"a quantity has at most {Digits} significant digits, {Decimals} of them after the point.");

        return ExactDecimal.Trim(quantity);
    }

    /// <summary>
    /// Rounds what was worked out from quantities: to 18 decimals, or to as many as 28 digits leave room for, since the
    /// caller cannot choose how many digits a product or a quotient has.
    /// </summary>
    /// <exception cref="UsageException"><c>InvalidQuantity</c>: more than 28 digits before the point.</exception>
    internal static decimal FromCalculation(ExactDecimal number, object? given)
    {
        ExactDecimal rounded = number.Round(Decimals);
        for (int decimals = Decimals - 1; decimals >= 0 && rounded.SignificantDigits > Digits; decimals--)
            rounded = number.Round(decimals);

        return FromExact(rounded, given);
    }

    /// <summary>Reads a unit cost: zero or more, at most 10 decimals.</summary>
    /// <exception cref="UsageException"><c>InvalidUnitCost</c>.</exception>
    public static decimal ReadUnitCost(object? value)
    {
        ExactDecimal number = Number(value, "InvalidUnitCost", "unit cost");
        if (number.Sign < 0)
            throw Invalid("InvalidUnitCost", value, "a unit cost cannot be negative.");

        if (number.Round(UnitCostDecimals) != number || number.SignificantDigits > Digits || !number.TryToDecimal(out decimal cost))
            throw Invalid("InvalidUnitCost", value, $"a unit cost has at most {UnitCostDecimals} decimals and {Digits} digits.");

        return ExactDecimal.Trim(cost);
    }

    private static decimal? AsDecimal(object? value) => value switch
    {
        int number => number,
        long number => number,
        decimal number => number,
        short or sbyte or byte or ushort or uint or ulong => Convert.ToDecimal(value, CultureInfo.InvariantCulture),
        _ => null,
    };

    private static ExactDecimal Number(object? value, string errorId, string what)
    {
        if (AsDecimal(value) is { } exact)
            return exact;

        switch (value)
        {
            case BigInteger big:
                return new ExactDecimal(big, 0);
            case double or float or Half:
                // The shortest text that reads back the same: 0.1 stays 0.1.
                string shortest = ((IFormattable)value).ToString("R", CultureInfo.InvariantCulture);
                if (ExactDecimal.TryParse(shortest, out ExactDecimal fromDouble))
                    return fromDouble;
                break;
            case string text when ExactDecimal.TryParse(text, out ExactDecimal fromText):
                return fromText;
            case null:
                throw Invalid(errorId, value, $"the {what} is null. Give a number, or leave it out where it has a default.");
            case System.Collections.ICollection list:
                throw Invalid(errorId, null, $"the {what} is a list of {list.Count} values. Give one number; the decimal separator is a point.");
            case string text when text.AsSpan().Trim().IsEmpty:
                throw Invalid(errorId, value, $"the {what} is empty. Give a number, or leave it out where it has a default.");
        }

        string shown = Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";
        string hint = shown.Contains(',', StringComparison.Ordinal) ? " The decimal separator is a point, and there are no thousands separators." : "";
        throw Invalid(errorId, value, $"'{shown}' is no number. Write digits with a point, such as 1.5.{hint}");
    }

    private static UsageException Invalid(string errorId, object? value, string message) =>
        UsageException.Invalid(errorId, char.ToUpperInvariant(message[0]) + message[1..] + Given(value), value);

    private static string Given(object? value) =>
        value is null || value is string ? "" : FormattableString.Invariant($" Given: {value}.");
}
