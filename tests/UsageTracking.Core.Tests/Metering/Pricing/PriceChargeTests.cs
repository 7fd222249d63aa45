using UsageTracking.Metering;
using UsageTracking.Metering.Pricing;

namespace UsageTracking.Tests.Metering.Pricing;

/// <remarks>All amounts are worked out by hand.</remarks>
public sealed class PriceChargeTests
{
    // 1 to 1000 at 0.10, to 5000 at 0.08, beyond at 0.05.
    private const string Tiers = "1000:0.10;5000:0.08;*:0.05";

    // The same with 2, 3 and 4 for reaching each.
    private const string WithFees = "1000:0.10+2;5000:0.08+3;*:0.05+4";

    [Theory]
    [InlineData("0", "0")]
    [InlineData("1", "0.25")]
    [InlineData("0.3", "0.075")]
    [InlineData("1234567890.000000000000000001", "308641972.50000000000000000025")]
    public void Flat_is_quantity_times_price(string quantity, string amount) => Expect(Flat(0.25m), "0", quantity, amount);

    [Theory]
    [InlineData("0", "0", "")]
    [InlineData("0.5", "0.05", "1:0.5")]
    [InlineData("1", "0.1", "1:1")]
    [InlineData("999.999", "99.9999", "1:999.999")]
    [InlineData("1000", "100", "1:1000")]
    [InlineData("1000.001", "100.00008", "1:1000 2:0.001")]
    [InlineData("1001", "100.08", "1:1000 2:1")]
    [InlineData("4999", "419.92", "1:1000 2:3999")]
    [InlineData("5000", "420", "1:1000 2:4000")]
    [InlineData("5001", "420.05", "1:1000 2:4000 3:1")]
    [InlineData("10000", "670", "1:1000 2:4000 3:5000")]
    public void Graduated_prices_each_part_at_its_own_tier(string quantity, string amount, string parts) =>
        Assert.Equal(parts, Parts(Expect(Tiered(PriceModel.Graduated, Tiers), "0", quantity, amount)));

    [Theory]
    [InlineData("0", "0")]
    [InlineData("1", "2.1")]
    [InlineData("1000", "102")]
    [InlineData("1000.5", "105.04")]
    [InlineData("5000", "425")]
    [InlineData("5001", "429.05")]
    public void Graduated_adds_the_fee_of_each_tier_that_is_reached(string quantity, string amount) =>
        Expect(Tiered(PriceModel.Graduated, WithFees), "0", quantity, amount);

    [Theory]
    [InlineData("0", "0", "")]
    [InlineData("1", "0.1", "1:1")]
    [InlineData("1000", "100", "1:1000")]
    [InlineData("1000.001", "80.00008", "2:1000.001")]
    [InlineData("1001", "80.08", "2:1001")]
    [InlineData("5000", "400", "2:5000")]
    [InlineData("5000.5", "250.025", "3:5000.5")]
    [InlineData("5001", "250.05", "3:5001")]
    public void Volume_prices_everything_at_the_tier_it_reaches(string quantity, string amount, string parts) =>
        Assert.Equal(parts, Parts(Expect(Tiered(PriceModel.Volume, Tiers), "0", quantity, amount)));

    [Theory]
    [InlineData("1000", "102")]
    [InlineData("1001", "83.08")]
    [InlineData("5001", "254.05")]
    public void Volume_adds_the_fee_of_the_tier_it_reaches_alone(string quantity, string amount) =>
        Expect(Tiered(PriceModel.Volume, WithFees), "0", quantity, amount);

    [Theory]
    [InlineData("0", "0", 0)]
    [InlineData("0.000000000000000001", "5", 1)]
    [InlineData("1", "5", 1)]
    [InlineData("99.999", "5", 1)]
    [InlineData("100", "5", 1)]
    [InlineData("100.001", "10", 2)]
    [InlineData("101", "10", 2)]
    [InlineData("200", "10", 2)]
    [InlineData("201", "15", 3)]
    public void A_started_package_is_charged_whole(string quantity, string amount, int packages)
    {
        IReadOnlyList<Charge> charges = Expect(Package(5, 100), "0", quantity, amount);
        Assert.Equal(packages, charges.Count == 0 ? 0 : int.Parse(charges[0].Packages!.ToString()!, System.Globalization.CultureInfo.InvariantCulture));
    }

    [Fact]
    public void Packages_of_a_third_are_counted_exactly()
    {
        // The quotient has no end: three packages of 0.3 are 0.9, and what is just more begins a fourth.
        Expect(Package(1, 0.3m), "0", "0.9", "3");
        Expect(Package(1, 0.3m), "0", "0.900000000000000001", "4");
        Expect(Package(1, 7), "0", "7000000000000000000000", "1000000000000000000000");
        Expect(Package(1, 7), "0", "7000000000000000000000.1", "1000000000000000000001");
    }

