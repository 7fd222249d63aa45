using System.Management.Automation;
using UsageTracking.Cmdlets.Binding;
using UsageTracking.Metering;
using UsageTracking.Metering.Pricing;
using UsageTracking.Session;

namespace UsageTracking.Cmdlets.Commands;

[Cmdlet(VerbsCommon.Remove, "UsagePrice", SupportsShouldProcess = true)]
[OutputType(typeof(void))]
public sealed class RemoveUsagePriceCommand : UsageCmdlet
{
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    public string Service { get; set; } = "";

    [Parameter(Mandatory = true, Position = 1, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNull]
    public object From { get; set; } = "";

    [Parameter(ValueFromPipelineByPropertyName = true)]
    public string? CustomerId { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    public string? Plan { get; set; }

    /// <inheritdoc/>
    protected override void OnProcess()
    {
        StoreConnection connection = Session.Connection;
        Wait(connection.PrepareAsync(Cancel));
        Service service = connection.Catalogue!.Get(Service);
        Price price = PriceRules.Find(
            Wait(connection.Store.ListPricesAsync(Cancel)), service.Name, string.IsNullOrEmpty(CustomerId) ? null : CustomerId,
            string.IsNullOrEmpty(Plan) ? null : Plan, PriceReader.Day(From));
        if (!ShouldProcess(PriceRules.Describe(price), FormattableString.Invariant($"remove the price from {price.InForceFrom:yyyy-MM-dd} on from {connection.Store.Address}")))
            return;

        FlushPending(connection);
        Wait(connection.Store.RemovePriceAsync(price.Id, Cancel));
    }
}
