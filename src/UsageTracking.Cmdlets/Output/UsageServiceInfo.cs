using UsageTracking.Metering;

namespace UsageTracking.Cmdlets.Output;

/// <summary>A service, its unit and its list price.</summary>
/// <param name="Service">The name records carry.</param>
/// <param name="Unit">What a quantity of one is.</param>
/// <param name="UnitCost">The list price of one unit today.</param>
/// <param name="BytesPerUnit">Bytes in one unit, or in one unit's GB; null for services that do not count bytes.</param>
public sealed record UsageServiceInfo(string Service, string Unit, decimal UnitCost, long? BytesPerUnit)
{
    internal static UsageServiceInfo Of(Service service, ServiceCatalogue catalogue, PriceList prices) => new(
        service.Name, service.Unit, prices.ListPriceAt(service.Name, DateTimeOffset.UtcNow), service.CountsBytes ? catalogue.BytesPerGigabyte : null);
}
