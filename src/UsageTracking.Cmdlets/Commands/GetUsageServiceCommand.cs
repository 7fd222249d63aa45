using System.Management.Automation;
using UsageTracking.Cmdlets.Completion;
using UsageTracking.Cmdlets.Output;
using UsageTracking.Metering;
using UsageTracking.Session;

namespace UsageTracking.Cmdlets.Commands;

[Cmdlet(VerbsCommon.Get, "UsageService")]
[OutputType(typeof(UsageServiceInfo))]
public sealed class GetUsageServiceCommand : UsageCmdlet
{
    [Parameter(Position = 0, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(ServiceCompleter))]
    public string[] Service { get; set; } = ["*"];

    /// <inheritdoc/>
    protected override void OnProcess()
    {
        StoreConnection connection = Session.Connection;
        Wait(connection.PrepareAsync(Cancel));
        ServiceCatalogue catalogue = Wait(connection.Store.GetCatalogueAsync(Cancel));
        PriceList prices = Wait(connection.Store.GetPricesAsync([], Cancel));
        foreach (Service service in ServiceSelection.Match(Service, catalogue, takesAnyName: false, e => WriteItemError(e)))
            WriteObject(UsageServiceInfo.Of(service, catalogue, prices));
    }
}
