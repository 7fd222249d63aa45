using UsageTracking.Metering;
using UsageTracking.Metering.Pricing;

namespace UsageTracking.Tests.Metering.Pricing;

public sealed class PriceRulesTests
{
    private static readonly Service Api = BuiltInServices.All[0].Service;

    [Fact]
    public void Flat_is_usual_and_a_package_size_makes_packages()
    {
        Assert.Equal(PriceModel.Flat, Make(unitCost: 1).Model);
        Assert.Equal(PriceModel.Package, Make(unitCost: 1, size: 10).Model);
        Assert.Equal(0.1m, Make(PriceModel.Volume, tiers: "10:0.1;*:0.05").UnitCost);
        // A list of prices may have that of the tier before it was changed.
        Assert.Equal(0.1m, Make(PriceModel.Volume, 0.2m, "10:0.1;*:0.05").UnitCost);
    }

    [Theory]
    [InlineData(null, null, null, null, "A price needs a unit cost, or tiers.")]
    [InlineData(null, null, "10:1;*:2", null, "A Flat price has no tiers.*")]
    [InlineData(PriceModel.Graduated, null, null, null, "*needs tiers*")]
    [InlineData(PriceModel.Graduated, null, "10:1;20:2", null, "The last tier has no UpTo*")]
    [InlineData(PriceModel.Volume, null, "10:1;10:2;*:3", null, "Each tier but the last*")]
    [InlineData(PriceModel.Volume, null, "0:1;*:3", null, "Each tier but the last*")]
    [InlineData(PriceModel.Volume, null, "*:1;*:3", null, "Each tier but the last*")]
    [InlineData(PriceModel.Package, 5, null, null, "*needs the size*")]
    [InlineData(PriceModel.Package, 5, null, 0, "A package has more than 0 units.")]
    [InlineData(PriceModel.Flat, 5, null, 10, "A Flat price has no package size.")]
    public void What_does_not_go_together_is_refused_and_says_what_would(PriceModel? model, int? unitCost, string? tiers, int? size, string message)
    {
        UsageException error = Assert.Throws<UsageException>(() => Make(model, unitCost, tiers, size));
        Assert.Equal("InvalidPrice", error.ErrorId);
        Assert.Matches("^" + System.Text.RegularExpressions.Regex.Escape(message).Replace("\\*", ".*", StringComparison.Ordinal) + "$", error.Message);
    }

    [Fact]
    public void A_price_is_for_a_customer_or_a_plan_and_not_before_1980()
    {
        Assert.Throws<UsageException>(() => PriceRules.Make(Api, "acme", "pro", new DateOnly(2026, 1, 1), null, 1, null, null));
        Assert.Throws<UsageException>(() => PriceRules.Make(Api, null, null, new DateOnly(1979, 12, 31), null, 1, null, null));
    }

    [Theory]
    [InlineData("1000:0.01;5000:0.008+2.5;*:0.005")]
    [InlineData("0.5:0;*:0+1")]
    [InlineData("")]
    public void Tiers_are_written_as_they_are_read(string text) => Assert.Equal(text, PriceTiers.Parse(text).ToString());

    [Theory]
    [InlineData("1000")]
    [InlineData("1000+2:0.1+3+4")]
    [InlineData("a:1")]
    [InlineData("1:b")]
    [InlineData("-1:1")]
    [InlineData("1:-1")]
    public void Text_that_is_no_tier_is_refused(string text) => Assert.Throws<UsageException>(() => PriceTiers.Parse(text));

    [Fact]
    public void What_was_received_before_a_price_was_set_does_not_know_it()
    {
        var first = new Price("api", null, null, new DateOnly(2026, 1, 1), 1) { RemovedAt = Utc(2026, 5, 2) };
        var second = new Price("api", null, null, new DateOnly(2026, 1, 1), 2) { SetAt = Utc(2026, 5, 2) };
        var list = new PriceList([first, second], new Dictionary<string, string>());

        Assert.Same(first, list.At("acme", "api", Utc(2026, 3, 1), Utc(2026, 5, 1)));
        Assert.Same(second, list.At("acme", "api", Utc(2026, 3, 1), Utc(2026, 5, 2)));
        Assert.Same(second, list.At("acme", "api", Utc(2026, 3, 1)));
        Assert.Null(list.At("acme", "api", Utc(2025, 12, 31)));
    }

    private static DateTimeOffset Utc(int year, int month, int day) => new(year, month, day, 0, 0, 0, TimeSpan.Zero);

    private static Price Make(PriceModel? model = null, decimal? unitCost = null, string? tiers = null, decimal? size = null) =>
        PriceRules.Make(Api, null, null, new DateOnly(2026, 1, 1), model, unitCost, tiers is null ? null : PriceTiers.Parse(tiers), size);
}
