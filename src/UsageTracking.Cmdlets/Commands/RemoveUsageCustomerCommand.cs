using System.Management.Automation;
using UsageTracking.Cmdlets.Completion;
using UsageTracking.Session;

namespace UsageTracking.Cmdlets.Commands;

[Cmdlet(VerbsCommon.Remove, "UsageCustomer", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(void))]
public sealed class RemoveUsageCustomerCommand : UsageCmdlet
{
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(CustomerCompleter))]
    public string[] CustomerId { get; set; } = [];

    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    protected override void OnProcess()
    {
        StoreConnection connection = Session.Connection;
        Wait(connection.PrepareAsync(Cancel));
        FlushPending(connection);
        string[] known = [.. Wait(connection.Store.GetCustomersAsync(AskingCustomer, Cancel)).Select(c => c.CustomerId)];
        foreach (string id in CustomerSelection.Match(CustomerId, known, e => WriteItemError(e)))
            Remove(connection, id);
    }

    private void Remove(StoreConnection connection, string id)
    {
        long records = Wait(connection.Store.CountRecordsAsync(id, Cancel));
        if (records > 0 && !Force)
        {
            WriteItemError(new UsageException(UsageErrorKind.Conflict, "CustomerHasRecords",
                $"The customer '{id}' has {Wording.Count(records, "usage record")}. Use -Force to delete them too.", id));
            return;
        }

        if (ShouldProcess(id, $"delete the customer and {Wording.Count(records, "usage record")} from {connection.Store.Address}"))
            Wait(connection.Store.RemoveCustomerAsync(id, Cancel));
    }
}
