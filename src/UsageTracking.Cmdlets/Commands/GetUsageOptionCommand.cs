using System.Management.Automation;
using UsageTracking.Cmdlets.Output;

namespace UsageTracking.Cmdlets.Commands;

[Cmdlet(VerbsCommon.Get, "UsageOption")]
[OutputType(typeof(UsageOptionInfo))]
public sealed class GetUsageOptionCommand : UsageCmdlet
{
    /// <inheritdoc/>
    protected override void OnEnd()
    {
        // The store may keep options too; one that is away has no say.
        Wait(Session.Connection.TryPrepareAsync(Cancel));
        WriteObject(new UsageOptionInfo(Session.Options));
    }
}
