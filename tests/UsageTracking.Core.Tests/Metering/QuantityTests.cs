using System.Globalization;
using System.Numerics;
using UsageTracking.Metering;
using UsageTracking.Tests.Testing;

namespace UsageTracking.Tests.Metering;

public sealed class QuantityTests
{
    [Fact]
    public void Numbers_of_every_type_are_read()
    {
        object[] sevens = [7, 7L, (short)7, (sbyte)7, (byte)7, (ushort)7, 7u, 7ul, 7m, 7.0m, 7.0, 7f, (Half)7, new BigInteger(7), "7", "7.0", "+7", " 7 "];
        Assert.All(sevens, seven => Assert.Equal("7", Read(seven)));
        Assert.Equal("18446744073709551615", Read(ulong.MaxValue));
        Assert.Equal("9223372036854775807", Read(long.MaxValue));
        Assert.Equal("0", Read(0));
    }

    [Fact]
    public void Binary_fractions_keep_their_shortest_text()
    {
        Assert.Equal("0.1", Read(0.1));
        Assert.Equal("0.1", Read(0.1f));
        Assert.Equal("0.1", Read((Half)0.1));
        Assert.Equal("0.3333333333333333", Read(1 / 3.0));
        Assert.Equal("0.30000000000000004", Read(0.1 + 0.2));
        Assert.Equal("123456789.123", Read(123456789.123));
        Assert.Equal("0.0000001", Read(1e-7));
        Assert.Equal("1000000000000000000000000000", Read(1e27));
        Assert.Equal("0", Read(-0.0));
        Assert.Equal("0", Read(double.Epsilon));
    }

    [Theory]
    [InlineData("1.5", "1.5")]
    [InlineData("1.500", "1.5")]
    [InlineData(".5", "0.5")]
    [InlineData("1e3", "1000")]
    [InlineData("1.5E-3", "0.0015")]
    [InlineData("2.5e+2", "250")]
    [InlineData("-0", "0")]
    [InlineData("\t42\r\n", "42")]
    public void Text_is_invariant_digits_with_or_without_an_exponent(string text, string expected) => Assert.Equal(expected, Read(text));

