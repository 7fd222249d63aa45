using System.Management.Automation;
using UsageTracking.Session;

namespace UsageTracking.Cmdlets.Commands;

[Cmdlet(VerbsCommon.Remove, "UsageRejectedRecord", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(void))]
public sealed class RemoveUsageRejectedRecordCommand : UsageCmdlet
{
    private readonly List<long> _ids = [];

    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    public long[] Id { get; set; } = [];

    /// <inheritdoc/>
    protected override void OnProcess()
    {
        string store = Session.Connection.Store.Address.Text;
        _ids.AddRange(Id.Where(id => ShouldProcess($"rejected record {id}", $"delete from {store}")));
    }

    /// <inheritdoc/>
    protected override void OnEnd()
    {
        if (_ids.Count == 0)
            return;

        StoreConnection connection = Session.Connection;
        Wait(connection.PrepareAsync(Cancel));
        IReadOnlyList<long> removed = Wait(connection.Store.RemoveRejectedAsync(_ids, AskingCustomer, Cancel));
        foreach (long id in _ids.Except(removed))
        {
            WriteItemError(new UsageException(UsageErrorKind.NotFound, "RejectedRecordNotFound",
                $"There is no rejected record {id}. Get-UsageRejectedRecord lists them.", id));
        }
    }
}
