using System.Numerics;
using UsageTracking.Metering;
using UsageTracking.Tests.Testing;

namespace UsageTracking.Tests.Metering;

public sealed class PercentileTests
{
    [Theory]
    [InlineData(1, 0.5, 0, 0)]
    [InlineData(1, 0.99, 0, 0)]
    [InlineData(2, 0.5, 0, 1)]
    [InlineData(3, 0.5, 1, 1)]
    [InlineData(101, 0.95, 95, 95)]
    [InlineData(100, 0.95, 94, 95)]
    [InlineData(100, 0, 0, 0)]
    [InlineData(100, 1, 99, 99)]
    [InlineData(10_000_000_001, 0.99, 9_900_000_000, 9_900_000_000)]
    [InlineData(10_000_000_002, 0.99, 9_900_000_000, 9_900_000_001)]
    public void A_percentile_lies_between_two_ranks_or_on_one(long count, double fraction, long lower, long upper) =>
        Assert.Equal((lower, upper), Percentile.Ranks(count, (decimal)fraction));

    [Fact]
    public void It_is_interpolated_exactly_and_rounded_once()
    {
        Assert.Equal(0.15m, Percentile.Interpolate(2, 0.5m, 0.1m, 0.2m));
        // Rank 94.05 of 0 to 99.
        Assert.Equal(95.05m, Percentile.Interpolate(100, 0.95m, 95, 96));
        Assert.Equal(0.000000000002m, Percentile.Interpolate(2, 0.5m, 0.000000000001m, 0.000000000002m));
        // A sum that no decimal holds.
        Assert.Equal(79228162514264337593543950334m, Percentile.Interpolate(2, 0.5m, decimal.MaxValue - 2, decimal.MaxValue));
        Assert.Equal(0m, Percentile.Interpolate(2, 0.5m, decimal.MinValue, decimal.MaxValue));
        // Halves go to the even neighbour.
        Assert.Equal(0.000000000002m, Percentile.Interpolate(2, 0.5m, 0.000000000001m, 0.000000000004m));
    }

    [Theory]
    [InlineData("3", "3")]
    [InlineData("9 1 5", "5")]
    [InlineData("4 1 3 2", "2.5")]
    [InlineData("0.1 0.1 0.1 7", "0.1")]
    [InlineData("-1 -4", "-2.5")]
    public void The_median_takes_values_in_any_order(string values, string expected) =>
        Assert.Equal(expected, FormattableString.Invariant($"{Percentile.Median(values.Split(' ').Select(ExactDecimal.Parse))}"));

    [Fact]
    public void Any_percentile_of_any_values_is_what_whole_numbers_say()
    {
        var random = new Random(7);
        for (int i = 0; i < 2_000; i++)
        {
            decimal[] sorted = [.. Enumerable.Range(0, 1 + random.Next(40)).Select(_ => BigNumber.RandomDecimal(random)).Order()];
            int permille = random.Next(1_001);
            int rank = (sorted.Length - 1) * permille;
            (int low, int rest) = (rank / 1_000, rank % 1_000);
            int high = rest == 0 ? low : low + 1;
            BigInteger numerator = (BigNumber.Of(sorted[low]).At(28) * (1_000 - rest)) + (BigNumber.Of(sorted[high]).At(28) * rest);
            BigInteger denominator = 1_000 * BigInteger.Pow(10, 28);

            (long lower, long upper) = Percentile.Ranks(sorted.Length, permille / 1_000m);
            decimal actual = Percentile.Interpolate(sorted.Length, permille / 1_000m, sorted[lower], sorted[upper]);

            Assert.Equal((low, high), (lower, upper));
            // As many of twelve decimals as a decimal of that size has room for.
            Assert.Equal(
                Enumerable.Range(0, 13).Reverse().Select(d => BigNumber.Quotient(numerator, denominator, d)).First(n => n.ToExact().TryToDecimal(out _)).ToString(),
                ((ExactDecimal)actual).ToString());
        }
    }
}