    [Theory]
    [InlineData("900", "100", "10", "1:100")]
    [InlineData("900", "101", "10.08", "1:100 2:1")]
    [InlineData("1000", "1", "0.08", "2:1")]
    [InlineData("4000", "2000", "130", "2:1000 3:1000")]
    [InlineData("6000", "1", "0.05", "3:1")]
    public void Graduated_goes_on_where_it_ended(string before, string quantity, string amount, string parts) =>
        Assert.Equal(parts, Parts(Expect(Tiered(PriceModel.Graduated, Tiers), before, quantity, amount)));

    [Theory]
    [InlineData("1001", "-1", "-0.08", "2:-1")]
    [InlineData("1100", "-200", "-18", "1:-100 2:-100")]
    [InlineData("0", "-5", "-0.5", "1:-5")]
    [InlineData("1000", "-1000", "-100", "1:-1000")]
    public void Graduated_takes_back_the_last_units(string before, string quantity, string amount, string parts) =>
        Assert.Equal(parts, Parts(Expect(Tiered(PriceModel.Graduated, Tiers), before, quantity, amount)));

    [Theory]
    [InlineData("900", "100", "10")]
    [InlineData("900", "101", "8.08")]
    [InlineData("1500", "-600", "-48")]
    [InlineData("0", "-5", "-0.5")]
    public void Volume_prices_what_comes_late_at_the_tier_that_is_now_reached_and_takes_back_at_the_one_that_was(string before, string quantity, string amount) =>
        Expect(Tiered(PriceModel.Volume, Tiers), before, quantity, amount);

    [Theory]
    [InlineData("50", "50", "0")]
    [InlineData("50", "51", "5")]
    [InlineData("150", "-50", "-5")]
    [InlineData("150", "-49", "0")]
    [InlineData("0", "-5", "0")]
    public void A_package_that_was_begun_is_filled_first(string before, string quantity, string amount) =>
        Expect(Package(5, 100), before, quantity, amount);

    [Theory]
    [InlineData(PriceModel.Flat)]
    [InlineData(PriceModel.Graduated)]
    [InlineData(PriceModel.Package)]
    public void In_two_parts_it_costs_the_same_as_at_once(PriceModel model)
    {
        Price price = model switch
        {
            PriceModel.Flat => Flat(0.25m),
            PriceModel.Package => Package(5, 100),
            _ => Tiered(model, WithFees),
        };
        foreach (decimal first in new[] { 0m, 0.5m, 99m, 100m, 999.5m, 1000m, 1000.5m, 4999m, 5000m, 6000m })
        {
            foreach (decimal second in new[] { 0m, 0.5m, 1m, 1000m, 5000m })
                Assert.Equal(Sum(price, 0, first + second), Sum(price, 0, first) + Sum(price, first, second));
        }
    }

    [Fact]
    public void A_record_is_stamped_with_the_price_of_its_first_unit_or_its_part_of_a_package()
    {
        Assert.Equal(0.25m, Flat(0.25m).StampedCost);
        Assert.Equal(0.10m, Tiered(PriceModel.Graduated, Tiers).StampedCost);
        Assert.Equal(0.10m, Tiered(PriceModel.Volume, Tiers).StampedCost);
        Assert.Equal(0.05m, Package(5, 100).StampedCost);
        // Unit costs have ten decimals.
        Assert.Equal(0.3333333333m, Package(1, 3).StampedCost);
    }

    private static Price Flat(decimal unitCost) => Make(null, unitCost, null, null);

    private static Price Tiered(PriceModel model, string tiers) => Make(model, null, PriceTiers.Parse(tiers), null);

    private static Price Package(decimal price, decimal size) => Make(null, price, null, size);

    private static Price Make(PriceModel? model, decimal? unitCost, PriceTiers? tiers, decimal? size) =>
        PriceRules.Make(BuiltInServices.All[0].Service, null, null, new DateOnly(2026, 1, 1), model, unitCost, tiers, size);

    private static ExactDecimal Sum(Price price, ExactDecimal before, ExactDecimal quantity) =>
        PriceCharge.Of(price, before, quantity).Aggregate(ExactDecimal.Zero, (sum, c) => sum + c.Amount);

    private static IReadOnlyList<Charge> Expect(Price price, string before, string quantity, string amount)
    {
        IReadOnlyList<Charge> charges = PriceCharge.Of(price, ExactDecimal.Parse(before), ExactDecimal.Parse(quantity));
        Assert.Equal(ExactDecimal.Parse(amount), charges.Aggregate(ExactDecimal.Zero, (sum, c) => sum + c.Amount));
        Assert.Equal(ExactDecimal.Parse(quantity), charges.Aggregate(ExactDecimal.Zero, (sum, c) => sum + c.Quantity));
        return charges;
    }

    private static string Parts(IReadOnlyList<Charge> charges) => string.Join(' ', charges.Select(c => $"{c.Tier}:{c.Quantity}"));
}
