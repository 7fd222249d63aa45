using UsageTracking.Metering;
using static UsageTracking.Tests.Testing.Records;

namespace UsageTracking.Tests.Metering;

public sealed class ServiceCatalogueTests
{
    private static readonly ServiceCatalogue Catalogue = new(BuiltInServices.All.Select(s => s.Service).Reverse(), ServiceCatalogue.BinaryGigabyte);

    [Fact]
    public void The_six_services_have_the_units_and_prices_of_the_original() => Assert.Equal(
        [
            "api requests 0.0001",
            "storage GB-hours 0.001",
            "bandwidth GB 0.01",
            "compute CPU-hours 0.05",
            "database queries 0.00001",
            "functions invocations 0.0002",
        ],
        BuiltInServices.All.Select(s => FormattableString.Invariant($"{s.Service.Name} {s.Service.Unit} {s.UnitCost}")));

    [Fact]
    public void Services_are_in_catalogue_order_and_then_by_name()
    {
        Assert.Equal(["api", "storage", "bandwidth", "compute", "database", "functions"], Catalogue.Services.Select(s => s.Name));

        var own = new ServiceCatalogue([new("b", "x", false, 7), new("a", "x", false, 7), new("Z", "x", false, 7), new("c", "x", false, 1)], 1);
        Assert.Equal(["c", "Z", "a", "b"], own.Services.Select(s => s.Name));
    }

    [Fact]
    public void A_service_is_found_whatever_its_case()
    {
        Assert.Equal("bandwidth", Catalogue.Get("BandWidth").Name);
        Assert.True(Catalogue.TryGet("API", out Service? service));
        Assert.Equal("requests", service.Unit);
        Assert.False(Catalogue.TryGet("bananas", out _));
    }

    [Fact]
    public void A_service_that_does_not_exist_is_an_error_that_names_those_that_do()
    {
        UsageException error = Assert.Throws<UsageException>(() => Catalogue.Get("bananas"));

        Assert.Equal(("UnknownService", UsageErrorKind.NotFound, "bananas"), (error.ErrorId, error.Kind, error.Target));
        Assert.Contains("'bananas'", error.Message, StringComparison.Ordinal);
        Assert.Contains("api, storage, bandwidth, compute, database, functions", error.Message, StringComparison.Ordinal);
        Assert.Equal("UnknownService", Assert.Throws<UsageException>(() => Catalogue.Resolve(Record("bananas", 1, Utc(2026, 1, 1)))).ErrorId);
    }

    [Fact]
    public void A_record_is_named_as_the_catalogue_does()
    {
        UsageRecord right = Record("api", 1, Utc(2026, 1, 1));
        Assert.Same(right, Catalogue.Resolve(right));
        Assert.Equal(right, Catalogue.Resolve(Record("API", 1, Utc(2026, 1, 1))));
    }

    [Fact]
    public void A_quantity_in_the_services_unit_is_left_alone() =>
        Assert.Equal(7m, Catalogue.Resolve(Record("bandwidth", 7, Utc(2026, 1, 1))).Quantity);

    [Theory]
    [InlineData(ServiceCatalogue.BinaryGigabyte, 1)]
    [InlineData(ServiceCatalogue.DecimalGigabyte, 1.073741824)]
    public void Bytes_become_gigabytes_once(long bytesPerGigabyte, double expected)
    {
        var catalogue = new ServiceCatalogue(Catalogue.Services, bytesPerGigabyte);
        UsageRecord bytes = Record("BANDWIDTH", 1_073_741_824, Utc(2026, 1, 1), "acme", """{"a":1}""", 0.5m, "k") with { InBytes = true };

        UsageRecord resolved = catalogue.Resolve(bytes);

        Assert.Equal(bytes with { Service = "bandwidth", Quantity = (decimal)expected, InBytes = false }, resolved);
        Assert.Equal(resolved, catalogue.Resolve(resolved));
    }

    [Fact]
    public void A_service_that_counts_something_else_takes_no_bytes()
    {
        UsageException error = Assert.Throws<UsageException>(() => Catalogue.Resolve(Record("api", 1, Utc(2026, 1, 1)) with { InBytes = true }));

        Assert.Equal("InvalidQuantity", error.ErrorId);
        Assert.Contains("requests", error.Message, StringComparison.Ordinal);
    }
}
