using System.Globalization;
using System.Numerics;
using UsageTracking.Metering;
using UsageTracking.Tests.Testing;

namespace UsageTracking.Tests.Metering;

public sealed class ExactDecimalTests
{
    private const string LargestDecimal = "79228162514264337593543950335";

    [Theory]
    [InlineData("0", "0")]
    [InlineData("-0", "0")]
    [InlineData("-0.000", "0")]
    [InlineData("007", "7")]
    [InlineData("+5", "5")]
    [InlineData("100", "100")]
    [InlineData("5.", "5")]
    [InlineData(".5", "0.5")]
    [InlineData("-.5", "-0.5")]
    [InlineData("-0.05", "-0.05")]
    [InlineData("1.50", "1.5")]
    [InlineData("1e3", "1000")]
    [InlineData("1E+3", "1000")]
    [InlineData("-2.5E1", "-25")]
    [InlineData("1.5e-3", "0.0015")]
    [InlineData("12.345e2", "1234.5")]
    [InlineData("0e7", "0")]
    [InlineData(" \t7.25\n", "7.25")]
    [InlineData("123456789012345678901234567890123456789.987654321098765432109876543210", "123456789012345678901234567890123456789.98765432109876543210987654321")]
    public void Digits_with_sign_point_and_exponent_are_read_exactly(string text, string expected)
    {
        Assert.True(ExactDecimal.TryParse(text, out ExactDecimal value));
        Assert.Equal(expected, value.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("  ")]
    [InlineData("+")]
    [InlineData("-")]
    [InlineData(".")]
    [InlineData("-.")]
    [InlineData("e5")]
    [InlineData(".e5")]
    [InlineData("1e")]
    [InlineData("1e+")]
    [InlineData("1e1.5")]
    [InlineData("1e 5")]
    [InlineData("1 e5")]
    [InlineData("1,5")]
    [InlineData("1 000")]
    [InlineData("1'000")]
    [InlineData("1_000")]
    [InlineData("1.2.3")]
    [InlineData("--1")]
    [InlineData("- 1")]
    [InlineData("1-")]
    [InlineData(".-5")]
    [InlineData(".+5")]
    [InlineData("1.-5")]
    [InlineData("(5)")]
    [InlineData("$5")]
    [InlineData("0x10")]
    [InlineData("NaN")]
    [InlineData("Infinity")]
    [InlineData("∞")]
    [InlineData("−5")]
    [InlineData("１２")]
    [InlineData("١")]
    [InlineData("1e٣")]
    [InlineData("1\0")]
    [InlineData("1e5\0")]
    [InlineData("1e401")]
    [InlineData("1e-401")]
    [InlineData("1e99999999999999999999")]
    public void Anything_else_is_refused(string text)
    {
        Assert.False(ExactDecimal.TryParse(text, out ExactDecimal value));
        Assert.Equal(ExactDecimal.Zero, value);
        Assert.Throws<FormatException>(() => ExactDecimal.Parse(text));
    }

    [Fact]
    public void Exponents_up_to_400_are_read()
    {
        Assert.Equal("1" + new string('0', 400), ExactDecimal.Parse("1e400").ToString());
        Assert.Equal("-0." + new string('0', 399) + "1", ExactDecimal.Parse("-1e-400").ToString());
    }

    [Fact]
    public void Text_is_read_and_written_the_same_in_every_culture() => Cultures.In("de-DE", () =>
    {
        Assert.True(ExactDecimal.TryParse("-1234.5", out ExactDecimal value));
        Assert.Equal("-1234.5", value.ToString());
        Assert.Equal("-1234.5", ExactDecimal.Parse("-1234.50").ToString());
        Assert.False(ExactDecimal.TryParse("1,5", out _));
    });

    [Fact]
    public void Sums_differences_products_and_comparisons_agree_with_integer_arithmetic()
    {
        var random = new Random(1);
        for (int i = 0; i < 3000; i++)
        {
            var a = BigNumber.Random(random, 60, 40);
            var b = i % 10 == 0 ? new BigNumber(a.Unscaled * 10, a.Scale + 1) : BigNumber.Random(random, 60, 40);
            (ExactDecimal x, ExactDecimal y) = (a.ToExact(), b.ToExact());
            const int Common = 41;

            Assert.Equal(new BigNumber(a.At(Common) + b.At(Common), Common).ToString(), (x + y).ToString());
            Assert.Equal(new BigNumber(a.At(Common) - b.At(Common), Common).ToString(), (x - y).ToString());
            Assert.Equal(new BigNumber(a.Unscaled * b.Unscaled, a.Scale + b.Scale).ToString(), (x * y).ToString());

            int order = a.At(Common).CompareTo(b.At(Common));
            Assert.Equal(order, Math.Sign(x.CompareTo(y)));
            Assert.Equal(
                (order < 0, order <= 0, order == 0, order != 0, order >= 0, order > 0),
                (x < y, x <= y, x == y, x != y, x >= y, x > y));
            Assert.Equal(order == 0, x.Equals((object)y));
            Assert.Equal(a.Unscaled.Sign, x.Sign);
        }
    }

    [Fact]
    public void Numbers_that_are_the_same_have_the_same_hash_however_many_zeros_trail()
    {
        ExactDecimal[] same = [1.5m, 1.50m, ExactDecimal.Parse("15e-1"), new(15_000, 4)];
        Assert.All(same, n => Assert.Equal((same[0], same[0].GetHashCode()), (n, n.GetHashCode())));
        Assert.Equal(ExactDecimal.Zero.GetHashCode(), ((ExactDecimal)(-0.00m)).GetHashCode());
        Assert.Equal(100, ExactDecimal.Parse("1e2"));
        Assert.NotEqual(ExactDecimal.Parse("10"), ExactDecimal.Parse("1"));
    }

    [Fact]
    public void Every_decimal_comes_through_unchanged()
    {
        var random = new Random(2);
        decimal[] limits = [decimal.MaxValue, decimal.MinValue, 0m, 1e-28m, -1e-28m];
        foreach (decimal value in limits.Concat(Enumerable.Range(0, 3000).Select(_ => BigNumber.RandomDecimal(random))))
        {
            ExactDecimal exact = value;

            Assert.Equal(BigNumber.Of(value).ToString(), exact.ToString());
            Assert.True(exact.TryToDecimal(out decimal back));
            Assert.Equal(value, back);
            Assert.Equal(exact, ExactDecimal.Parse(exact.ToString()));
        }
    }

    [Theory]
    [InlineData("0.5", 0, "0")]
    [InlineData("1.5", 0, "2")]
    [InlineData("2.5", 0, "2")]
    [InlineData("-0.5", 0, "0")]
    [InlineData("-1.5", 0, "-2")]
    [InlineData("-2.5", 0, "-2")]
    [InlineData("-2.500000000000000000000000000000000000001", 0, "-3")]
    [InlineData("0.25", 1, "0.2")]
    [InlineData("0.35", 1, "0.4")]
    [InlineData("0.2500000000000000000000000000000000000001", 1, "0.3")]
    [InlineData("0.2499999999999999999999999999999999999999", 1, "0.2")]
    [InlineData("9.95", 1, "10")]
    [InlineData("-99999999999999999999999999999999999.5", 0, "-100000000000000000000000000000000000")]
    [InlineData("0.00000000000000000049", 18, "0")]
    [InlineData("123.45", 5, "123.45")]
    public void Halves_are_rounded_to_the_even_neighbour(string text, int decimals, string expected) =>
        Assert.Equal(expected, ExactDecimal.Parse(text).Round(decimals).ToString());

    [Fact]
    public void Rounding_agrees_with_decimals_and_with_integer_arithmetic()
    {
        var random = new Random(3);
        for (int i = 0; i < 3000; i++)
        {
            // Few digits give many halves.
            decimal small = new decimal(random.Next(100_000), 0, 0, random.Next(2) == 0, (byte)random.Next(6));
            int places = random.Next(5);
            Assert.Equal(Math.Round(small, places, MidpointRounding.ToEven), Decimal(((ExactDecimal)small).Round(places)));

            var large = BigNumber.Random(random, 50, 45);
            Assert.Equal(large.Round(places * 7).ToString(), large.ToExact().Round(places * 7).ToString());
        }

        static decimal Decimal(ExactDecimal number) => number.TryToDecimal(out decimal value) ? value : throw new OverflowException();
    }

    [Theory]
    [InlineData("1.500", "1.5")]
    [InlineData("100", "100")]
    [InlineData("0.0000000000004", "0")]
    [InlineData("-0.0000000000005", "0")]
    [InlineData("0.1234567890125", "0.123456789012")]
    [InlineData("0.1234567890135", "0.123456789014")]
    [InlineData("-0.1234567890135", "-0.123456789014")]
    [InlineData("0.12345678901250000000000000000000000000000000001", "0.123456789013")]
    [InlineData("12345678901234567.1234567890126", "12345678901234567.123456789013")]
    // 29 digits that a decimal cannot hold: a decimal less, and rounded once (twice would give ...04).
    [InlineData("98765432109876543.1234567890349", "98765432109876543.12345678903")]
    [InlineData("1234567890123456789012345678.55", "1234567890123456789012345678.6")]
    [InlineData("7922816251426433759354395033.55", "7922816251426433759354395034")]
    [InlineData(LargestDecimal + ".4999", LargestDecimal)]
    [InlineData("-" + LargestDecimal + ".4999", "-" + LargestDecimal)]
    public void A_reported_figure_has_twelve_decimals_or_as_many_as_fit(string text, string expected) =>
        Assert.Equal(expected, ExactDecimal.Parse(text).ToReported().ToString(CultureInfo.InvariantCulture));

    [Theory]
    [InlineData(LargestDecimal + ".5")]
    [InlineData("79228162514264337593543950336")]
    [InlineData("-1e40")]
    public void A_figure_that_no_decimal_holds_is_an_error(string text) =>
        Assert.Equal("FigureTooLarge", Assert.Throws<UsageException>(() => ExactDecimal.Parse(text).ToReported()).ErrorId);

    [Fact]
    public void Reported_figures_agree_with_integer_arithmetic()
    {
        var random = new Random(4);
        for (int i = 0; i < 3000; i++)
        {
            var number = BigNumber.Random(random, 34, 20);
            if (BigInteger.Abs(number.Unscaled) / BigInteger.Pow(10, number.Scale) >= BigInteger.Parse("7922816251426433759354395033", CultureInfo.InvariantCulture))
                continue;

            int decimals = 12;
            while (!FitsDecimal(number.Round(decimals)))
                decimals--;

            Assert.Equal(number.Round(decimals).ToString(), number.ToExact().ToReported().ToString(CultureInfo.InvariantCulture));
        }

        static bool FitsDecimal(BigNumber number)
        {
            string digits = number.ToString().Replace(".", "", StringComparison.Ordinal);
            return BigInteger.Abs(BigInteger.Parse(digits, CultureInfo.InvariantCulture)) < BigInteger.Pow(2, 96);
        }
    }

    [Theory]
    [InlineData(LargestDecimal, LargestDecimal)]
    [InlineData(LargestDecimal + ".000", LargestDecimal)]
    [InlineData("0.1000000000000000000000000000000000000000", "0.1")]
    [InlineData("7.9228162514264337593543950335", "7.9228162514264337593543950335")]
    [InlineData("79228162514264337593543950336", null)]
    [InlineData("7.9228162514264337593543950336", null)]
    [InlineData("0.00000000000000000000000000001", null)]
    [InlineData("1e29", null)]
    public void A_decimal_holds_all_digits_or_is_refused(string text, string? expected)
    {
        bool fits = ExactDecimal.Parse(text).TryToDecimal(out decimal value);

        Assert.Equal(expected, fits ? ExactDecimal.Trim(value).ToString(CultureInfo.InvariantCulture) : null);
    }

    [Theory]
    [InlineData("0", 1)]
    [InlineData("0.000", 1)]
    [InlineData("-7", 1)]
    [InlineData("100", 3)]
    [InlineData("1.00", 1)]
    [InlineData("100.00", 3)]
    [InlineData("0.0015", 2)]
    [InlineData("00123.4500", 5)]
    [InlineData("1e28", 29)]
    [InlineData("-9999999999.123456789012345678", 28)]
    public void Digits_are_counted_without_the_zeros_that_say_nothing(string text, int expected)
    {
        Assert.True(ExactDecimal.TryParse(text, out ExactDecimal value));
        Assert.Equal(expected, value.SignificantDigits);
    }

    [Theory]
    [InlineData("1", 3, "0.333333333333")]
    [InlineData("2", 3, "0.666666666667")]
    [InlineData("-2", 3, "-0.666666666667")]
    [InlineData("2", -3, "-0.666666666667")]
    [InlineData("1", 8, "0.125")]
    [InlineData("10", 4, "2.5")]
    [InlineData("0", 7, "0")]
    // 0.0000000000005 and 0.0000000000015: exact halves.
    [InlineData("5", 10_000_000_000_000, "0")]
    [InlineData("15", 10_000_000_000_000, "0.000000000002")]
    // Halves and a 10^-41 more, or less.
    [InlineData("5.0000000000000000000000000001", 10_000_000_000_000, "0.000000000001")]
    [InlineData("-5.0000000000000000000000000001", 10_000_000_000_000, "-0.000000000001")]
    [InlineData("14.9999999999999999999999999999", 10_000_000_000_000, "0.000000000001")]
    public void A_quotient_is_rounded_once_when_it_is_reported(string number, long divisor, string expected) =>
        Assert.Equal(expected, ExactDecimal.Parse(number).DivideBy(divisor).ToReported().ToString(CultureInfo.InvariantCulture));

    [Fact]
    public void Quotients_agree_with_integer_arithmetic()
    {
        var random = new Random(5);
        for (int i = 0; i < 3000; i++)
        {
            var number = BigNumber.Random(random, 30, 28);
            long divisor = random.NextInt64(1, 1L << random.Next(1, 63)) * (random.Next(2) == 0 ? 1 : -1);
            if (i % 3 == 0)
            {
                // Next to a half of the twelfth decimal, or on it.
                BigInteger half = ((2 * random.Next(1000)) + 1) * (BigInteger)divisor * 5;
                number = new BigNumber((half * BigInteger.Pow(10, 15)) + random.Next(-1, 2), 28);
            }

            var expected = BigNumber.Quotient(number.Unscaled, BigInteger.Pow(10, number.Scale) * divisor, 12);
            if (BigInteger.Abs(expected.Unscaled) < BigInteger.Pow(2, 96))
                Assert.Equal(expected.ToString(), number.ToExact().DivideBy(divisor).ToReported().ToString(CultureInfo.InvariantCulture));
        }
    }

    [Fact]
    public void Trimming_takes_trailing_zeros_and_nothing_else()
    {
        Assert.Equal((100m, 0), (ExactDecimal.Trim(100.00m), ExactDecimal.Trim(100.00m).Scale));
        Assert.Equal(decimal.MaxValue, ExactDecimal.Trim(decimal.MaxValue));
        Assert.Equal(7.9228162514264337593543950335m, ExactDecimal.Trim(7.9228162514264337593543950335m));
        var random = new Random(6);
        for (int i = 0; i < 3000; i++)
        {
            decimal value = BigNumber.RandomDecimal(random);
            decimal trimmed = ExactDecimal.Trim(value);
            Assert.Equal(BigNumber.Of(value).ToString(), trimmed.ToString(CultureInfo.InvariantCulture));
        }
    }
}
