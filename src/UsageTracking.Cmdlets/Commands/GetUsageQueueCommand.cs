using System.Management.Automation;
using UsageTracking.Cmdlets.Output;
using UsageTracking.Queue.Spools;

namespace UsageTracking.Cmdlets.Commands;

[Cmdlet(VerbsCommon.Get, "UsageQueue")]
[OutputType(typeof(UsageQueueInfo))]
public sealed class GetUsageQueueCommand : UsageCmdlet
{
    /// <inheritdoc/>
    protected override void OnEnd()
    {
        foreach (SpoolStatus spool in Session.Spools)
            WriteObject(new UsageQueueInfo(spool));
    }
}
