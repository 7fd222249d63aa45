using System.Management.Automation;
using UsageTracking.Cmdlets.Output;
using UsageTracking.Metering;
using UsageTracking.Metering.Pricing;
using UsageTracking.Session;

namespace UsageTracking.Cmdlets.Commands;

[Cmdlet(VerbsCommon.Get, "UsagePrice")]
[OutputType(typeof(UsagePriceInfo))]
public sealed class GetUsagePriceCommand : UsageCmdlet
{
    [Parameter(Position = 0, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[] Service { get; set; } = ["*"];

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [SupportsWildcards]
    public string[]? CustomerId { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [SupportsWildcards]
    public string[]? Plan { get; set; }

    /// <inheritdoc/>
    protected override void OnProcess()
    {
        StoreConnection connection = Session.Connection;
        Wait(connection.PrepareAsync(Cancel));
        ServiceCatalogue catalogue = Wait(connection.Store.GetCatalogueAsync(Cancel));
        IReadOnlyList<Service> services = ServiceSelection.Match(Service, catalogue, takesAnyName: false, e => WriteItemError(e));
        IReadOnlyList<Price> prices = Wait(connection.Store.ListPricesAsync(Cancel));
        foreach (Price price in PriceRules.InOrder(prices, services))
        {
            if (IsAskedFor(price))
                WriteObject(new UsagePriceInfo(price, catalogue.Get(price.Service).Unit));
        }
    }

    private bool IsAskedFor(Price price) => (CustomerId, Plan) is (null, null)
        || (price.CustomerId is { } customer && CustomerId is not null && NameSelection.Matches(CustomerId, customer))
        || (price.PlanName is { } plan && Plan is not null && NameSelection.Matches(Plan, plan));
}
