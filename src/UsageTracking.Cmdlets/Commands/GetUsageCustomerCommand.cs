using System.Management.Automation;
using UsageTracking.Cmdlets.Completion;
using UsageTracking.Cmdlets.Output;
using UsageTracking.Session;
using UsageTracking.Stores;

namespace UsageTracking.Cmdlets.Commands;

[Cmdlet(VerbsCommon.Get, "UsageCustomer")]
[OutputType(typeof(UsageCustomerInfo))]
public sealed class GetUsageCustomerCommand : UsageCmdlet
{
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(CustomerCompleter))]
    public string[] CustomerId { get; set; } = ["*"];

    /// <inheritdoc/>
    protected override void OnProcess()
    {
        StoreConnection connection = Session.Connection;
        Wait(connection.PrepareAsync(Cancel));
        FlushPending(connection);
        Dictionary<string, Customer> customers = Wait(connection.Store.GetCustomersAsync(AskingCustomer, Cancel)).ToDictionary(c => c.CustomerId, StringComparer.Ordinal);
        foreach (string id in CustomerSelection.Match(CustomerId, [.. customers.Keys], e => WriteItemError(e)))
            WriteObject(new UsageCustomerInfo(customers[id]));
    }
}