    [Theory]
    [InlineData("1,5")]
    [InlineData("1 000")]
    [InlineData("1.000,5")]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData(null)]
    [InlineData("NaN")]
    [InlineData("Infinity")]
    [InlineData("∞")]
    [InlineData("5 GB")]
    [InlineData("abc")]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(double.NegativeInfinity)]
    [InlineData(float.NaN)]
    [InlineData(true)]
    [InlineData('5')]
    [InlineData(DayOfWeek.Friday)]
    [InlineData(-1)]
    [InlineData(-0.5)]
    [InlineData("-1")]
    [InlineData("-1e-30")]
    public void What_is_no_number_or_negative_is_an_error(object? value)
    {
        UsageException error = Assert.Throws<UsageException>(() => Quantity.Read(value));

        Assert.Equal(("InvalidQuantity", UsageErrorKind.InvalidInput), (error.ErrorId, error.Kind));
        Assert.Equal(value, error.Target);
    }

    [Fact]
    public void The_message_says_what_would_be_right()
    {
        Assert.Contains("decimal separator is a point", Refusal("1,5"), StringComparison.Ordinal);
        Assert.Contains("null", Refusal(null), StringComparison.Ordinal);
        Assert.Contains("empty", Refusal(" "), StringComparison.Ordinal);
        Assert.Contains("'NaN'", Refusal(double.NaN), StringComparison.Ordinal);
        Assert.Contains("-1.5", Refusal(-1.5m), StringComparison.Ordinal);
        Assert.Contains("negative", Refusal(-1.5m), StringComparison.Ordinal);
        // No word of usage where the number is none.
        Assert.Equal("A limit cannot be negative. Give 0 or more. Given: -5.", Assert.Throws<UsageException>(() => Quantity.Read(-5, "limit")).Message);
        Assert.Contains("28 significant digits", Refusal(1e28), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0.0000000000000000005", "0")]
    [InlineData("0.0000000000000000015", "0.000000000000000002")]
    [InlineData("0.0000000000000000025", "0.000000000000000002")]
    [InlineData("0.00000000000000000250000000000000000000000001", "0.000000000000000003")]
    [InlineData("0.1234567890123456785", "0.123456789012345678")]
    [InlineData("0.1234567890123456775", "0.123456789012345678")]
    [InlineData("9999999999.9999999999999999995", "10000000000")]
    [InlineData("1e-30", "0")]
    public void The_nineteenth_decimal_is_rounded_half_to_even(string text, string expected)
    {
        Assert.Equal(expected, Read(text));
        if (decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal value) && text.Length < 30)
            Assert.Equal(expected, Read(value));
    }

    [Fact]
    public void Decimals_doubles_and_text_of_the_same_number_are_the_same_quantity()
    {
        var random = new Random(1);
        for (int i = 0; i < 3000; i++)
        {
            decimal value = Math.Abs(BigNumber.RandomDecimal(random));
            string text = value.ToString(CultureInfo.InvariantCulture);
            BigNumber rounded = BigNumber.Of(value).Round(18);
            string digits = rounded.ToString();
            string? expected = digits.Replace(".", "", StringComparison.Ordinal).TrimStart('0').Length <= 28 ? digits : null;

            Assert.Equal(expected, ReadOrNull(value));
            Assert.Equal(expected, ReadOrNull(text));

            double binary = random.NextDouble() * Math.Pow(10, random.Next(-20, 12));
            Assert.Equal(ReadOrNull(binary.ToString("R", CultureInfo.InvariantCulture)), ReadOrNull(binary));
        }
    }

    [Theory]
    [InlineData("9999999999999999999999999999")]
    [InlineData("9999999999.123456789012345678")]
    [InlineData("10000000000.12345678901234567")]
    [InlineData("10000000000.123456789012345670000")]
    [InlineData("1000000000000000000000000000")]
    public void Twenty_eight_digits_are_kept(string text)
    {
        string expected = text.Contains('.', StringComparison.Ordinal) ? text.TrimEnd('0') : text;
        Assert.Equal(expected, Read(text));
        Assert.Equal(expected, Read(decimal.Parse(text, CultureInfo.InvariantCulture)));
    }

    [Theory]
    [InlineData("10000000000000000000000000000")]
    [InlineData("10000000000.123456789012345678")]
    [InlineData("79228162514264337593543950335")]
    [InlineData("1e28")]
    [InlineData("1e400")]
    public void Twenty_nine_digits_are_refused(string text)
    {
        Assert.Null(ReadOrNull(text));
        if (decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out decimal value))
            Assert.Null(ReadOrNull(value));
        Assert.Null(ReadOrNull(BigInteger.Pow(10, 28)));
    }

    [Fact]
    public void A_quantity_carries_no_trailing_zeros()
    {
        Assert.All<object>([1.500m, "1.500", 1.5, 1.5000000000000000000000m], v => Assert.Equal(1, Quantity.Read(v).Scale));
        Assert.All<object>([100.00m, "100.00", 100.0, 100], v => Assert.Equal(0, Quantity.Read(v).Scale));
    }

    [Fact]
    public void A_German_session_reads_and_says_the_same() => Cultures.In("de-DE", () =>
    {
        Assert.Equal("1.5", Read("1.5"));
        Assert.Equal("1.5", Read(1.5));
        Assert.Equal("0.0000001", Read(1e-7));
        Assert.Null(ReadOrNull("1,5"));
        Assert.Null(ReadOrNull("1.000,5"));
        Assert.EndsWith("Given: -1.5.", Refusal(-1.5), StringComparison.Ordinal);
        Assert.Equal("0.25", Quantity.ReadUnitCost("0.25").ToString(CultureInfo.InvariantCulture));
    });

    [Theory]
    [InlineData("0", "0")]
    [InlineData("0.0001", "0.0001")]
    [InlineData("0.1234567890", "0.123456789")]
    [InlineData("0.0123456789", "0.0123456789")]
    [InlineData("1e-10", "0.0000000001")]
    [InlineData("0.50000000000000000000", "0.5")]
    [InlineData("123456789012345678.0123456789", "123456789012345678.0123456789")]
    public void A_unit_cost_has_ten_decimals_at_most(string text, string expected) =>
        Assert.Equal(expected, Quantity.ReadUnitCost(text).ToString(CultureInfo.InvariantCulture));

    [Theory]
    [InlineData("0.00000000001")]
    [InlineData("0.12345678905")]
    [InlineData("1234567890123456789.0123456789")]
    [InlineData("1e28")]
    [InlineData("-0.1")]
    [InlineData("0,1")]
    [InlineData("")]
    [InlineData(null)]
    [InlineData(double.NaN)]
    [InlineData(-1)]
    public void Any_other_unit_cost_is_an_error_not_a_rounded_price(object? value)
    {
        UsageException error = Assert.Throws<UsageException>(() => Quantity.ReadUnitCost(value));
        Assert.Equal(("InvalidUnitCost", UsageErrorKind.InvalidInput), (error.ErrorId, error.Kind));
    }

    private static string Read(object? value) => Quantity.Read(value).ToString(CultureInfo.InvariantCulture);

    private static string? ReadOrNull(object? value)
    {
        try
        {
            return Read(value);
        }
        catch (UsageException error) when (error.ErrorId == "InvalidQuantity")
        {
            return null;
        }
    }

    private static string Refusal(object? value) => Assert.Throws<UsageException>(() => Quantity.Read(value)).Message;
}
