using System.Management.Automation;
using UsageTracking.Cmdlets.Output;
using UsageTracking.Session;

namespace UsageTracking.Cmdlets.Commands;

[Cmdlet(VerbsCommon.Get, "UsageQueue")]
[OutputType(typeof(UsageQueueInfo))]
public sealed class GetUsageQueueCommand : UsageCmdlet
{
    /// <inheritdoc/>
    protected override void OnEnd()
    {
        StoreConnection connected = Session.Connection;
        foreach (StoreConnection connection in Session.Connections)
        {
            if (connection == connected || connection.Queue.Pending > 0)
                WriteObject(new UsageQueueInfo(connection));
        }
    }
}
