using System.Management.Automation;
using UsageTracking.Cmdlets.Completion;
using UsageTracking.Session;
using UsageTracking.Stores;

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
        string archived = Wait(ArchivedRecords.FiguresAsync(connection.Store, id, Cancel)) switch
        {
            null => "",
            // Those that were all taken back are no events.
            <= 0 => ", and figures of archived ones,",
            { } events => $", and the figures of {Wording.Count(events, "archived one")},",
        };
        if ((records > 0 || archived != "") && !Force)
        {
            WriteItemError(new UsageException(UsageErrorKind.Conflict, "CustomerHasRecords",
                $"The customer '{id}' has {Wording.Count(records, "usage record")}{archived.TrimEnd(',')}. Use -Force to delete them too.", id));
            return;
        }

        if (ShouldProcess(id, $"delete the customer and {Wording.Count(records, "usage record")}{archived} from {connection.Store.Address}"))
            Wait(connection.Store.RemoveCustomerAsync(id, Cancel));
    }
}
