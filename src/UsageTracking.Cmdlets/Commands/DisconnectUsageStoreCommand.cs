using System.Management.Automation;

namespace UsageTracking.Cmdlets.Commands;

[Cmdlet(VerbsCommunications.Disconnect, "UsageStore")]
[OutputType(typeof(void))]
public sealed class DisconnectUsageStoreCommand : UsageCmdlet
{
    /// <inheritdoc/>
    protected override void OnEnd() => Session.Disconnect();
}
