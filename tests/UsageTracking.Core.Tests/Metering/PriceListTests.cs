using UsageTracking.Metering;
using UsageTracking.Metering.Pricing;
using static UsageTracking.Tests.Testing.Records;

namespace UsageTracking.Tests.Metering;

public sealed class PriceListTests
{
    private static readonly PriceList Prices = new(
        [
            new Price("api", null, null, new DateOnly(2026, 3, 1), 3m),
            new Price("api", null, null, new DateOnly(1980, 1, 1), 1m),
            new Price("api", null, null, new DateOnly(2026, 2, 1), 2m),
            new Price("api", null, "pro", new DateOnly(2026, 2, 1), 0.5m),
            new Price("api", "own", null, new DateOnly(2026, 2, 1), 0.25m),
            new Price("api", "free", null, new DateOnly(2026, 2, 1), 0m),
            new Price("storage", "own", null, new DateOnly(1980, 1, 1), 9m),
        ],
        new Dictionary<string, string> { ["planned"] = "pro", ["own"] = "pro", ["free"] = "pro", ["lost"] = "gone" });

    [Theory]
    [InlineData("anybody", 2)]
    [InlineData("planned", 0.5)]
    [InlineData("own", 0.25)]
    [InlineData("free", 0)]
    [InlineData("lost", 2)]
    public void The_customers_price_goes_before_the_plans_and_that_before_the_lists(string customer, double expected) =>
        Assert.Equal((decimal)expected, Prices.UnitCostAt(customer, "api", Utc(2026, 2, 15)));

    [Theory]
    [InlineData("own")]
    [InlineData("planned")]
    public void Before_a_price_is_in_force_the_next_one_applies(string customer) =>
        Assert.Equal(1m, Prices.UnitCostAt(customer, "api", Utc(2026, 1, 31, 23, 59, 59)));

    [Fact]
    public void A_price_is_in_force_from_midnight_utc_of_its_first_day()
    {
        Assert.Equal(1m, Prices.UnitCostAt("anybody", "api", Utc(2026, 2, 1).AddTicks(-10)));
        Assert.Equal(2m, Prices.UnitCostAt("anybody", "api", Utc(2026, 2, 1)));
        Assert.Equal(2m, Prices.UnitCostAt("anybody", "api", Utc(2026, 3, 1).AddTicks(-10)));
        Assert.Equal(3m, Prices.UnitCostAt("anybody", "api", Utc(2030, 1, 1)));
        // Half an hour into 1 February in Berlin is still January in UTC.
        Assert.Equal(1m, Prices.UnitCostAt("anybody", "api", new DateTimeOffset(2026, 2, 1, 0, 30, 0, TimeSpan.FromHours(1))));
    }

    [Fact]
    public void The_list_price_is_everybodys()
    {
        Assert.Equal(2m, Prices.ListPriceAt("api", Utc(2026, 2, 15)));
        Assert.Equal(0m, Prices.ListPriceAt("storage", Utc(2026, 2, 15)));
    }

    [Fact]
    public void Without_any_price_usage_costs_nothing()
    {
        Assert.Equal(0m, Prices.UnitCostAt("anybody", "storage", Utc(2026, 2, 15)));
        Assert.Equal(9m, Prices.UnitCostAt("own", "storage", Utc(2026, 2, 15)));
        Assert.Equal(0m, Prices.UnitCostAt("own", "compute", Utc(2026, 2, 15)));
        Assert.Equal(0m, Prices.UnitCostAt("anybody", "api", Utc(1979, 12, 31)));
    }
}
