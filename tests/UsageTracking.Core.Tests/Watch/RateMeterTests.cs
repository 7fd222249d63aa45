using UsageTracking.Metering;
using UsageTracking.Watch;

namespace UsageTracking.Tests.Watch;

public sealed class RateMeterTests
{
    private static readonly Service Api = BuiltInServices.All[0].Service;

    private readonly RateMeter _meter = new();

    [Fact]
    public void The_first_reading_has_nothing_to_compare_with() => Assert.Null(Add(0, 100, 1000));

    [Fact]
    public void Rates_are_what_came_by_the_time_it_took()
    {
        Add(0, 100, 1000);

        Assert.Equal((2.5m, 450m), Add(4, 110, 1030));
    }

    [Fact]
    public void Rates_are_of_the_last_fifteen_seconds()
    {
        Add(0, 0, 0);
        Add(5, 100, 100);
        Add(10, 150, 150);
        // Since 5 s ago fifteen seconds have passed, since the first twenty.
        Assert.Equal((10m, 600m), Add(20, 250, 250));
        Assert.Equal((0m, 0m), Add(50, 250, 250));
    }

    [Fact]
    public void However_rarely_it_is_read_there_is_a_rate()
    {
        Add(0, 0, 0);

        Assert.Equal((0.5m, 60m), Add(600, 300, 600));
        Assert.Equal((1m, 60m), Add(1200, 900, 1200));
    }

    [Fact]
    public void What_is_taken_back_counts_below_zero()
    {
        Add(0, 100, 1000);

        Assert.Equal((-1m, -60m), Add(2, 98, 998));
    }

    [Fact]
    public void A_day_that_ends_takes_nothing_away()
    {
        Add(0, 5000, 70000);
        // Of the 5010 since yesterday began, 4 are of today.
        Assert.Equal((1m, 120m), Add(10, 5010, 70020, today: (4, 8)));
        Assert.Equal((1.5m, 132m), Add(12, 12, 14.4m));
    }

    [Fact]
    public void A_customer_that_comes_later_begins_with_nothing()
    {
        Add(0, 1, 1);
        WatchReading second = Reading(2, new Amount(3, 3), new Amount(3, 3));

        Func<(string, string), (decimal, decimal)?> rates = _meter.Add(second with { Usage = [.. second.Usage, new WatchedUsage("new", Api) { SinceLastDay = new Amount(4, 8), SinceToday = new Amount(4, 8) }] });

        Assert.Equal((1m, 60m), rates(("acme", "api")));
        Assert.Equal((2m, 240m), rates(("new", "api")));
    }

    [Fact]
    public void A_reading_at_the_same_time_has_no_rate()
    {
        Add(7, 1, 1);

        Assert.Null(Add(7, 2, 2));
    }

    private static WatchReading Reading(double seconds, Amount sinceLastDay, Amount sinceToday) => new(
        default, TimeSpan.FromSeconds(seconds), default, [new WatchedUsage("acme", Api) { SinceLastDay = sinceLastDay, SinceToday = sinceToday }]);

    private (decimal, decimal)? Add(double seconds, long events, decimal quantity, (long Events, decimal Quantity)? today = null)
    {
        var sinceLastDay = new Amount(events, quantity);
        return _meter.Add(Reading(seconds, sinceLastDay, today is { } t ? new Amount(t.Events, t.Quantity) : sinceLastDay))(("acme", "api"));
    }
}
