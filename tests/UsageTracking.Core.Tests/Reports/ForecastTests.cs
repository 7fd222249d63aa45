using UsageTracking.Reports;

namespace UsageTracking.Tests.Reports;

public sealed class ForecastTests
{
    [Fact]
    public void A_steady_use_goes_on_without_a_doubt()
    {
        Forecast forecast = Forecast.From([], [2, 2, 2, 2, 2, 2, 2, 2, 2, 2], 0, 10, 30)!;

        Assert.Equal(40m, forecast.Expected(20));
        Assert.Equal(0m, forecast.Margin(20));
        Assert.Equal(15, forecast.DaysFor(30));
    }

    [Fact]
    public void The_margin_is_that_of_a_mean_of_known_days()
    {
        // 1, 2 and 3 have a standard deviation of 1: 1.2816 * sqrt(9 + 81 / 3) = 7.6896.
        Forecast forecast = Forecast.From([], [1, 2, 3], 0, 3, 30)!;

        Assert.Equal(2m, forecast.Expected(1));
        Assert.Equal(7.6896m, Math.Round(forecast.Margin(9), 10));
    }

    [Fact]
    public void A_young_period_is_drawn_towards_the_days_before_it()
    {
        decimal[] before = [.. Enumerable.Repeat(1m, 60)];

        // They weigh as a quarter of the period, 7.5 days: (9 + 7.5 * 1) / (1 + 7.5), and on the twentieth day (180 + 7.5) / 27.5.
        Assert.Equal(1.9411764706m, Math.Round(Forecast.From(before, [9], 0, 1, 30)!.Expected(1), 10));
        Assert.Equal(6.8181818182m, Math.Round(Forecast.From(before, [.. Enumerable.Repeat(9m, 20)], 0, 20, 30)!.Expected(1), 10));
        // Fewer days weigh as many as there are.
        Assert.Equal(3m, Forecast.From([0, 0, 1, 1, 1], [9], 0, 1, 30)!.Expected(1));
    }

    [Theory]
    [InlineData(new int[0], new[] { 50 })]
    [InlineData(new int[0], new[] { 50, 60 })]
    [InlineData(new[] { 0, 0, 0, 0, 0 }, new[] { 0, 0, 50, 60 })]
    [InlineData(new[] { 5 }, new[] { 60 })]
    public void Nothing_is_said_of_less_than_three_days_since_it_was_first_used(int[] before, int[] complete) =>
        Assert.Null(Forecast.From(before.Select(d => (decimal)d), [.. complete.Select(d => (decimal)d)], 7, complete.Length + 0.5, 30));

    [Fact]
    public void What_today_has_shown_can_happen_again()
    {
        Assert.Equal(0m, Forecast.From([], [2, 2, 2], 2, 3.5, 30)!.Margin(10));
        Assert.True(Forecast.From([], [2, 2, 2], 9, 3.5, 30)!.Margin(10) > 10);
    }

    [Fact]
    public void What_is_not_used_any_more_lasts()
    {
        Forecast idle = Forecast.From([], [5, 0, 0], -5, 3.5, 30)!;

        Assert.Equal(double.PositiveInfinity, idle.DaysFor(1));
        Assert.Equal(0m, idle.Expected(10));
    }
}
