using System.Management.Automation;
using UsageTracking.Health;
using UsageTracking.Session;

namespace UsageTracking.Cmdlets.Commands;

[Cmdlet(VerbsDiagnostic.Test, "UsageHealth")]
[OutputType(typeof(UsageHealth))]
public sealed class TestUsageHealthCommand : UsageCmdlet
{
    [Parameter]
    public SwitchParameter Full { get; set; }

    /// <inheritdoc/>
    protected override void OnEnd()
    {
        StoreConnection connection = Session.Connection;
        string folder = CurrentFolder;
        foreach (UsageHealth check in Read(HealthReport.ReadAsync(connection.Store, () => AskingCustomerIn(folder), Session.Spools, Session.SpoolRoot, Full, Cancel)))
            WriteObject(check);
    }
}
