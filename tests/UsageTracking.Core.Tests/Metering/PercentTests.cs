using UsageTracking.Metering;

namespace UsageTracking.Tests.Metering;

public sealed class PercentTests
{
    [Theory]
    [InlineData("1", "4", "25")]
    [InlineData("-3", "2", "-150")]
    [InlineData("1", "-4", "-25")]
    [InlineData("0", "7", "0")]
    [InlineData("1", "3", "33.333333333333333333333333333")]
    [InlineData("2", "3", "66.666666666666666666666666667")]
    [InlineData("9999999999999999999999999.999", "100", "9999999999999999999999999.999")]
    [InlineData("1.10", "1.100", "100")]
    // One more digit and part * 100 is more than a decimal holds, yet the percentage is not.
    [InlineData("9999999999999999999999999999", "9999999999999999999999999999", "100")]
    [InlineData("5000000000000000000000000000", "-10000000000000000000000000000", "-50")]
    public void A_percentage_keeps_all_digits_and_no_zeros(string part, string whole, string expected) =>
        Assert.Equal(expected, FormattableString.Invariant($"{Percent.Of(Number(part), Number(whole))}"));

    [Theory]
    [InlineData("5", "0")]
    [InlineData("0", "0")]
    [InlineData("1000000000000000000000000000", "0.000000000001")]
    [InlineData("-1000000000000000000", "0.000000000000000001")]
    public void There_is_none_of_nothing_nor_one_that_no_decimal_holds(string part, string whole) =>
        Assert.Null(Percent.Of(Number(part), Number(whole)));

    private static decimal Number(string text) => decimal.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
}
