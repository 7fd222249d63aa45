using System.Globalization;
using UsageTracking.Charts;
using UsageTracking.Tests.Testing;

namespace UsageTracking.Tests.Charts;

public sealed class ValueAxisTests
{
    [Theory]
    [InlineData("100", 5, "0 20 40 60 80 100")]
    [InlineData("100", 4, "0 25 50 75 100")]
    [InlineData("101", 5, "0 25 50 75 100 125")]
    [InlineData("96.667 -19.2", 6, "-20 0 20 40 60 80 100")]
    [InlineData("-3", 3, "-3 -2 -1 0")]
    [InlineData("0", 4, "0 0.5 1")]
    [InlineData("", 4, "0 0.5 1")]
    [InlineData("7", 10, "0 1 2 3 4 5 6 7")]
    [InlineData("0.0009", 3, "0 0.0005 0.001")]
    [InlineData("34512", 4, "0 10K 20K 30K 40K")]
    [InlineData("9999", 2, "0 5K 10K")]
    [InlineData("2300", 3, "0 1,000 2,000 3,000")]
    [InlineData("1500000", 3, "0 0.5M 1M 1.5M")]
    [InlineData("0.0000002", 2, "0 1e-7 2e-7")]
    [InlineData("9000000000000000000000000000", 2, "0 5e+27 1e+28")]
    public void Ticks_are_round_and_hold_zero_and_all_values(string values, int steps, string expected)
    {
        ValueAxis axis = ValueAxis.Over(values.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(v => decimal.Parse(v, CultureInfo.InvariantCulture)), steps);

        Assert.Equal(expected, string.Join(' ', axis.Ticks.Select(axis.Label)));
    }

    [Fact]
    public void A_value_is_where_its_share_of_the_axis_is()
    {
        ValueAxis axis = ValueAxis.Over([-20, 100], 6);

        Assert.Equal([0, 0.5, 1, 1 / 6d], [axis.Share(-20), axis.Share(40), axis.Share(100), axis.Share(0)]);
    }

    [Fact]
    public void However_many_steps_there_may_be_the_axis_has_no_more_and_misses_nothing()
    {
        var random = new Random(5);
        for (int i = 0; i < 2000; i++)
        {
            decimal[] values = [.. Enumerable.Range(0, 3).Select(_ => (decimal)Math.Round((random.NextDouble() - 0.3) * Math.Pow(10, random.Next(-6, 15)), 8))];
            int steps = random.Next(1, 15);

            ValueAxis axis = ValueAxis.Over(values, steps);

            Assert.True(axis.Min <= Math.Min(0, values.Min()) && axis.Max >= Math.Max(0, values.Max()));
            Assert.Contains(0, axis.Ticks);
            Assert.InRange(axis.Ticks.Count(), 2, steps + 2);
        }
    }

    [Fact]
    public void The_sessions_culture_does_not_matter() => Cultures.In("de-DE", () =>
    {
        Assert.Equal("1,500", ValueAxis.Over([1500], 3).Label(1500));
        Assert.Equal("12.5K", ValueAxis.Over([25000], 2).Label(12500));
        Assert.Equal("1,234.568", ChartText.Number(1234.5678m));
    });
}
