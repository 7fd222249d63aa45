using System.Numerics;
using UsageTracking.Metering;
using UsageTracking.Tests.Testing;

namespace UsageTracking.Tests.Metering;

public sealed class ExactDecimalSumTests
{
    private const int Scale = 56;

    [Fact]
    public void Nothing_added_is_zero() => Assert.Equal(ExactDecimal.Zero, default(ExactDecimal));

    [Fact]
    public void Digits_that_a_decimal_would_round_away_are_kept()
    {
        ExactDecimal sum = default;
        sum += 9_999_999_999_999_999_999_999_999_999m;
        sum += 0.000000000000000001m;
        sum += 1m;
        sum += 0.000000000000000001m;

        Assert.Equal("10000000000000000000000000000.000000000000000002", sum.ToString());
    }

    [Fact]
    public void Beyond_the_largest_decimal_it_goes_on()
    {
        ExactDecimal sum = default;
        for (int i = 0; i < 3; i++)
            sum += decimal.MaxValue;
        sum += -1m;

        Assert.Equal(((BigInteger.Pow(2, 96) - 1) * 3) - 1, BigInteger.Parse(sum.ToString(), System.Globalization.CultureInfo.InvariantCulture));
    }

    [Fact]
    public void What_is_added_and_taken_away_again_leaves_nothing()
    {
        ExactDecimal sum = default;
        decimal[] values = [decimal.MaxValue, 1e-28m, 7.25m, -1e-28m, -7.25m, decimal.MinValue];
        foreach (decimal value in values)
            sum += value;

        Assert.Equal(ExactDecimal.Zero, sum);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Sums_of_decimals_of_every_size_and_scale_agree_with_integer_arithmetic(int seed)
    {
        var random = new Random(seed);
        ExactDecimal sum = default;
        BigInteger expected = 0;
        for (int i = 0; i < 3000; i++)
        {
            // Most are ordinary quantities; those stay on the short way, the others leave it.
            decimal value = random.Next(seed * 10) == 0
                ? BigNumber.RandomDecimal(random)
                : new decimal(random.Next(), 0, 0, random.Next(4) == 0, (byte)random.Next(19));
            sum += value;
            expected += BigNumber.Of(value).At(Scale);
            if (i % 50 == 0)
                Assert.Equal(new BigNumber(expected, Scale).ToString(), sum.ToString());
        }

        Assert.Equal(new BigNumber(expected, Scale).ToString(), sum.ToString());
    }

    [Fact]
    public void Every_pair_of_decimals_is_added_exactly()
    {
        var random = new Random(4);
        for (int i = 0; i < 5000; i++)
        {
            (decimal a, decimal b) = (BigNumber.RandomDecimal(random), BigNumber.RandomDecimal(random));
            ExactDecimal sum = default;
            sum += a;
            sum += b;

            Assert.Equal(new BigNumber(BigNumber.Of(a).At(Scale) + BigNumber.Of(b).At(Scale), Scale).ToString(), sum.ToString());
        }
    }

    [Fact]
    public void Products_are_added_without_rounding()
    {
        ExactDecimal sum = default;
        sum += (ExactDecimal)0.000000000000000001m * 0.0000000001m;
        sum += (ExactDecimal)9_999_999_999_999_999_999_999_999_999m * 0.0000000001m;
        sum += (ExactDecimal)9_999_999_999_999_999_999_999_999_999m * 9_999_999_999_999_999_999_999_999_999m;
        Assert.Equal("99999999999999999999999999980000000001000000000000000000.9999999999000000000000000001", sum.ToString());

        var random = new Random(5);
        sum = default;
        BigInteger expected = 0;
        for (int i = 0; i < 3000; i++)
        {
            (decimal a, decimal b) = (BigNumber.RandomDecimal(random), BigNumber.RandomDecimal(random));
            sum += (ExactDecimal)a * b;
            expected += BigNumber.Of(a).At(28) * BigNumber.Of(b).At(28);
        }

        Assert.Equal(new BigNumber(expected, Scale).ToString(), sum.ToString());
    }

    [Fact]
    public void Each_product_alone_is_exact()
    {
        var random = new Random(6);
        for (int i = 0; i < 5000; i++)
        {
            (decimal a, decimal b) = (BigNumber.RandomDecimal(random), BigNumber.RandomDecimal(random));
            ExactDecimal sum = default;
            sum += (ExactDecimal)a * b;

            Assert.Equal(new BigNumber(BigNumber.Of(a).At(28) * BigNumber.Of(b).At(28), Scale).ToString(), sum.ToString());
        }
    }

    [Fact]
    public void Numbers_of_any_length_and_decimals_may_be_mixed()
    {
        ExactDecimal sum = default;
        sum += 0.5m;
        sum += ExactDecimal.Parse("100000000000000000000000000000000000000.25");
        sum += 0.125m;
        sum += ExactDecimal.Parse("1e-40");

        Assert.Equal("100000000000000000000000000000000000000.8750000000000000000000000000000000000001", sum.ToString());
    }
}
